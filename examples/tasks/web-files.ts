import type { PageFiles } from './routes/page.js'

/** The web app. */
export const webFiles: PageFiles = {
  '/': 'index.html',
  '/doors': 'doors.html',
  ...Object.fromEntries(
    [
      'base.css',
      'style.css',
      'doors.css',
      'icon.svg',
      'api.js',
      'answers.js',
      'board.js',
      'doors.js',
      'entrance.js',
      'field-errors.js',
      'neighbour.js',
      'notes.js',
      'notice.js',
      'part.js',
      'page.js',
      'probes.js',
      'projects.js',
      'task-row.js'
    ].map((name) => [`/${name}`, name])
  )
}
