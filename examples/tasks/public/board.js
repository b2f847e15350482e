import { call } from './api.js'
import { watchFields } from './field-errors.js'
import { send } from './draft.js'
import { act } from './notice.js'
import { part } from './part.js'
import { listProjects, onProjectsChanged } from './projects.js'
import { taskRow } from './task-row.js'
import { isGone } from './undo.js'

let tasks = []
let next = null
let total = 0
let done = 0
// How often the first page was asked for: an answer to an older choice comes too late, whenever it comes.
let asked = 0

/** Tells of each change, in a `changed` event with the newest task. */
export const board = new EventTarget()

const chosen = () => ({ project: part('filter-project').value, show: part('filter').elements.show.value })

function pageUrl (cursor) {
  const { project, show } = chosen()
  return `/board?${new URLSearchParams({ show, ...(project && { project }), ...(cursor && { cursor }) })}`
}

/** Asks for the first page anew. */
export async function loadBoard () {
  const mine = ++asked
  part('broken').hidden = true
  part('list').setAttribute('aria-busy', 'true')
  try {
    const { answer } = await call('GET', pageUrl())
    await listProjects()
    if (mine !== asked) return
    take(answer, [])
    render()
  } catch (error) {
    // A session that has ended is told elsewhere.
    part('broken').hidden = error.status === 401
    throw error
  } finally {
    if (mine === asked) part('list').removeAttribute('aria-busy')
  }
}

function take (page, before) {
  tasks = [...before, ...page.items]
  next = page.nextCursor
  total = page.total
  done = page.done
}

/** Forgets everything, for whoever comes next. */
export function clearBoard () {
  take({ items: [], nextCursor: null, total: 0, done: 0 }, [])
  part('tasks').replaceChildren()
  part('count').textContent = ''
  part('filter').reset()
  part('add').reset()
}

function render () {
  const { project, show } = chosen()
  const isFiltered = project !== '' || show !== 'all'
  const shown = tasks.filter(({ id }) => !isGone(id))
  const hidden = tasks.filter(({ id }) => isGone(id))
  const left = total - hidden.length
  part('tasks').replaceChildren(...shown.map((task) => taskRow(task, changes)))
  part('count').textContent = left === 0 ? '' : `${done - hidden.filter((task) => task.done).length} of ${left} done`
  part('filter').hidden = left === 0 && !isFiltered
  part('empty').hidden = shown.length > 0 || isFiltered
  part('none').hidden = shown.length > 0 || !isFiltered
  part('more').hidden = next === null
  part('shown').textContent = next === null ? '' : `${shown.length} shown`
  board.dispatchEvent(new CustomEvent('changed', { detail: shown[0] }))
}

/** What a row may do to the list it stands in. */
const changes = {
  replace (changed) {
    const before = tasks.find(({ id }) => id === changed.id)
    if (before === undefined) return
    if (changed.done !== undefined && before.done !== changed.done) done += changed.done ? 1 : -1
    tasks = tasks.map((task) => task.id === changed.id ? { ...task, ...changed } : task)
    render()
  },
  async remove (gone) {
    // Not while the list was asked for anew: it does not hold the task any more.
    if (tasks.some(({ id }) => id === gone.id)) {
      tasks = tasks.filter(({ id }) => id !== gone.id)
      total -= 1
      if (gone.done) done -= 1
      render()
    }
    if (gone.project) await listProjects()
  },
  focusFirst () {
    part('add').elements.title.focus()
  },
  focus (id, selector) {
    part('tasks').querySelector(`[data-id="${id}"] ${selector}`)?.focus()
  },
  render
}

/** Makes the forms of the board ready, once. */
export function prepareBoard () {
  const form = part('add')
  const errors = watchFields(form)

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!errors.check()) return
    act(part('add-submit'), async () => {
      const { answer: task } = await send(
        form.elements.title, (title) => call('POST', '/tasks', { title })
      )
      const { project } = chosen()
      if (project) await call('PUT', `/tasks/${task.id}/project`, { projectId: project })
      if (project || chosen().show !== 'all') {
        await loadBoard()
      } else {
        tasks = [{ ...task, project: null, notes: 0 }, ...tasks]
        total += 1
        render()
      }
      form.elements.title.focus()
    })
  })

  part('filter').addEventListener('change', () => act(undefined, loadBoard))
  part('filter').addEventListener('submit', (event) => event.preventDefault())
  part('again').addEventListener('click', () => act(part('again'), loadBoard))
  onProjectsChanged(loadBoard)

  part('more').addEventListener('click', () => act(part('more'), async () => {
    const first = tasks.length
    const since = asked
    const { answer } = await call('GET', pageUrl(next))
    if (since !== asked) return
    take(answer, tasks)
    render()
    changes.focus(tasks[first]?.id, '.title')
  }))
}
