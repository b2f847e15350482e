/**
 * Makes docs/api/ from the docstrings of the three entry points. With `--check` it writes nothing and fails
 * when what is there is not what the docstrings say.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, LogLevel } from 'typedoc'

const root = fileURLToPath(new URL('..', import.meta.url))
const committed = join(root, 'docs/api')

/** What users import, and the page it is told on. */
const entries = [
  { file: 'lib/index.ts', page: 'plugin', title: 'fastify-auth-integration' },
  { file: 'lib/better-auth/user-id-jwt.ts', page: 'better-auth', title: 'fastify-auth-integration/better-auth' },
  { file: 'lib/testing.ts', page: 'testing', title: 'fastify-auth-integration/testing' }
]

async function generate (folder) {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ file }) => join(root, file)),
    tsconfig: join(root, 'lib/tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    // Without this it would go to docs/, which TypeDoc empties first.
    outputs: [{ name: 'markdown', path: folder }],
    logLevel: LogLevel.Error,
    name: 'API reference',
    readme: 'none',
    router: 'module',
    entryFileName: 'README',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    pageTitleTemplates: {
      index: () => 'API reference',
      // A namespace, such as `errors`, has a page of its own.
      module: ({ name }) => entries.find(({ page }) => page === name)?.title ?? name
    },
    useCodeBlocks: true,
    // Tables: one line a property instead of six.
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    disableSources: true,
    disableGit: true,
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    sort: ['kind', 'alphabetical']
  })
  const project = await app.convert()
  if (project === undefined || app.logger.hasErrors()) {
    throw new Error('TypeDoc could not read lib/: npm run check tells why')
  }
  hideForbiddenKeys(project)
  for (const [index, child] of [...project.children].sort((a, b) => position(a) - position(b)).entries()) {
    child.name = entries[index].page
  }
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('TypeDoc could not write the pages')
  writeFileSync(join(folder, 'fastify.md'), fastifyPage())
  appendFileSync(join(folder, 'README.md'), '- [fastify](fastify.md): `request.*`, `app.*`, `config.auth`\n')
}

/** What Fastify's types learn, as it is declared: TypeDoc shows no augmentation. */
function fastifyPage () {
  const source = readFileSync(join(root, 'lib/types.ts'), 'utf8').replaceAll('\r\n', '\n')
  const [declaration] = /^declare module 'fastify' \{\n[\s\S]*?^\}$/m.exec(source)
  return `# Fastify's types

With the package imported, \`FastifyRequest\`, \`FastifyInstance\` and the \`config\` of a route have these members. The
types that they name are in [plugin](plugin/README.md).

\`\`\`ts
${declaration}
\`\`\`
`
}

/** Leaves out what forbids misspelt keys letter by letter: nobody reads it, and its order is the compiler's. */
function hideForbiddenKeys (project) {
  for (const reflection of Object.values(project.reflections)) {
    const { indexSignatures } = reflection
    const shown = indexSignatures?.filter(({ parameters }) => parameters?.[0]?.type?.type !== 'templateLiteral')
    if (indexSignatures !== undefined) reflection.indexSignatures = shown.length > 0 ? shown : undefined
    if (reflection.name !== 'RouteAuthRules') continue
    const isRule = (child) => !child.inheritedFrom?.name.startsWith('NoOtherRules.')
    reflection.children = reflection.children.filter(isRule)
    for (const group of reflection.groups) group.children = group.children.filter(isRule)
    delete reflection.extendedTypes
  }
}

/** Where a module stands among the entries; TypeDoc names it by its path. */
function position ({ name }) {
  return entries.findIndex(({ file }) => file.endsWith(`${name}.ts`))
}

function pages (folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'))
    .sort()
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n')])
  )
}

if (process.argv.includes('--check')) {
  const scratch = mkdtempSync(join(tmpdir(), 'api-reference-'))
  try {
    await generate(scratch)
    const current = JSON.stringify(pages(scratch)) === JSON.stringify(pages(committed))
    console.log(current ? 'docs/api is current' : 'docs/api is not what the docstrings say: npm run docs:api')
    process.exitCode = current ? 0 : 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
} else {
  await generate(committed)
}
