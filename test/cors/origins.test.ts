import t from 'tap'
import { createOriginMatcher, parseOrigins } from '../../lib/cors/origins.js'
import { listedOrigins, strangeOrigins } from '../fixtures/strange-origins.js'

t.test('origins are brought to the form browsers send', async (t) => {
  t.same(parseOrigins('https://web.example.app,https://chat.example.app'), ['https://web.example.app', 'https://chat.example.app'])
  t.same(parseOrigins('  HTTPS://Web.Example.App:443/ , http://LOCALHOST:80 ,http://localhost:3000'), ['https://web.example.app', 'http://localhost', 'http://localhost:3000'])
  t.same(parseOrigins(['https://a.example', 'https://A.example/', 'https://b.example']), ['https://a.example', 'https://b.example'])
  t.same(parseOrigins('https://bücher.example'), ['https://xn--bcher-kva.example'])
  t.same(parseOrigins('http://[::1]:3000'), ['http://[::1]:3000'])
  t.same(parseOrigins(' '), [])
  t.same(parseOrigins([]), [])
})

t.test('what is no origin is refused, and named', async (t) => {
  const wrong = [
    '*', 'null', 'NULL', 'example.app', 'web', '//example.app', 'ftp://example.app', 'file:///x', 'chrome-extension://abc',
    'capacitor://', 'capacitor://*', 'ionic://localhost/app', 'tauri://user@localhost', 'app://localhost', 'chrome-extension://*',
    `chrome-extension://${'q'.repeat(32)}`,
    'https://', 'https:///', 'https://a.example//', 'https://a.example/app', 'https://a.example?x', 'https://a.example#x',
    'https://user@a.example', 'https://user:pw@a.example', 'https://a b.example', 'https://a.example:99999', 'https://a.example:*',
    'https://a.example\\@b.example', 'https://fai-star.example', '"https://a.example"', 'https://a.example; https://b.example'
  ]
  for (const entry of wrong) {
    t.throws(() => parseOrigins(`https://ok.example,${entry}`), { name: 'TypeError', message: new RegExp(`^"${entry.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}" is not an origin`) }, entry)
  }
  t.throws(() => parseOrigins('https://a.example,'), /entry is empty/)
  t.throws(() => parseOrigins(['']), /entry is empty/)
  t.throws(() => parseOrigins(5 as unknown as string), /comma-separated text or a list/)
  t.throws(() => parseOrigins([5] as unknown as string[]), /comma-separated text or a list/)
})

t.test('one star inside one label is a preview', async (t) => {
  const good = [
    'https://app-*-team.vercel.app', 'https://deploy-preview-*--site.netlify.app', 'https://*.project.pages.dev',
    'https://*.preview.example.com', 'https://*.example.co.uk', 'https://pr-*.example.com:8443', 'https://web.*.example.com'
  ]
  for (const entry of good) t.same(parseOrigins(entry), [entry])
  const wide: [string, RegExp][] = [
    ['https://*', /inside a label/],
    ['https://app-*', /inside a label/],
    ['https://*.com', /public suffix com/],
    ['https://*-.example.com', /hyphen/],
    ['https://-*.example.com', /hyphen/],
    ['https://app-*-team.com', /public suffix com/],
    ['https://x.*', /inside a label/],
    ['https://app-*.co.uk', /public suffix co\.uk/],
    ['https://*.vercel.app', /straight above vercel\.app/],
    ['https://app-*.vercel.app', /straight above vercel\.app/],
    ['https://*-*.example.com', /one "\*"/],
    ['https://*.*.example.com', /one "\*"/],
    ['https://*.localhost', /public suffix localhost/],
    ['https://*.0.0.1', /./],
    ['https://app-*-team.co.uk.', /public suffix co\.uk/],
    ['https://app-*-team.kawasaki.jp', /public suffix kawasaki\.jp/],
    ['https://*.user.fm', /straight above user\.fm/],
    ['https://bü-*.example.com', /not plain ASCII/]
  ]
  for (const [entry, message] of wide) t.throws(() => parseOrigins(entry), message, entry)
})

t.test('the origins of app shells and of a browser extension are origins, under those very names', async (t) => {
  const shells = ['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', `chrome-extension://${'abcdefghijklmnop'.repeat(2)}`]
  t.same(parseOrigins(shells), shells)
  t.same(parseOrigins('Capacitor://LocalHost/'), ['capacitor://localhost'])
  const matches = createOriginMatcher(parseOrigins(shells))
  for (const origin of shells) t.ok(matches(origin), origin)
  for (const origin of ['http://localhost', 'https://localhost', 'capacitor://localhost.evil.com', 'tauri://localhost:80', 'ionic://evil']) {
    t.notOk(matches(origin), origin)
  }
})

t.test('no origin but the listed ones is admitted', async (t) => {
  const matches = createOriginMatcher(parseOrigins(listedOrigins))
  for (const origin of ['https://web.example.app', 'https://app-pr12-team.vercel.app', 'https://app-a-b-team.vercel.app', 'http://localhost:3000']) {
    t.ok(matches(origin), origin)
  }
  for (const origin of strangeOrigins) t.notOk(matches(origin), JSON.stringify(origin))
})
