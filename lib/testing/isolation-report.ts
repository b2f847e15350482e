import type { TokenSource } from './inject-as.js'
import type { RouteInput } from './route-request.js'

/** Options of `checkIsolation`. */
export interface IsolationOptions extends TokenSource {
  /** The two users' ids. Default two that were made up; name rows' real owners if the users must exist. */
  users?: [string, string]
  /** What a route is asked with, by `METHOD url`, where its schema is not enough; `false` leaves the route out. */
  inputs?: Record<string, RouteInput | ((userId: string) => RouteInput) | false>
  /** Parameters and body properties that hold the user's id. Default `['user_id', 'userId']`. */
  ownerParams?: string[]
  /** Texts that only one user may read, by user id, beside those the check writes itself. */
  secrets?: Record<string, string[]>
}

/** One route that gave a caller what is not theirs. */
export interface Leak {
  method: string
  url: string
  /** Who asked: a user id, or `nobody`. */
  caller: string
  /** Whose data it was, or whose URL. */
  owner: string
  status: number
  what: string
  /** The first request that showed it, as it was sent: `GET /tasks/7`. */
  request: string
  /** How many requests showed it. */
  times: number
}

/** What `checkIsolation` found. */
export interface IsolationReport {
  leaks: Leak[]
  /** Routes where no user's own request succeeded: nothing is proven about them. */
  unproven: Array<{ method: string, url: string, status: number }>
  /** How many routes were driven. */
  routes: number
}
