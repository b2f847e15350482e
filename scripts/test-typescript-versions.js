/**
 * Compiles an app against the packed package with every TypeScript that the package supports, as an ES module and as
 * CommonJS: npm run build && npm run test:typescript
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const versions = ['5.6', '5.9', '6.0', '7.0']
const npm = process.env.npm_execpath
if (npm === undefined) {
  console.error('npm names itself to its own scripts only: npm run test:typescript')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'typescript-versions-'))
try {
  writeFileSync(join(folder, 'package.json'), '{}')
  const packages = versions.map((version) => `typescript-${version}@npm:typescript@~${version}`)
  execFileSync(process.execPath, [npm, 'install', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
    stdio: 'inherit'
  })
  const compilers = versions.map((version) => join(folder, `node_modules/typescript-${version}/bin/tsc`))
  execFileSync(process.execPath, [fileURLToPath(new URL('check-package.js', import.meta.url))], {
    env: { ...process.env, TYPESCRIPT_COMPILERS: compilers.join() }, stdio: 'inherit'
  })
  console.log(`TypeScript ${versions.join(', ')}: passed`)
} catch (error) {
  if (error.status === undefined) throw error
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
