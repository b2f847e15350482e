type Lower = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm' |
  'n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z'
type Letter = Lower | Uppercase<Lower> | '_'

type NextLetter<Name extends string, Start extends string> =
  Name extends `${Start}${infer Next}${string}` ? Next : never

/**
 * Every word that is none of the given names, as template patterns: the first letter at which it leaves all of them,
 * and anything after that. An object type that extends `{ [other in OtherWords<'a' | 'b'>]?: never }` has no property
 * but those named: for where TypeScript makes no excess property check. Fastify's route `config` is such a place: its
 * type is an intersection with a parameter inferred from the very object, so that each of its keys is known.
 */
export type OtherWords<Name extends string, Start extends string = ''> =
  | `${Start}${Exclude<Letter, NextLetter<Name, Start>>}${string}`
  | Exclude<Start, Name | ''>
  | { [Next in NextLetter<Name, Start>]: OtherWords<Name, `${Start}${Next}`> }[NextLetter<Name, Start>]
