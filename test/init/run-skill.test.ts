import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runSkill } from '../../lib/init/run-skill.js'

const run = (folder: string, ...words: string[]) => {
  const said = { stdout: '', stderr: '' }
  const status = runSkill(words, {
    folder,
    stdout: { write: (text) => { said.stdout += text } },
    stderr: { write: (text) => { said.stderr += text } }
  })
  return { status, ...said }
}

t.test('the skill is copied to where agents look for it, and what is there stays', async (t) => {
  const folder = t.testdir({})
  t.match(run(folder), { status: 0, stdout: 'Written: .claude/skills/auth-integration/SKILL.md\n' })
  t.ok(existsSync(join(folder, '.claude/skills/auth-integration/references/schema.md')))
  t.notMatch(run(folder).stdout, /Written/)
  t.equal(run(folder, '--dir', 'skills').status, 0)
  t.ok(existsSync(join(folder, 'skills/auth-integration/SKILL.md')))
})

t.test('a call that cannot be followed ends with 2 and a sentence', async (t) => {
  const folder = t.testdir({})
  t.match(run(folder, '--help'), { status: 0, stdout: /skill \[options\]/ })
  t.match(run(folder, '--force'), { status: 2, stderr: /--force/ })
  writeFileSync(join(folder, '.claude'), '')
  t.match(run(folder), { status: 2, stderr: /could not be written/ })
})

t.test('what is no mistake of the caller is not swallowed', async (t) => {
  const stdout = { write: () => { throw new RangeError('no room') } }
  t.throws(() => runSkill([], { folder: t.testdir({}), stdout, stderr: stdout }), RangeError)
})
