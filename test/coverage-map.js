/**
 * A module earns its coverage from its own test file: test/token/bearer.test.ts covers
 * lib/token/bearer.ts and nothing else it happens to run. Integration tests and the example's own cover nothing.
 */
export default (test) => {
  if (test.startsWith('examples/')) return null
  const [room] = test.split('/').slice(1)
  if (room === 'integration' || room === 'fixtures') return null
  return test.replace(/^test\//, 'lib/').replace(/\.test\.ts$/, '.ts')
}
