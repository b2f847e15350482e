import axe from 'axe-core'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { noChromium, startChromium } from '../fixtures/chromium.js'
import { freePort, startExample } from '../fixtures/example-process.js'
import { startPostgres } from '../fixtures/postgres.js'

const widths = [390, 1280]
const schemes = ['light', 'dark'] as const

/** What axe has against a page, at each width and in each colour scheme; and that nothing scrolls sideways. */
async function look (t: Test, page: Page, name: string): Promise<void> {
  for (const width of widths) {
    for (const colorScheme of schemes) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(axe.source)
      const violations = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`)
      t.same(violations, [], `${name}, ${width} px, ${colorScheme}`)
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      t.equal(beyond, 0, `${name} does not scroll sideways at ${width} px`)
    }
  }
}

t.test('axe finds nothing on the pages of the example, wide and narrow, light and dark', { skip: noChromium }, async (t) => {
  const { url: DATABASE_URL } = await startPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: 'a-secret-of-the-browser-tests-0123456789' })
  const browser = await startChromium(t)
  await example.ready
  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${PORT}` })
  const page = await context.newPage()

  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await look(t, page, 'signing in')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('E-mail').fill('alice')
  await page.getByRole('button', { name: 'Create account' }).click()
  await look(t, page, 'the errors of a form')
  await page.getByLabel('Name', { exact: true }).fill('Alice')
  await page.getByLabel('E-mail').fill('alice@example.com')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Nothing to do').waitFor()
  await look(t, page, 'an empty list')

  for (const title of ['Water the plants', 'Aword'.repeat(38)]) {
    await page.getByLabel('New task').fill(title)
    await page.getByLabel('New task').press('Enter')
    await page.getByRole('button', { name: `Rename: ${title}` }).waitFor()
  }
  await page.getByText('Projects', { exact: true }).click()
  await page.getByLabel('New project').fill('Garden and everything that grows in it, beside the house')
  await page.getByRole('button', { name: 'Add project' }).click()
  await page.getByRole('button', { name: /^Delete project/ }).waitFor()
  await page.getByRole('button', { name: 'Notes and project: Water the plants' }).click()
  await page.getByLabel('Project of Water the plants').selectOption({ index: 1 })
  await page.locator('.chip', { hasText: 'Garden' }).waitFor()
  await page.getByLabel('Note on Water the plants').fill('Not at noon')
  await page.getByRole('button', { name: 'Add note' }).click()
  await page.getByText('Not at noon').waitFor()
  await page.getByRole('button', { name: 'Remove the token' }).click()
  await page.getByText('401 Unauthorized').waitFor()
  await page.getByRole('button', { name: /^Delete: Aword/ }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('checkbox', { name: 'Done: Water the plants' }).click()
  await page.getByText('1 of 2 done').waitFor()
  await look(t, page, 'a list')

  const chat = await page.getByRole('link', { name: 'Quick add' }).getAttribute('href')
  await page.goto('/routes')
  await page.getByRole('cell', { name: '/health', exact: true }).waitFor()
  await page.getByLabel('Pages and files too').check()
  await look(t, page, 'the routes')
  await page.goto(chat!)
  await page.getByLabel('New task').fill('Buy stamps')
  await page.keyboard.press('Enter')
  await page.getByText('Kept.').waitFor()
  await look(t, page, 'quick add')
})
