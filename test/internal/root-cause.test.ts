import t from 'tap'
import { causesOf, rootCause } from '../../lib/internal/root-cause.js'

t.test('the root cause is the innermost error, however deep it is wrapped', (t) => {
  const driver = Object.assign(new Error('duplicate key'), { code: '23505' })
  const query = new Error('Failed query', { cause: driver })
  t.equal(rootCause(driver), driver)
  t.equal(rootCause(query), driver)
  t.equal(rootCause(new Error('The app failed', { cause: query })), driver)
  t.end()
})

t.test('the causes are listed from the outside in', (t) => {
  const inner = new Error('inner')
  const outer = new Error('outer', { cause: inner })
  t.strictSame(causesOf(outer), [outer, inner])
  t.end()
})

t.test('a cause that is no object ends the chain before it', (t) => {
  const outer = new Error('outer', { cause: 'text' })
  t.equal(rootCause(outer), outer)
  t.end()
})

t.test('what is no object has no properties', (t) => {
  for (const thrown of [undefined, null, 'text', 7]) t.strictSame(rootCause(thrown), {})
  t.end()
})

t.test('a chain that bites its own tail ends', (t) => {
  const loop: { cause?: unknown } = {}
  loop.cause = loop
  t.equal(rootCause(loop), loop)
  t.end()
})
