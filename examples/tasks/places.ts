import type { Settings } from './settings.js'

/** The two front ends as one browser sees them: each is an origin of its own. */
export interface Place {
  web: string
  /**
   * Absent where the server is shown under a name that only the deployment knows: list the page in `FRONTEND_URL`
   * there.
   */
  chat?: string
}

/** Where the web app and the quick-add page are, once for each name of this machine. */
export function findPlaces ({ ownOrigins, hosts }: Settings, chatPort: number): Place[] {
  return ownOrigins.map((web) => {
    const { hostname } = new URL(web)
    return hosts.includes(hostname) ? { web, chat: new URL(`http://${hostname}:${chatPort}`).origin } : { web }
  })
}

/** Every origin of the two front ends. */
export function originsOf (places: Place[]): string[] {
  return places.flatMap(({ web, chat }) => chat === undefined ? [web] : [web, chat])
}

/** The place that goes by this host name, and one with another name, where a browser keeps other cookies. */
export function choosePlace (places: Place[], hostname: string): { here: Place, elsewhere: Place | undefined } {
  const isNamed = ({ web }: Place, name: string): boolean => new URL(web).hostname === name
  const here = places.find((place) => isNamed(place, hostname)) ?? places[0]!
  return { here, elsewhere: places.find((place) => !isNamed(place, new URL(here.web).hostname)) }
}
