import { SQL } from 'drizzle-orm'

/** Drizzle's `$count`: awaited it is a number, inside a select it is a sub-query. */
export class ScopedCount extends SQL<number> implements Promise<number> {
  readonly [Symbol.toStringTag] = 'ScopedCount'
  readonly #run: () => Promise<number>

  constructor (statement: SQL, run: () => Promise<number>) {
    super(statement.queryChunks)
    this.#run = run
    this.mapWith(Number)
  }

  then<A = number, B = never> (
    onFulfilled?: (
      (count: number) => A | PromiseLike<A>
    ) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null
  ): Promise<A | B> {
    return this.#run().then(onFulfilled, onRejected)
  }

  catch<B = never> (onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<number | B> {
    return this.#run().catch(onRejected)
  }

  finally (onFinally?: (() => void) | null): Promise<number> {
    return this.#run().finally(onFinally)
  }
}
