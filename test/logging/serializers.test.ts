import t from 'tap'
import { decodeBytes, decodeHeaders, requestLine } from '../../lib/logging/serializers.js'

const bytes = (text: string): string => Buffer.from(text).toString('latin1')

t.test('bytes that are UTF-8 become their text, others stay', (t) => {
  t.equal(decodeBytes(bytes('Zoë 🎉')), 'Zoë 🎉')
  t.equal(decodeBytes('caf\u00e9'), 'caf\u00e9', 'latin1 that is no UTF-8')
  t.equal(decodeBytes('plain'), 'plain')
  t.equal(decodeBytes('schon 🎉'), 'schon 🎉', 'text that was decoded already')
  t.equal(decodeBytes(undefined), undefined)
  t.end()
})

t.test('headers are decoded value by value', (t) => {
  t.strictSame(decodeHeaders({ a: bytes('ë'), b: [bytes('🎉'), 'x'], c: undefined }), { a: 'ë', b: ['🎉', 'x'], c: undefined })
  for (const other of [null, 'text', 7, ['x']]) t.strictSame(decodeHeaders(other), other)
  t.end()
})

t.test('a request without a socket or headers still has its line', (t) => {
  t.strictSame(requestLine({ method: 'GET', url: '/', ip: '::1', host: 'x' } as never),
    { method: 'GET', url: '/', version: undefined, host: 'x', remoteAddress: '::1', remotePort: undefined })
  t.end()
})
