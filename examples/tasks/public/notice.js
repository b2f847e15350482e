import { part } from './part.js'
import { settle } from './undo.js'

let whenSessionEnds = () => {}

/** What to do when the server does not know the person any more. */
export function onSessionEnd (action) {
  whenSessionEnds = action
}

/** Says a sentence at the top, where it is read out. */
export function say (sentence) {
  part('notice').textContent = sentence
  part('notice').hidden = false
}

export function hush () {
  part('notice').hidden = true
}

/** Says what the server refused, and leaves the page to the sign-in form when the session has ended. */
export function explain (error, signedIn = true) {
  if (error.status === 401 && signedIn) {
    whenSessionEnds()
    say('Your session has ended. Please sign in again.')
  } else {
    say(error.message)
  }
}

/**
 * Runs one action of the person. Its button is disabled meanwhile, and an error is shown at the top.
 * Resolves to whether it went well.
 */
export async function act (button, action, { signedIn = true } = {}) {
  hush()
  if (button) button.disabled = true
  try {
    await settle()
    await action()
    return true
  } catch (error) {
    explain(error, signedIn)
    return false
  } finally {
    if (button) button.disabled = false
  }
}
