import { hosterSuffixes, registrySuffixes } from './public-suffix-list.js'

/** Who gives out the names straight below a public suffix. */
export type SuffixKind = 'registry' | 'hoster'

interface Node { isSuffix: boolean, isException: boolean, below: Map<string, Node> }

let lists: { registry: Node, hoster: Node } | undefined

/**
 * Whether strangers can have a name straight below this one, as under `co.uk` (a registry) or `vercel.app` (a hoster).
 * @param name a host name in lower case, international labels as punycode
 * @returns who gives such names out, `undefined` when the name is somebody's own
 * @see https://github.com/publicsuffix/list/wiki/Format
 */
export function suffixKind (name: string): SuffixKind | undefined {
  // Read when the first preview is: most apps list exact origins.
  lists ??= { registry: read(registrySuffixes), hoster: read(hosterSuffixes) }
  const labels = name.split('.').reverse()
  // The list's own default: a top-level domain that it does not know is one.
  if (labels.length === 1 || opensBelow(lists.registry, labels)) return 'registry'
  return opensBelow(lists.hoster, labels) ? 'hoster' : undefined
}

/** Whether the name is a suffix, or every name below it is one (`*.name`). */
function opensBelow (root: Node, labels: string[]): boolean {
  let node: Node | undefined = root
  for (const label of labels) node = node?.below.get(label) ?? node?.below.get('*')
  return node !== undefined && !node.isException && (node.isSuffix || node.below.has('*'))
}

function read (text: string): Node {
  const root = create('')
  const parents: Node[] = []
  let parent = root
  let last = root
  for (const [token] of text.matchAll(/[^(),\n]+|[()]/g)) {
    if (token === '(') {
      parents.push(parent)
      parent = last
    } else if (token === ')') {
      parent = parents.pop() as Node
    } else {
      last = create(token)
      parent.below.set(token.replace(/^[.!]/, ''), last)
    }
  }
  return root
}

function create (token: string): Node {
  return { isSuffix: !/^[.!]/.test(token) && token !== '', isException: token.startsWith('!'), below: new Map() }
}
