import { defineConfig } from 'drizzle-kit'

// After a change to schema.ts: npm run build && npx drizzle-kit generate --config examples/tasks/drizzle.config.ts
export default defineConfig({
  dialect: 'postgresql',
  schema: './examples/tasks/schema.ts',
  out: './examples/tasks/drizzle'
})
