/** Where the line is drawn; a terminal's standard error. */
export interface Terminal {
  isTTY?: boolean
  write: (text: string) => unknown
}

/** One line that says what is going on, and goes away. */
export interface Progress {
  show: (what: string, done?: number, total?: number) => void
  clear: () => void
}

const eraseLine = '\r\u001b[K'

/** Draws on a terminal, and nothing anywhere else: a log file is no place for it. */
export function createProgress (terminal: Terminal): Progress {
  const draw = (text: string): void => { if (terminal.isTTY === true) terminal.write(text) }
  return {
    show: (what, done, total) => draw(`${eraseLine}${what}${done === undefined ? '' : ` ${done}/${total}`} ...`),
    clear: () => draw(eraseLine)
  }
}
