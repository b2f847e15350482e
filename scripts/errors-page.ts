/**
 * Writes docs/errors.md from the tables in lib/, so that what it says is what the code does:
 *
 *     npm run docs:errors
 *
 * test/integration/errors-page.test.ts fails when the page is not current.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { postgresTable } from '../lib/responses/postgres-errors.js'
import { errorTable, type ErrorEntry } from '../lib/errors.js'

export const page = new URL('../docs/errors.md', import.meta.url)

function row (cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function table (head: string[], rows: string[][]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

const ownErrors = table(
  ['class', 'code', 'status', 'the client reads', 'what happened'],
  Object.entries<ErrorEntry>(errorTable).map(([name, { code, status, detail, meaning }]) =>
    [`\`errors.${name}\``, `\`${code}\``, String(status), detail ?? '*the message*', meaning]))

const postgresErrors = table(
  ['SQLSTATE', 'status', 'the client reads', 'the log line begins'],
  Object.entries(postgresTable)
    .sort(([one, { status }], [other, { status: others }]) => status - others || (one < other ? -1 : 1))
    .map(([state, { status, detail, message }]) => [`\`${state.padEnd(5, '…').replace(/…+/, '…')}\``, String(status), detail, message]))

/** The whole page. */
export function errorsPage (): string {
  return `<!-- Written by scripts/errors-page.ts from the tables in lib/: npm run docs:errors -->

# Errors

Every failure is one status, one sentence for the client, and one line for the log. The client always gets this body, and nothing more:

\`\`\`json
{ "detail": "Token expired" }
\`\`\`

SQL, stacks and the text of other systems go to the log only; the values that a statement was sent with go nowhere: the log has the statement and
how many values there were. 5xx are logged at \`error\`, everything else at \`info\`.

## Errors of this package

Each is a class of \`errors\`, with \`code\`, \`statusCode\`, \`detail\` and, where there is more to say, \`reason\`, \`headers\` and \`cause\`. \`reason\` is the
exact cause, for the log. Some classes share a sentence on purpose: the log can tell a revoked token from a forged one, the client cannot.

In TypeScript \`error instanceof errors.Forbidden\` narrows, \`errors.Forbidden\` is a type too, and \`code\` is a union that a \`switch\` can go through.

${ownErrors}

\`\`\`ts
import { errors } from 'fastify-auth-integration'

app.get('/api/drafts/:id', async (request) => {
  const { id } = request.params as { id: string }
  if (!id.startsWith('draft-')) throw new errors.NotFound()
  return { id }
})
\`\`\`

A mistake in the options is no such error: it is a \`TypeError\` at registration, and the server does not start.

## Errors of PostgreSQL

They are recognised as postgres.js, node-postgres, PGlite and Neon's drivers throw them, also inside Drizzle's \`DrizzleQueryError\`. The log line has
the error without its values (\`params\`, \`detail\`, \`where\`) and \`postgres: { code, table, column, constraint }\`.

${postgresErrors}

A connection that is refused, lost or timed out, a name that is not known and a client that was ended are 503 too. A 503 has
\`Retry-After: 5\`. Any other error of PostgreSQL is 500.

42846 and 42804 are what a number in a timestamp column ends in, such as \`1732233600\` in raw SQL. \`request.db\` and
\`request.repository\` refuse it earlier, and name the column.

## Everything else

| what is thrown | status | the client reads |
| --- | --- | --- |
| Fastify's validation | 400 | its message |
| Fastify's other errors of the request (body too large, media type) | theirs | their message |
| your error with \`statusCode\` or \`status\` 4xx | its own | its message |
| your error with 5xx | its own | the standard words, \`Bad Gateway\` for 502; its message with \`expose: true\` |
| your error with \`expose: false\` (as http-errors and @fastify/sensible set it) | its own | the standard words |
| your error without a status, after \`reply.code(4xx)\` | that one | its message |
| anything else, strings and \`undefined\` included | 500 | \`Internal Server Error\` |
| a property of the error throws when it is read | 500 | \`Internal Server Error\` |
| no route matches, whatever the body is | 404 | \`Not Found\` |

\`headers\` of an error are set on the response, apart from those that describe a body (\`content-length\` and the like: ours is another one)
and those that Node would refuse to send. A header of the latter kind that the handler had set is taken off. An error after the first byte of the body cannot have a response of its own any more: the connection is
broken off, over HTTP/2 by an error on the stream, so that the client does not take the half for the whole.

An \`onSend\` hook of yours that fails, on a good response, an error or a 404, is 500 \`{"detail":"Internal Server Error"}\` (503 when its database
cannot be reached). Fastify by itself would send the hook's \`message\` when it fails on the error response too.

## Your own handlers

The \`setErrorHandler\` of a scope below handles the errors of its routes; what it throws comes back to ours. Your own \`setNotFoundHandler\`,
before or after this plugin, replaces our 404. A second \`setErrorHandler\` on the same instance is a warning of Fastify 5 and an error of
Fastify 6: \`errorHandler: false\` switches ours off, error and 404 (and a broken body to an unknown path is Fastify's 400 again). Then set
\`error.headers\` on the response yourself, and
send \`error.detail\`. The \`message\` of a refusal is the same sentence, so that plugins which send \`message\` on (GraphQL, for one) give nothing
away; that of an error with status 500 is written for the log.

\`\`\`ts
import Fastify from 'fastify'
import authIntegration, { AuthIntegrationError } from 'fastify-auth-integration'

const app = Fastify()
await app.register(authIntegration, { errorHandler: false })
app.setErrorHandler((error, request, reply) => {
  request.log.error(error)
  if (!(error instanceof AuthIntegrationError)) return reply.code(500).send({ problem: 'Something went wrong' })
  return reply.code(error.statusCode).headers(error.headers ?? {}).send({ problem: error.detail })
})
\`\`\`

## Better Auth

The mounted Better Auth sends its refusals itself, with its own bodies. A database that cannot be reached is 503 with \`Retry-After\` and a line at
\`error\` on each of its endpoints, where Better Auth alone sends 401 or an empty 500. Any other failure of its database has the status of the
tables above. An empty 500 for another reason gets our body and a line with the path; with \`onAPIError: { throw: true }\` among Better Auth's
options the error itself is in that line.

Better Auth writes what fails inside it to the console as well, values included. Give it your logger to have them redacted:

\`\`\`ts
import { betterAuth } from 'better-auth'

export const auth = betterAuth({
  emailAndPassword: { enabled: true },
  logger: { log: (level, message, ...details) => app.log[level]({ details }, message) }
})
\`\`\`

More on the mount: [Better Auth](better-auth.md).

## Before routing

A malformed percent escape (400), a path parameter over 100 characters (414), headers that are too large (431) or too slow (408) and bytes
that are no HTTP (400) fail before any hook runs. Give them the same shape when you create the server:

\`\`\`ts
import Fastify from 'fastify'
import { clientErrorHandler, frameworkErrors } from 'fastify-auth-integration'

const server = Fastify({ clientErrorHandler, frameworkErrors })
\`\`\`
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, errorsPage())
