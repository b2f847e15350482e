import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { sendable } from '../../../lib/repository/postgres-js/sendable.js'

t.test('a value goes as it is, or as the text that PostgreSQL reads', async (t) => {
  for (const value of ['x', '', true, false, 5n, null]) t.equal(sendable(value), value)
  const bytes = Buffer.from('x')
  t.equal(sendable(bytes), bytes)
  t.same([1, -0.5, NaN, -Infinity, 1e21].map(sendable), ['1', '-0.5', 'NaN', '-Infinity', '1e+21'])
  t.equal(sendable(new Date(0)), '1970-01-01T00:00:00.000Z')
  t.equal(sendable([1, null, [true, 'a"b\\c'], new Date(0), Buffer.from('x')]), '{"1",null,{true,"a\\"b\\\\c"},"1970-01-01T00:00:00.000Z","\\\\x78"}')
})

t.test('what has no text of its own is refused, wherever it stands', async (t) => {
  const values = [undefined, {}, { toString: 1 }, Object.create(null), () => '', Symbol('x'), new Date(NaN), new Map()]
  for (const value of values) {
    t.throws(() => sendable(value), errors.InvalidArgument)
    t.throws(() => sendable(['x', [value]]), errors.InvalidArgument)
  }
})
