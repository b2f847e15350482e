// Two ways in: Better Auth keeps the session in a cookie, the API takes a bearer token that the session is good for.

let origin = ''
let userId
let token

/** Tells of each answer of the server, in the `detail` of an `answer` event. */
export const answers = new EventTarget()

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor (status, message) {
    super(message)
    this.status = status
  }
}

/** For a page on another origin than the API's. */
export function callAt (apiOrigin) {
  origin = apiOrigin
}

async function send (method, path, { body, headers = {} } = {}) {
  let response
  try {
    response = await fetch(origin + path, {
      method,
      // A deletion outlives the page that asked for it.
      keepalive: method === 'DELETE',
      // The session's cookie goes along to another origin too.
      credentials: 'include',
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    })
  } catch {
    tell({ method, path, status: 0 })
    throw new Refused(0, 'The server cannot be reached. Is it running?')
  }
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const answer = isJson && text !== '' ? JSON.parse(text) : undefined
  tell({ method, path, status: response.status, answer })
  return { status: response.status, ok: response.ok, answer, next: nextIn(response.headers.get('link')) }
}

function tell (detail) {
  answers.dispatchEvent(new CustomEvent('answer', { detail }))
}

function nextIn (link) {
  return /<([^>]*)>; rel="next"/.exec(link ?? '')?.[1]
}

async function request (method, path, options) {
  const result = await send(method, path, options)
  // Better Auth says "message", the API says "detail".
  if (!result.ok) throw new Refused(result.status, result.answer?.detail ?? result.answer?.message ?? `The server answered ${result.status}`)
  return result
}

function remember (user) {
  userId = user?.id
  token = undefined
  return user
}

/** Who is signed in already, from the cookie; `undefined` for nobody. */
export async function whoIsHere () {
  const { answer } = await request('GET', '/api/auth/get-session')
  return remember(answer?.user)
}

export async function signUp (name, email, password) {
  return remember((await request('POST', '/api/auth/sign-up/email', { body: { name, email, password } })).answer.user)
}

export async function signIn (email, password) {
  return remember((await request('POST', '/api/auth/sign-in/email', { body: { email, password } })).answer.user)
}

export async function signOut () {
  await request('POST', '/api/auth/sign-out', { body: {} })
  remember(undefined)
}

/** The path of the API below a user: the one who is signed in, unless told. */
export function pathOf (path, user = userId) {
  return `/api/user/${encodeURIComponent(user)}${path}`
}

/** The token that the session is good for. */
export async function freshToken () {
  token = (await request('GET', '/api/auth/token')).answer.token
  return token
}

async function withToken (method, path, body) {
  return await request(method, path, { body, headers: { authorization: `Bearer ${token ?? await freshToken()}` } })
}

/**
 * One call of the API below the caller's own path; `{ answer, next }`. A token lives for minutes and the session for
 * days: when the token is refused, one new one is asked for. Only a session that has ended as well leaves a 401.
 */
export async function call (method, path, body) {
  try {
    return await withToken(method, pathOf(path), body)
  } catch (error) {
    if (error.status !== 401 || token === undefined) throw error
    token = undefined
    return await withToken(method, pathOf(path), body)
  }
}

/** One request exactly as told, its answer whatever it is. */
export async function ask (method, path, headers = {}) {
  return await send(method, path, { headers })
}
