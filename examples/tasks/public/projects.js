import { call } from './api.js'
import { watchFields } from './field-errors.js'
import { send } from './draft.js'
import { act } from './notice.js'
import { copyOf, part } from './part.js'
import { deleteLater, isGone } from './undo.js'

let projects = []
let tellChange = () => {}

/** What to do when a project came or went. */
export function onProjectsChanged (action) {
  tellChange = action
}

/** Asks for the projects and shows them wherever they can be chosen. */
export async function listProjects () {
  projects = (await call('GET', '/projects')).answer
  fillProjects(part('filter-project'), 'All projects', part('filter-project').value)
  render()
}

function render () {
  const shown = projects.filter(({ id }) => !isGone(id))
  part('projects').replaceChildren(...shown.map(row))
  part('no-projects').hidden = shown.length > 0
}

/** Fills a choice of projects; `none` is what choosing none is called. */
export function fillProjects (select, none, chosen = '') {
  const options = [{ id: '', name: none }, ...projects].map(({ id, name }) => new window.Option(name, id, false, id === chosen))
  select.replaceChildren(...options)
}

function row (project) {
  const item = copyOf('project-row')
  part('project-title', item).textContent = project.name
  part('project-tasks', item).textContent = project.tasks === 1 ? '1 task' : `${project.tasks} tasks`
  const remove = part('project-delete', item)
  remove.setAttribute('aria-label', `Delete project: ${project.name}`)
  remove.addEventListener('click', () => act(undefined, () => deleteLater(project.id, `Deleted: ${project.name}`, async () => {
    await call('DELETE', `/projects/${project.id}`)
    if (part('filter-project').value === project.id) part('filter-project').value = ''
    await tellChange()
  }, () => {
    render()
    part('add-project').elements.project.focus()
  })))
  return item
}

/** Makes the form ready, once. */
export function prepareProjects () {
  const form = part('add-project')
  const errors = watchFields(form)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!errors.check()) return
    act(part('add-project-submit'), async () => {
      const field = form.elements.project
      const name = field.value.trim()
      try {
        await send(field, (name) => call('POST', '/projects', { name }))
      } catch (error) {
        if (error.status !== 409) throw error
        return errors.refuse(field, `You have a project "${name}" already.`)
      }
      await listProjects()
      field.focus()
    })
  })
}
