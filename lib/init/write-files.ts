import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NewFile } from './new-files.js'
import { InitError } from './project.js'

/** What became of the files, by their paths. */
export interface Written {
  written: string[]
  left: string[]
}

/**
 * Writes each file that is not there yet, and leaves the others as they are.
 * @throws InitError naming the file that could not be written, and those that were
 */
export function writeFiles (folder: string, files: NewFile[]): Written {
  const written: string[] = []
  const left: string[] = []
  for (const { path, text, mode } of files) {
    try {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      // Exclusive: what is there stays, a link that leads nowhere too, and nothing can come between a look and the
      // write.
      writeFileSync(join(folder, path), text, { flag: 'wx', mode })
      written.push(path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Of a folder, EEXIST says that a file stands in its place.
      if (code !== 'EEXIST' || (error as NodeJS.ErrnoException).syscall === 'mkdir') {
        const before = written.length === 0 ? 'Nothing was written' : `Written before it: ${written.join(', ')}`
        throw new InitError(`${path} could not be written: ${code}. ${before}.`, { cause: error })
      }
      left.push(path)
    }
  }
  return { written, left }
}
