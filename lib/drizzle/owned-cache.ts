import { createHash, randomUUID } from 'node:crypto'
import { is } from 'drizzle-orm'
import { NoopCache, type Cache } from 'drizzle-orm/cache/core/cache'

type Config = Parameters<Cache['put']>[4]
interface Cached { cache?: Cache }

/** Lets a statement find and leave answers in Drizzle's cache under its owner's name only. */
export function cacheFor (prepared: object, owner: string, config?: Config): void {
  const { cache } = prepared as Cached
  if (cache === undefined || is(cache, NoopCache)) return
  Object.assign(prepared, { cache: new OwnedCache(cache, owner, config) })
}

/**
 * The app's cache for one owner. Drizzle finds an answer by the statement's text and values, or by the app's tag
 * alone, and a statement over
 * shared tables names no owner in either.
 *
 * Under the app's own tag stands a word that is in the keys of all answers with this tag, so that the app takes them
 * away, whoever's they are,
 * in the way Drizzle has for it: without the word they are not found any more.
 */
export class OwnedCache {
  readonly #cache: Cache
  readonly #owner: string
  readonly #config: Config
  #word: string | undefined

  constructor (cache: Cache, owner: string, config: Config) {
    this.#cache = cache
    this.#owner = owner
    this.#config = config
  }

  strategy (): ReturnType<Cache['strategy']> {
    return this.#cache.strategy()
  }

  async get (key: string, tables: string[], isTag: boolean, isAutoInvalidate?: boolean): Promise<any[] | undefined> {
    if (!isTag) return await this.#cache.get(this.#keyOf(key), tables, false, isAutoInvalidate)
    const [word] = await this.#cache.get(key, tables, true, isAutoInvalidate) ?? []
    if (typeof word === 'string') {
      this.#word = word
      return await this.#cache.get(this.#keyOf(key, word), tables, false, isAutoInvalidate)
    }
    // Before the statement runs: what is taken away meanwhile is not found afterwards.
    this.#word = randomUUID()
    await this.#cache.put(key, [this.#word], isAutoInvalidate === true ? tables : [], true, this.#config)
  }

  async put (key: string, rows: any, tables: string[], isTag: boolean, config?: Config): Promise<void> {
    await this.#cache.put(this.#keyOf(key, isTag ? this.#word : undefined), rows, tables, false, config)
  }

  async onMutate (mutation: Parameters<Cache['onMutate']>[0]): Promise<void> {
    await this.#cache.onMutate(mutation)
  }

  #keyOf (key: string, word?: string): string {
    return createHash('sha256').update(JSON.stringify([this.#owner, key, word])).digest('hex')
  }
}
