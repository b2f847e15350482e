import { desc } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { errors } from 'fastify-auth-integration'
import { filings, projects, tasks } from '../schema.js'
import { answer, bodyOf, line, paging, pathOf, ref, refusals } from '../shapes.js'

interface ListOfTasks { Querystring: { limit?: string, cursor?: string } }
interface OneTask { Params: { id: string } }
interface NewTask { Body: { title: string, done?: boolean } }
interface ChangedTask extends OneTask { Body: { title?: string, done?: boolean } }
interface FiledTask extends OneTask { Body: { projectId: string } }

const tags = ['tasks']
const querystring = { type: 'object', properties: paging, additionalProperties: false }
const body = { title: line(200), done: { type: 'boolean' } }

/**
 * The caller's tasks. There is no check of `:user_id` and no `where` here: the plugin has compared the one with the
 * token, and `request.repository` reaches nobody else's rows.
 */
export async function taskRoutes (app: FastifyInstance): Promise<void> {
  app.get<ListOfTasks>('', {
    schema: {
      tags,
      summary: 'Your tasks, newest first',
      querystring,
      params: pathOf(),
      response: {
        200: answer('A page of tasks; the next one is in the Link header', { type: 'array', items: ref('Task') }),
        400: refusals[400]
      }
    }
  }, async (request, reply) => {
    const { limit = '200', cursor } = request.query
    const page = await request
      .repository(tasks)
      .paginate({ orderBy: desc(tasks.createdAt), limit: Number(limit), cursor })
    // Relative to this very URL (RFC 8288 section 3.1).
    if (page.nextCursor !== null) {
      reply.header('link', `<?${new URLSearchParams({ limit, cursor: page.nextCursor }).toString()}>; rel="next"`)
    }
    return page.items
  })

  app.post<NewTask>('', {
    schema: {
      tags,
      summary: 'Add a task',
      params: pathOf(),
      body: bodyOf(body, { required: ['title'] }),
      response: { 201: answer('The new task', ref('Task')), 400: refusals[400] }
    }
  }, async (request, reply) => {
    const task = await request.repository(tasks).insert(request.body)
    return reply.code(201).send(task)
  })

  app.get<OneTask>('/:id', {
    schema: {
      tags,
      summary: 'One task',
      params: pathOf('id'),
      response: { 200: answer('The task', ref('Task')), ...refusals }
    }
  }, async (request) => {
    return await request.repository(tasks).getById(request.params.id)
  })

  app.patch<ChangedTask>('/:id', {
    schema: {
      tags,
      summary: 'Rename or tick a task',
      params: pathOf('id'),
      body: bodyOf(body, { minProperties: 1 }),
      response: { 200: answer('The task as it is now', ref('Task')), ...refusals }
    }
  }, async (request) => {
    const task = await request.repository(tasks).updateById(request.params.id, request.body)
    if (task === undefined) throw new errors.NotFound()
    return task
  })

  app.delete<OneTask>('/:id', {
    schema: {
      tags,
      summary: 'Delete a task and its notes',
      params: pathOf('id'),
      response: { 204: answer('It is gone', { type: 'null' }), ...refusals }
    }
  }, async (request, reply) => {
    const task = await request.repository(tasks).deleteById(request.params.id)
    if (task === undefined) throw new errors.NotFound()
    return reply.code(204).send()
  })

  app.put<FiledTask>('/:id/project', {
    schema: {
      tags,
      summary: 'File a task in a project',
      params: pathOf('id'),
      body: bodyOf({ projectId: { type: 'string', format: 'uuid' } }, { required: ['projectId'] }),
      response: { 200: answer('Where it is filed now', ref('Filing')), ...refusals }
    }
  }, async (request) => {
    const [task, project] = await Promise.all([
      request.repository(tasks).getById(request.params.id),
      request.repository(projects).getById(request.body.projectId)
    ])
    return await request
      .repository(filings)
      .upsert({ taskId: task.id, projectId: project.id }, { target: [filings.userId, filings.taskId] })
  })

  app.delete<OneTask>('/:id/project', {
    schema: {
      tags,
      summary: 'Take a task out of its project',
      params: pathOf('id'),
      response: { 204: answer('It is in none now', { type: 'null' }), ...refusals }
    }
  }, async (request, reply) => {
    const filing = await request.repository(filings).deleteById({ taskId: request.params.id })
    if (filing === undefined) throw new errors.NotFound()
    return reply.code(204).send()
  })
}
