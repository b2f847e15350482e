import t from 'tap'
import { noChromium, startChromium } from '../fixtures/chromium.js'
import { freePort, startExample } from '../fixtures/example-process.js'
import { startPostgres } from '../fixtures/postgres.js'

const secret = 'a-secret-of-the-page-tests-0123456789-abcd'

t.test('in a real Chromium a person signs up, keeps tasks, and meets them again', { skip: noChromium }, async (t) => {
  const { url: DATABASE_URL } = await startPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: secret })
  const browser = await startChromium(t)
  await example.ready

  // The other name of the machine than the base URL's: cookies, origins and CORS hold for both.
  const page = await browser.newPage({ baseURL: `http://localhost:${PORT}` })
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()) })
  page.setDefaultTimeout(15_000)

  await t.test('sign up', async (t) => {
    await page.goto('/')
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByLabel('Name').fill('Alice')
    await page.getByLabel('E-mail').fill('alice@example.com')
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'Your tasks' }).waitFor()
    t.equal(await page.getByText('Nothing to do').isVisible(), true)
  })

  await t.test('add, tick, rename and delete', async (t) => {
    for (const title of ['Water the plants', 'Write <b>home</b>', 'Buy bread']) {
      await page.getByLabel('New task').fill(title)
      await page.getByLabel('New task').press('Enter')
      await page.getByRole('button', { name: `Rename: ${title}` }).waitFor()
    }
    t.same(await page.locator('.task .title').allTextContents(), ['Buy bread', 'Write <b>home</b>', 'Water the plants'])

    await page.getByRole('checkbox', { name: 'Done: Water the plants' }).click()
    await page.getByText('1 of 3 done').waitFor()

    await page.getByRole('button', { name: 'Rename: Buy bread' }).click()
    await page.getByLabel('New title of Buy bread').fill('Bake bread')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Rename: Bake bread' }).waitFor()

    await page.getByRole('button', { name: 'Delete: Write <b>home</b>' }).click()
    await page.getByText('1 of 2 done').waitFor()
    // The next action makes the deletion.
    await page.getByRole('radio', { name: 'Done' }).check({ force: true })
    await page.getByText('1 of 2 done').waitFor({ state: 'visible' })
    const all = page.waitForResponse(/\/projects$/)
    await page.getByRole('radio', { name: 'All' }).check({ force: true })
    await all
  })

  await t.test('a token that is refused is replaced by a new one', async (t) => {
    let fetched = 0
    await page.route('**/api/auth/token', async (route) => {
      fetched += 1
      await (fetched === 1 ? route.fulfill({ json: { token: 'of.another.age' } }) : route.continue())
    })
    await page.reload()
    await page.getByText('1 of 2 done').waitFor()
    t.equal(fetched, 2)
    await page.unroute('**/api/auth/token')
    // The refusal itself is a line in the browser's console.
    t.match(complaints.splice(0), [/401/])
  })

  await t.test('sign out and in again', async (t) => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('E-mail').fill('alice@example.com')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    t.match(await page.getByRole('alert').textContent(), /Invalid email or password/)
    t.match(complaints.splice(0), [/401/])
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('1 of 2 done').waitFor()
    t.same(await page.locator('.task .title').allTextContents(), ['Bake bread', 'Water the plants'])
  })

  await t.test('somebody else sees none of it', async (t) => {
    const other = await browser.newPage({ baseURL: `http://127.0.0.1:${PORT}` })
    await other.goto('/')
    await other.getByRole('button', { name: 'Create an account' }).click()
    await other.getByLabel('Name').fill('Bob')
    await other.getByLabel('E-mail').fill('bob@example.com')
    await other.getByLabel('Password').fill('another long password')
    await other.getByRole('button', { name: 'Create account' }).click()
    await other.getByText('Nothing to do').waitFor()
    t.equal(await other.locator('.task').count(), 0)
  })

  t.same(complaints, [], 'the browser complains of nothing')
})
