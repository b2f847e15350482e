import type { Page, Request } from 'playwright-core'
import t from 'tap'
import { noChromium, startChromium } from '../fixtures/chromium.js'
import { freePort, startExample } from '../fixtures/example-process.js'
import { startPostgres } from '../fixtures/postgres.js'

/** Holds the first request of a kind back until it is let go. */
async function hold (page: Page, path: RegExp, method: string): Promise<() => void> {
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => { letGo = resolve })
  let isFirst = true
  await page.route(path, async (route) => {
    if (route.request().method() === method && isFirst) {
      isFirst = false
      await held
    }
    await route.continue()
  })
  return letGo
}

t.test('what a person writes, files and deletes', { skip: noChromium }, async (t) => {
  const { url: DATABASE_URL } = await startPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: 'a-secret-of-the-browser-tests-0123456789' })
  const browser = await startChromium(t)
  await example.ready
  const context = await browser.newContext({
    baseURL: `http://127.0.0.1:${PORT}`, viewport: { width: 390, height: 700 }, reducedMotion: 'reduce'
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const task = page.getByLabel('New task')
  const isDelete = (request: Request): boolean => request.method() === 'DELETE'

  await t.test('a slow first load says that it is loading', async (t) => {
    const letGo = await hold(page, /get-session/, 'GET')
    await page.goto('/')
    await page.getByText('Loading …').waitFor()
    letGo()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    t.equal(await page.getByText('Loading …').isVisible(), false)
  })

  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Alice')
  await page.getByLabel('E-mail').fill('alice@example.com')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Nothing to do').waitFor()

  await t.test('what is typed while a task is on its way stays', async (t) => {
    const letGo = await hold(page, /\/tasks$/, 'POST')
    await task.fill('Dig')
    await task.press('Enter')
    await task.fill('Sow, then')
    letGo()
    await page.getByRole('button', { name: 'Rename: Dig' }).waitFor()
    t.equal(await task.inputValue(), 'Sow, then')
  })

  await t.test('a text that was refused stands in its field again', async (t) => {
    await page.route(/\/tasks$/, (route) => route.fulfill({ status: 503, json: { detail: 'Service Unavailable' } }), { times: 1 })
    await task.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'Service Unavailable' }).waitFor()
    t.equal(await task.inputValue(), 'Sow, then')
    await task.press('Enter')
    await page.getByRole('button', { name: 'Rename: Sow, then' }).waitFor()
    t.equal(await task.inputValue(), '')
  })

  await t.test('a project that is there already is said under its field, in sight', async (t) => {
    await page.getByText('Projects', { exact: true }).click()
    for (let times = 1; times <= 2; times++) {
      await page.getByLabel('New project').fill('Garden')
      await page.getByRole('button', { name: 'Add project' }).click()
      await page.getByRole('button', { name: 'Delete project: Garden' }).waitFor()
    }
    const error = page.getByText('You have a project "Garden" already.')
    await error.waitFor()
    const { y, height } = (await error.boundingBox())!
    t.ok(y >= 0 && y + height <= 700, 'inside of the window')
    t.equal(await page.getByLabel('New project').getAttribute('aria-invalid'), 'true')
    t.equal(await page.getByLabel('New project').inputValue(), 'Garden')
    await page.getByLabel('New project').fill('')
  })

  await t.test('a project counts the tasks that are filed in it', async () => {
    const count = (text: string) => page.locator('.projects li', { hasText: 'Garden' }).getByText(text).waitFor()
    await count('0 tasks')
    await page.getByRole('button', { name: 'Notes and project: Dig' }).click()
    await page.getByLabel('Project of Dig').selectOption('Garden')
    await count('1 task')
    await page.getByLabel('Project of Dig').selectOption('No project')
    await count('0 tasks')
    await page.getByLabel('Project of Dig').selectOption('Garden')
    await count('1 task')
  })

  await t.test('a note that is being written survives other changes of its task', async (t) => {
    await page.getByLabel('Note on Dig').fill('With the big spa')
    await page.getByRole('checkbox', { name: 'Done: Dig' }).click()
    await page.getByText('1 of 2 done').waitFor()
    t.equal(await page.getByLabel('Note on Dig').inputValue(), 'With the big spa')
    await page.getByLabel('Note on Dig').press('Enter')
    await page.locator('.details li', { hasText: 'With the big spa' }).waitFor()
  })

  await t.test('a deletion can be undone, and is made when something else is done', async (t) => {
    const sent: string[] = []
    page.on('request', (request) => { if (isDelete(request)) sent.push(new URL(request.url()).pathname) })
    for (const [button, what] of [
      ['Delete: Dig', page.getByRole('button', { name: 'Rename: Dig' })],
      ['Delete note: With the big spa', page.locator('.details li', { hasText: 'With the big spa' })],
      ['Delete project: Garden', page.locator('.projects li', { hasText: 'Garden' })]
    ] as const) {
      await page.getByRole('button', { name: button }).click()
      await what.waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Undo' }).click()
      await what.waitFor()
    }
    t.same(sent, [], 'the server was told of none')

    await page.getByRole('button', { name: 'Delete: Dig' }).click()
    await page.getByText('0 of 1 done').waitFor()
    const deleted = page.waitForResponse((response) => isDelete(response.request()))
    await task.fill('Read')
    await task.press('Enter')
    t.equal((await deleted).status(), 204)
    await page.locator('.projects li', { hasText: 'Garden' }).getByText('0 tasks').waitFor()
    await page.getByText('0 of 2 done').waitFor()
  })

  await t.test('a page that is left deletes what it said was deleted', async (t) => {
    await page.getByRole('button', { name: 'Delete: Read' }).click()
    await page.getByText('0 of 1 done').waitFor()
    await page.goto('about:blank')
    await page.goto('/')
    await page.getByText('0 of 1 done').waitFor()
    t.equal(await page.getByRole('button', { name: 'Rename: Read' }).count(), 0)
  })

  t.same(faults, [], 'no script has failed')
})
