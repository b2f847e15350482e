import { call, callAt, signIn, signOut, whoIsHere } from './api.js'
import { send } from './draft.js'
import { watchFields } from './field-errors.js'
import { act, onSessionEnd } from './notice.js'
import { copyOf, part } from './part.js'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
let earlier

/** One more line of the talk. */
function line (who, text, kind = '') {
  const item = copyOf('line')
  item.className = `line ${who} ${kind}`
  part('line-who', item).textContent = who === 'me' ? 'You: ' : 'Tasks: '
  part('line-text', item).textContent = text
  const now = new Date()
  part('line-time', item).textContent = clock.format(now)
  part('line-time', item).dateTime = now.toISOString()
  part('talk').append(item)
  item.scrollIntoView({ block: 'end' })
}

function listed (tasks) {
  return tasks.map(({ title, done }) => `${done ? '✓' : '○'} ${title}`).join('\n')
}

async function tell (ask, none) {
  const { answer, next } = await ask()
  line('it', answer.length === 0 ? none : listed(answer))
  earlier = next
  part('earlier').hidden = next === undefined
}

function leave () {
  part('room').hidden = true
  part('who').hidden = true
  part('talk').replaceChildren()
  part('entrance').hidden = false
}

async function enter (user) {
  part('entrance').hidden = true
  part('room').hidden = false
  part('who').hidden = false
  part('name').textContent = user.name
  line('it', `Hello ${user.name}. Write what is to be done, one thing a line.`)
  part('say').elements.title.focus()
}

const errors = watchFields(part('say'))
part('say').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  if (!errors.check()) return
  const title = form.elements.title.value.trim()
  act(part('say-submit'), async () => {
    line('me', title)
    try {
      await send(form.elements.title, (title) => call('POST', '/tasks', { title }))
      line('it', 'Kept.')
    } catch (error) {
      line('it', `Not kept: ${error.message}`, 'refused')
      throw error
    } finally {
      form.elements.title.focus()
    }
  })
})

part('newest').addEventListener('click', () => act(part('newest'), async () => {
  line('me', 'What is new?')
  await tell(() => call('GET', '/tasks?limit=5'), 'Nothing yet.')
}))

part('earlier').addEventListener('click', () => act(part('earlier'), async () => {
  line('me', 'And before that?')
  // Relative to the list it came with, in a header that this origin may read.
  await tell(() => call('GET', `/tasks${earlier}`), 'Nothing before that.')
}))

const entranceErrors = watchFields(part('entrance-form'))
part('entrance-form').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  if (!entranceErrors.check()) return
  act(part('entrance-submit'), async () => {
    const user = await signIn(form.elements.email.value, form.elements.password.value)
    form.reset()
    await enter(user)
  }, { signedIn: false })
})

part('sign-out').addEventListener('click', () => act(part('sign-out'), async () => {
  await signOut()
  leave()
  part('entrance-form').elements.email.focus()
}))

onSessionEnd(leave)
const { web } = await (await fetch('/places.json')).json()
callAt(web)
for (const link of document.querySelectorAll('[data-web-link]')) link.href = web
part('here').textContent = window.location.origin
part('there').textContent = web

await act(undefined, async () => {
  const user = await whoIsHere().finally(() => { part('loading').hidden = true })
  if (user) await enter(user)
  else leave()
})
