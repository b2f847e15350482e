import t from 'tap'
import { phrase, toErrorResponse } from '../../lib/responses/error-response.js'
import { errors } from '../../lib/errors.js'

t.test('the log gets the message, the client the detail', (t) => {
  t.strictSame(toErrorResponse(new errors.Forbidden('"9" is not "7"')), { status: 403, detail: 'Forbidden', headers: undefined, message: 'Forbidden: "9" is not "7"' })
  t.strictSame(toErrorResponse(new Error('inside')), { status: 500, detail: 'Internal Server Error', headers: undefined, message: 'inside' })
  t.end()
})

t.test('where the message is meant for the client, it is the detail', (t) => {
  t.match(toErrorResponse(new errors.InvalidTimestamp('"created_at" takes a Date')), { status: 400, detail: '"created_at" takes a Date' })
  t.end()
})

t.test('what is no Error is described for the log by its type, never by its text', (t) => {
  for (const [thrown, type] of [['hunter2', 'string'], [7, 'number'], [null, 'null'], [undefined, 'undefined'], [Symbol('x'), 'symbol']]) {
    t.match(toErrorResponse(thrown), { status: 500, detail: 'Internal Server Error', message: `Something was thrown that is no Error, of type ${String(type)}` })
  }
  t.end()
})

t.test('a status that the handler set counts only for an error that says nothing better, and only if it is one', (t) => {
  t.equal(toErrorResponse(new Error('x'), 422).status, 422)
  t.equal(toErrorResponse(new Error('x'), 204).status, 500)
  t.equal(toErrorResponse(Object.assign(new Error('x'), { statusCode: 404 }), 422).status, 404)
  t.equal(toErrorResponse(new errors.NotFound(), 422).status, 404)
  t.equal(toErrorResponse(Object.assign(new Error('x'), { code: '23505' }), 422).status, 409)
  t.equal(toErrorResponse('text', 422).detail, 'Unprocessable Entity')
  t.end()
})

t.test('a thrown object with a message and no status is a bare 500, its message for the log', (t) => {
  t.match(toErrorResponse({ message: 'inside' }), { status: 500, detail: 'Internal Server Error', message: 'inside' })
  t.end()
})

t.test('headers that are no headers are left out', (t) => {
  for (const headers of ['text', 7, null, ['a']]) t.equal(toErrorResponse(Object.assign(new Error('x'), { statusCode: 400, headers })).headers, undefined)
  t.end()
})

t.test('a status without standard words takes those of its class', (t) => {
  t.strictSame([phrase(404), phrase(499), phrase(599)], ['Not Found', 'Bad Request', 'Internal Server Error'])
  t.end()
})
