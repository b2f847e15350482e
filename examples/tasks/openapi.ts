import swagger from '@fastify/swagger'
import reference from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { shapes } from './shapes.js'

// Scalar's page styles itself and starts itself in the page; it may call nobody but this server.
const policy =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** The OpenAPI document at /reference/openapi.json, and a page to read and try it at /reference. */
export const openapi = fp(async (app: FastifyInstance) => {
  for (const shape of shapes) app.addSchema(shape)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tasks',
        version: '1.0.0',
        description:
          'Sign in at `/api/auth/sign-in/email`, take a token from `/api/auth/token`, and send it as `Authorization: Bearer …`. ' +
          'Every path below `/api/user/{user_id}` asks for the token of that very user.'
      },
      tags: [
        { name: 'tasks', description: 'What is to be done, newest first' },
        { name: 'notes', description: 'What there is to say about a task' },
        { name: 'projects', description: 'What tasks are filed in' },
        { name: 'health', description: 'Is it there?' }
      ]
    },
    // Pages and scripts are no API.
    hideUntagged: true,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        typeof schema.$id === 'string' ? schema.$id : `shape-${index}`
    }
  })

  app.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply, payload) => {
      reply
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
      // Scalar's page does not say its language.
      return typeof payload === 'string' && payload.startsWith('<!doctype html>')
        ? payload.replace('<html>', '<html lang="en">')
        : payload
    })
    await scope.register(reference, {
      routePrefix: '/reference',
      configuration: {
        pageTitle: 'Tasks: API reference',
        favicon: '/icon.svg',
        authentication: { preferredSecurityScheme: 'bearerAuth' },
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        showDeveloperTools: 'never',
        agent: { disabled: true }
      }
    })
  })
})
