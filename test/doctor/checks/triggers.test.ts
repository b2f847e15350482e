import t from 'tap'
import { triggers } from '../../../lib/doctor/checks/triggers.js'
import { examined, table } from '../../fixtures/examined.js'

const look = (body: string, securityDefiner = false) =>
  triggers(
    examined({
      tables: [
        table('tasks', { from: 'database', triggers: [{ name: 'after', kind: 'trigger', body, securityDefiner }] })
      ]
    })
  )

t.test('a trigger that writes rows is a warning', async (t) => {
  for (const body of [
    'insert into log values (1);',
    'UPDATE tasks SET n = 1;',
    'update only "My"."t" as x set n = 1;',
    'delete from tasks;',
    "execute 'delete' || ' from t';",
    'merge into t using u on true'
  ]) {
    t.match(look(body), [{ severity: 'warning', place: 'tasks.after' }], body)
  }
  t.match(look('delete from tasks', true), [{ problem: /security definer/ }])
})

t.test('a trigger that touches its own row is left in silence', async (t) => {
  for (const body of [
    'new.updated_at := now(); return new;',
    '-- we do not delete from tasks here\n return new;',
    '/* insert into log */ return null;'
  ]) { t.strictSame(look(body), [], body) }
})
