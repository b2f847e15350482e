/**
 * Writes lib/cors/public-suffix-list.ts from the Public Suffix List, so that no package has to be installed for it:
 *
 *     curl -O https://publicsuffix.org/list/public_suffix_list.dat
 *     npx tsx scripts/public-suffixes.ts public_suffix_list.dat
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { domainToASCII } from 'node:url'

interface Node { kind: '' | '!' | undefined, below: Map<string, Node> }

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Usage: npx tsx scripts/public-suffixes.ts public_suffix_list.dat')
const [registries = '', hosters = ''] = readFileSync(file, 'utf8').split('// ===BEGIN PRIVATE DOMAINS===')

/** The rules of one part of the list. Those of one label are left out: every top-level domain is a public suffix. */
function tree (text: string): Node {
  const root: Node = { kind: undefined, below: new Map() }
  for (const rule of text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('//'))) {
    const name = rule.replace('!', '')
    const ascii = name.startsWith('*.') ? `*.${domainToASCII(name.slice(2))}` : domainToASCII(name)
    if (!ascii.includes('.')) continue
    let node = root
    for (const label of ascii.split('.').reverse()) {
      if (!node.below.has(label)) node.below.set(label, { kind: undefined, below: new Map() })
      node = node.below.get(label)!
    }
    node.kind = rule.startsWith('!') ? '!' : ''
  }
  return root
}

/**
 * `uk(ac,co)`: a name is a suffix where it stands, `!name` is none in spite of a `*`,
 * `.name(…)` is only the way to longer ones.
 */
function write ({ below }: Node): string {
  return [...below].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([label, node]) => `${node.kind ?? '.'}${label}${node.below.size > 0 ? `(${write(node)})` : ''}`).join(',')
}

/** In lines of at most 118 characters, broken behind a comma or a bracket. */
function lines (text: string): string {
  return text.replace(/.{1,117}[,(]|.+$/g, '$&\n')
}

writeFileSync(new URL('../lib/cors/public-suffix-list.ts', import.meta.url), `\
// Written by scripts/public-suffixes.ts from the Public Suffix List (https://publicsuffix.org), which is subject to the
// terms of the Mozilla Public License, v. 2.0 (https://mozilla.org/MPL/2.0/).

/** Suffixes of registries, such as co.uk: anyone can register a name below. */
export const registrySuffixes: string = \`
${lines(write(tree(registries)))}\`

/** Suffixes of hosters, such as vercel.app: their customers have the names below. */
export const hosterSuffixes: string = \`
${lines(write(tree(hosters)))}\`
`)
