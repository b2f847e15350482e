/** What runs on Drizzle 1.x. */
export const files = [
  'test/drizzle', 'test/scope', 'test/repository', 'test/schema', 'test/drivers'
]
