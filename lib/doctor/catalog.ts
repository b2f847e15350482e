// Source: PostgreSQL manual, "System Catalogs". Everything is named in full, and `search_path` is pg_catalog.

/** Tables and views of the app: not the system's, not an extension's, not drizzle-kit's; a partition is its parent. */
const relations = `
  select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
    and n.nspname not in ('information_schema', 'drizzle') and n.nspname not like 'pg\\_%'
    and not exists (select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

// The role of the option --role, or the connection's own.
const role = "coalesce(nullif(current_setting('fai_doctor.role', true), ''), current_user)::name"

const columnsOf = (table: string, numbers: string): string => `
  (select coalesce(json_agg(a.attname order by position), '[]'::json)
   from unnest(${numbers}) with ordinality k (attnum, position)
   left join pg_attribute a on a.attrelid = ${table} and a.attnum = k.attnum and k.attnum > 0)`

/** One statement for each part; each reads the whole database at once. */
export const catalog = {
  tables: `
    with relations as (${relations})
    select c.oid::text id, n.nspname "schema", c.relname "name",
      case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end kind,
      c.relrowsecurity "rowLevelSecurity", c.relforcerowsecurity forced,
      pg_has_role(${role}, c.relowner, 'USAGE') "ownedByRole",
      coalesce((select lower(o.option_value) in ('true', 'on', 'yes', '1')
        from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false) "securityInvoker"
    from relations c join pg_namespace n on n.oid = c.relnamespace
    order by n.nspname, c.relname`,
  columns: `
    with relations as (${relations})
    select a.attrelid::text id, a.attname "name", format_type(a.atttypid, a.atttypmod) "type",
      not a.attnotnull nullable,
      pg_get_expr(d.adbin, d.adrelid) "default",
      (d.oid is not null or a.attidentity <> '' or a.attgenerated <> '') filled,
      (t.typname = 'citext' or coalesce(not l.collisdeterministic, false)) "looseEquality"
    from pg_attribute a join relations c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_collation l on l.oid = a.attcollation
    where a.attnum > 0 and not a.attisdropped
    order by a.attrelid, a.attnum`,
  keys: `
    with relations as (${relations})
    select i.indrelid::text id, x.relname "name",
      case when i.indisprimary then 'primary key' when o.oid is not null then 'unique constraint'
        when i.indisunique then 'unique index' else 'index' end kind,
      ${columnsOf('i.indrelid', "(string_to_array(i.indkey::text, ' ')::int2[])[:i.indnkeyatts]")} columns,
      (i.indpred is not null or not i.indisvalid) "partial"
    from pg_index i join relations c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
    left join pg_constraint o on o.conindid = i.indexrelid and o.conrelid = i.indrelid and o.contype = 'u'
    order by i.indrelid, x.relname`,
  'foreign keys': `
    with relations as (${relations})
    select o.conrelid::text id, o.conname "name", n.nspname "toSchema", t.relname "toName",
      ${columnsOf('o.conrelid', 'o.conkey')} columns, ${columnsOf('o.confrelid', 'o.confkey')} "toColumns",
      case o.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
        when 'r' then 'restrict' else 'no action' end "onDelete",
      -- By its name in JSON: the column came with PostgreSQL 15.
      (select json_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = o.conrelid
        and to_jsonb(o) -> 'confdelsetcols' @> to_jsonb(a.attnum)) "onDeleteColumns"
    from pg_constraint o join relations c on c.oid = o.conrelid
    join pg_class t on t.oid = o.confrelid join pg_namespace n on n.oid = t.relnamespace
    where o.contype = 'f' and o.conparentid = 0
    order by o.conrelid, o.conname`,
  // Policies for other roles say nothing about ours.
  policies: `
    with relations as (${relations})
    select p.polrelid::text id, p.polname "name", p.polpermissive permissive,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all' end command,
      pg_get_expr(p.polqual, p.polrelid) "using", pg_get_expr(p.polwithcheck, p.polrelid) "check"
    from pg_policy p join relations c on c.oid = p.polrelid
    where exists (select from unnest(p.polroles) r (id) where r.id = 0 or pg_has_role(${role}, r.id, 'USAGE'))
    order by p.polrelid, p.polname`,
  triggers: `
    with relations as (${relations})
    select t.tgrelid::text id, t.tgname "name", 'trigger' kind, f.prosrc body, f.prosecdef "securityDefiner"
    from pg_trigger t join relations c on c.oid = t.tgrelid join pg_proc f on f.oid = t.tgfoid
    where not t.tgisinternal and t.tgenabled <> 'D'
    union all
    select r.ev_class::text, r.rulename, 'rule', pg_get_ruledef(r.oid), false
    from pg_rewrite r join relations c on c.oid = r.ev_class
    where r.ev_type <> '1' and r.ev_enabled <> 'D'
    order by 1, 2`,
  views: `
    with relations as (${relations})
    select distinct r.ev_class::text id, n.nspname "schema", t.relname "name"
    from pg_rewrite r join relations c on c.oid = r.ev_class and c.relkind in ('v', 'm')
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
      and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    join pg_class t on t.oid = d.refobjid join pg_namespace n on n.oid = t.relnamespace
    order by 1, 2, 3`
}

/** The role `$1`, or the connection's own where that is empty, and the server's version. */
export const roleStatement = `
  select w.name, r.oid is not null "exists", coalesce(pg_has_role(current_user, r.oid, 'MEMBER'), false) "canBeTaken",
    coalesce(r.rolsuper, false) superuser, coalesce(r.rolbypassrls, false) "bypassesRowLevelSecurity",
    current_setting('server_version_num')::int version
  from (select coalesce(nullif($1, ''), current_user)::name "name") w left join pg_roles r on r.rolname = w.name`
