import Fastify from 'fastify'
import t from 'tap'
import { sampleInput, type SampleSchema } from '../../lib/testing/sample-input.js'

const options = { owners: ['user_id'], userId: 'alice', canary: 'canary-1' }

t.test('a sample is what its schema accepts', async (t) => {
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, strict: false } } })
  const schemas: SampleSchema[] = [
    { const: 5 }, { enum: ['a', 'b'] }, { examples: ['x'] }, { anyOf: [{ type: 'integer' }, { type: 'string' }] }, { oneOf: [{ type: 'boolean' }] },
    { allOf: [{ type: 'object', properties: { a: { type: 'integer' } } }, { type: 'object', properties: { b: { type: 'string' } } }] },
    { type: 'object', required: ['a', 'n'], properties: { a: { type: 'array', items: { type: 'number', minimum: 7 } }, n: { type: ['null', 'string'] } } },
    { properties: { x: { type: 'boolean', default: true } } }, { type: 'array', minItems: 3 }, { type: 'integer', exclusiveMinimum: 4 },
    { type: 'string', minLength: 20 }, { type: 'string', maxLength: 3 }, { type: 'object' }, {},
    ...['uuid', 'date', 'time', 'date-time', 'email', 'uri', 'ipv4'].map((format) => ({ type: 'string', format }))
  ]
  for (const [index, schema] of schemas.entries()) app.post(`/${index}`, { schema: { body: schema } }, async () => 'valid')
  for (const [index, schema] of schemas.entries()) {
    const payload = JSON.stringify(sampleInput(schema, options))
    const answer = await app.inject({ method: 'POST', url: `/${index}`, headers: { 'content-type': 'application/json' }, payload })
    t.equal(answer.body, 'valid', `${JSON.stringify(schema)} takes ${payload}`)
  }
})

t.test('a property that names the user holds the user, and free text holds the canary', async (t) => {
  t.same(sampleInput({ type: 'object', properties: { user_id: { type: 'string' }, title: { type: 'string' } } }, options), { user_id: 'alice', title: 'canary-1' })
})
