import { asc, count, eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { errors } from 'fastify-auth-integration'
import { filings, projects } from '../schema.js'
import { answer, bodyOf, line, pathOf, ref, refusals } from '../shapes.js'

interface OneProject { Params: { id: string } }
interface NewProject { Body: { name: string } }
interface ChangedProject extends OneProject { Body: { name: string } }

const tags = ['projects']
const body = bodyOf({ name: line(60) }, { required: ['name'] })
const conflict = answer('A project of yours has that name', ref('Refusal'))

/** The caller's projects. Two of one person cannot share a name; two people's can, and neither learns of it. */
export async function projectRoutes (app: FastifyInstance): Promise<void> {
  app.get('', {
    schema: {
      tags,
      summary: 'Your projects by name, and how many tasks each has',
      params: pathOf(),
      response: { 200: answer('The projects', { type: 'array', items: ref('ProjectWithCount') }) }
    }
  }, async (request) => {
    return await request.db
      .select({
        id: projects.id,
        userId: projects.userId,
        name: projects.name,
        createdAt: projects.createdAt,
        updatedAt: projects.updatedAt,
        tasks: count(filings.taskId)
      })
      .from(projects)
      .leftJoin(filings, eq(filings.projectId, projects.id))
      .groupBy(projects.id, projects.userId, projects.name, projects.createdAt, projects.updatedAt)
      .orderBy(asc(projects.name))
      .limit(200)
  })

  app.post<NewProject>('', {
    schema: {
      tags,
      summary: 'Add a project',
      params: pathOf(),
      body,
      response: { 201: answer('The new project', ref('Project')), 400: refusals[400], 409: conflict }
    }
  }, async (request, reply) => {
    const project = await request.repository(projects).insert(request.body)
    return reply.code(201).send(project)
  })

  app.patch<ChangedProject>('/:id', {
    schema: {
      tags,
      summary: 'Rename a project',
      params: pathOf('id'),
      body,
      response: { 200: answer('The project as it is now', ref('Project')), ...refusals, 409: conflict }
    }
  }, async (request) => {
    const project = await request.repository(projects).updateById(request.params.id, request.body)
    if (project === undefined) throw new errors.NotFound()
    return project
  })

  app.delete<OneProject>('/:id', {
    schema: {
      tags,
      summary: 'Delete a project; its tasks stay',
      params: pathOf('id'),
      response: { 204: answer('It is gone', { type: 'null' }), ...refusals }
    }
  }, async (request, reply) => {
    const project = await request.repository(projects).deleteById(request.params.id)
    if (project === undefined) throw new errors.NotFound()
    return reply.code(204).send()
  })
}
