import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { runningApp } from './running-app.js'

const { app } = await runningApp(t)
const committed = new URL('routes.json', import.meta.url)

t.test(
  'every route is as routes.json says; after a change: WRITE_ROUTES=1 npx tap examples/tasks/test/routes.test.ts',
  async (t) => {
    // The files of the page are listed one by one in web-files.ts.
    const routes = app.routeAccess().filter(({ url }) => !/\.(js|css|svg)$/.test(url))
    if (process.env.WRITE_ROUTES) {
      writeFileSync(committed, `[\n${routes.map((route) => `  ${JSON.stringify(route)}`).join(',\n')}\n]\n`)
    }
    t.same(routes, JSON.parse(readFileSync(committed, 'utf8')))
  }
)

t.test('what is below a user needs the token of that user, and everything else is public', async (t) => {
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
