// The agency's identity provider: the npm package oidc-provider over TLS, with people, groups and keys of the test's choosing.

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import Provider from 'oidc-provider'

export const AUDIENCE = 'https://registry.example.org'
// A tool on a user's own machine: it can keep no secret, hence PKCE, and is called back on loopback (RFC 8252).
export const CALLBACK = 'http://127.0.0.1/callback'
// A tool for each algorithm: the provider signs for each with another one.
const TOOLS = { 'tool-rs256': 'RS256', 'tool-es256': 'ES256', 'tool-eddsa': 'EdDSA' }
// The registry's own pages: they keep a secret.
export const PAGES = { id: 'registry-pages', secret: 'a secret of: this test & no other' }
const PEOPLE = {
  ada: { name: 'Ada Lovelace', groups: ['agency-staff', 'registry-editors'] },
  eve: { name: 'Eve', groups: ['agency-staff'] },
  mallory: { name: 'Mallory', groups: ['canteen'] },
}

const KINDS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}

/** A set of private keys, one an algorithm, their ids ending alike. */
export function newKeys(generation) {
  return Object.entries(KINDS).map(([alg, make]) => ({
    ...make().privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${generation}`,
  }))
}

function configuration(keys, callback) {
  const pages = {
    client_id: PAGES.id,
    client_secret: PAGES.secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [callback],
    id_token_signed_response_alg: 'ES256',
  }
  const tools = Object.keys(TOOLS).map((client_id) => ({
    client_id,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [CALLBACK],
    id_token_signed_response_alg: TOOLS[client_id],
  }))
  return {
    clients: callback ? [...tools, pages] : tools,
    // The ID token has all that pages need to know of a user: they ask for nothing more.
    conformIdTokenClaims: false,
    jwks: { keys },
    cookies: { keys: ['a secret of this test alone'] },
    claims: { openid: ['sub', 'name', 'groups'] },
    ttl: { AccessToken: 300, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) }),
    extraTokenClaims: (_, token) => PEOPLE[token.accountId],
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource, client) => ({
          scope: 'registry', audience: resource, accessTokenTTL: 300, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: TOOLS[client.clientId] } },
        }),
        useGrantedResource: () => true,
      },
    },
  }
}

/** Starts it; `rotate` gives it other keys, as a provider does that is restarted with them, and the address of the pages. */
export async function start() {
  let handle
  const server = createServer({ key: readFileSync('server.key'), cert: readFileSync('server.pem') }, (req, res) => handle(req, res))
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const issuer = `https://localhost:${server.address().port}`
  const rotate = (keys, callback) => { handle = new Provider(issuer, configuration(keys, callback)).callback() }
  const stop = () => { server.closeAllConnections(); return new Promise((done) => server.close(done)) }
  return { issuer, rotate, stop }
}
