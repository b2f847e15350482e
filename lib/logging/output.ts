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
 * Writes lines to a file descriptor at once, as pino does, and survives whatever becomes of it. A full pipe (`EAGAIN`) is tried
 * again while lines wait, up to 8 MiB; a reader that has gone (`EPIPE`, and `EINVAL` of a Windows console) ends the writing;
 * after any other failure, a full disk say, the line is lost and the next one is tried.
 */
export function descriptorOutput (descriptor: number): Output {
  let waiting: Buffer[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  let waited = false
  let gone = false

  const wait = (bytes: Buffer): void => {
    if (size + bytes.length > capacity) return
    waiting.push(bytes)
    size += bytes.length
    if (timer !== undefined) return
    timer = setTimeout(flush, pause)
    // A reader who never comes back does not keep the process alive; it gets a last chance at the exit.
    timer.unref()
    if (!waited) process.once('exit', flush)
    waited = true
  }

  const flush = (): void => {
    timer = undefined
    const bytes = Buffer.concat(waiting)
    waiting = []
    size = 0
    send(bytes)
  }

  const send = (bytes: Buffer): void => {
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'EBUSY') wait(bytes)
      else gone = code === 'EPIPE' || code === 'EINVAL' || code === 'EBADF'
    }
  }

  return {
    write (line) {
      if (gone) return
      const bytes = Buffer.from(line)
      // Lines keep their order.
      if (timer === undefined) send(bytes)
      else wait(bytes)
    }
  }
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
