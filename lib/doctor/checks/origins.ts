import type { Check, Finding } from '../check.js'

const place = 'FRONTEND_URL'
const why = "Every page on a listed origin may call the API with the user's credentials and read the responses."

/** An origin is malformed, or lets in more than a front end. */
export const origins: Check = ({ env, rules }) => {
  const text = env.FRONTEND_URL ?? ''
  if (text.trim() === '') return []
  return text.split(',').flatMap((entry): Finding[] => {
    try {
      // Alone, so that each wrong entry is named; an empty one would pass as "no origins".
      rules.checkOrigins(entry.trim() === '' ? ',' : entry)
    } catch (error) {
      return [
        {
          check: 'origins',
          severity: 'error',
          place,
          problem: (error as Error).message,
          why: 'The server refuses to start with it.',
          edit: `Correct or remove "${entry.trim()}" in FRONTEND_URL.`
        }
      ]
    }
    return dangers(entry.trim(), env.NODE_ENV === 'production')
  })
}

function dangers (entry: string, production: boolean): Finding[] {
  const url = new URL(entry.replaceAll('*', 'x'))
  // The host of an app shell (capacitor://localhost) is the app itself.
  if (!/^https?:$/.test(url.protocol)) return []
  const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (loopback && production) {
    return [
      {
        check: 'origins',
        severity: 'warning',
        place,
        problem: `"${entry}" is on the visitor's own machine, and NODE_ENV is production`,
        why: `${why} On the visitor's machine, any program can serve that page.`,
        edit: `Remove "${entry}" from FRONTEND_URL in production.`
      }
    ]
  }
  if (!loopback && url.protocol === 'http:') {
    return [
      {
        check: 'origins',
        severity: 'warning',
        place,
        problem: `"${entry}" is not https`,
        why: `${why} Whoever is on the way can put their own script into a page that travels in clear.`,
        edit: `Write ${entry.replace(/^http:/i, 'https:')} in FRONTEND_URL.`
      }
    ]
  }
  return []
}
