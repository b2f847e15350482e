/**
 * The peers, each set up as its own documentation says.
 * JavaScript, since the types of what may be missing cannot be checked.
 */
import { readFileSync } from 'node:fs'
import { ZenStackClient } from '@zenstackhq/orm'
import { PostgresDialect } from '@zenstackhq/orm/dialects/postgres'
import { ExpressionUtils } from '@zenstackhq/orm/schema'
import { PolicyPlugin } from '@zenstackhq/plugin-policy'
import fastifyJwtJwks from 'fastify-jwt-jwks'
import pg from 'pg'

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
export const versions = Object.fromEntries(Object.entries(dependencies).filter(([name]) => name !== 'pg'))

export async function registerTokenPeer (app, options) {
  await app.register(fastifyJwtJwks, options)
  app.addHook('preValidation', app.authenticate)
}

export function createRowPeer (url) {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const client = new ZenStackClient(schema, { dialect: new PostgresDialect({ pool }) }).$use(new PolicyPlugin())
  return {
    findById: (userId, id) => client.$setAuth({ id: userId }).task.findUnique({ where: { id } }),
    findMany: (userId, limit) => client.$setAuth({ id: userId }).task.findMany({ orderBy: { id: 'desc' }, take: limit }),
    end: () => client.$disconnect()
  }
}

const column = (name) => [{ name: '@map', args: [{ name: 'name', value: ExpressionUtils.literal(name) }] }]

// What ZenStack's compiler makes of
//   type Caller { id String  @@auth }
//   model Task { …  @@map('tasks')  @@allow('all', auth().id == userId) }
const schema = {
  provider: { type: 'postgresql' },
  models: {
    Task: {
      name: 'Task',
      fields: {
        id: { name: 'id', type: 'Int', id: true, attributes: [{ name: '@id' }], default: ExpressionUtils.call('autoincrement') },
        userId: { name: 'userId', type: 'String', attributes: column('user_id') },
        projectId: { name: 'projectId', type: 'Int', optional: true, attributes: column('project_id') },
        title: { name: 'title', type: 'String' },
        done: { name: 'done', type: 'Boolean' },
        createdAt: { name: 'createdAt', type: 'DateTime', attributes: column('created_at') },
        updatedAt: { name: 'updatedAt', type: 'DateTime', attributes: column('updated_at') }
      },
      attributes: [
        { name: '@@map', args: [{ name: 'name', value: ExpressionUtils.literal('tasks') }] },
        {
          name: '@@allow',
          args: [
            { name: 'operation', value: ExpressionUtils.literal('all') },
            { name: 'condition', value: ExpressionUtils.binary(ExpressionUtils.member(ExpressionUtils.call('auth'), ['id']), '==', ExpressionUtils.field('userId')) }
          ]
        }
      ],
      idFields: ['id'],
      uniqueFields: { id: { type: 'Int' } }
    }
  },
  typeDefs: {
    Caller: { name: 'Caller', fields: { id: { name: 'id', type: 'String' } }, attributes: [{ name: '@@auth' }] }
  },
  authType: 'Caller',
  plugins: {}
}
