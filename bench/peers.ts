import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'

/** What a reader might pick instead. They are installed for a full run only, in a folder of their own. */
export interface Peers {
  /** fastify-jwt-jwks, as its documentation has it: `authenticate` before a route. */
  registerTokenPeer (app: FastifyInstance, options: object): Promise<void>
  /** ZenStack's client with its policy plugin: `where user_id = me` is added to each query. */
  createRowPeer (url: string): RowPeer
  versions: Record<string, string>
}

export interface RowPeer {
  findById (userId: string, id: number): Promise<object | null>
  findMany (userId: string, limit: number): Promise<object[]>
  end (): Promise<void>
}

const folder = fileURLToPath(new URL('peers', import.meta.url))

/** Installs the peers where they are missing; `undefined` when that does not work, as without a registry. */
export async function loadPeers ({ install }: { install: boolean }): Promise<Peers | undefined> {
  if (!existsSync(`${folder}/node_modules`)) {
    if (!install) return undefined
    try {
      await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder], {
        shell: process.platform === 'win32'
      })
    } catch (error) {
      process.stderr.write(`The peers could not be installed, so they are left out: ${String(error)}\n`)
      return undefined
    }
  }
  return await import(new URL('peers/peers.js', import.meta.url).href) as Peers
}
