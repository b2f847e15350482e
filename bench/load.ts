import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A server of `server.ts` in a process of its own. */
export interface Server {
  port: number
  /** Its CPU so far, in microseconds. */
  cpu (): Promise<number>
  end (): Promise<void>
}

export async function startServerProcess (
  kind: string,
  env: NodeJS.ProcessEnv,
  execArgv: string[] = []
): Promise<Server> {
  const child: ChildProcess = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [], {
    env: { ...process.env, ...env, BENCH_KIND: kind },
    execArgv: [...process.execArgv, ...execArgv]
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The server "${kind}" ended with ${String(code)}`)
  })
  failed.catch(() => {})
  const [port] = (await Promise.race([once(child, 'message'), failed])) as [number]
  return {
    port,
    cpu: async () => {
      child.send('cpu')
      const [{ user, system }] = (await Promise.race([once(child, 'message'), failed])) as [NodeJS.CpuUsage]
      return user + system
    },
    end: async () => {
      child.send('end')
      await once(child, 'exit')
    }
  }
}

export interface Load {
  tokens: string[]
  connections: number
  /** How many requests, or for how many milliseconds. */
  requests?: number
  milliseconds?: number
  /**
   * The client asks for answers without ever sleeping, on a core of its own: waking a sleeper costs, and costs the
   * server.
   */
  awake?: boolean
}

/**
 * Sends requests over plain sockets, one after the other on each, and answers how long each took, in milliseconds.
 * A client of few instructions leaves the machine to the server.
 */
export async function drive (
  port: number,
  { tokens, connections, requests = Infinity, milliseconds = Infinity, awake = false }: Load
): Promise<number[]> {
  const taken: number[] = []
  const end = performance.now() + milliseconds
  let sent = 0
  let isOver = !awake
  const stayAwake = (): void => {
    if (!isOver) setImmediate(stayAwake)
  }
  stayAwake()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay()
      let start = 0
      let left = 0
      const next = (): void => {
        start = performance.now()
        if (sent >= requests || start >= end) socket.end()
        else {
          socket.write(
            `GET / HTTP/1.1\r\nHost: x\r\nOrigin: https://web.example.app\r\nAuthorization: Bearer ${tokens[sent++ % tokens.length]}\r\n\r\n`
          )
        }
      }
      socket.on('data', (chunk: Buffer) => {
        // The head comes in the first chunk: Fastify writes it together with the start of the body.
        if (left === 0) left = answerLength(chunk)
        left -= chunk.length
        if (left > 0) return
        taken.push(performance.now() - start)
        next()
      })
      next()
      await once(socket, 'close')
    })
  ).finally(() => {
    isOver = true
  })
  return taken
}

function answerLength (chunk: Buffer): number {
  const text = chunk.toString('latin1')
  const head = text.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(text)
  if (!text.startsWith('HTTP/1.1 200') || head === -1 || length === null) {
    throw new Error(`The server answered ${text.slice(0, 500)}`)
  }
  return head + 4 + Number(length[1])
}
