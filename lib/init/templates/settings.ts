/** What stands around the server: the environment, and the settings of the tools. */
export const environment = (
  secret: string
): string => `# Made for this folder. Keep it out of the repository, and use another secret in production.
BETTER_AUTH_SECRET=${secret}
# Where this server is reached from outside.
BETTER_AUTH_URL=http://localhost:3000
DATABASE_URL=postgres://postgres:postgres@localhost:5432/postgres
# The origins of your front ends, separated by commas.
FRONTEND_URL=http://localhost:5173
`

export const gitignore = `node_modules
dist
.env
`

export const drizzleConfig = (ts: string): string => `import { defineConfig } from 'drizzle-kit'

// drizzle-kit does not read .env by itself.
if (!process.env['DATABASE_URL']) process.loadEnvFile()

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema.${ts}',
  out: './drizzle',
  dbCredentials: { url: process.env['DATABASE_URL']! }
})
`

export const tsconfig = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src", "test"]
}
`
