import { openSync, writeSync } from 'node:fs'

/** Where finished lines go; the shape of pino's and Fastify's `stream`. */
export interface Output {
  write (line: string): void
}

/** An output that pino can ask to write what waits: `logger.flush()` and the last words of `logger.fatal()`. */
export interface FlushedOutput extends Output {
  flush (done?: (error?: Error) => void): void
  flushSync (): void
}

/** Bytes that wait for a reader who is too slow, before lines are dropped. */
const capacity = 8 * 1024 * 1024
/** Milliseconds until a full pipe is tried again. */
const pause = 20

/**
 * Writes lines to a file descriptor at once, as pino does, and survives whatever becomes of it. While a pipe is full
 * (`EAGAIN`) lines wait, up to 8 MiB; those beyond are dropped and counted in a line of their own. A reader that has
 * gone (`EPIPE`, and `EINVAL` of a Windows console) ends the writing. After any other failure, a full disk say, the
 * line is lost and the next one is tried.
 */
function descriptorOutput (descriptor: number): FlushedOutput {
  const waiting: Buffer[] = []
  let size = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let gone = false
  let broken = false

  const wait = (line: string): void => {
    const bytes = Buffer.from(line)
    waiting.push(bytes)
    size += bytes.length
  }

  const flushSync = (): void => {
    clearTimeout(timer)
    timer = undefined
    try {
      for (let bytes = waiting[0]; bytes !== undefined; bytes = waiting[0]) {
        const written = writeSync(descriptor, bytes)
        size -= written
        broken = written < bytes.length
        if (broken) waiting[0] = bytes.subarray(written)
        else waiting.shift()
        if (waiting.length === 0 && dropped > 0) {
          const msg = 'The reader of this log was too slow: lines were dropped'
          wait(JSON.stringify({ level: 40, time: Date.now(), dropped, msg }) + '\n')
          dropped = 0
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'EBUSY') {
        // A reader who never comes back does not keep the process alive; it gets a last chance at the exit.
        timer = setTimeout(flushSync, pause).unref()
      } else {
        gone = code === 'EPIPE' || code === 'EINVAL' || code === 'EBADF'
        size = waiting.length = 0
      }
    }
  }

  return {
    flushSync,
    flush (done) {
      flushSync()
      done?.()
    },
    write (line) {
      if (gone) return
      if (size > capacity) {
        dropped++
        return
      }
      // The rest of a line that a full disk cut off is lost: the next one stands on a line of its own.
      wait(broken && waiting.length === 0 ? `\n${line}` : line)
      if (timer === undefined) flushSync()
    }
  }
}

let standard: FlushedOutput | undefined

/**
 * Standard output, one for all loggers of the process, so that their lines do not mix; see {@link descriptorOutput}.
 */
export function standardOutput (): FlushedOutput {
  if (standard === undefined) {
    // Node makes a pipe non-blocking when it first looks at it. Otherwise a reader who stalls would stop the server in
    // mid-write.
    void process.stdout // eslint-disable-line no-void -- the getter does the work
    const output = descriptorOutput(1)
    process.once('exit', output.flushSync)
    standard = output
  }
  return standard
}

/**
 * Appends lines to a file, as pino's own `destination(file)`, and survives a full disk as {@link standardOutput} does.
 * @throws what opening the file fails by
 */
export function fileOutput (file: string): FlushedOutput {
  return descriptorOutput(openSync(file, 'a'))
}

/**
 * Guards the app's own `stream`: neither a throw nor an `error` event of it takes the server down. Whatever else it
 * has, pino finds: the levels of a multistream, `flush` and `flushSync`.
 */
export function guardedOutput<Stream extends Output> (stream: Stream): Stream {
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => {})
  // A multistream hands each line to streams of its own, which may fail one by one.
  if ('streams' in stream && Array.isArray(stream.streams)) {
    for (const entry of stream.streams) entry.stream = guardedOutput(entry.stream)
  }
  const { flushSync } = stream as { flushSync?: () => void }
  const attempts: Record<PropertyKey, unknown> = { write: attempt((line: string) => stream.write(line)) }
  if (typeof flushSync === 'function') attempts.flushSync = attempt(flushSync.bind(stream))
  return new Proxy({} as Stream, {
    get (_, name) {
      if (Object.hasOwn(attempts, name)) return attempts[name]
      const value = Reflect.get(stream, name, stream)
      return typeof value === 'function' ? value.bind(stream) : value
    },
    // pino leaves a line's level on a stream that wants to know it.
    set (_, name, value) {
      if (Object.hasOwn(attempts, name)) return Reflect.set(attempts, name, value)
      return Reflect.set(stream, name, value, stream)
    },
    has: (_, name) => name in stream,
    getPrototypeOf: () => Object.getPrototypeOf(stream)
  })
}

type Write<Parameters extends unknown[]> = (...parameters: Parameters) => unknown

function attempt<Parameters extends unknown[]> (write: Write<Parameters>): Write<Parameters> {
  return (...parameters) => {
    try {
      return write(...parameters)
    } catch {
      // There is nowhere left to report it.
    }
  }
}
