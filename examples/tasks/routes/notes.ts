import { and, eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { errors } from 'fastify-auth-integration'
import { notes, tasks } from '../schema.js'
import { answer, bodyOf, line, pathOf, ref, refusals } from '../shapes.js'

interface OfTask { Params: { task_id: string } }
interface NewNote extends OfTask { Body: { body: string } }
interface OneNote { Params: { task_id: string, id: string } }

const tags = ['notes']

/** The notes of one of the caller's tasks, oldest first. */
export async function noteRoutes (app: FastifyInstance): Promise<void> {
  app.get<OfTask>('', {
    schema: {
      tags,
      summary: 'What there is to say about a task',
      params: pathOf('task_id'),
      response: { 200: answer('The notes', { type: 'array', items: ref('Note') }), ...refusals }
    }
  }, async (request) => {
    const task = await request.db.query.tasks.findFirst({
      where: eq(tasks.id, request.params.task_id),
      with: { notes: { orderBy: [notes.createdAt, notes.id], limit: 200 } }
    })
    if (task === undefined) throw new errors.NotFound()
    return task.notes
  })

  app.post<NewNote>('', {
    schema: {
      tags,
      summary: 'Add a note',
      params: pathOf('task_id'),
      body: bodyOf({ body: line(2000) }, { required: ['body'] }),
      response: { 201: answer('The new note', ref('Note')), ...refusals }
    }
  }, async (request, reply) => {
    const { id } = await request.repository(tasks).getById(request.params.task_id)
    const note = await request.repository(notes).insert({ taskId: id, body: request.body.body })
    return reply.code(201).send(note)
  })

  app.delete<OneNote>('/:id', {
    schema: {
      tags,
      summary: 'Delete a note',
      params: pathOf('task_id', 'id'),
      response: { 204: answer('It is gone', { type: 'null' }), ...refusals }
    }
  }, async (request, reply) => {
    const { id, task_id: taskId } = request.params
    const gone = await request.repository(notes).delete(and(eq(notes.id, id), eq(notes.taskId, taskId))!)
    if (gone.length === 0) throw new errors.NotFound()
    return reply.code(204).send()
  })
}
