import { call } from './api.js'
import { send } from './draft.js'
import { act } from './notice.js'
import { copyOf, part } from './part.js'
import { fillProjects, listProjects } from './projects.js'
import { deleteLater, isGone } from './undo.js'

const known = new Map()
// What is being written, by task: the whole list is drawn again with each change.
const drafts = new Map()

/** Forgets what was read, for whoever comes next. */
export function forgetNotes () {
  known.clear()
  drafts.clear()
}

/** What there is to say about a task, and where it is filed. */
export function notesOf (task, changes) {
  const element = copyOf('task-details')
  const path = `/tasks/${task.id}/notes`
  const list = part('notes', element)
  let notes = known.get(task.id) ?? []

  const render = () => {
    const shown = notes.filter(({ id }) => !isGone(id))
    list.replaceChildren(...shown.map((note) => {
      const item = copyOf('note')
      part('note-body', item).textContent = note.body
      const remove = part('note-delete', item)
      remove.setAttribute('aria-label', `Delete note: ${note.body}`)
      remove.addEventListener('click', () => act(undefined, () => deleteLater(note.id, `Deleted: ${note.body}`, async () => {
        await call('DELETE', `${path}/${note.id}`)
        notes = (known.get(task.id) ?? []).filter(({ id }) => id !== note.id)
        show()
      }, () => {
        changes.render()
        changes.focus(task.id, '[data-part="new-note"]')
      })))
      return item
    }))
    part('no-notes', element).hidden = shown.length > 0 || !known.has(task.id)
  }
  const show = () => {
    known.set(task.id, notes)
    changes.replace({ id: task.id, notes: notes.length })
  }

  const field = part('new-note', element)
  field.setAttribute('aria-label', `Note on ${task.title}`)
  field.value = drafts.get(task.id) ?? ''
  field.addEventListener('input', () => drafts.set(task.id, field.value))
  part('note-form', element).addEventListener('submit', (event) => {
    event.preventDefault()
    if (field.value.trim() === '') return
    act(part('note-submit', element), async () => {
      drafts.delete(task.id)
      const { answer: note } = await send(field, (body) => call('POST', path, { body }))
      notes = [...known.get(task.id) ?? [], note]
      show()
      changes.focus(task.id, '[data-part="new-note"]')
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
    changes.replace({ id: task.id, project: projectId === '' ? null : { id: projectId, name } })
    changes.focus(task.id, '[data-part="filed-in"]')
    await listProjects()
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
