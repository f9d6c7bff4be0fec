"""Webhooks of a service of its own, received here and verified by the official library (PyPI `standardwebhooks`).

usage: verify.py PROGRAM FILE     (FILE gets the messages, for the library of npm)
"""

import base64
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

PASSWORD = "nine otters in the harbour"
CHANGES = 20
IN_PATH = "a-secret-of-the-path-314159"


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    came: queue.Queue = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.came.put({"headers": {name.lower(): value for name, value in self.headers.items()}, "body": body.decode()})
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(address, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def sign_in(address):
    form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD})
    with urllib.request.urlopen(address + "/api/v1/auth/token", form.encode()) as answer:
        return json.load(answer)["access_token"]


def refuses(check):
    try:
        check()
    except (WebhookVerificationError, InvalidSignature):
        return True
    return False


def verify(message, secret, public_keys):
    """By both kinds of signatures, each of the library's or the standard's own."""
    headers, body = message["headers"], message["body"]
    assert Webhook(secret).verify(body, headers) == json.loads(body)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    given = [one.split(",", 1) for one in headers["webhook-signature"].split(" ")]
    found = [base64.b64decode(text) for version, text in given if version == "v1a"]
    for public_key in public_keys:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
        assert not all(refuses(lambda: key.verify(one, signed)) for one in found), given  # noqa: B023
        assert all(refuses(lambda: key.verify(one, signed + b" ")) for one in found)  # noqa: B023
    for forged in (body + " ", body.replace("projects", "project5")):
        assert refuses(lambda: Webhook(secret).verify(forged, headers))  # noqa: B023
    for name, value in [("webhook-id", "another"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")]:
        assert refuses(lambda: Webhook(secret).verify(body, headers | {name: value})), name  # noqa: B023


def main(program, file):
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{receiver.server_port}"
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "password").write_text(PASSWORD)
        environment = os.environ | {"REGISTRY_WEBHOOK_ALLOW": place, "REGISTRY_METRICS_BIND": "off", "RUST_LOG": "trace"}
        add = ["user", "add", "ada", "--role", "admin", "--password-file", "password"]
        subprocess.run([program, *add], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        serve = [program, "serve", "--bind", "127.0.0.1:0"]
        with subprocess.Popen(serve, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as service:
            try:
                address = next(line.split("listening on ")[1].strip() for line in service.stderr if "listening on" in line)
                log = []
                reading = threading.Thread(target=lambda: log.extend(service.stderr), daemon=True)
                reading.start()
                token = sign_in(address)
                first = ask(address, "POST", "/api/v1/webhooks", {"address": f"http://{place}/{IN_PATH}"}, token)
                messages = []
                for number in range(CHANGES):
                    if number == CHANGES // 2:
                        path = f"/api/v1/webhooks/{first['id']}/rotate"
                        second = ask(address, "POST", path, {"overlap_hours": 1}, token)
                    project = {"name": f"Projet n° {number} – ‘été’ 🛰", "status": "proposed"}
                    ask(address, "PUT", f"/api/v1/projects/p-{number}", project, token)
                    messages.append(Receiver.came.get(timeout=30))
            finally:
                service.terminate()
    reading.join()
    assert any(" TRACE " in line for line in log) and any("webhooks" in line for line in log)
    for secret in (first["secret"], second["secret"], IN_PATH):
        told = [line for line in log if secret.removeprefix("whsec_") in line]
        assert not told, f"the log has a secret: {told[:3]}"
    ids = [message["headers"]["webhook-id"] for message in messages]
    assert len(set(ids)) == CHANGES and all(one.startswith(first["id"]) for one in ids), ids
    assert first["secret"] != second["secret"]
    keys = [key["public_key"] for key in second["keys"]]
    for number, message in enumerate(messages):
        verify(message, first["secret"], keys[:1])
        message["secrets"] = [first["secret"]]
        if number < CHANGES // 2:
            assert refuses(lambda: Webhook(second["secret"]).verify(message["body"], message["headers"]))  # noqa: B023
        else:
            verify(message, second["secret"], keys)
            message["secrets"].append(second["secret"])
    pathlib.Path(file).write_text(json.dumps({"keys": keys, "messages": messages}))
    print(f"webhooks: {CHANGES} messages verified by PyPI standardwebhooks and Ed25519, with a rotation; every forged one refused")


main(*sys.argv[1:])
