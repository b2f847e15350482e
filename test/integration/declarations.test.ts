import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))
const consumer = `${root}dist-declarations/consumer.ts`

// The declarations as an app gets them, and no source of ours, whose imports would bring types that an app may not have.
function declarations (): Map<string, string> {
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${root}lib/tsconfig.json`, ts.sys.readFile).config, ts.sys, `${root}lib`)
  const files = new Map<string, string>()
  const program = ts.createProgram(fileNames, { ...options, outDir: `${root}dist-declarations`, emitDeclarationOnly: true, noCheck: true })
  program.emit(undefined, (name, text) => files.set(name, text))
  return files
}

const emitted = declarations()

function compile (source: string): string[] {
  const files = new Map(emitted).set(consumer, source)
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node']
  }
  const host = ts.createCompilerHost(options)
  const { directoryExists, fileExists, getSourceFile, readFile } = host
  host.directoryExists = (name) => consumer.startsWith(`${name}/`) || directoryExists!(name)
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) => files.has(name) ? ts.createSourceFile(name, files.get(name)!, version) : getSourceFile(name, version, ...rest)
  const program = ts.createProgram([consumer], options, host)
  return program.getSemanticDiagnostics(program.getSourceFile(consumer)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

const imports = 'import Fastify from \'fastify\'\nimport authIntegration from \'./index.js\'\nconst app = Fastify()\n'

t.test('request.user is free for a type of the app\'s own, and app.jwt is typed', async (t) => {
  t.strictSame(compile(`${imports}
    declare module 'fastify' { interface FastifyRequest { user: { name: string } } }
    app.register(authIntegration, {})
    app.get('/', async (request) => request.user.name.toUpperCase())
    export const token: string = app.jwt.sign({ user_id: 'ada' }, { expiresIn: '15m' })`), [])
})

t.test('an app that imports @fastify/jwt has its types, of app.jwt and of request.user', async (t) => {
  t.strictSame(compile(`import type {} from '@fastify/jwt'\n${imports}
    app.register(authIntegration, {})
    app.get('/', async (request) => { await request.jwtVerify(); return request.user })
    app.jwt.lookupToken satisfies Function
    export const token: string = app.jwt.sign({ user_id: 'ada' }, { algorithm: 'HS256' })`), [])
})
