import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { freePort } from './free-port.js'
import { findPlaces } from './places.js'
import { readSettings, type Settings } from './settings.js'

// Undone in reverse order, at a signal or when the start fails half-way.
const closers: Array<() => Promise<unknown>> = []
const close = async (): Promise<void> => {
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer()
}

// An empty event loop is no signal: after a failed start it would turn the exit code into 0.
const grace = closeWithGrace({ delay: 10_000, skip: ['beforeExit'] }, async ({ err }) => {
  if (err) console.error(err)
  await close()
  console.log('Tasks has closed.')
})

// `npm start` passes a SIGTERM to the shell it runs us in, and the shell dies of it without a word to us.
if (process.env.npm_lifecycle_event === 'start') {
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) grace.close() }, 500).unref()
}

try {
  await start(readSettings(process.env))
} catch (error) {
  // What a person can mend is one sentence; with DEBUG=1 there is the stack too.
  console.error(process.env.DEBUG ? error : `Could not start: ${(error as Error).message}`)
  process.exitCode = 1
  await close()
}

async function start (settings: Settings): Promise<void> {
  // Not before the settings are known to be sound: a slip in them is told at once, and the app takes a second or two to
  // load.
  const [{ openDatabase }, { createApp }, { createChat }] = await Promise.all([
    import('./database.js'),
    import('./app.js'),
    import('./chat.js')
  ])
  const database = await openDatabase(settings)
  closers.push(database.close)
  const chatPort = settings.chatPort ?? await freeBeside(settings)
  const places = findPlaces(settings, chatPort)
  const app = await createApp(settings, places, database.db)
  closers.push(() => app.close())
  const chat = await createChat(places)
  closers.push(() => chat.close())

  await listen(app, settings.host, settings.port, 'PORT')
  await listen(chat, settings.host, chatPort, 'CHAT_PORT')
  const page = places[0]!.chat
  if (page !== undefined) console.log(`Tasks has a second front end on another origin: ${page}`)
  console.log(`Tasks is ready: open ${settings.baseURL}`)
}

// A bad HOST is told by the server that listens on PORT.
async function freeBeside ({ host, port }: Settings): Promise<number> {
  return await freePort(host, port === 65535 ? port - 1 : port + 1).catch(() => port + 1)
}

async function listen (server: FastifyInstance, host: string, port: number, name: string): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (cause) {
    const noAddress = `HOST is "${host}", which is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all it has`
    const sentences: Record<string, string> = {
      EADDRINUSE: `Port ${port} on ${host} is taken: stop what listens there, or choose another with ${name}=${port === 65535 ? 3000 : port + 1}`,
      EACCES: `Port ${port} needs rights this user does not have: choose one above 1023, such as ${name}=3000`,
      EADDRNOTAVAIL: noAddress,
      ENOTFOUND: noAddress,
      EAI_AGAIN: noAddress
    }
    const { code = '', message } = cause as NodeJS.ErrnoException
    throw new Error(sentences[code] ?? message, { cause })
  }
}
