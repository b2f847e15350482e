import { closeSync, openSync, readSync } from 'node:fs'

/**
 * Follows the TAP that a run writes to a file, and says how far it is: one line that changes on a terminal, one line a
 * process elsewhere.
 */
export class Progress {
  #name
  #file
  #processes
  #finished = 0
  #total = [0, 0]
  #unread = ''
  #position = 0
  #started = performance.now()
  #timer

  /**
   * @param {string} name what runs
   * @param {string} file where its TAP is written
   * @param {number} processes how many test processes there are
   */
  constructor (name, file, processes) {
    this.#name = name
    this.#file = openSync(file)
    this.#processes = processes
    this.#timer = setInterval(() => this.#read(), 250)
  }

  /** The last line: what passed and failed, in how many seconds. */
  end () {
    clearInterval(this.#timer)
    this.#read()
    closeSync(this.#file)
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
    const [passed, failed] = this.#total
    console.log(`${this.#name}: ${passed} passed, ${failed} failed in ${this.#seconds()} s`)
    return { passed, failed }
  }

  #read () {
    const chunk = Buffer.alloc(1 << 20)
    for (;;) {
      const length = readSync(this.#file, chunk, 0, chunk.length, this.#position)
      if (length === 0) return
      this.#position += length
      const lines = (this.#unread + chunk.toString('latin1', 0, length)).split('\n')
      this.#unread = lines.pop()
      for (const line of lines) this.#line(line)
    }
  }

  #line (line) {
    // tap's own total at the end: `# { total: 59, pass: 58, fail: 1 }`.
    if (line.startsWith('# { total: ')) this.#total = [countIn(line, 'pass'), countIn(line, 'fail')]
    const result = /^(not ok|ok) \d+ - (.*?) # time=([\d.]+)ms/.exec(line)
    if (result === null) return
    this.#finished++
    const [, outcome, file, milliseconds] = result
    const group = file
      .replace(/^\.tap\/suites\/[\w-]+\/\w+\//, '')
      .replace(/^test\/(?:integration|e2e)\//, '')
      .replace(/\.test\.ts$/, '')
    const seconds = (Number(milliseconds) / 1000).toFixed(1)
    const text = `${this.#name} ${this.#finished}/${this.#processes}, ${this.#seconds()} s: ${group} ${seconds} s${outcome === 'ok' ? '' : ' FAILED'}`
    // A failure stays on the screen.
    process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${text}${outcome === 'ok' ? '' : '\n'}` : `${text}\n`)
  }

  #seconds () {
    return Math.round((performance.now() - this.#started) / 1000)
  }
}

function countIn (line, key) {
  return Number(new RegExp(`\\b${key}: (\\d+)`).exec(line)?.[1] ?? 0)
}
