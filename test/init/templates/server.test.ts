import t from 'tap'
import { app, auth, database, server } from '../../../lib/init/templates/server.js'

t.test('imports name the extension that the package needs', async (t) => {
  for (const template of [app, auth, database, server]) {
    t.match(template('mjs'), /from '\.\/\w+\.mjs'/)
    t.notMatch(template('mjs'), /from '\.\/\w+\.js'/)
  }
})

t.test('the plugin is registered before the first route, and checks before the body is read', async (t) => {
  const text = app('js')
  t.ok(text.indexOf('app.register(authIntegration') < text.indexOf('app.get('))
  t.match(text, "hook: 'onRequest'")
})
