import t from 'tap'
import { schema } from '../../../lib/init/templates/schema.js'

t.test('the app\'s own table has an owner and an index that begins with it', async (t) => {
  const tasks = schema.slice(schema.indexOf('export const tasks'), schema.indexOf('// Better Auth'))
  t.match(tasks, "userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' })")
  t.match(tasks, "index('tasks_user_id').on(table.userId, table.id)")
})
