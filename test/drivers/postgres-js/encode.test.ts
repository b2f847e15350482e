import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { encode } from '../../../lib/drivers/postgres-js/encode.js'

t.test('a value goes as it is, or as the text that PostgreSQL reads', async (t) => {
  for (const value of ['x', '', true, false, 5n, null]) t.equal(encode(value), value)
  const bytes = Buffer.from('x')
  t.equal(encode(bytes), bytes)
  t.same([1, -0.5, NaN, -Infinity, 1e21].map(encode), ['1', '-0.5', 'NaN', '-Infinity', '1e+21'])
  t.equal(encode(new Date(0)), '1970-01-01T00:00:00.000Z')
  t.equal(encode([1, null, [true, 'a"b\\c'], new Date(0), Buffer.from('x')]), '{"1",null,{true,"a\\"b\\\\c"},"1970-01-01T00:00:00.000Z","\\\\x78"}')
})

t.test('what has no text of its own is refused, wherever it stands', async (t) => {
  const values = [undefined, {}, { toString: 1 }, Object.create(null), () => '', Symbol('x'), new Date(NaN), new Map()]
  for (const value of values) {
    t.throws(() => encode(value), errors.InvalidArgument)
    t.throws(() => encode(['x', [value]]), errors.InvalidArgument)
  }
})
