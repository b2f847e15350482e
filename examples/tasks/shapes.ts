// JSON Schemas that several routes speak of; each stands in the OpenAPI document under its name.
const uuid = { type: 'string', format: 'uuid' }
const moment = { type: 'string', format: 'date-time' }
const row = { id: uuid, userId: { type: 'string' }, createdAt: moment, updatedAt: moment }
const count = { type: 'integer', minimum: 0 }

const task = { ...row, title: { type: 'string' }, done: { type: 'boolean' } }
const project = { ...row, name: { type: 'string' } }

function shape ($id: string, properties: Record<string, object>) {
  return { $id, type: 'object', properties, required: Object.keys(properties) }
}

/** To be added to the app once, before the routes. */
export const shapes = [
  shape('Task', task),
  shape('Project', project),
  shape('ProjectWithCount', { ...project, tasks: count }),
  shape('Note', { ...row, taskId: uuid, body: { type: 'string' } }),
  shape('Filing', { taskId: uuid, projectId: uuid }),
  shape('TaskOnBoard', {
    ...task,
    project: {
      anyOf: [
        { type: 'null' },
        { type: 'object', properties: { id: uuid, name: { type: 'string' } }, required: ['id', 'name'] }
      ]
    },
    notes: count
  }),
  shape('Board', {
    items: { type: 'array', items: { $ref: 'TaskOnBoard#' } },
    nextCursor: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    total: count,
    done: count
  }),
  shape('Refusal', { detail: { type: 'string' } })
]

/** One of them, as a route refers to it. */
export function ref (name: string): { $ref: string } {
  return { $ref: `${name}#` }
}

/** An answer with one of them. */
export function answer (description: string, schema: object): object {
  return { description, ...schema }
}

/** Refusals that a route can answer beside those that the guard adds to the document. */
export const refusals = {
  400: answer('The input does not fit', ref('Refusal')),
  404: answer('No such row of yours', ref('Refusal'))
}

/** Which page of a list: query texts, since nothing is coerced here. */
export const paging = {
  limit: { type: 'string', pattern: '^([1-9][0-9]?|1[0-9][0-9]|200)$', description: 'Rows a page, 1 to 200' },
  cursor: { type: 'string', minLength: 1, maxLength: 500, description: 'Where the page begins, from the page before' }
}

/** What is written in a title or a name: something, and not only spaces. */
export function line (maxLength: number): object {
  return { type: 'string', minLength: 1, maxLength, pattern: '\\S' }
}

/** The parameters of a path, all uuids but the user's. */
export function pathOf (...names: string[]): object {
  return {
    type: 'object',
    properties: { user_id: { type: 'string' }, ...Object.fromEntries(names.map((name) => [name, uuid])) }
  }
}

/** A body of these and no other properties. */
export function bodyOf (properties: Record<string, object>, limits: object): object {
  return { type: 'object', properties, additionalProperties: false, ...limits }
}
