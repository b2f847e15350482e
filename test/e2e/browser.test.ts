import Fastify from 'fastify'
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { userIdJwt } from '../../lib/better-auth/user-id-jwt.js'
import authIntegration, { parseOrigins } from '../../lib/index.js'
import { findFreePort, serveEmptyPage } from '../fixtures/front-ends.js'
import { alice, authSecret, createMemoryAuth } from '../fixtures/memory-auth.js'

const executablePath = '/usr/bin/chromium'
const isThere = existsSync(executablePath)
const name = 'in Chromium, two front ends sign in and use the API, and a third origin reads nothing'

interface Answer { status: number, body: unknown, jwt: string | null }
interface Call { url: string, method?: string, token?: string, body?: object }

/** What a page's own script would do: `refused` where the browser keeps the answer from it. */
async function call (page: Page, request: Call): Promise<Answer | 'refused'> {
  return page.evaluate(async ({ url, method, token, body }) => {
    try {
      const response = await fetch(url, {
        method: method ?? 'GET',
        credentials: 'include',
        headers: {
          ...(body === undefined ? null : { 'content-type': 'application/json' }),
          ...(token === undefined ? null : { authorization: `Bearer ${token}` })
        },
        ...(body === undefined ? null : { body: JSON.stringify(body) })
      })
      return { status: response.status, body: await response.json().catch(() => null), jwt: response.headers.get('set-auth-jwt') }
    } catch {
      return 'refused' as const
    }
  }, request)
}

t.test(isThere ? name : `SKIPPED, there is no Chromium at ${executablePath}: ${name}`, { skip: isThere ? false : 'no Chromium' }, async (t) => {
  const fronts = await Promise.all([serveEmptyPage(), serveEmptyPage(), serveEmptyPage()])
  t.teardown(() => { for (const { server } of fronts) server.close().closeAllConnections() })
  const [web, chat, stranger] = fronts.map(({ origin }) => origin) as [string, string, string]

  const port = await findFreePort()
  const api = `http://localhost:${port}`
  const frontendUrl = `${web}/,${chat}`
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(authIntegration, {
    secret: authSecret,
    frontendUrl,
    hook: 'onRequest',
    betterAuth: createMemoryAuth({ baseURL: api, trustedOrigins: parseOrigins(frontendUrl), plugins: [userIdJwt()] })
  })
  app.get('/me', async (request) => ({ id: request.userId }))
  app.patch<{ Params: { user_id: string } }>('/user/:user_id/name', async (request) => ({ changed: request.params.user_id }))
  app.delete('/crash', async () => { throw new Error('x') })
  await app.listen({ host: '127.0.0.1', port })

  const browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  })
  t.teardown(() => browser.close())
  // One person, one cookie jar: what the stranger's page asks for goes out with the same session.
  const context = await browser.newContext()
  const open = async (origin: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(origin)
    return page
  }
  const [onWeb, onChat, onStranger] = [await open(web), await open(chat), await open(stranger)]

  const refusal = await call(onWeb, { url: `${api}/me` })
  t.same(refusal, { status: 401, body: { detail: 'Missing token' }, jwt: null }, 'a 401 is readable')
  t.match(await call(onChat, { url: `${api}/me`, token: 'nonsense' }), { status: 401, body: { detail: 'Invalid token' } })

  const signedUp = await call(onWeb, { url: `${api}/api/auth/sign-up/email`, method: 'POST', body: alice }) as Answer
  t.equal(signedUp.status, 200)
  const { email, password } = alice
  t.match(await call(onChat, { url: `${api}/api/auth/sign-in/email`, method: 'POST', body: { email, password } }), { status: 200 })

  for (const [page, which] of [[onWeb, 'the first'], [onChat, 'the second']] as const) {
    const session = await call(page, { url: `${api}/api/auth/get-session` }) as Answer
    t.equal(session.jwt?.split('.').length, 3, `${which} front end reads set-auth-jwt`)
    const { body } = await call(page, { url: `${api}/api/auth/token` }) as { body: { token: string } }
    const { id } = (await call(page, { url: `${api}/me`, token: body.token }) as { body: { id: string } }).body
    t.same(await call(page, { url: `${api}/user/${id}/name`, method: 'PATCH', token: body.token, body: {} }), { status: 200, body: { changed: id }, jwt: null }, `${which} front end uses the API`)
    t.match(await call(page, { url: `${api}/user/someone/name`, method: 'PATCH', token: body.token, body: {} }), { status: 403, body: { detail: 'Forbidden' } })
    t.match(await call(page, { url: `${api}/crash`, method: 'DELETE', token: body.token }), { status: 500, body: { detail: 'Internal Server Error' } })
    t.match(await call(page, { url: `${api}/unknown` }), { status: 404, body: { detail: 'Not Found' } })

    for (const request of [
      { url: `${api}/me` }, { url: `${api}/me`, token: body.token }, { url: `${api}/unknown` }, { url: `${api}/api/auth/token` }, { url: `${api}/api/auth/get-session` },
      { url: `${api}/user/${id}/name`, method: 'PATCH', token: body.token, body: {} }, { url: `${api}/api/auth/sign-in/email`, method: 'POST', body: { email, password } }
    ]) {
      t.equal(await call(onStranger, request), 'refused', `a third origin cannot read ${request.method ?? 'GET'} ${new URL(request.url).pathname}`)
    }
  }
})
