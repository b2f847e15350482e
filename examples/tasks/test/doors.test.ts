import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { runningApp } from './running-app.js'

const { app } = await runningApp(t)
const committed = new URL('routes.json', import.meta.url)

t.test(
  'every door is as routes.json says; after a change: WRITE_ROUTES=1 npx tap examples/tasks/test/doors.test.ts',
  async (t) => {
    // The files of the page are listed one by one in web-files.ts.
    const doors = app.routeAccess().filter(({ url }) => !/\.(js|css|svg)$/.test(url))
    if (process.env.WRITE_ROUTES) {
      writeFileSync(committed, `[\n${doors.map((door) => `  ${JSON.stringify(door)}`).join(',\n')}\n]\n`)
    }
    t.same(doors, JSON.parse(readFileSync(committed, 'utf8')))
  }
)

t.test('what is below a user asks for that user, and nothing else is closed by it', async (t) => {
  for (const { url, access } of app.routeAccess()) {
    t.equal(access, url.startsWith('/api/user/:user_id') ? 'owner' : 'public', url)
  }
})

t.test('the OpenAPI document tells the same', async (t) => {
  const { paths, components } = (await app.inject('/reference/openapi.json')).json()
  t.match(components.securitySchemes, { bearerAuth: { type: 'http', scheme: 'bearer' } })
  const described = app
    .routeAccess()
    .filter(
      ({ method, url }) => method !== 'HEAD' && (url.startsWith('/api/user/') || url === '/health' || url === '/ready')
    )
  for (const { method, url, access } of described) {
    const operation = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    t.same(operation?.security, access === 'public' ? [] : [{ bearerAuth: [] }], `${method} ${url}`)
    if (access === 'owner') t.hasProps(operation.responses, ['401', '403', '503'], `${method} ${url}`)
  }
  t.equal(Object.keys(paths).length, new Set(described.map(({ url }) => url)).size, 'and no page is in it')
})
