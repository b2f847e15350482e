import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import type { StatementHolder } from '../scope/statement-holder.js'

const stateKey = Symbol('fastify-auth-integration.running')

declare module 'fastify' {
  interface FastifyRequest {
    /** `unfollowed` when it began before requests were followed; `null` for one that is followed. */
    [stateKey]: 'unfollowed' | 'ended' | null
  }
}

const kept = 'A statement of request.db that was prepared by prepare() is run by its own request only, so prepare it ' +
  'where it is run, or leave prepare() out, since request.db prepares statements by itself'

/**
 * Which request is running, so that a prepared statement is run by the request that made it and by no other.
 *
 * It is followed through asynchronous calls from the first statement that is prepared by name: until then, and in the
 * many apps that never do so, it costs two counters.
 */
export class RunningRequests {
  #running: AsyncLocalStorage<FastifyRequest> | undefined
  /** Requests under way that began before they were followed. */
  #unfollowed = 0

  /** Adds the hooks that say where a request begins and ends. */
  register (app: FastifyInstance): void {
    if (!app.hasRequestDecorator(stateKey)) app.decorateRequest(stateKey, null)
    app.addHook('onRequest', (request, _reply, done) => {
      // Fastify comes back to this context when it has read the body.
      if (this.#running !== undefined) return this.#running.run(request, done)
      if (request[stateKey] === null) {
        this.#unfollowed++
        request[stateKey] = 'unfollowed'
      }
      done()
    })
    app.addHook('onResponse', (request, _reply, done) => {
      if (request[stateKey] === 'unfollowed') this.#unfollowed--
      request[stateKey] = 'ended'
      done()
    })
  }

  /** Who may run the statements that this request prepares. */
  holderOf (request: FastifyRequest): StatementHolder {
    return {
      prepared: () => {
        if (this.#running === undefined) {
          this.#running = new AsyncLocalStorage()
          this.#running.enterWith(request)
        }
      },
      assertRunning: () => {
        const state = request[stateKey]
        const running = this.#running!.getStore()
        if (state === 'ended') throw new errors.KeptStatement(`${kept}: that request has ended`)
        if (running === request) return
        // Of those that began before, only one that is alone is known to be the one that runs.
        if (running === undefined && state === 'unfollowed' && this.#unfollowed === 1) return
        throw new errors.KeptStatement(`${kept}: what runs now is not known to be that request`)
      }
    }
  }
}

/** Of the whole process: what a module keeps, requests of any of its apps may run. */
export const runningRequests = new RunningRequests()
