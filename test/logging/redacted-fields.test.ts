import t from 'tap'
import { redactFields } from '../../lib/logging/redacted-fields.js'

t.test('a secret field in the middle of a text is found, white space around it or not', async (t) => {
  t.equal(redactFields('got {"token":"hunter2","a":1} there'), 'got {"token":"[redacted]","a":1} there')
  t.equal(redactFields('got {"token" : {"a":[1,"}"]}, "a":1} there'), 'got {"token" : "[redacted]", "a":1} there')
})

t.test('a value that is cut off goes to the end', async (t) => {
  for (const text of ['{"token":"hunter2', '{"token":["hunter2", "b"', '{"token":{"a":"hunter2"', '{"cookie": "a\\']) t.notMatch(redactFields(text), /hunter2|a\\$/)
})

t.test('a long state is a secret, a short one or one in words is none', async (t) => {
  t.equal(redactFields('{"state":"hunter2hunter2hunter2","a":1}'), '{"state":"[redacted]","a":1}')
  for (const text of ['{"state":"done"}', '{"state":"waiting for somebody to come"}', '{"state":{"a":1}}']) t.equal(redactFields(text), text)
})

t.test('without a secret field the text is the same', async (t) => {
  for (const text of ['', '{"a":"token"}', '"token"', '{"token":null,"cookie":true}', '{"tokens":"x"}']) t.equal(redactFields(text), text)
})
