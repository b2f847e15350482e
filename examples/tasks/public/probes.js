import { ask, freshToken, pathOf } from './api.js'
import { neighbour } from './neighbour.js'
import { act } from './notice.js'
import { part } from './part.js'

const nowhere = '00000000-0000-4000-8000-000000000000'
const asMe = async () => ({ authorization: `Bearer ${await freshToken()}` })

/** Requests that the page would not make by itself, to see the server say no. */
const probes = {
  async 'no-token' () {
    return [await ask('GET', pathOf('/tasks')), 'A request without a token is refused.']
  },
  async 'bad-token' () {
    return [await ask('GET', pathOf('/tasks'), { authorization: 'Bearer made.up.entirely' }), 'A token that this server did not sign is refused.']
  },
  async 'other-url' () {
    const { userId = 'somebody-else', name = 'somebody else' } = neighbour() ?? {}
    return [await ask('GET', pathOf('/tasks', userId), await asMe()), `The token is valid, and the URL belongs to ${name}.`]
  },
  async 'other-row' () {
    const { taskId, name } = neighbour() ?? {}
    const whose = taskId ? `The task is ${name}'s: for you it does not exist.` : 'No task of yours has this id.'
    return [await ask('GET', pathOf(`/tasks/${taskId ?? nowhere}`), await asMe()), whose]
  }
}

/** Names the buttons after whoever is in the other window. */
export function nameProbes () {
  const { name, taskId } = neighbour() ?? {}
  part('other-url').textContent = name ? `Use ${name}'s URL` : 'Use another’s URL'
  part('other-row').textContent = taskId ? `Ask for ${name}'s task` : 'Ask for a row that is not there'
}

/** Makes the buttons ready, once. */
export function prepareProbes () {
  for (const [name, probe] of Object.entries(probes)) {
    const button = part(name)
    button.addEventListener('click', () => act(button, async () => {
      const [{ status }, sentence] = await probe()
      part('verdict').textContent = `${status}. ${sentence}`
      part('verdict').hidden = false
      button.focus()
    }))
  }
}
