import './environment.ts'
import { createApp } from './app.ts'
import { openDatabase } from './database.ts'

const db = openDatabase()
const app = await createApp(db)
// With a time limit: after an outage a connection may never close by itself.
app.addHook('onClose', async () => await db.$client.end({ timeout: 5 }))

// Requests that are running are finished first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, async () => await app.close())

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' })
