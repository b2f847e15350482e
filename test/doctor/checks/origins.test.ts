import t from 'tap'
import { origins } from '../../../lib/doctor/checks/origins.js'
import { examined } from '../../fixtures/examined.js'

const look = (FRONTEND_URL?: string, NODE_ENV?: string) => origins(examined({ env: { FRONTEND_URL, NODE_ENV } }))

t.test('each malformed or too wide entry is an error of its own', async (t) => {
  t.match(
    look('https://web.example.app/path,*, ftp://x,null'),
    [/path/, /wildcard/, /ftp/, /sandboxed/].map((problem) => ({ severity: 'error', place: 'FRONTEND_URL', problem }))
  )
  t.match(look('https://web.example.app,'), [{ severity: 'error', problem: /comma too many/ }])
  t.match(look('https://*.vercel.app'), [{ severity: 'error', problem: /anyone/ }])
})

t.test("clear text and the visitor's own machine are warnings", async (t) => {
  t.match(look('http://web.example.app'), [
    { severity: 'warning', problem: /not https/, edit: /https:\/\/web\.example\.app/ }
  ])
  t.match(look('http://localhost:5173', 'production'), [{ severity: 'warning', problem: /own machine/ }])
})

t.test('good origins, local ones in development, and none at all are left in silence', async (t) => {
  for (const text of [
    undefined,
    '',
    'https://web.example.app, https://chat.example.app/',
    'http://localhost:5173,http://127.0.0.1:3000',
    'https://app-*-team.vercel.app'
  ]) { t.strictSame(look(text), []) }
})

t.test("the host of an app shell is not the visitor's machine", async (t) => {
  t.strictSame(look('capacitor://localhost,tauri://localhost', 'production'), [])
})
