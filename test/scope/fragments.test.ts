import t from 'tap'
import { errors } from '../../lib/errors.js'
import { isEquality, isOpenPattern, judgeFragment, judgeRawStatement, returnsSet, subqueryStandIn, valueStandIn } from '../../lib/scope/fragments.js'
import { allowedTexts, hostileTexts } from '../fixtures/fragments.js'

for (const [fault, texts] of Object.entries(hostileTexts)) {
  t.test(`${fault} is refused`, async (t) => {
    for (const text of texts) t.throws(() => judgeFragment(text), errors.UnsafeFragment, JSON.stringify(text))
  })
}

t.test('an expression passes', async (t) => {
  for (const text of allowedTexts) t.doesNotThrow(() => judgeFragment(text), text)
})

t.test('the error says what is wrong, and shows values and sub-queries as what they are', async (t) => {
  const faults: Array<[text: string, message: RegExp]> = [
    ['a = \0', /has a NUL/],
    ["'", /has an unclosed quote/],
    ["'\\'", /has a backslash before a quote/],
    ["u&'a'", /has a U& escape/],
    ['"query_to_xml"(1)', /has the function "query_to_xml"/],
    ['dblink(1)', /has the function dblink/],
    ['-- a', /has a comment/],
    [';', /has a semicolon/],
    ['$1', /has a dollar sign outside a string/],
    [')', /has a bracket that closes nothing/],
    ['(', /has an unclosed bracket/],
    ['Union', /has the keyword Union/],
    [`a = ${valueStandIn}0`, /has text that runs on from a value: a = \?0\./],
    ['1or', /has a word that runs on from a number/],
    [`a in ${subqueryStandIn} or (${valueStandIn} union`, /has the keyword union: a in \(sub-query\) or \(\? union\. Build sub-queries/]
  ]
  for (const [text, message] of faults) t.throws(() => judgeFragment(text), { message, code: 'FAI_UNSAFE_FRAGMENT', statusCode: 500 }, text)
})

t.test('a long text is cut in the message, and judged to its end', async (t) => {
  const long = `${'a + '.repeat(100)}a`
  t.doesNotThrow(() => judgeFragment(long))
  t.throws(() => judgeFragment(`${long};`), { message: /: (?:a \+ ){50}…/ })
})

t.test('a text that passed passes again, a refused one is refused again', async (t) => {
  for (let times = 0; times < 2; times++) {
    t.doesNotThrow(() => judgeFragment('amount * 7'))
    t.throws(() => judgeFragment('amount * 7;'), errors.UnsafeFragment)
  }
})

t.test('many and long texts are judged without being remembered', async (t) => {
  for (let n = 0; n < 2100; n++) judgeFragment(`amount = ${n}`)
  t.doesNotThrow(() => judgeFragment('amount = 2099'))
  t.doesNotThrow(() => judgeFragment(`'${'x'.repeat(3000)}'`))
  t.throws(() => judgeFragment(`'${'x'.repeat(3000)}' union`), errors.UnsafeFragment)
})

t.test('a forbidden name is an ordinary word where it is not called', async (t) => {
  for (const text of ['"query_to_xml"', 'pg_rating > 3', '"pg_rating" > 3', '"PG_READ_FILE"(1)', "'pg_read_file(1)'"]) t.doesNotThrow(() => judgeFragment(text), text)
  for (const text of [`"query_to_xml"${subqueryStandIn}`, `pg_read_file${subqueryStandIn}`]) t.throws(() => judgeFragment(text), errors.UnsafeFragment, JSON.stringify(text))
})

t.test('a raw statement has clauses of its own, and the rest is as in a fragment', async (t) => {
  for (const text of ['select * from notes where id = $1 order by id;', 'with x as (select 1) update notes set body = $2 from x']) t.doesNotThrow(() => judgeRawStatement(text), text)
  for (const text of ['insert into notes default values', 'merge into notes using x on true when matched then delete', 'select "into" from notes']) t.doesNotThrow(() => judgeRawStatement(text), text)
  for (const text of ['select * into temp notes from notes', 'update pg_settings set setting = 1', 'update "pg_settings" set setting = 1', 'select 1; select 2', 'select 1 -- x', 'select $$a$$', "select query_to_xml('x', true, false, '')", "select set_config('a', 'b', false)", 'select (1', "select U&'a'"]) {
    t.throws(() => judgeRawStatement(text), { code: 'FAI_UNSAFE_FRAGMENT', message: /^execute takes one plain statement, but this one has / }, text)
  }
})

t.test('a text that may fail on a row is not leakproof', async (t) => {
  for (const text of ['\u0004"a"."b" = \u0001', '"a" like \u0001', '"a" not ilike \u0001', 'count(*)', '"a" in (\u0001, \u0001)', 'exists \u0002', '"a" = \'it\'\'s\'',
    'coalesce(json_agg(json_build_array(\u0004"a"."b") order by \u0004"a"."c" desc), \'[]\'::json)', '"a" desc nulls last', '("a" > cast(cast(\u0001 as text) as timestamp with time zone) or "a" is null)']) {
    t.equal(judgeFragment(text), true, text)
  }
  for (const text of ['"a"::integer = 1', '"a"::json is null', '"a" like \u0003', '"a" like (\u0001)', '"a" like "b"', '"a" ~ \u0001', '1 / "a" = 1', '"a" * 2 > 1', '"a" -> \u0001 is null',
    'cast("a" as integer) = 1', 'to_date("a", \'YYYY\') = \u0001', '"a" <=> \u0001', '"a" >- 1', '"a" similar to \u0001', 'my_function("a")', '"a" = 1e400', '"my_function"("a")', '"my_function" \n("a")', '"s"."my_function"("a")', '\u0004"s"."my_function"("a")', '"s".lower("a")', '"a"."b" = \u0001',
    '"my_function"\u0002', 'lower("f"("a")) = \u0001', '"a" like \u0005 escape \u0001']) {
    t.equal(judgeFragment(text), false, text)
  }
})

t.test('a pattern that escapes nothing is refused unless it says what escapes', async (t) => {
  for (const text of ['"a" like \u0005', '"a" like \u0005 and true', '"a" like \u0005 escaped']) t.throws(() => judgeFragment(text), { code: 'FAI_INVALID_ARGUMENT', message: /ends with a backslash/ }, text)
  t.doesNotThrow(() => judgeFragment('"a" like \u0005 \n Escape \u0001'))
})

t.test('a pattern is a text whose last backslash escapes something', async (t) => {
  for (const pattern of ['', '%', 'a\\_b', 'a\\\\', '\\\\\\\\']) t.equal(isOpenPattern(pattern), false, pattern)
  for (const pattern of ['\\', 'a\\', 'a\\\\\\']) t.equal(isOpenPattern(pattern), true, pattern)
  for (const other of [5, null, ['%']]) t.throws(() => isOpenPattern(other), { code: 'FAI_INVALID_ARGUMENT', message: /is a text/ })
})

t.test('a full join by an equality alone may be read by the planner', async (t) => {
  for (const text of ['"a" % 5 = "b" % 5', 'f("a" ~ \u0001) = "b"::text', '"a=b" = "c"', '("a" -> \'x\')::int = "b"']) t.equal(isEquality(text), true, text)
  for (const text of ['"a" = "b" and "c" like \u0001', '"a" like \u0001', '"a" = "b" = "c"', 'not "a" = "b"', '"a" = any("b")', '"a" ~ \u0001 = "b"', '"a" <= "b"', '"a" ~= "b"', 'f("a" = "b")']) {
    t.equal(isEquality(text), false, text)
  }
})

t.test('functions that return a set are known', async (t) => {
  for (const text of ['unnest("a")', 'upper(unnest ("a"))', 'jsonb_object_keys("a")', 'generate_series(1, 2)', 'Json_array_elements_text("a")']) t.equal(returnsSet(text), true, text)
  for (const text of ['"unnest"', 'my_unnest("a")', 'other.unnest("a")', 'unnested("a")', '"a" like \u0001']) t.equal(returnsSet(text), false, text)
})
