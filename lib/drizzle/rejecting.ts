interface Executed { execute (values?: Record<string, unknown>): unknown }

/**
 * Makes whatever is wrong with a builder reject. Drizzle builds the statement inside of `then()`, and a thenable that
 * throws ends
 * the process where nobody awaits it, as in the handler of a WebSocket's message.
 */
export function rejecting<Builder extends object> (builder: Builder): Builder {
  const executed = builder as Executed
  const { execute } = executed
  executed.execute = (values) => {
    try {
      return execute.call(builder, values)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  return builder
}

/**
 * Takes a step in building, and keeps what is wrong with it for when the statement is asked for; the first fault is
 * the one that is thrown.
 */
export function step<Builder extends object> (builder: Builder, take: () => void): Builder {
  try {
    take()
  } catch (error) {
    if (!Object.hasOwn(builder, 'getSQL')) Object.assign(builder, { getSQL (): never { throw error } })
  }
  return builder
}

/** Makes the builders that these methods answer reject. */
export function rejectingFrom<Start extends object> (start: Start, ...methods: Array<keyof Start>): Start {
  for (const method of methods) {
    const answer = (start[method] as (...args: unknown[]) => object).bind(start)
    start[method] = ((...args: unknown[]) => rejecting(answer(...args))) as Start[typeof method]
  }
  return start
}
