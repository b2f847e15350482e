import { existsSync } from 'node:fs'

// On your machine the variables come from .env. A platform that sets them has no such file; variables that are set stay.
if (existsSync('.env')) process.loadEnvFile('.env')
