import { signOut, whoIsHere } from './api.js'
import { listAnswers } from './answers.js'
import { board, clearBoard, loadBoard, prepareBoard } from './board.js'
import { prepareEntrance, showEntrance } from './entrance.js'
import { introduce, meetNeighbour, neighbour, openBeside } from './neighbour.js'
import { forgetNotes } from './notes.js'
import { act, explain, onSessionEnd } from './notice.js'
import { part } from './part.js'
import { nameProbes, prepareProbes } from './probes.js'
import { prepareProjects } from './projects.js'
import { prepareUndo } from './undo.js'

let person

function leave () {
  person = undefined
  introduce(undefined)
  clearBoard()
  forgetNotes()
  for (const name of ['list', 'who', 'verdict', 'probes']) part(name).hidden = true
  showEntrance()
}

async function enter (user) {
  person = user
  part('name').textContent = user.name
  try {
    await loadBoard()
  } finally {
    for (const name of ['who', 'list', 'probes']) part(name).hidden = false
  }
  part('add').elements.title.focus()
}

async function findPlaces () {
  const places = await (await fetch('/places.json')).json()
  if (places.chat) part('chat-link').href = places.chat
  else part('chat-link').closest('li').hidden = true
  if (places.elsewhere) meetNeighbour(places.elsewhere, showNeighbour)
  else part('beside').hidden = true
}

function showNeighbour () {
  const other = neighbour()
  part('beside-text').textContent = other ? `${other.name} is in the other window. The buttons use their URLs now.` : ''
  nameProbes()
}

listAnswers()
prepareBoard()
prepareProjects()
prepareProbes()
prepareUndo(explain)
prepareEntrance(enter)
onSessionEnd(leave)

board.addEventListener('changed', ({ detail: newest }) => {
  if (person) introduce({ name: person.name, userId: person.id, taskId: newest?.id })
})

part('beside').addEventListener('click', openBeside)

part('sign-out').addEventListener('click', () => act(part('sign-out'), async () => {
  await signOut()
  leave()
  part('entrance-form').elements.email.focus()
}))

findPlaces().catch(() => {})
const isKnown = await act(undefined, async () => {
  const user = await whoIsHere().finally(() => { part('loading').hidden = true })
  if (user) await enter(user)
  else showEntrance()
}, { signedIn: false })
if (!isKnown && person === undefined) showEntrance()
