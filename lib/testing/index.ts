export { checkIsolation } from './check-isolation.js'
export { injectAs } from './inject-as.js'
export { createTestIssuer } from './test-issuer.js'

export type { IsolationOptions, IsolationReport, Leak } from './check-isolation.js'
export type { TokenSource } from './inject-as.js'
export type { RouteInput } from './route-request.js'
export type { KeySetFailure, MintOptions, TestIssuer, TokenFamily } from './test-issuer.js'
