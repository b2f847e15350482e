import { copyOf, part } from './part.js'

const response = await fetch('/routes.json')
const routes = await response.json()

// The API first; HEAD has the rule of its GET.
const isApi = ({ url }) => /^\/(api\/|health$|ready$)/.test(url)
const listed = routes.filter(({ method }) => method !== 'HEAD')
const rows = [...listed.filter(isApi), ...listed.filter((route) => !isApi(route))].map((route) => {
  const row = copyOf('route')
  part('route-method', row).textContent = route.method
  part('route-url', row).textContent = route.url
  const access = part('route-access', row)
  access.textContent = route.access
  access.dataset.access = route.access
  part('route-why', row).textContent = route.why
  part('route-where', row).textContent = route.where
  row.dataset.access = route.access
  row.dataset.api = isApi(route)
  return row
})
part('routes').replaceChildren(...rows)

const show = () => {
  const { access, files } = part('route-filter').elements
  for (const row of rows) {
    const isListed = files.checked || row.dataset.api === 'true'
    row.hidden = !isListed || (access.value !== 'all' && row.dataset.access !== access.value)
  }
  const shown = rows.filter((row) => !row.hidden).length
  part('route-count').textContent = `${shown} of ${rows.length} routes`
}
part('route-filter').addEventListener('change', show)
show()
