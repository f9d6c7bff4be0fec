// The messages that verify.py received, verified by the official library of npm and by Node's Ed25519.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { keys, messages } = JSON.parse(readFileSync(process.argv[2], "utf8"));

function publicKey(text) {
  const x = Buffer.from(text.replace("whpk_", ""), "base64").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

for (const { headers, body, secrets } of messages) {
  const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  const own = headers["webhook-signature"].split(" ").map((one) => one.split(",")).filter(([version]) => version === "v1a");
  for (const [n, secret] of secrets.entries()) {
    const webhook = new Webhook(secret);
    assert.deepEqual(webhook.verify(body, headers), JSON.parse(body));
    assert.throws(() => webhook.verify(`${body} `, headers));
    assert.throws(() => webhook.verify(body, { ...headers, "webhook-id": "another" }));
    assert.throws(() => webhook.verify(body, { ...headers, "webhook-signature": "v1,AAAA" }));
    const good = own.some(([, text]) => verify(null, signed, publicKey(keys[n]), Buffer.from(text, "base64")));
    assert.ok(good, `no v1a signature by key ${n}`);
  }
}
console.log(`webhooks: ${messages.length} messages verified by npm standardwebhooks and Node's Ed25519`);
