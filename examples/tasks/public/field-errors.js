// What is wrong with a field stands under it while it is written: from the first time the field is left or sent, so
// that nobody is told off for a word half typed. The browser's own bubbles stay away.

// What the server had against the text of a field.
const refused = new WeakMap()

function sentenceFor (field) {
  const { validity, value } = field
  if (refused.get(field)?.value === value) return refused.get(field).sentence
  const called = field.dataset.called ?? 'this'
  if (validity.valueMissing) return `Please enter ${called}.`
  if (validity.typeMismatch) return 'That is no e-mail address yet: it needs a name, an @ and a place.'
  if (value !== '' && value.trim() === '') return 'Spaces alone say nothing.'
  const { least, most } = field.dataset
  if (least && value.length < Number(least)) return `${value.length} of at least ${least} characters.`
  if (most && value.length > Number(most)) return `${value.length} of at most ${most} characters.`
  return ''
}

function show (field) {
  const sentence = sentenceFor(field)
  placeOf(field).textContent = sentence
  field.setAttribute('aria-invalid', String(sentence !== ''))
  return sentence === ''
}

function placeOf (field) {
  return document.getElementById(`${field.id}-error`)
}

/** Watches the fields of a form that have a place for errors, `<id>-error`. */
export function watchFields (form) {
  form.noValidate = true
  const fields = [...form.elements].filter(placeOf)
  const touched = new WeakSet()

  form.addEventListener('focusout', ({ target, relatedTarget }) => {
    // An empty field is not finished, it is given up; and a button that sends checks by itself.
    if (!fields.includes(target) || target.value === '' || relatedTarget?.type === 'submit') return
    touched.add(target)
    show(target)
  })
  form.addEventListener('input', ({ target }) => {
    if (!fields.includes(target)) return
    if (target.value.length > Number(target.dataset.most)) touched.add(target)
    if (touched.has(target)) show(target)
  })

  const clear = () => {
    for (const field of fields) {
      touched.delete(field)
      field.removeAttribute('aria-invalid')
      placeOf(field).textContent = ''
    }
  }
  form.addEventListener('reset', clear)

  return {
    clear,
    /** Shows under a field what the server has against its text, until that is changed. */
    refuse (field, sentence) {
      refused.set(field, { value: field.value, sentence })
      touched.add(field)
      show(field)
      field.focus()
    },
    /** Whether all is well; else the first wrong field has the focus. */
    check () {
      const wrong = fields.filter((field) => !field.closest('[hidden]')).filter((field) => {
        touched.add(field)
        // It may be taken now.
        refused.delete(field)
        return !show(field)
      })
      wrong[0]?.focus()
      return wrong.length === 0
    }
  }
}
