import type { PageFiles } from './routes/page.js'

/** The quick-add page, which shares a few files with the web app. */
export const chatFiles: PageFiles = {
  '/': 'chat.html',
  ...Object.fromEntries([
    'base.css', 'chat.css', 'icon.svg', 'api.js', 'chat.js', 'draft.js', 'field-errors.js', 'notice.js', 'part.js', 'undo.js'
  ].map((name) => [`/${name}`, name]))
}
