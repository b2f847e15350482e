import t from 'tap'
import { parseResource } from '../../lib/access/protected-resource.js'
import { errors } from '../../lib/errors.js'
import type { ResourceOptions } from '../../lib/options.js'

const option: ResourceOptions = { url: 'https://api.example.com', authorizationServers: ['https://auth.example.com'] }

t.test('the metadata are those of RFC 9728', async (t) => {
  t.strictSame(parseResource(option).metadata([]), {
    resource: 'https://api.example.com', authorization_servers: ['https://auth.example.com'], bearer_methods_supported: ['header']
  })
  t.strictSame(parseResource({ ...option, name: 'Tasks', documentation: 'https://docs.example.com/api' }).metadata(['tasks:read']), {
    resource: 'https://api.example.com',
    authorization_servers: ['https://auth.example.com'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['tasks:read'],
    resource_name: 'Tasks',
    resource_documentation: 'https://docs.example.com/api'
  })
})

t.test('a resource with a path has its metadata below the well-known path', async (t) => {
  t.strictSame(parseResource(option).paths, ['/.well-known/oauth-protected-resource'])
  t.strictSame(parseResource({ ...option, url: 'https://api.example.com/mcp' }).paths,
    ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])
})

t.test('a challenge names the metadata, and what is no challenge stays as it was', async (t) => {
  const { challenge } = parseResource({ ...option, url: 'https://api.example.com/mcp' })
  const metadata = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp"'
  const after = (headers?: Record<string, string>): unknown => {
    const error = new errors.InvalidToken(undefined, headers === undefined ? {} : { headers: Object.freeze(headers) })
    challenge(error)
    return error.headers
  }
  t.strictSame(after({ 'www-authenticate': 'Bearer' }), { 'www-authenticate': `Bearer ${metadata}` })
  t.strictSame(after({ 'www-authenticate': 'Bearer error="invalid_token"' }), { 'www-authenticate': `Bearer error="invalid_token", ${metadata}` })
  t.strictSame(after({ 'retry-after': '5' }), { 'retry-after': '5' })
  t.equal(after(), undefined)
  t.doesNotThrow(() => challenge(new Error('another')))
})

t.test('what cannot be a resource refuses to start', async (t) => {
  const wrong: Array<[unknown, RegExp]> = [
    [null, /"resource" must be \{ url, authorizationServers \}/],
    ['https://api.example.com', /"resource" must be/],
    [{ ...option, url: 'http://api.example.com' }, /"resource\.url" must be an https URL/],
    [{ ...option, url: '/mcp' }, /"resource\.url"/],
    [{ ...option, url: 'https://api.example.com/#x' }, /"resource\.url"/],
    [{ ...option, authorizationServers: [] }, /"resource\.authorizationServers" must be a list/],
    [{ ...option, authorizationServers: ['auth'] }, /"resource\.authorizationServers" must be an https URL/],
    [{ ...option, name: 7 }, /"resource\.name"/],
    [{ ...option, scopes: [] }, /"resource\.scopes" is not an option/]
  ]
  for (const [value, message] of wrong) t.throws(() => parseResource(value as ResourceOptions), { name: 'TypeError', message })
  t.doesNotThrow(() => parseResource({ url: 'http://localhost:3000/mcp', authorizationServers: ['http://127.0.0.1:3000/api/auth'] }))
})
