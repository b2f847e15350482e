import type { PageFiles } from './routes/page.js'

/** The web app. */
export const webFiles: PageFiles = {
  '/': 'index.html',
  '/routes': 'routes.html',
  ...Object.fromEntries(
    [
      'base.css',
      'style.css',
      'routes.css',
      'icon.svg',
      'api.js',
      'answers.js',
      'board.js',
      'draft.js',
      'entrance.js',
      'field-errors.js',
      'neighbour.js',
      'notes.js',
      'notice.js',
      'part.js',
      'page.js',
      'probes.js',
      'projects.js',
      'routes.js',
      'task-row.js',
      'undo.js'
    ].map((name) => [`/${name}`, name])
  )
}
