import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { registerAccess } from '../../lib/access/register-access.js'
import { createFakeAuthenticate } from '../fixtures/fake-authenticate.js'
import { listenOnLoopback, rawRequest } from '../fixtures/raw-request.js'

// What is put behind a public path in the hope that it still counts as public, and reaches something else.
const behind = [
  '', '/', '//', '/.', '/./', '/..', '/../', '/../secret', '/../../secret', '/./../secret', '/.//../secret', '//../secret', '/..//secret', '/x/../../secret',
  '/..%2fsecret', '/..%2Fsecret', '/%2e%2e/secret', '/%2E%2E/secret', '/%2e./secret', '/.%2e/secret', '/%2e%2e%2fsecret', '/%252e%252e/secret', '/%252e%252e%252fsecret', '/..%252fsecret',
  '/..%00/secret', '/%00', '/%00/../secret', '/..%0d/secret', '/..%0a/secret', '/..%09/secret', '/..%20/secret', '/.. /secret', '/..\\secret', '\\..\\secret', '/..%5csecret', '/..%5Csecret', '/%5c..%5csecret', '/..%255csecret',
  '/..;/secret', '/..;x=1/secret', '/;/../secret', ';/../secret', ';x', ';/secret', '/;x', '%3b/../secret', '/%3b', '/a;b', '/a%3bb',
  '?/../secret', '?x=/secret', '#/../secret', '#', '%23/../secret', '%3f/../secret', '/%3f', '/a?b#c',
  '/．．/secret', '/%ef%bc%8e%ef%bc%8e/secret', '/..／secret', '/%ef%bc%8fsecret', '/..%c0%afsecret', '/%c0%ae%c0%ae/secret', '/%e0%80%ae', '/..%u2215secret', '/%uff0e%uff0e/secret', '/%', '/%2', '/%zz', '/%f', '/%ff',
  '/...', '/..../secret', '/. ./secret', '/.../secret', '/*', '/**', '/~', '/~root', '/a:b', '/@me', '/a,b', '/(x)', '/a|b', '/a^b', '/<x>', '/"x"', '/`x`', '/{x}', '/[x]', '/é', '/%c3%a9', '/plain', '/plain/deeper', '/plain/', '/plain//deeper', '/plain/%2e', '/Plain', 'z', '-secret', '.secret', '.json', '%20', '%2f', '%2fsecret'
]

const alone = [
  '/secret', '/secret/', '//secret', '///secret', '/secret//', '/Secret', '/SECRET', '/sEcReT', '/%73ecret', '/s%65cret', '/secre%74', '/%2573ecret', '/secret%20', '/secret%00', '/secret%00.html', '/secret.html', '/secret;', '/secret;x=1', '/secret;/health', '/secret?', '/secret?/health', '/secret?health', '/secret#', '/secret#/health', '/secret%3f', '/secret%23', '/secret%2f', '/secret/.', '/secret/..', '/./secret', '/../secret', '/%2e/secret', '/x/../secret', '/health/%2e%2e/secret', '/secret/../health', '/secret/%2e%2e/health', '\\secret', '/\\secret', '/secret\\', '/secret%5c', '/ſecret', '/%c5%bfecret', '/ｓecret',
  '/items/5', '/items/5/', '/items//5', '/Items/5', '/items/health', '/items/..', '/items/../health', '/items/..%2fhealth', '/items/%2e%2e%2fhealth', '/items/%2Fhealth', '/items/5;x', '/items/5%00', '/items/5?health', '/items/health#', '/items/', '/items',
  '/files/health', '/files/../health', '/files/..%2fhealth', '/files//health', '/files/%2e%2e/health', '/files/', '/files', '/Files/a', '/files/a;b', '/files/open/x', '/files/api/auth/sign-in',
  '/api/auth', '/api/auth/', '/api/auth/session', '/api/auth/sign-in', '/api/auth/sign-in/', '/api/auth/sign-in/email', '/api/auth/sign-in-secret', '/api/auth/sign-in%2femail', '/api/auth//sign-in', '/api//auth/sign-in', '/API/auth/sign-in', '/api/AUTH/sign-in', '/api/auth/Sign-In', '/api/auth/sign%2din', '/api/auth/sign-in/../session', '/api/auth/sign-in/%2e%2e/session', '/api/auth/sign-in/..;/session', '/api/auth/session/../sign-in', '/api/auth/x/../sign-in', '/api/auth/./sign-in', '/api/sign-in', '/api/auth/sign-in?/../session', '/api/auth/sign-in;/../session',
  '/v1', '/v1/', '/V1', '/v1/health', '/v1/open/x', '/v1//', '/v1/secret', '/v1/../health', '/v1;', '/v1/%2e%2e/secret',
  '/', '//', '/?', '/;', '/%2f', '/%00', '/.', '/..', '*', '/*', 'http://127.0.0.1/secret', 'http://127.0.0.1/health/../secret', 'http://127.0.0.1/open/x', 'HTTP://x/secret', 'https://x/open/../secret', 'http://x/health/secret', 'health', 'secret', '?', '/health/../secret', '/healthz', '/health-secret', '/readyz', '/open', '/opened', '/openapi'
]

const tricks = [...new Set([...['/health', '/open', '/api/auth/sign-in'].flatMap((base) => behind.map((rest) => base + rest)), ...alone])]
// A blank ends the target, and line ends end the line: those stay out of the raw bytes.
  .filter((trick) => !/[\s]/.test(trick))

const plain = /^(\/[A-Za-z0-9._~!$&'()*+,=:@-]+)+$/

function addDoors (app: FastifyInstance): void {
  const door = (name: string) => async (): Promise<{ door: string }> => ({ door: name })
  app.get('/health', door('public'))
  app.get('/open/*', door('open'))
  app.get('/api/*', door('mount'))
  app.get('/secret', door('protected'))
  app.get('/health-secret', door('protected'))
  app.get('/items/:id', door('protected'))
  app.get('/files/*', door('protected'))
  app.get('/health/:part/inner', door('public'))
  app.get('/healthz', door('protected'))
  app.register(async (scope) => {
    scope.get('/', door('protected'))
    scope.get('/health', door('protected'))
    scope.get('/open/*', door('protected'))
  }, { prefix: '/v1' })
}

interface Answer { status: number, door: string | undefined }

async function ask (port: number, method: string, target: string, token: string | null): Promise<Answer> {
  const lines = [`${method} ${Buffer.from(target).toString('latin1')} HTTP/1.1`, 'Host: x', 'Connection: close', ...(token === null ? [] : [`Authorization: Bearer ${token}`])]
  const { status, body } = await rawRequest(port, lines)
  return { status, door: /"door":"(\w+)"/.exec(body)?.[1] }
}

/** Whether the guard may let this through to a wildcard without a token: said again, in other words. */
function mayBeOpen (door: string, target: string): boolean {
  const path = target.split('?')[0] as string
  if (!plain.test(path) || path.split('/').some((segment) => segment === '.' || segment === '..')) return false
  return door === 'open' || path === '/api/auth/sign-in' || path.startsWith('/api/auth/sign-in/') || /^\/api\/auth\/sign-in(\/|$)/.test(path.replace(/^\/api\//i, '/api/'))
}

t.test(`the corpus has at least 150 tricks (${tricks.length})`, async (t) => {
  t.ok(tricks.length >= 150)
})

const switches = [false, true]
for (const caseSensitive of switches) {
  for (const ignoreTrailingSlash of switches) {
    for (const ignoreDuplicateSlashes of switches) {
      for (const useSemicolonDelimiter of switches) {
        const routerOptions = { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, useSemicolonDelimiter }
        const name = Object.entries(routerOptions).filter(([, on]) => on).map(([option]) => option).join(', ')
        t.test(`no trick reaches without a token what needs one (${name || 'no router option'})`, async (t) => {
          const app = Fastify({ routerOptions })
          t.teardown(() => app.close())
          await app.register(fp(async (instance) => registerAccess(instance, { hook: 'onRequest', publicPaths: ['/health', '/open', '/api/auth/sign-in'] }, createFakeAuthenticate())))
          addDoors(app)
          const port = await listenOnLoopback(app)

          const wrong: unknown[] = []
          let reached = 0
          const queue = tricks.values()
          await Promise.all(Array.from({ length: 16 }, async () => {
            for (const target of queue) {
              const known = await ask(port, 'GET', target, 'alice')
              const stranger = await ask(port, 'GET', target, null)
              if (known.status === 200) reached++
              const isOpen = known.door === 'public' || (known.door !== undefined && known.door !== 'protected' && mayBeOpen(known.door, target))
              const expected = known.status === 200 && !isOpen ? 401 : known.status
              if (stranger.status !== expected) wrong.push({ target, known, stranger })
            }
          }))
          t.same(wrong, [])
          t.ok(reached > 60, `${reached} tricks reached a route`)
        })
      }
    }
  }
}

t.test('HEAD follows GET through the same tricks', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fp(async (instance) => registerAccess(instance, { publicPaths: ['/health', '/open'] }, createFakeAuthenticate())))
  addDoors(app)
  const port = await listenOnLoopback(app)
  const wrong: unknown[] = []
  for (const target of tricks.filter((_, index) => index % 5 === 0)) {
    const [get, head] = [await ask(port, 'GET', target, null), await ask(port, 'HEAD', target, null)]
    if (get.status !== head.status) wrong.push({ target, get, head })
  }
  t.same(wrong, [])
})

t.test('no spelling of another user\'s id passes for one\'s own', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fp(async (instance) => registerAccess(instance, { hook: 'onRequest' }, createFakeAuthenticate())))
  app.get<{ Params: { user_id: string } }>('/user/:user_id/tasks', async (request) => ({ door: 'tasks', id: request.params.user_id }))
  const port = await listenOnLoopback(app)
  for (const id of ['alice', '%61lice', 'al%69ce', '%61%6c%69%63%65']) t.equal((await ask(port, 'GET', `/user/${id}/tasks`, 'alice')).status, 200, id)
  for (const id of ['bob', 'Alice', 'ALICE', 'alice%00', 'alice%20', '%20alice', 'alice%2e', 'alice;', 'alice%3b', 'alice%2f', 'alice%2f..%2fbob', 'alice,bob', 'al%C4%B1ce', '%ef%bd%81lice', 'alice%0a', '..', '%2e%2e', 'null', 'undefined', '%5balice%5d', '*', ':user_id']) {
    const { status } = await ask(port, 'GET', `/user/${id}/tasks`, 'alice')
    t.equal(status, 403, id)
  }
})
