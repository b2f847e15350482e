import t from 'tap'
import { errors } from '../../lib/errors.js'
import { checkRawStatement } from '../../lib/scope/raw-statement.js'

t.test('one statement on rows passes, in brackets and with a semicolon at its end too', async (t) => {
  for (const text of [
    'select 1', ' \n SELECT * from tasks where id = $1;', '(select 1) union (select 2)', '( ( select 1 ) )', 'insert into tasks (title) values ($1)',
    'update tasks set title = $1', 'delete from tasks', 'merge into tasks using (values (1)) v (n) on true when matched then delete', 'with x as (select 1) select * from x',
    'values (1), (2)', 'table tasks'
  ]) t.doesNotThrow(() => checkRawStatement(text), text)
})

t.test('what is no statement on rows is refused by its first word', async (t) => {
  for (const text of [
    '', ';', 'set app.user_id = \'B\'', 'reset all', 'begin', 'commit', 'rollback', 'savepoint x', 'do $$ begin end $$', 'call p()', 'copy tasks to stdout', 'listen x',
    'prepare x as select 1', 'execute x', 'explain analyze delete from tasks', 'create table x ()', 'selected', '-- select\nset role app', '/* select */ reset role'
  ]) t.throws(() => checkRawStatement(text), { code: 'FAI_UNSAFE_FRAGMENT', message: /^execute runs one select, insert, update, delete, merge, with, values or table statement/ }, text)
})

t.test('what comes after the first word is judged as well', async (t) => {
  for (const text of ['select 1; set role app', 'select set_config(\'app.user_id\', \'B\', true)', 'select * into mine from tasks', 'select 1 -- x', 'select 1;;', 'with x as (select 1']) {
    t.throws(() => checkRawStatement(text), errors.UnsafeFragment, text)
  }
})
