import type { Page } from 'playwright-core'
import t from 'tap'
import { noChromium, startChromium } from '../fixtures/chromium.js'
import { freePort, startExample } from '../fixtures/example-process.js'
import { startPostgres } from '../fixtures/postgres.js'

async function join (page: Page, name: string): Promise<void> {
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

t.test('in a real Chromium: two people, two origins, and what the API answered', { skip: noChromium }, async (t) => {
  const { url: DATABASE_URL } = await startPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: 'a-secret-of-the-browser-tests-0123456789' })
  const browser = await startChromium(t)
  await example.ready

  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${PORT}`, reducedMotion: 'reduce' })
  context.setDefaultTimeout(30_000)
  const faults: string[] = []
  context.on('weberror', (error) => faults.push(error.error().message))
  const alice = await context.newPage()
  const answers = (page: Page) => page.locator('.answer').first()

  await t.test('errors stand under the fields while they are written', async (t) => {
    await alice.goto('/')
    t.equal(await alice.locator('html').getAttribute('lang'), 'en')
    await alice.getByRole('button', { name: 'Create an account' }).click()
    await alice.getByLabel('E-mail').fill('alice')
    await alice.getByLabel('Password').fill('short')
    await alice.getByRole('button', { name: 'Create account' }).click()
    await alice.getByText('Please enter a name.').waitFor()
    await alice.getByText('That is no e-mail address yet').waitFor()
    t.equal(await alice.getByLabel('Password').getAttribute('aria-invalid'), 'true')
    t.equal(await alice.getByLabel('Name', { exact: true }).evaluate((field) => field === field.ownerDocument.activeElement), true, 'the first wrong field has the focus')
    await alice.getByLabel('Password').fill('long enough')
    t.equal(await alice.getByLabel('Password').getAttribute('aria-invalid'), 'false', 'it is right at once')
    await alice.goto('/')
    await join(alice, 'Alice')

    await alice.getByLabel('New task').fill('   ')
    await alice.getByRole('button', { name: 'Add', exact: true }).click()
    await alice.getByText('Spaces alone say nothing.').waitFor()
    await alice.getByLabel('New task').fill('x'.repeat(201))
    await alice.getByText('201 of at most 200 characters.').waitFor()
    await alice.getByLabel('New task').fill('')
  })

  await t.test('projects, notes and pages', async (t) => {
    for (let number = 1; number <= 12; number++) await add(alice, `Task ${number}`)
    await alice.getByText('Projects', { exact: true }).click()
    await alice.getByLabel('New project').fill('Garden')
    await alice.getByRole('button', { name: 'Add project' }).click()
    await alice.getByRole('button', { name: 'Delete project: Garden' }).waitFor()
    await alice.getByLabel('New project').fill('Garden')
    await alice.getByRole('button', { name: 'Add project' }).click()
    await alice.getByText('You have a project "Garden" already.').waitFor()

    await alice.getByRole('button', { name: 'Notes and project: Task 12' }).click()
    await alice.getByLabel('Project of Task 12').selectOption('Garden')
    await alice.locator('.chip', { hasText: 'Garden' }).waitFor()
    await alice.getByLabel('Note on Task 12').fill('Before noon')
    await alice.keyboard.press('Enter')
    await alice.getByText('Before noon').waitFor()

    await alice.reload()
    await alice.getByText('0 of 12 done').waitFor()
    t.equal(await alice.locator('.task').count(), 10)
    await alice.getByRole('button', { name: 'Show more' }).click()
    await alice.getByRole('button', { name: 'Rename: Task 1', exact: true }).waitFor()
    t.equal(await alice.locator('.task').count(), 12)
    t.equal(await alice.getByRole('button', { name: 'Show more' }).isVisible(), false)

    await alice.getByLabel('In project').selectOption('Garden')
    await alice.getByText('0 of 1 done').waitFor()
    await alice.getByRole('radio', { name: 'Done' }).check({ force: true })
    await alice.getByText('No task fits what you chose.').waitFor()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    await alice.route(/\/board\?.*project=/, async (route) => {
      await held
      await route.continue()
    }, { times: 1 })
    await alice.getByRole('radio', { name: 'All' }).check({ force: true })
    await alice.getByLabel('In project').selectOption('All projects')
    await alice.getByText('0 of 12 done').waitFor()
    const late = alice.waitForResponse(/\/projects/)
    release()
    await late
    await alice.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    t.equal(await alice.getByText('0 of 12 done').isVisible(), true, 'an answer to an older choice comes too late')
  })

  const opened = alice.waitForEvent('popup')
  await alice.getByRole('button', { name: 'Open a window for somebody else' }).click()
  const bob = await opened

  await t.test('a second person in a window beside sees none of it', async (t) => {
    t.equal(new URL(bob.url()).hostname, 'localhost')
    await join(bob, 'Bob')
    await bob.getByText('Nothing to do.').waitFor()
    await add(bob, 'Of Bob alone')
    await alice.getByText('Bob is in the other window.').waitFor()
    await bob.getByText('Alice is in the other window.').waitFor()
  })

  await t.test('the panel shows 401, 403 and 404 as they happen', async (t) => {
    for (const [button, status, body] of [
      ['Remove the token', '401 Unauthorized', '{"detail":"Missing token"}'],
      ['Make up a token', '401 Unauthorized', '{"detail":"Invalid token"}'],
      ['Use Bob\'s URL', '403 Forbidden', '{"detail":"Forbidden"}'],
      ['Ask for Bob\'s task', '404 Not Found', '{"detail":"Not Found"}']
    ] as const) {
      await alice.getByRole('button', { name: button }).click()
      await answers(alice).filter({ hasText: status }).filter({ hasText: body }).waitFor()
      t.pass(`${button}: ${status}`)
    }
    t.equal(await alice.getByText('Of Bob alone').count(), 0)
  })

  await t.test('the page on the other origin adds to the same list, with the same session', async (t) => {
    const chat = await context.newPage()
    await chat.goto((await alice.getByRole('link', { name: 'Quick add' }).getAttribute('href'))!)
    t.not(new URL(chat.url()).origin, `http://127.0.0.1:${PORT}`)
    await chat.getByText('Hello Alice.').waitFor()
    await chat.getByLabel('New task').fill('From the other origin')
    await chat.keyboard.press('Enter')
    await chat.getByText('Kept.').waitFor()
    await chat.getByRole('button', { name: 'What is new?' }).click()
    await chat.locator('.it', { hasText: 'From the other origin' }).waitFor()
    await chat.getByRole('button', { name: 'And before that?' }).click()
    await chat.locator('.it', { hasText: 'Task 8' }).last().waitFor()
    await alice.reload()
    await alice.getByRole('button', { name: 'Rename: From the other origin' }).waitFor()

    await chat.getByRole('button', { name: 'Sign out' }).click()
    await chat.getByRole('heading', { name: 'Sign in' }).waitFor()
    await chat.getByLabel('E-mail').fill('alice@example.com')
    await chat.getByLabel('Password').fill('correct horse battery')
    await chat.getByRole('button', { name: 'Sign in' }).click()
    await chat.getByText('Hello Alice.').waitFor()
  })

  await t.test('a board that cannot be loaded says so, and is asked for again', async () => {
    await alice.route(/\/board\?/, (route) => route.fulfill({ status: 503, json: { detail: 'Service Unavailable' } }))
    await alice.reload()
    await alice.getByText('The tasks could not be loaded.').waitFor()
    await alice.getByRole('alert').filter({ hasText: 'Service Unavailable' }).waitFor()
    await alice.unroute(/\/board\?/)
    await alice.getByRole('button', { name: 'Try again' }).click()
    await alice.getByText('0 of 13 done').waitFor()
  })

  await t.test('routes and reference are one click away, and the reference calls nobody else', async (t) => {
    await alice.getByRole('link', { name: 'Routes' }).click()
    await alice.getByText('/api/user/:user_id/tasks/:id/project').first().waitFor()
    const elsewhere: string[] = []
    alice.on('request', (request) => { if (/^http/.test(request.url()) && new URL(request.url()).host !== `127.0.0.1:${PORT}`) elsewhere.push(request.url()) })
    await alice.getByRole('link', { name: 'API reference' }).click()
    await alice.getByText('Your tasks, newest first').first().waitFor()
    t.same(elsewhere, [])
  })

  t.same(faults, [], 'no script has failed')
})
