// Takes one thing at a time out of lib/scope (a statement, a condition, an item of a list), runs the tests that
// should notice, and reports those that nobody missed. Not part of `npm test`: it takes hours on a busy machine.
//   node scripts/mutate-scope.js [scope/dialect.ts drivers/postgres-js/encode.ts …]
// With DATABASE_URL all runs share that server; without it each test file starts one.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const watched = [
  ...[
    'dialect',
    'reading-dialect',
    'clauses',
    'render',
    'statement-text',
    'chunks',
    'fragments',
    'insert-statement',
    'written-values',
    'bound-values',
    'encoded-values',
    'temporal-values',
    'generated-columns',
    'references',
    'refusals'
  ].map((name) => `scope/${name}.ts`),
  'drivers/postgres-js/encode.ts'
]
const suites = ['isolation', 'row-level-security', 'non-interference', 'unsendable-values']
  .map((name) => `test/integration/${name}.test.ts`)

const root = resolve(import.meta.dirname, '..')
const copy = mkdtempSync(join(tmpdir(), 'mutants-'))
for (const part of ['lib', 'test', 'package.json', 'tsconfig.json']) {
  cpSync(join(root, part), join(copy, part), { recursive: true })
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Each mutant as what it replaces: a range of the text, and what stands there instead. */
function mutantsOf (text) {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true)
  const mutants = []
  const replace = (node, by) => mutants.push({ from: node.getStart(source), to: node.end, by })
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return
    if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) replace(node, ';')
    if (ts.isIfStatement(node)) for (const by of ['true', 'false']) replace(node.expression, by)
    if (ts.isConditionalExpression(node)) for (const by of ['true', 'false']) replace(node.condition, by)
    if (ts.isBinaryExpression(node)) {
      const { operatorToken: { kind }, left, right } = node
      if (
        [
          ts.SyntaxKind.AmpersandAmpersandToken,
          ts.SyntaxKind.BarBarToken,
          ts.SyntaxKind.QuestionQuestionToken
        ].includes(kind)
      ) {
        for (const side of [left, right]) replace(node, side.getText(source))
      }
      if (kind === ts.SyntaxKind.EqualsEqualsEqualsToken) replace(node.operatorToken, '!==')
      if (kind === ts.SyntaxKind.ExclamationEqualsEqualsToken) replace(node.operatorToken, '===')
      if ([ts.SyntaxKind.GreaterThanToken, ts.SyntaxKind.LessThanToken].includes(kind)) replace(node, 'true')
    }
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 1 && node.elements.every(ts.isStringLiteral)) {
      for (const element of node.elements) replace(element, "'—'")
    }
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(source, visit)
  return mutants
}

function firstFailure (tests) {
  return tests.find((test) => spawnSync(process.execPath, ['--import', 'tsx', test], {
    cwd: copy, env: { ...process.env, TAP_BAIL: '1' }, stdio: 'ignore', timeout: 90_000
  }).status !== 0)
}

const names = process.argv.slice(2)
let killed = 0
let all = 0
for (const name of names.length > 0 ? names : watched) {
  const path = join(copy, 'lib', name)
  const text = readFileSync(path, 'utf8')
  const tests = [
    ...['test', 'test/integration'].map((folder) => `${folder}/${name.replace(/\.ts$/, '.test.ts')}`),
    ...suites
  ].filter((test) => existsSync(join(copy, test)))
  const broken = firstFailure(tests)
  if (broken !== undefined) throw new Error(`${broken} fails without any mutant`)
  const mutants = mutantsOf(text)
  let found = 0
  for (const { from, to, by } of mutants) {
    writeFileSync(path, text.slice(0, from) + by + text.slice(to))
    const line = text.slice(0, from).split('\n').length
    if (firstFailure(tests) === undefined) {
      console.log(
        `survived: ${name}:${line}  ${text.slice(from, to).split('\n')[0].slice(0, 100)}  →  ${by.slice(0, 60)}`
      )
    } else {
      found++
    }
  }
  writeFileSync(path, text)
  console.log(`${name}: ${found} of ${mutants.length} noticed`)
  killed += found
  all += mutants.length
}
console.log(`score: ${(100 * killed / all).toFixed(1)} % (${killed} of ${all})`)
