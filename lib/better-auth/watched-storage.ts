import { AsyncLocalStorage } from 'node:async_hooks'

/** What a storage has failed by while a request was handled; empty when it has not. */
interface Failures { first?: unknown }

type Method = (...parameters: any[]) => unknown

const current = new AsyncLocalStorage<Failures>()
const watched = new WeakSet<object>()

/**
 * Watches the storages of a Better Auth instance, its database adapter and its secondary storage, for what they fail
 * by. Better Auth catches that, and may make a 401 of it.
 */
export function watchStorages ({ adapter, secondaryStorage }: { adapter?: object, secondaryStorage?: object }): void {
  for (const storage of [adapter, secondaryStorage]) if (storage !== undefined) watch(storage)
}

/** Runs what uses a watched storage, and tells what the storage failed by first, whatever became of it. */
export async function withFailure<T> (
  run: () => Promise<T>
): Promise<{ result?: T, thrown?: unknown, failure?: unknown }> {
  const failures: Failures = {}
  try {
    const result = await current.run(failures, run)
    return { result, failure: failures.first }
  } catch (thrown) {
    return { thrown: thrown ?? new Error('Better Auth rejected with nothing'), failure: failures.first }
  }
}

/** The methods are replaced in place: Better Auth holds the object itself in many of its closures. */
function watch (storage: object): void {
  if (watched.has(storage) || Object.isFrozen(storage)) return
  watched.add(storage)
  const methods = storage as Record<string, unknown>
  for (const [name, method] of Object.entries(methods)) {
    if (typeof method === 'function') methods[name] = reporting(method as Method)
  }
}

function reporting (method: Method): Method {
  return function (this: unknown, ...parameters) {
    // A transaction hands an adapter of its own to its callback.
    const passed = parameters.map((parameter) =>
      typeof parameter === 'function' ? withWatchedAdapter(parameter) : parameter)
    try {
      const result = method.apply(this, passed)
      if (result instanceof Promise) result.catch(report)
      return result
    } catch (error) {
      report(error)
      throw error
    }
  }
}

function withWatchedAdapter (callback: Method): Method {
  return (adapter, ...rest) => {
    if (typeof adapter === 'object' && adapter !== null) watch(adapter)
    return callback(adapter, ...rest)
  }
}

function report (error: unknown): void {
  const failures = current.getStore()
  if (failures !== undefined && failures.first === undefined) failures.first = error
}
