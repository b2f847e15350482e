export * from 'drizzle-orm'
export { relations } from 'drizzle-orm/_relations'
