/** Answers the module that a test file covers, or `null` where it covers none. */
export default function coverageMap (test: string): string[] | null
