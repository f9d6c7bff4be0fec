// Single sign-on from end to end: a real provider, a tool that signs in there, the service as it is run.
// usage: node test.mjs PROGRAM

import assert from 'node:assert/strict'
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AUDIENCE, PAGES, newKeys, start } from './provider.mjs'
import { Browser, signIn } from './tool.mjs'

const program = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'single-sign-on-'))
const step = (what) => console.log(`- ${what}`)
const provider = await start()
const first = newKeys('first')
provider.rotate(first)
writeFileSync(join(folder, 'client-secret'), `${PAGES.secret}\n`, { mode: 0o600 })
const registry = await serve()
const callback = `${registry.address}/sign-in/callback`
provider.rotate(first, callback)

try {
  for (const tool of ['tool-rs256', 'tool-es256', 'tool-eddsa']) {
    const { access_token } = await signIn(provider.issuer, tool, 'ada')
    const me = await get('/auth/me', access_token)
    assert.equal(me.status, 200, JSON.stringify(me.body))
    const { username, display_name, role, identity_provider } = me.body
    assert.deepEqual([username, display_name, role], ['oidc:ada', 'Ada Lovelace', 'editor'])
    assert.equal(identity_provider, provider.issuer)
    step(`${tool}: ${header(access_token).alg}, ${header(access_token).typ}; ${username} is ${role}`)
  }

  const ada = await signIn(provider.issuer, 'tool-rs256', 'ada')
  const nation = { code: 'NZ', alpha3: 'NZL', name_en: 'New Zealand', partner_type: 'emerging' }
  const made = await send('PUT', '/nations/NZ', ada.access_token, nation)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const log = await get('/changes?resource=nations&key=NZ', ada.access_token)
  assert.equal(log.body.items[0].actor, 'oidc:ada')
  step('what ada writes is hers in the change log')

  const { access_token: eve } = await signIn(provider.issuer, 'tool-es256', 'eve')
  assert.equal((await get('/nations/NZ', eve)).status, 200)
  assert.equal((await send('PUT', '/nations/NZ', eve, nation)).status, 403)
  const { access_token: mallory } = await signIn(provider.issuer, 'tool-es256', 'mallory')
  const refused = await get('/nations/NZ', mallory)
  assert.equal(refused.status, 403)
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer error="insufficient_scope"')
  step('a viewer reads, and who has no group of ours does nothing')

  assert.equal((await get('/auth/me', ada.id_token)).status, 401)
  assert.equal((await get('/auth/me', (await signIn(provider.issuer, 'tool-rs256', 'ada', null)).access_token)).status, 401)
  const elsewhere = await signIn(provider.issuer, 'tool-rs256', 'ada', 'https://other.example.org')
  assert.equal((await get('/auth/me', elsewhere.access_token)).status, 401)
  step('an ID token, an opaque token and a token for another service open nothing')

  const browser = await pages('ada', '/nations?lang=en')
  assert.equal(browser.last.url, `${registry.address}/nations?lang=en`)
  const nations = await browser.open(`${registry.address}/nations?lang=en`)
  assert.match(nations.text, /Ada Lovelace/)
  assert.match(nations.text, /New Zealand/)
  step('ada signs in to the pages at the provider, and returns to where she wanted to go')
  assert.equal([...browser.cookies.values()].some((value) => /eyJ/.test(value)), false)
  // The same answer again, in her browser and in another one.
  const again = await browser.open(browser.answer)
  assert.equal(new URL(again.url).pathname, '/')
  const thief = new Browser()
  thief.stop = 'nowhere:'
  assert.match((await thief.open(browser.answer)).url, /why=provider/)
  assert.match((await pages('mallory', '/')).last.url, /why=role/)
  step('an answer that comes twice or in another browser is refused, and so is a user without a group of ours')

  const second = newKeys('second')
  provider.rotate(second, callback)
  const { access_token: rotated } = await signIn(provider.issuer, 'tool-es256', 'ada')
  assert.equal(header(rotated).kid, 'ES256-second')
  assert.equal((await get('/auth/me', rotated)).status, 200)
  assert.equal((await get('/auth/me', ada.access_token)).status, 401)
  assert.match((await (await pages('eve', '/')).open(`${registry.address}/`)).text, /Eve/)
  step('keys rotate: the new one is known at its first token, and tokens of the old ones are over')

  provider.rotate(newKeys('third'), callback)
  const { access_token: early } = await signIn(provider.issuer, 'tool-eddsa', 'ada')
  assert.equal((await get('/auth/me', early)).status, 401)
  assert.match((await pages('ada', '/')).last.url, /why=provider/)
  step('a second rotation within the minute has to wait')

  await provider.stop()
  assert.equal((await get('/auth/me', rotated)).status, 200)
  assert.match((await browser.open(`${registry.address}/`)).text, /Ada Lovelace/)
  step('while the provider is away, keys that are known go on, and who is signed in stays so')
} finally {
  registry.kill()
  rmSync(folder, { recursive: true })
}
console.log('single sign-on: all well')
process.exit(0)

/** The browser of a user who signs in to the pages at the provider; `answer` is what the provider sent it back with. */
async function pages(login, to) {
  const browser = new Browser()
  browser.stop = callback
  const page = await browser.open(`${registry.address}/sign-in/provider?to=${encodeURIComponent(to)}`)
  browser.answer = (await browser.signIn(page, login)).url
  browser.stop = 'nowhere:'
  browser.last = await browser.open(browser.answer)
  return browser
}

/** The service, once it listens. */
async function serve() {
  const env = { ...process.env, DATABASE_URL: `sqlite://${folder}/registry.db`, REGISTRY_DATA_DIR: folder }
  execFileSync(program, ['migrate'], { env })
  execFileSync(program, ['import', new URL('../../src/demo/sample', import.meta.url).pathname], { env })
  const roles = ['agency-staff=viewer', 'registry-editors=editor'].flatMap((rule) => ['--oidc-role', rule])
  const client = ['--oidc-client-id', PAGES.id, '--oidc-client-secret-file', join(folder, 'client-secret')]
  const args = ['serve', '--bind', '127.0.0.1:0', '--oidc-issuer', provider.issuer, '--oidc-audience', AUDIENCE, ...client]
  const service = spawn(program, [...args, '--oidc-role-claim', 'groups', ...roles], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  service.on('exit', (code) => { if (code) throw new Error(`the service ended with ${code}`) })
  const said = []
  for await (const line of createInterface({ input: service.stderr })) {
    said.push(line)
    const address = /listening on (\S+)/.exec(line)?.[1]
    if (address) {
      service.stderr.resume()
      return Object.assign(service, { address })
    }
  }
  throw new Error(`the service does not listen:\n${said.join('\n')}`)
}

function get(path, token) {
  return send('GET', path, token)
}

async function send(method, path, token, value) {
  const headers = { authorization: `Bearer ${token}`, ...(value && { 'content-type': 'application/json' }) }
  const answer = await fetch(`${registry.address}/api/v1${path}`, { method, headers, body: value && JSON.stringify(value) })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) }
}

function header(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))
}
