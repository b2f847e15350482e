import { desc } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { errors } from 'fastify-auth-integration'
import { tasks } from '../schema.js'

interface OneTask { Params: { id: string } }
interface NewTask { Body: { title: string, done?: boolean } }
interface ChangedTask extends OneTask { Body: { title?: string, done?: boolean } }

const title = { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' }
const done = { type: 'boolean' }
const params = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }
const newTask = { type: 'object', properties: { title, done }, required: ['title'], additionalProperties: false }
const changedTask = { type: 'object', properties: { title, done }, minProperties: 1, additionalProperties: false }

/**
 * The caller's tasks. There is no check of `:user_id` and no `where` here: the plugin has compared the one with the
 * token, and `request.repository` reaches nobody else's rows.
 */
export async function taskRoutes (app: FastifyInstance): Promise<void> {
  app.get('/', async (request) => {
    return await request.repository(tasks).findMany({ orderBy: [desc(tasks.createdAt), desc(tasks.id)], limit: 200 })
  })

  app.post<NewTask>('/', { schema: { body: newTask } }, async (request, reply) => {
    const task = await request.repository(tasks).insert(request.body)
    return reply.code(201).send(task)
  })

  app.get<OneTask>('/:id', { schema: { params } }, async (request) => {
    return await request.repository(tasks).getById(request.params.id)
  })

  app.patch<ChangedTask>('/:id', { schema: { params, body: changedTask } }, async (request) => {
    const task = await request.repository(tasks).updateById(request.params.id, request.body)
    if (task === undefined) throw new errors.NotFound()
    return task
  })

  app.delete<OneTask>('/:id', { schema: { params } }, async (request, reply) => {
    const task = await request.repository(tasks).deleteById(request.params.id)
    if (task === undefined) throw new errors.NotFound()
    return reply.code(204).send()
  })
}
