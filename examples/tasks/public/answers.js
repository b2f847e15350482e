import { answers } from './api.js'
import { copyOf, part } from './part.js'

const kept = 30
const names = {
  0: 'No answer',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable'
}

function entry ({ method, path, status, answer }) {
  const item = copyOf('answer')
  item.dataset.kind = status >= 200 && status < 300 ? 'good' : 'bad'
  part('answer-request', item).textContent = `${method} ${shorten(path)}`
  part('answer-request', item).title = `${method} ${path}`
  part('answer-status', item).textContent = `${status || ''} ${names[status] ?? ''}`.trim()
  const body = part('answer-body', item)
  body.textContent = status >= 400 && answer ? JSON.stringify(answer) : ''
  body.hidden = body.textContent === ''
  return item
}

// Ids are long, and their beginnings tell them apart.
function shorten (path) {
  return path.split('?')[0].split('/').map((segment) => segment.length > 20 ? `${segment.slice(0, 4)}…` : segment).join('/')
}

/** Lists what the server answers from now on, newest first. */
export function listAnswers () {
  const list = part('answers')
  answers.addEventListener('answer', ({ detail }) => {
    list.prepend(entry(detail))
    while (list.children.length > kept) list.lastElementChild.remove()
    part('no-answers').hidden = true
  })
  part('clear-answers').addEventListener('click', () => {
    list.replaceChildren()
    part('no-answers').hidden = false
  })
}
