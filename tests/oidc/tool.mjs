// A tool of the agency: it gets a token by authorization code with PKCE (RFC 7636), as a user's browser would take it there.

import { createHash, randomBytes } from 'node:crypto'
import { AUDIENCE, CALLBACK } from './provider.mjs'

/** The tokens of a user who signs in to the provider with a tool; `resource` is the service that they are for. */
export async function signIn(issuer, client_id, login, resource = AUDIENCE) {
  const about = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const state = randomBytes(8).toString('hex')
  const wanted = {
    client_id, state, response_type: 'code', redirect_uri: CALLBACK, scope: 'openid registry',
    code_challenge: challenge, code_challenge_method: 'S256', ...(resource && { resource }),
  }
  const browser = new Browser()
  let page = await browser.open(`${about.authorization_endpoint}?${new URLSearchParams(wanted)}`)
  page = await browser.signIn(page, login)
  const back = new URL(page.url)
  if (back.searchParams.get('state') !== state || back.searchParams.get('iss') !== issuer) throw new Error(`${back}`)
  const form = {
    client_id, grant_type: 'authorization_code', code: back.searchParams.get('code'), redirect_uri: CALLBACK,
    code_verifier: verifier, ...(resource && { resource }),
  }
  const answer = await fetch(about.token_endpoint, { method: 'POST', body: new URLSearchParams(form) })
  const tokens = await answer.json()
  if (!answer.ok) throw new Error(JSON.stringify(tokens))
  return tokens
}

/** As much of a browser as signing in needs: cookies, redirects, and the one form of a page. Where `stop` begins an address, it is not opened. */
export class Browser {
  cookies = new Map()
  stop = CALLBACK

  /** Signs in at the provider, on the page that it shows. */
  async signIn(page, login) {
    const second = await this.submit(page, { prompt: 'login', login, password: 'anything: the provider is a test' })
    return this.submit(second, { prompt: 'consent' })
  }

  async open(url, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', ...options, headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s)
      this.cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (!location) {
      const text = await answer.text()
      if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`)
      return { url, text }
    }
    const next = new URL(location, url).href
    return next.startsWith(this.stop) ? { url: next } : this.open(next)
  }

  submit(page, fields) {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text ?? '')?.[1]
    if (!action) throw new Error(`no form at ${page.url}: ${page.text}`)
    return this.open(new URL(action, page.url).href, { method: 'POST', body: new URLSearchParams(fields) })
  }
}
