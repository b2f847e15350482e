import { call } from './api.js'
import { notesOf } from './notes.js'
import { act } from './notice.js'
import { copyOf, part } from './part.js'
import { deleteLater, isGone } from './undo.js'

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const open = new Set()

/** One task, with what can be done to it. */
export function taskRow (task, changes) {
  const item = copyOf('task')
  item.dataset.id = task.id
  item.classList.toggle('done', task.done)

  const box = item.querySelector('input')
  box.checked = task.done
  box.setAttribute('aria-label', `Done: ${task.title}`)
  box.addEventListener('change', () => act(box, async () => {
    // The box shows what the server holds, also when the server refuses.
    const wanted = box.checked
    box.checked = task.done
    changes.replace((await call('PATCH', `/tasks/${task.id}`, { done: wanted })).answer)
    changes.focus(task.id, 'input')
  }))

  const title = item.querySelector('.title')
  title.textContent = task.title
  title.setAttribute('aria-label', `Rename: ${task.title}`)
  title.addEventListener('click', () => rename(task, title, changes))

  const project = part('project', item)
  project.textContent = task.project?.name ?? ''
  project.hidden = task.project === null

  const time = item.querySelector('time')
  time.dateTime = task.createdAt
  time.textContent = day.format(new Date(task.createdAt))

  const more = part('details', item)
  const noted = task.notes === 0 ? '' : `, ${task.notes} ${task.notes === 1 ? 'note' : 'notes'}`
  more.setAttribute('aria-label', `Notes and project: ${task.title}${noted}`)
  part('notes-count', more).textContent = task.notes === 0 ? '' : String(task.notes)
  const isOpen = open.has(task.id)
  more.setAttribute('aria-expanded', String(isOpen))
  more.addEventListener('click', () => {
    if (isOpen) open.delete(task.id)
    else open.add(task.id)
    changes.render()
    changes.focus(task.id, '[data-part="details"]')
  })
  if (isOpen) item.append(notesOf(task, changes))

  const remove = item.querySelector('.delete')
  remove.setAttribute('aria-label', `Delete: ${task.title}`)
  remove.addEventListener('click', () => act(undefined, () => deleteLater(task.id, `Deleted: ${task.title}`, async () => {
    await call('DELETE', `/tasks/${task.id}`)
    open.delete(task.id)
    await changes.remove(task)
  }, () => {
    changes.render()
    if (isGone(task.id)) changes.focusFirst()
    else changes.focus(task.id, '.delete')
  })))
  return item
}

// The title becomes a field: Enter keeps what is written, Escape drops it, leaving it keeps it.
function rename (task, title, changes) {
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
        if (changed) changes.replace((await call('PATCH', `/tasks/${task.id}`, { title: wanted })).answer)
      } finally {
        changes.render()
        changes.focus(task.id, '.title')
      }
    })
  }
  field.addEventListener('blur', () => finish(true))
  field.addEventListener('keydown', ({ key, isComposing }) => {
    if (key === 'Enter' && !isComposing) finish(true)
    if (key === 'Escape') finish(false)
  })
}
