/** Largest body of a key set that is read, in bytes once decompressed: 256 KiB. */
export const maxKeySetBytes = 262_144

// RFC 7517 section 8.5.1: a server that minds the header may have nothing but its own type.
const accept = 'application/jwk-set+json, application/json'

/**
 * Fetches a key set and returns its `keys` (RFC 7517 section 5). Redirects are not followed, the body is bounded, and
 * `signal` covers the whole exchange, a body that trickles included.
 * @throws {Error} saying what was wrong with the response
 */
export async function fetchKeySet (url: URL, signal: AbortSignal): Promise<unknown[]> {
  // A redirect would move the trust in this URL to whatever host it names.
  const response = await fetch(url, { redirect: 'manual', signal, headers: { accept } })
  try {
    if (response.status !== 200) throw new Error(`The key set came with status ${response.status}`)
    return keysOf(parseJson(await readText(response)))
  } finally {
    // Frees the connection of a body that was not read to its end.
    if (response.body?.locked === false) await response.body.cancel().catch(() => {})
  }
}

async function readText (response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > maxKeySetBytes) throw new Error(`The key set is larger than ${maxKeySetBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error('The key set is not JSON', { cause })
  }
}

/**
 * The keys of a key set (RFC 7517 section 5).
 * @throws {Error} when it has none
 */
export function keysOf (parsed: unknown): unknown[] {
  const keys = (parsed as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) throw new Error('The key set has no list named "keys"')
  return keys
}
