import type { FastifyInstance } from 'fastify'
import { checkIsolation, injectAs } from 'fastify-auth-integration/testing'
import t from 'tap'
import { runningApp, signUp } from './running-app.js'

t.test('no route shows or changes anything of another person', async (t) => {
  const { app } = await runningApp(t)
  const users: [string, string] = [await signUp(app, 'Alice'), await signUp(app, 'Bob')]
  // What two ids at once name, or a row that another points at, no sample can guess.
  const [first, second] = await Promise.all(users.map((user) => belongingsOf(app, user)))
  const of = (user: string) => user === users[0] ? first! : second!
  const report = await checkIsolation(app, {
    users,
    inputs: {
      'PUT /api/user/:user_id/tasks/:id/project': (user) => ({
        params: { id: of(user).task },
        body: { projectId: of(user).project }
      }),
      'DELETE /api/user/:user_id/tasks/:id/project': (user) => ({ params: { id: of(user).task } }),
      'DELETE /api/user/:user_id/tasks/:task_id/notes/:id': (user) => ({
        params: { task_id: of(user).task, id: of(user).note }
      })
    }
  })
  t.same(report.leaks, [])
  t.same(report.unproven, [])
  t.ok(report.routes > 15)
})

async function belongingsOf (
  app: FastifyInstance,
  user: string
): Promise<{ project: string; task: string; note: string }> {
  const make = async (path: string, payload: object): Promise<string> => {
    const answer = await injectAs(app, user)({ method: 'POST', url: `/api/user/${user}${path}`, payload })
    return answer.json<{ id: string }>().id
  }
  const project = await make('/projects', { name: `The project of ${user}` })
  const task = await make('/tasks', { title: `The task of ${user}` })
  const note = await make(`/tasks/${task}/notes`, { body: `The note of ${user}` })
  return { project, task, note }
}
