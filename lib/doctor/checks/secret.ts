import type { Check, Examined, Finding } from '../check.js'

const why = 'Whoever knows or guesses the secret can sign a token for any user.'
const make = 'Set BETTER_AUTH_SECRET to the output of: openssl rand -base64 32'

/** A random secret of 32 characters has about 25 different ones in base64, and about 14 in hexadecimal. */
const fewCharacters = 9

/** The secret is missing, too short, published, or made up by a person. */
export const secret: Check = ({ env, rules, jwks }) => {
  const place = jwks === undefined ? (env.BETTER_AUTH_SECRETS ? 'BETTER_AUTH_SECRETS' : 'BETTER_AUTH_SECRET') : '--jwks'
  try {
    if (jwks === undefined) rules.checkSecrets(env)
    else rules.checkKeySet(jwks)
  } catch (error) {
    const edit =
      jwks === undefined
        ? `${make}. Where tokens are verified by a key set, run the doctor with --jwks <url>.`
        : 'Give the "jwks" option the issuer\'s https URL.'
    return [{ check: 'secret', severity: 'error', place, problem: (error as Error).message, why, edit }]
  }
  return jwks === undefined ? guessable(env, place) : []
}

function guessable (env: Examined['env'], place: string): Finding[] {
  const text = env[place] ?? ''
  const values =
    place === 'BETTER_AUTH_SECRETS' ? text.split(',').map((entry) => entry.replace(/^\s*\d+:/, '').trim()) : [text]
  return values.flatMap((value, index) => {
    const sign = signOfGuess(value)
    if (sign === undefined) return []
    const which = values.length > 1 ? `Entry ${index + 1}` : 'The secret'
    return [
      {
        check: 'secret',
        severity: 'warning',
        place,
        problem: `${which} does not look random: ${sign}`,
        why,
        edit: make
      }
    ]
  })
}

function signOfGuess (value: string): string | undefined {
  const different = new Set(value).size
  if (different <= fewCharacters) return `it has only ${different} different characters`
  const word = /secret|password|passwort|change.?me|changeit|example|default|your.?key|qwerty|12345678|abcdefgh/i.exec(
    value
  )
  if (word !== null) return `it contains the words of a placeholder ("${word[0]}")`
  return /^(.{1,16})\1+$/s.test(value) ? 'it repeats itself' : undefined
}
