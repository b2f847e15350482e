import { once } from 'node:events'
import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { RunningRequests } from '../../lib/repository/running-requests.js'

/** Whether what runs now may run the statements of this request. */
function mayRun (requests: RunningRequests, request: FastifyRequest): boolean {
  try {
    requests.holderOf(request).assertRunning()
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'FAI_KEPT_STATEMENT') throw error
    return false
  }
}

function start (t: Test): { app: FastifyInstance, requests: RunningRequests } {
  const requests = new RunningRequests()
  const app = Fastify()
  t.teardown(() => app.close())
  requests.register(app)
  return { app, requests }
}

/** Prepares in a function of its own, whose context ends with it. */
async function prepare (requests: RunningRequests, request: FastifyRequest): Promise<void> {
  await turn()
  requests.holderOf(request).prepared()
}

t.test('the first request that prepares may run its own while it is alone', async (t) => {
  const { app, requests } = start(t)
  app.get('/', async (request) => {
    await prepare(requests, request)
    return mayRun(requests, request)
  })
  t.equal((await app.inject('/')).body, 'true')
})

t.test('of two that began before requests were followed, neither runs what the other prepared', async (t) => {
  const { app, requests } = start(t)
  const isPrepared = deferred()
  const hasTried = deferred()
  let first: FastifyRequest
  app.get('/first', async (request) => {
    first = request
    await prepare(requests, request)
    isPrepared.resolve(undefined)
    await hasTried.promise
    return 'x'
  })
  app.get('/second', async () => {
    await isPrepared.promise
    const may = mayRun(requests, first)
    hasTried.resolve(undefined)
    return may
  })
  const [second] = await Promise.all([app.inject('/second'), app.inject('/first')])
  t.equal(second.body, 'false')
})

t.test('a request that began before is counted once, however often the plugin is registered', async (t) => {
  const { app, requests } = start(t)
  requests.register(app)
  app.get('/', async (request) => {
    await prepare(requests, request)
    return mayRun(requests, request)
  })
  t.equal((await app.inject('/')).body, 'true')
})

t.test('of two that began before, one runs what it has prepared in the same function', async (t) => {
  const { app, requests } = start(t)
  const isPrepared = deferred()
  app.get('/first', async (request) => {
    await turn()
    requests.holderOf(request).prepared()
    await turn()
    const may = mayRun(requests, request)
    isPrepared.resolve(undefined)
    return may
  })
  app.get('/second', async () => {
    await isPrepared.promise
    return 'x'
  })
  const [, first] = await Promise.all([app.inject('/second'), app.inject('/first')])
  t.equal(first.body, 'true')
})

t.test('a request that has ended is not counted among those under way', async (t) => {
  const { app, requests } = start(t)
  app.get('/other', async () => 'x')
  app.get('/', async (request) => {
    await prepare(requests, request)
    return mayRun(requests, request)
  })
  await app.inject('/other')
  t.equal((await app.inject('/')).body, 'true')
})

t.test('after its response a request runs nothing, in its own context either', async (t) => {
  const { app, requests } = start(t)
  const isSent = deferred()
  let late: Promise<boolean>
  app.get('/', async (request) => {
    requests.holderOf(request).prepared()
    late = isSent.promise.then(() => mayRun(requests, request))
    return mayRun(requests, request)
  })
  t.equal((await app.inject('/')).body, 'true')
  isSent.resolve(undefined)
  t.equal(await late!, false)
})

t.test('a request that is followed is known where its body has been read from a socket', async (t) => {
  const { app, requests } = start(t)
  app.get('/first', async (request) => {
    requests.holderOf(request).prepared()
    return 'x'
  })
  app.post('/', async (request) => {
    await turn()
    return mayRun(requests, request)
  })
  await app.inject('/first')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const outgoing = send({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 7 } })
  outgoing.write('{"a"')
  // The rest comes by itself, in a turn of the connection's own.
  await once(app.server, 'request')
  await turn()
  outgoing.end(':1}')
  const [response] = await once(outgoing, 'response')
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  t.equal(body, 'true')
})

function deferred (): { promise: Promise<unknown>, resolve: (value: unknown) => void } {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise((_resolve) => { resolve = _resolve })
  return { promise, resolve }
}
