import { createRequire } from 'node:module'
import { join } from 'node:path'
import { jsonEscape } from './ascii.js'
import type { Output } from './output.js'

// What moves a terminal's cursor, changes its colours or begins a new line.
/* eslint-disable no-control-regex -- they are what is searched for */
const controls = /[\u0000-\u001f\u007f-\u009f]/g
const allButTabAndLineFeed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/* eslint-enable no-control-regex */

/**
 * Rewrites a line of JSON that is going to be shown to people, so that no text in it can forge a line or drive the
 * terminal: control characters become their escapes, as text. Only a stack keeps its line breaks. A line that is no
 * JSON loses its controls likewise.
 */
export function printableLine (line: string): string {
  try {
    const shown = JSON.parse(line, (key, value) => typeof value === 'string' ? visible(value, key === 'stack') : value)
    return JSON.stringify(shown) + '\n'
  } catch {
    return visible(line.trimEnd(), false) + '\n'
  }
}

function visible (text: string, stack: boolean): string {
  return text.replace(stack ? allButTabAndLineFeed : controls, escape)
}

function escape (character: string): string {
  return JSON.stringify(character).slice(1, -1).replace(/^[^\\]$/, jsonEscape)
}

/**
 * An output that shows each line as the app's own `pino-pretty` would. In this thread, not in pino's worker, whose last
 * flush throws when nobody reads any more.
 * @throws {TypeError} when `pino-pretty` is not installed
 */
export function prettyOutput<Destination extends Output> (
  output: Destination, options: Record<string, unknown>
): Destination {
  const prettify = prettyFactory()(options)
  return {
    ...output,
    write (line) {
      const shown = prettify(line)
      if (shown) output.write(shown)
    }
  }
}

type Prettify = (line: string) => string | undefined

function prettyFactory (): (options: Record<string, unknown>) => Prettify {
  // Beside this package, or, where an installer keeps packages apart, beside the app.
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    const require = createRequire(from)
    try {
      require.resolve('pino-pretty')
    } catch {
      continue
    }
    return require('pino-pretty').prettyFactory
  }
  throw new TypeError('"pretty" option needs pino-pretty: npm install --save-dev pino-pretty')
}
