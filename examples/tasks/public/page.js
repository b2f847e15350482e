import { addTask, changeTask, deleteTask, listTasks, signIn, signOut, signUp, whoIsHere } from './api.js'

const part = (name) => document.querySelector(`[data-part="${name}"]`)
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

let tasks = []
let joining = false

// Runs one action of the person: its button rests meanwhile, and what goes wrong is said at the top.
async function act (button, action) {
  part('notice').hidden = true
  if (button) button.disabled = true
  try {
    await action()
  } catch (error) {
    if (error.status === 401 && !part('list').hidden) {
      showEntrance()
      say('Your session has ended. Please sign in again.')
    } else {
      say(error.message)
    }
  } finally {
    if (button) button.disabled = false
  }
}

function say (sentence) {
  part('notice').textContent = sentence
  part('notice').hidden = false
}

function showEntrance () {
  tasks = []
  part('tasks').replaceChildren()
  part('list').hidden = true
  part('who').hidden = true
  part('entrance').hidden = false
  part('name-field').hidden = !joining
  part('password-hint').hidden = !joining
  part('entrance-title').textContent = joining ? 'Create an account' : 'Sign in'
  part('entrance-lead').textContent = joining ? 'A name, an e-mail and a password are enough.' : 'Your tasks are waiting for you.'
  part('entrance-submit').textContent = joining ? 'Create account' : 'Sign in'
  part('other-text').textContent = joining ? 'Have an account?' : 'New here?'
  part('other').textContent = joining ? 'Sign in' : 'Create an account'
  const { name, password } = part('entrance-form').elements
  name.required = joining
  password.autocomplete = joining ? 'new-password' : 'current-password'
}

async function showTasks (user) {
  tasks = await listTasks()
  part('name').textContent = user.name
  part('who').hidden = false
  part('entrance').hidden = true
  part('list').hidden = false
  render()
  part('add').elements.title.focus()
}

function render () {
  part('tasks').replaceChildren(...tasks.map(row))
  part('empty').hidden = tasks.length > 0
  const done = tasks.filter((task) => task.done).length
  part('count').textContent = tasks.length === 0 ? '' : `${done} of ${tasks.length} done`
}

function row (task) {
  const item = part('task').content.firstElementChild.cloneNode(true)
  item.dataset.id = task.id
  item.classList.toggle('done', task.done)

  const box = item.querySelector('input')
  box.checked = task.done
  box.setAttribute('aria-label', `Done: ${task.title}`)
  box.addEventListener('change', () => act(box, async () => {
    // The box shows what the server holds, also when the server refuses.
    const wanted = box.checked
    box.checked = task.done
    replace(await changeTask(task.id, { done: wanted }))
    focusIn(task.id, 'input')
  }))

  const title = item.querySelector('.title')
  title.textContent = task.title
  title.setAttribute('aria-label', `Rename: ${task.title}`)
  title.addEventListener('click', () => rename(task, title))

  const time = item.querySelector('time')
  time.dateTime = task.createdAt
  time.textContent = day.format(new Date(task.createdAt))

  const remove = item.querySelector('.delete')
  remove.setAttribute('aria-label', `Delete: ${task.title}`)
  remove.addEventListener('click', () => act(remove, async () => {
    await deleteTask(task.id)
    tasks = tasks.filter(({ id }) => id !== task.id)
    render()
    part('add').elements.title.focus()
  }))
  return item
}

// The title becomes a field: Enter keeps what is written, Escape drops it, leaving it keeps it.
function rename (task, title) {
  const field = document.createElement('input')
  field.value = task.title
  field.maxLength = 200
  field.setAttribute('aria-label', `New title of ${task.title}`)
  title.replaceWith(field)
  field.focus()
  field.select()

  let finished = false
  const finish = (keep) => {
    if (finished) return
    finished = true
    const wanted = field.value.trim()
    const changed = keep && wanted !== '' && wanted !== task.title
    return act(undefined, async () => {
      try {
        if (changed) replace(await changeTask(task.id, { title: wanted }))
      } finally {
        render()
        focusIn(task.id, '.title')
      }
    })
  }
  field.addEventListener('blur', () => finish(true))
  field.addEventListener('keydown', ({ key, isComposing }) => {
    if (key === 'Enter' && !isComposing) finish(true)
    if (key === 'Escape') finish(false)
  })
}

function replace (changed) {
  tasks = tasks.map((task) => task.id === changed.id ? changed : task)
  render()
}

function focusIn (id, selector) {
  part('tasks').querySelector(`[data-id="${id}"] ${selector}`)?.focus()
}

part('other').addEventListener('click', () => {
  joining = !joining
  part('notice').hidden = true
  showEntrance()
  part('entrance-form').elements[joining ? 'name' : 'email'].focus()
})

part('entrance-form').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  const { name, email, password } = form.elements
  act(part('entrance-submit'), async () => {
    const user = joining
      ? await signUp(name.value.trim(), email.value, password.value)
      : await signIn(email.value, password.value)
    form.reset()
    joining = false
    await showTasks(user)
  })
})

part('sign-out').addEventListener('click', () => act(part('sign-out'), async () => {
  await signOut()
  showEntrance()
  part('entrance-form').elements.email.focus()
}))

part('add').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  const title = form.elements.title.value.trim()
  if (title === '') return
  act(form.querySelector('button'), async () => {
    tasks = [await addTask(title), ...tasks]
    form.reset()
    render()
    form.elements.title.focus()
  })
})

await act(undefined, async () => {
  const user = await whoIsHere()
  if (user) await showTasks(user)
  else showEntrance()
})
