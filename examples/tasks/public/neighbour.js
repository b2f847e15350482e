// A second person beside this one. A browser keeps the cookies of `localhost` and `127.0.0.1` apart, so a window
// under the other name is somebody else's; the two windows tell each other who is there, so that each can try the
// other's URLs.
let elsewhere
let beside = window.opener
let own
let other

/** Who is in the other window: `{ name, userId, taskId }`, or `undefined` for nobody. */
export function neighbour () {
  return other
}

/** Tells the other window who is here; nothing when nobody is. */
export function introduce (person) {
  own = person
  if (beside && elsewhere && !beside.closed) beside.postMessage({ neighbour: own ?? null }, elsewhere)
}

/** Opens the other window, half a screen wide. */
export function openBeside () {
  const width = Math.max(420, Math.floor(window.screen.availWidth / 2))
  beside = window.open(elsewhere, 'beside', `popup,width=${width},height=${window.screen.availHeight},left=${width},top=0`)
}

/** Listens to the other window; `changed` is called when somebody comes or goes there. */
export function meetNeighbour (origin, changed) {
  elsewhere = origin
  window.addEventListener('message', ({ origin, source, data }) => {
    if (origin !== elsewhere || source !== beside || !('neighbour' in Object(data))) return
    const isNew = other === undefined
    other = data.neighbour ?? undefined
    changed()
    // Whoever has just come does not know us yet.
    if (isNew && other) introduce(own)
  })
}
