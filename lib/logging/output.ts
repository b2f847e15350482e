import { writeSync } from 'node:fs'

/** Where finished lines go; the shape of pino's and Fastify's `stream`. */
export interface Output {
  write (line: string): void
}

/** Bytes that wait for a reader who is too slow, before lines are dropped. */
const capacity = 8 * 1024 * 1024
/** Milliseconds until a full pipe is tried again. */
const pause = 20

/**
 * Writes lines to a file descriptor at once, as pino does, and survives whatever becomes of it. While a pipe is full (`EAGAIN`) lines
 * wait, up to 8 MiB; those beyond are dropped and counted in a line of their own. A reader that has gone (`EPIPE`, and `EINVAL` of a
 * Windows console) ends the writing. After any other failure, a full disk say, the line is lost and the next one is tried.
 */
function descriptorOutput (descriptor: number): Output & { flush (): void } {
  const waiting: Buffer[] = []
  let size = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let gone = false

  const wait = (line: string): void => {
    const bytes = Buffer.from(line)
    waiting.push(bytes)
    size += bytes.length
  }

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    try {
      for (let bytes = waiting[0]; bytes !== undefined; bytes = waiting[0]) {
        const written = writeSync(descriptor, bytes)
        size -= written
        if (written < bytes.length) waiting[0] = bytes.subarray(written)
        else waiting.shift()
        if (waiting.length === 0 && dropped > 0) {
          wait(JSON.stringify({ level: 40, time: Date.now(), dropped, msg: 'The reader of this log was too slow: lines were dropped' }) + '\n')
          dropped = 0
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'EBUSY') {
        // A reader who never comes back does not keep the process alive; it gets a last chance at the exit.
        timer = setTimeout(flush, pause).unref()
      } else {
        gone = code === 'EPIPE' || code === 'EINVAL' || code === 'EBADF'
        size = waiting.length = 0
      }
    }
  }

  return {
    flush,
    write (line) {
      if (gone) return
      if (size > capacity) {
        dropped++
        return
      }
      wait(line)
      if (timer === undefined) flush()
    }
  }
}

let standard: Output | undefined

/** Standard output, one for all loggers of the process, so that their lines do not mix; see {@link descriptorOutput}. */
export function standardOutput (): Output {
  if (standard === undefined) {
    // Node makes a pipe non-blocking when it first looks at it. Otherwise a reader who stalls would stop the server in mid-write.
    void process.stdout // eslint-disable-line no-void -- the getter does the work
    const output = descriptorOutput(1)
    process.once('exit', output.flush)
    standard = output
  }
  return standard
}

/** Guards the app's own `stream`: neither a throw nor an `error` event of it takes the server down. */
export function guardedOutput (stream: Output): Output {
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => {})
  return {
    write (line) {
      try {
        stream.write(line)
      } catch {
        // There is nowhere left to tell.
      }
    }
  }
}
