import fc from 'fast-check'
import t from 'tap'
import { lineEncoder } from '../../lib/logging/ascii.js'

const escape = lineEncoder('escape')
const strip = lineEncoder('strip')
const keep = lineEncoder('keep')
const units = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })
const toWellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')
// What pino writes for short texts: only quotes, backslashes and C0 controls escaped, lone surrogates raw.
const rawJson = (text: string) => '"' + text.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, (c) => c < ' ' ? '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0') : c) + '"'

t.test('escape is pure ASCII and loses nothing but lone surrogates, whoever wrote the JSON', (t) => {
  fc.assert(fc.property(units, (text) => {
    for (const line of [JSON.stringify({ text }), `{"text":${rawJson(text)}}`]) {
      const encoded = escape(line)
      if (!/^[\x20-\x7e]*$/.test(encoded) || JSON.parse(encoded).text !== toWellFormed(text)) return false
    }
    return true
  }))
  t.pass()
  t.end()
})

t.test('keep is well-formed UTF-8 and loses nothing but lone surrogates', (t) => {
  fc.assert(fc.property(units, (text) =>
    JSON.parse(Buffer.from(keep(JSON.stringify({ text }))).toString()).text === toWellFormed(text)))
  t.equal(keep('"ünïcode 🎉"'), '"ünïcode 🎉"')
  t.end()
})

t.test('strip is pure ASCII, still JSON, and keeps what was ASCII', (t) => {
  fc.assert(fc.property(units, (text) => {
    const encoded = strip(JSON.stringify({ text }))
    return /^[\x20-\x7e]*$/.test(encoded) && JSON.parse(encoded) !== undefined
  }))
  t.equal(strip('{"msg":"done 🎉 ünd"}'), '{"msg":"done  nd"}')
  t.end()
})

t.test('an emoji is two escapes, a lone surrogate U+FFFD, escaped or raw', (t) => {
  t.equal(escape('"🎉"'), '"\\ud83c\\udf89"')
  t.equal(escape('"\ud83c!"'), '"\\ufffd!"')
  t.equal(escape('"\\ud83c!"'), '"\\ufffd!"')
  t.equal(escape('"\\ud83c\\udf89"'), '"\\ud83c\\udf89"', 'a pair that was escaped already stays')
  t.equal(escape('"\\\\ud83c"'), '"\\\\ud83c"', 'text that only looks like an escape stays')
  t.end()
})

t.test('terminal control characters never reach the terminal, in any mode', (t) => {
  for (const encode of [escape, strip, keep]) t.notMatch(encode('"\u009b31mred\u007f"'), /[\u007f-\u009f]/)
  t.end()
})

t.test('another word for nonAscii is refused', (t) => {
  t.throws(() => lineEncoder('utf8' as never), new TypeError('"nonAscii" option must be \'escape\', \'strip\' or \'keep\', got \'utf8\''))
  t.end()
})
