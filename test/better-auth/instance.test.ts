import t from 'tap'
import { expectInstance, mountPath } from '../../lib/better-auth/instance.js'

t.test('what is no instance of Better Auth is refused, and told what to give', async (t) => {
  const handler = async (): Promise<Response> => new Response()
  for (const auth of [null, true, false, 0, 5n, '', 'x', [], {}, handler, { handler }, { options: {} }, { handler: 'x', options: {} }, { handler, options: null }]) {
    t.throws(() => expectInstance(auth), { name: 'TypeError', message: /^"betterAuth" must be what betterAuth\(\{ … \}\) returns/ })
  }
  t.doesNotThrow(() => expectInstance({ handler, options: {} }))
})

t.test('an instance that fails to start does not end the process before somebody awaits it', async (t) => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => { unhandled.push(reason) }
  process.on('unhandledRejection', listen)
  t.teardown(() => process.off('unhandledRejection', listen))
  const $context = Promise.reject<{ baseURL: string }>(new Error('no database'))
  expectInstance({ handler: async () => new Response(), options: {}, $context })
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(unhandled, [])
  await t.rejects($context, { message: 'no database' }, 'and who awaits it is told')
})

t.test('a base path is a plain path', async (t) => {
  for (const path of ['auth', '/a/*', '/:x', '/a b', '/a?b', '/a#b', '/%61', '/a//b', '/a/../b', '/.', '/a;b', '/é', '/(x)']) {
    t.throws(() => mountPath(path, ''), { name: 'TypeError', message: /is not a plain path: begin it with "\/"/ }, path)
  }
  for (const path of [5, {}, true, undefined]) t.throws(() => mountPath(path, ''), { name: 'TypeError', message: /basePath must be a path/ })
  for (const path of ['', '/', '//']) t.throws(() => mountPath(path, ''), { name: 'TypeError', message: /a base path of its own/ })
  t.throws(() => mountPath('/auth', '/v1'), { name: 'TypeError', message: /set its basePath to "\/v1\/auth"/ })
})

t.test('it is mounted below the prefix of its scope, without slashes at its end', async (t) => {
  t.equal(mountPath('/api/auth', ''), '/api/auth')
  t.equal(mountPath('/api/auth//', ''), '/api/auth')
  t.equal(mountPath('/v1/a.b~c-d_e', '/v1'), '/a.b~c-d_e')
})
