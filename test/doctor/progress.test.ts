import t from 'tap'
import { createProgress } from '../../lib/doctor/progress.js'

function draw (isTTY: boolean | undefined): string {
  let text = ''
  const progress = createProgress({ isTTY, write: (more) => { text += more } })
  progress.show('Connecting')
  progress.show('Checking', 2, 15)
  progress.clear()
  return text
}

t.test('on a terminal one line says what is going on, and goes away', async (t) => {
  t.equal(draw(true), '\r\u001b[KConnecting ...\r\u001b[KChecking 2/15 ...\r\u001b[K')
})

t.test('anywhere else nothing is drawn', async (t) => {
  t.equal(draw(false), '')
  t.equal(draw(undefined), '')
})
