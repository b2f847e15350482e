// What tests take of it beside types.
import { drizzle as connect } from 'drizzle-orm/neon-serverless'
import { asBefore } from './as-before.js'

export const drizzle = asBefore(connect)
