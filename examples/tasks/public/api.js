// Two doors: Better Auth keeps the session in a cookie, the API takes a bearer token that the session is good for.

/** The person's user id while somebody is signed in. */
let userId
let token

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor (status, message) {
    super(message)
    this.status = status
  }
}

async function request (method, path, body, headers = {}) {
  let response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    })
  } catch {
    throw new Refused(0, 'The server cannot be reached. Is it running?')
  }
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const answer = isJson && text !== '' ? JSON.parse(text) : undefined
  // Better Auth says "message", the API says "detail".
  if (!response.ok) throw new Refused(response.status, answer?.detail ?? answer?.message ?? `The server answered ${response.status}`)
  return answer
}

function remember (user) {
  userId = user?.id
  token = undefined
  return user
}

/** Who is signed in already, from the cookie; `undefined` for nobody. */
export async function whoIsHere () {
  const session = await request('GET', '/api/auth/get-session')
  return remember(session?.user)
}

export async function signUp (name, email, password) {
  return remember((await request('POST', '/api/auth/sign-up/email', { name, email, password })).user)
}

export async function signIn (email, password) {
  return remember((await request('POST', '/api/auth/sign-in/email', { email, password })).user)
}

export async function signOut () {
  await request('POST', '/api/auth/sign-out', {})
  remember(undefined)
}

async function withToken (method, path, body) {
  token ??= (await request('GET', '/api/auth/token')).token
  return await request(method, path, body, { authorization: `Bearer ${token}` })
}

// A token lives for minutes and the session for days: when the token is refused, one new one is asked for. Only a
// session that has ended as well leaves a 401 to the caller.
async function call (method, path, body) {
  const url = `/api/user/${encodeURIComponent(userId)}/tasks${path}`
  try {
    return await withToken(method, url, body)
  } catch (error) {
    if (error.status !== 401 || token === undefined) throw error
    token = undefined
    return await withToken(method, url, body)
  }
}

export const listTasks = () => call('GET', '')
export const addTask = (title) => call('POST', '', { title })
export const changeTask = (id, change) => call('PATCH', `/${id}`, change)
export const deleteTask = (id) => call('DELETE', `/${id}`)
