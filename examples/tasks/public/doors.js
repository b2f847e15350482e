import { copyOf, part } from './part.js'

const response = await fetch('/doors.json')
const doors = await response.json()

// HEAD has the rule of its GET.
const rows = doors.filter(({ method }) => method !== 'HEAD').map((door) => {
  const row = copyOf('door')
  part('door-method', row).textContent = door.method
  part('door-url', row).textContent = door.url
  const access = part('door-access', row)
  access.textContent = door.access
  access.dataset.access = door.access
  part('door-why', row).textContent = door.why
  part('door-where', row).textContent = door.where
  row.dataset.access = door.access
  return row
})
part('doors').replaceChildren(...rows)

const show = () => {
  const { access } = part('door-filter').elements
  for (const row of rows) row.hidden = access.value !== 'all' && row.dataset.access !== access.value
  const shown = rows.filter((row) => !row.hidden).length
  part('door-count').textContent = `${shown} of ${rows.length} doors`
}
part('door-filter').addEventListener('change', show)
show()
