/** The element of the page that has this `data-part`. */
export const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`)

/** A copy of the one element in the template of this name. */
export const copyOf = (name) => part(name).content.firstElementChild.cloneNode(true)
