import { and, count, desc, eq, exists, inArray } from 'drizzle-orm'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { filings, notes, projects, tasks } from '../schema.js'
import { answer, paging, pathOf, ref, refusals } from '../shapes.js'

interface Board { Querystring: { limit?: string, cursor?: string, project?: string, show?: 'all' | 'open' | 'done' } }

const querystring = {
  type: 'object',
  properties: {
    ...paging,
    project: { type: 'string', format: 'uuid', description: 'Only tasks that are filed there' },
    show: { type: 'string', enum: ['all', 'open', 'done'] }
  },
  additionalProperties: false
}

/** What the web app shows at once: a page of the caller's tasks, each with its project and how many notes it has. */
export async function boardRoutes (app: FastifyInstance): Promise<void> {
  app.get<Board>('', {
    schema: {
      tags: ['tasks'],
      summary: 'A page of your tasks with their projects',
      params: pathOf(),
      querystring,
      response: { 200: answer('The page', ref('Board')), 400: refusals[400] }
    }
  }, async (request) => {
    const { limit = '10', cursor, project, show = 'all' } = request.query
    const inProject =
      project === undefined
        ? undefined
        : exists(
          request.db
            .select({ id: filings.taskId })
            .from(filings)
            .where(and(eq(filings.taskId, tasks.id), eq(filings.projectId, project)))
        )
    const isShown = show === 'all' ? undefined : eq(tasks.done, show === 'done')
    const repo = request.repository(tasks)
    const [page, total, done] = await Promise.all([
      repo.paginate({ where: and(inProject, isShown), orderBy: desc(tasks.createdAt), limit: Number(limit), cursor }),
      repo.count(inProject),
      repo.count(and(inProject, eq(tasks.done, true)))
    ])
    const details = await detailsOf(request, page.items.map(({ id }) => id))
    return { ...page, items: page.items.map((task) => ({ ...task, ...details.get(task.id) })), total, done }
  })
}

/** Project and number of notes of these tasks, in one statement. */
async function detailsOf (request: FastifyRequest, ids: string[]) {
  const rows = await request.db
    .select({ taskId: tasks.id, projectId: projects.id, name: projects.name, notes: count(notes.id) })
    .from(tasks)
    .leftJoin(filings, eq(filings.taskId, tasks.id))
    .leftJoin(projects, eq(projects.id, filings.projectId))
    .leftJoin(notes, eq(notes.taskId, tasks.id))
    .where(inArray(tasks.id, ids))
    .groupBy(tasks.id, projects.id, projects.name)
  return new Map(
    rows.map(({ taskId, projectId, name, notes }) => [
      taskId,
      { notes, project: projectId === null ? null : { id: projectId, name } }
    ])
  )
}
