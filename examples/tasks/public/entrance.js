import { signIn, signUp } from './api.js'
import { watchFields } from './field-errors.js'
import { act, hush } from './notice.js'
import { part } from './part.js'

let joining = false
let errors

function render () {
  part('name-field').hidden = !joining
  part('password-hint').hidden = !joining
  part('entrance-title').textContent = joining ? 'Create an account' : 'Sign in'
  part('entrance-lead').textContent = joining ? 'A name, an e-mail and a password are enough.' : 'Your tasks are waiting for you.'
  part('entrance-submit').textContent = joining ? 'Create account' : 'Sign in'
  part('other-text').textContent = joining ? 'Have an account?' : 'New here?'
  part('other').textContent = joining ? 'Sign in' : 'Create an account'
  const { name, password } = part('entrance-form').elements
  name.required = joining
  password.autocomplete = joining ? 'new-password' : 'current-password'
}

export function showEntrance () {
  part('entrance').hidden = false
  render()
}

/** Makes the form ready, once; `entered` gets whoever has come in. */
export function prepareEntrance (entered) {
  const form = part('entrance-form')
  errors = watchFields(form)

  part('other').addEventListener('click', () => {
    joining = !joining
    hush()
    errors.clear()
    render()
    form.elements[joining ? 'name' : 'email'].focus()
  })

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!errors.check()) return
    const { name, email, password } = form.elements
    act(part('entrance-submit'), async () => {
      const user = joining
        ? await signUp(name.value.trim(), email.value, password.value)
        : await signIn(email.value, password.value)
      form.reset()
      joining = false
      part('entrance').hidden = true
      await entered(user)
    }, { signedIn: false })
  })
}
