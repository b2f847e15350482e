/**
 * Draws the pictures of the README: `npm run docs:screenshots`. It runs the example on a database of its own,
 * in a Chromium at /usr/bin/chromium or CHROMIUM_PATH, and writes docs/images/; with an argument, every page and state
 * to that folder, to be looked at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { startChromium } from '../test/fixtures/chromium.js'
import { freePort, startExample } from '../test/fixtures/example-process.js'
import { startPostgres } from '../test/fixtures/postgres.js'

const closers: Array<() => unknown> = []
const t = { teardown: (close: () => unknown) => { closers.unshift(close) } }
const all = process.argv[2]
const folder = all ?? fileURLToPath(new URL('../docs/images', import.meta.url))
mkdirSync(folder, { recursive: true })

async function register (page: Page, name: string): Promise<void> {
  await page.goto('/')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.com`)
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Your tasks' }).waitFor()
}

async function add (page: Page, title: string): Promise<void> {
  await page.getByLabel('New task').fill(title)
  await page.getByLabel('New task').press('Enter')
  await page.getByRole('button', { name: `Rename: ${title}` }).waitFor()
}

async function draw (browser: Browser, port: string): Promise<void> {
  const shot = async (page: Page, name: string, isForReadme = false): Promise<void> => {
    if (isForReadme || all !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, viewport: { width: 1120, height: 780 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('E-mail').fill('alice')
  await page.getByLabel('Password').fill('short')
  await page.getByRole('button', { name: 'Create account' }).click()
  await shot(page, 'entrance-errors')
  await register(page, 'Alice')
  await shot(page, 'empty')

  await page.getByText('Projects', { exact: true }).click()
  for (const name of ['Garden', 'Kitchen']) {
    await page.getByLabel('New project').fill(name)
    await page.getByRole('button', { name: 'Add project' }).click()
    await page.getByRole('button', { name: `Delete project: ${name}` }).waitFor()
  }
  await shot(page, 'projects')
  await page.getByText('Projects', { exact: true }).click()
  const titles = Array.from({ length: 9 }, (_, index) => `Read chapter ${index + 1}`)
  for (const title of [...titles, 'Call the plumber', 'Bake bread', 'Water the tomatoes']) await add(page, title)
  for (const [title, project] of [['Bake bread', 'Kitchen'], ['Water the tomatoes', 'Garden']] as const) {
    await page.getByRole('button', { name: `Notes and project: ${title}` }).click()
    await page.getByLabel(`Project of ${title}`).selectOption(project)
    await page.locator('.task', { hasText: title }).locator('.chip', { hasText: project }).waitFor()
    if (project === 'Kitchen') await page.getByRole('button', { name: `Notes and project: ${title}` }).click()
  }
  await page.getByLabel('Note on Water the tomatoes').fill('Not at noon')
  await page.getByRole('button', { name: 'Add note' }).click()
  await page.getByText('Not at noon').waitFor()
  await page.getByRole('checkbox', { name: 'Done: Bake bread' }).click()
  await page.getByText('1 of 12 done').waitFor()
  await shot(page, 'paged')

  const beside = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Open a window for somebody else' }).click()
  const bob = await beside
  await bob.setViewportSize({ width: 560, height: 780 })
  await bob.getByRole('button', { name: 'Create an account' }).click()
  await bob.getByLabel('Name', { exact: true }).fill('Bob')
  await bob.getByLabel('E-mail').fill('bob@example.com')
  await bob.getByLabel('Password').fill('another long password')
  await bob.getByRole('button', { name: 'Create account' }).click()
  await bob.getByRole('heading', { name: 'Your tasks' }).waitFor()
  await add(bob, 'Hide the presents')
  await shot(bob, 'narrow')

  for (const [name, status] of [['Remove the token', '401.'], ['Use Bob\'s URL', '403.'], ['Ask for Bob\'s task', '404.']] as const) {
    await page.getByRole('button', { name }).click()
    await page.getByRole('status').filter({ hasText: status }).waitFor()
  }
  await page.evaluate(() => window.scrollTo(0, 0))
  await shot(page, 'tasks', true)
  await page.emulateMedia({ colorScheme: 'dark' })
  await shot(page, 'dark')
  await page.emulateMedia({ colorScheme: 'light' })

  const chat = await context.newPage()
  await chat.setViewportSize({ width: 560, height: 780 })
  await chat.goto((await page.getByRole('link', { name: 'Quick add' }).getAttribute('href'))!)
  await chat.getByLabel('New task').fill('Buy stamps')
  await chat.keyboard.press('Enter')
  await chat.getByText('Kept.').waitFor()
  await chat.getByRole('button', { name: 'What is new?' }).click()
  await chat.getByRole('button', { name: 'And before that?' }).waitFor()
  await shot(chat, 'quick-add', true)
  await chat.emulateMedia({ colorScheme: 'dark' })
  await shot(chat, 'quick-add-dark')

  const routes = await context.newPage()
  await routes.goto('/routes')
  await routes.getByRole('cell', { name: '/health', exact: true }).waitFor()
  await shot(routes, 'routes')
  if (all === undefined) return
  const foreign: string[] = []
  routes.on('response', (response) => {
    const url = response.url()
    if (response.status() >= 400 || !/^(data|blob|http:\/\/127\.0\.0\.1)/.test(url)) foreign.push(`${response.status()} ${url}`)
  })
  routes.on('requestfailed', (request) => foreign.push(`failed ${request.url()}`))
  await routes.goto('/reference/')
  await routes.getByText('Your tasks, newest first').first().waitFor()
  await shot(routes, 'reference')
  console.log(foreign.length === 0 ? 'The reference asks nobody else for anything' : foreign.join('\n'))
}

try {
  const { url } = await startPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL: url, PORT, BETTER_AUTH_SECRET: 'a-secret-for-the-pictures-0123456789' })
  const browser = await startChromium(t)
  await example.ready
  await draw(browser, PORT)
} finally {
  for (const close of closers) await close()
}
