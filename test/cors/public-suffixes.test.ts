import t from 'tap'
import { suffixKind } from '../../lib/cors/public-suffixes.js'

t.test('a name that a registry gives names out below is its suffix', async (t) => {
  for (const name of ['com', 'co.uk', 'ac.jp', 'aisai.aichi.jp', 'k12.ca.us', 'xn--55qx5d.cn']) t.equal(suffixKind(name), 'registry', name)
})

t.test('a top-level domain that is not on the list is a suffix', async (t) => {
  for (const name of ['localhost', 'internal', 'unheard-of']) t.equal(suffixKind(name), 'registry', name)
})

t.test('a name whose customers have the names below is a hoster\'s suffix', async (t) => {
  for (const name of ['vercel.app', 'pages.dev', 'netlify.app', 'github.io', 'herokuapp.com', 's3.amazonaws.com']) t.equal(suffixKind(name), 'hoster', name)
})

t.test('a "*" of the list stands for any label, apart from its exceptions', async (t) => {
  t.equal(suffixKind('any.ck'), 'registry')
  t.equal(suffixKind('www.ck'), undefined)
  t.equal(suffixKind('any.kawasaki.jp'), 'registry')
  t.equal(suffixKind('city.kawasaki.jp'), undefined)
  t.equal(suffixKind('kawasaki.jp'), 'registry', 'every name below is a suffix')
  t.equal(suffixKind('user.fm'), 'hoster', 'every name below is a suffix')
})

t.test('a name below a suffix is somebody\'s own, at whatever depth', async (t) => {
  for (const name of ['example.com', 'preview.example.com', 'example.co.uk', 'team.vercel.app', 'a.b.team.vercel.app', 'own.any.ck']) {
    t.equal(suffixKind(name), undefined, name)
  }
})

t.test('a word of the list is a suffix only where it stands', async (t) => {
  for (const name of ['co.com', 'uk.co', 'vercel.com', 'aichi.aisai.jp']) t.not(suffixKind(name), 'registry', name)
  t.equal(suffixKind('example.nom.br.com'), undefined)
})
