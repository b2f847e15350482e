import { part } from './part.js'

const patience = 8000
const gone = new Set()
let pending
let refused = () => {}

/** Whether this is deleted on the page, and not yet on the server. */
export function isGone (id) {
  return gone.has(id)
}

/**
 * Deletes something on the page, and on the server when the time for undoing it is over, or when the person does
 * something else. `render` draws the page without it, or with it again.
 */
export async function deleteLater (id, sentence, commit, render) {
  await settle()
  gone.add(id)
  const timer = setTimeout(() => settle().catch(refused), patience)
  pending = { id, timer, commit, render }
  part('undo-text').textContent = sentence
  part('undo-bar').hidden = false
  render()
}

/** Tells the server of what was deleted, now. */
export async function settle () {
  if (pending === undefined) return
  const { id, commit, render } = take()
  try {
    await commit()
    gone.delete(id)
  } catch (error) {
    gone.delete(id)
    render()
    throw error
  }
}

function take () {
  const taken = pending
  clearTimeout(taken.timer)
  pending = undefined
  part('undo-bar').hidden = true
  return taken
}

/** Makes the button ready, once; `whenRefused` gets what the server said against a deletion. */
export function prepareUndo (whenRefused) {
  refused = whenRefused
  part('undo').addEventListener('click', () => {
    if (pending === undefined) return
    const { id, render } = take()
    gone.delete(id)
    render()
  })
  // A page that is left deletes what it has said is deleted: the request outlives it.
  window.addEventListener('pagehide', () => { settle().catch(() => {}) })
}
