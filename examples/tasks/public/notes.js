import { call } from './api.js'
import { act } from './notice.js'
import { copyOf, part } from './part.js'
import { fillProjects } from './projects.js'

const known = new Map()

/** Forgets what was read, for whoever comes next. */
export function forgetNotes () {
  known.clear()
}

/** What there is to say about a task, and where it is filed. */
export function notesOf (task, changes) {
  const element = copyOf('task-details')
  const path = `/tasks/${task.id}/notes`
  const list = part('notes', element)
  let notes = known.get(task.id) ?? []

  const render = () => {
    list.replaceChildren(...notes.map((note) => {
      const item = copyOf('note')
      part('note-body', item).textContent = note.body
      const remove = part('note-delete', item)
      remove.setAttribute('aria-label', `Delete note: ${note.body}`)
      remove.addEventListener('click', () => act(remove, async () => {
        await call('DELETE', `${path}/${note.id}`)
        notes = notes.filter(({ id }) => id !== note.id)
        settle()
      }))
      return item
    }))
    part('no-notes', element).hidden = notes.length > 0 || !known.has(task.id)
  }
  // The whole list is drawn again, and this element with it; what was being written goes on in the new one.
  const settle = () => {
    known.set(task.id, notes)
    changes.replace({ id: task.id, done: task.done, notes: notes.length })
    changes.focus(task.id, '[data-part="new-note"]')
  }

  const field = part('new-note', element)
  field.setAttribute('aria-label', `Note on ${task.title}`)
  part('note-form', element).addEventListener('submit', (event) => {
    event.preventDefault()
    const body = field.value.trim()
    if (body === '') return
    act(part('note-submit', element), async () => {
      notes = [...notes, (await call('POST', path, { body })).answer]
      settle()
    })
  })

  const project = part('filed-in', element)
  project.setAttribute('aria-label', `Project of ${task.title}`)
  fillProjects(project, 'No project', task.project?.id)
  project.addEventListener('change', () => act(project, async () => {
    const projectId = project.value
    if (projectId === '') await call('DELETE', `/tasks/${task.id}/project`)
    else await call('PUT', `/tasks/${task.id}/project`, { projectId })
    const name = project.selectedOptions[0].textContent
    changes.replace({ id: task.id, done: task.done, project: projectId === '' ? null : { id: projectId, name } })
    changes.focus(task.id, '[data-part="filed-in"]')
  }))

  render()
  if (!known.has(task.id)) {
    act(undefined, async () => {
      notes = (await call('GET', path)).answer
      known.set(task.id, notes)
      render()
    })
  }
  return element
}
