// The entry of fastify-auth-integration/testing: for the tests of apps, loaded by nothing else.

export { checkIsolation } from './testing/check-isolation.js'
export { injectAs } from './testing/inject-as.js'
export { createTestIssuer } from './testing/test-issuer.js'

export type { IsolationOptions, IsolationReport, Leak } from './testing/isolation-report.js'
export type { TestedApp, TokenSource } from './testing/inject-as.js'
export type { RouteInput } from './testing/route-request.js'
export type { AccessTokenOptions, KeySetFailure, MintOptions, TestIssuer, TokenFamily } from './testing/test-issuer.js'
