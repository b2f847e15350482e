// `.array().array()` is an array of arrays, as before: 1.x has `.array('[][]')`.
import { PgColumnBuilder } from 'drizzle-orm/pg-core'

export * from 'drizzle-orm/pg-core'

const { array } = PgColumnBuilder.prototype

PgColumnBuilder.prototype.array = function (dimensions) {
  return array.call(this, typeof dimensions === 'string' ? dimensions : '[]'.repeat((this.config.dimensions ?? 0) + 1))
}
