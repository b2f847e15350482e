// As Drizzle and people write them, and as PostgreSQL's format_type does.
const aliases: Record<string, string> = {
  serial: 'integer',
  int: 'integer',
  int4: 'integer',
  bigserial: 'bigint',
  int8: 'bigint',
  smallserial: 'smallint',
  int2: 'smallint',
  bool: 'boolean',
  decimal: 'numeric',
  float: 'double precision',
  float8: 'double precision',
  float4: 'real',
  varchar: 'character varying',
  char: 'character',
  varbit: 'bit varying'
}

/** A type's name as PostgreSQL's `format_type` writes it: `varchar(20)` is `character varying(20)`. */
export function formatType (written: string): string {
  const text = written
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .replaceAll(/\)(?=\w)/g, ') ')
  const [, base = '', precision = '', zone, array = ''] =
    /^(.*?)(\([^)]*\))?( with(?:out)? time zone)?((?:\[\d*\])*)$/i.exec(text)!
  return formatScalar(base, precision, zone?.toLowerCase()) + '[]'.repeat(array.split('[').length - 1)
}

function formatScalar (base: string, precision: string, zone: string | undefined): string {
  const lower = base.toLowerCase()
  if (lower === 'timestamptz' || lower === 'timetz') return `${lower.slice(0, -2)}${precision} with time zone`
  if (lower === 'timestamp' || lower === 'time') return `${lower}${precision}${zone ?? ' without time zone'}`
  const name = aliases[lower] ?? base
  return name === 'character' && precision === '' ? 'character(1)' : name + precision
}

/** Whether the two names are of one type, as far as names can tell: the schema of an enum is left aside. */
export function sameType (declared: string, found: string): boolean {
  return bare(declared) === bare(found)
}

function bare (type: string): string {
  // A numeric without a scale has the scale 0, and an array has no depth.
  return formatType(type)
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/^[^(.]*\./, '')
    .replace(/(\[\])+$/, '[]')
    .replace(/^(numeric\(\d+)\)/, '$1,0)')
}
