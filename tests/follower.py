#!/usr/bin/env python3
"""Runs examples/follower.py against a demo while the registry changes, kills it again and again, and compares its copy;
then computes the chain of hashes from the feed alone, as docs/history.md describes it.

usage: tests/follower.py ADDRESS PASSWORD
"""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ADDRESS, PASSWORD = sys.argv[1:3]
COLLECTIONS = [
    "partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "reviews", "documents", "dismissals",
]
READ_ONLY = ["version", "created_at", "updated_at"]
DERIVED = {"agreements": ["status", "runs_until", "decide_by"]}
KILLS = 25


def call(method: str, path: str, token: str = "", body: object = None, form: dict | None = None) -> dict:
    data = urllib.parse.urlencode(form).encode() if form else json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(ADDRESS + "/api/v1" + path, data=data, method=method)
    request.add_header("Content-Type", "application/x-www-form-urlencoded" if form else "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")


def registry(token: str) -> dict:
    """Every record as it is written: without what is derived or read-only."""
    records = {}
    for collection in COLLECTIONS:
        cursor = ""
        while True:
            page = call("GET", f"/{collection}?limit=200{cursor}", token)
            for record in page["items"]:
                for field in READ_ONLY + DERIVED.get(collection, []):
                    del record[field]
                records[f"{collection}/{record['code']}"] = record
            if not page["next_cursor"]:
                break
            cursor = "&cursor=" + page["next_cursor"]
    return records


def chain(token: str) -> str:
    """The hash that the whole log leads to."""
    since, seal = 0, "0" * 64
    text = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    while True:
        page = call("GET", f"/changes?since={since}&limit=200", token)
        for change in page["items"]:
            row = [seal, str(change["revision"])]
            row += [change[field] for field in ["at", "actor", "action", "resource", "key", "batch"]]
            row.append(text(change["document"]))
            if change["restored_from"] is not None:
                row.append(str(change["restored_from"]))
            seal = hashlib.sha256(text(row).encode()).hexdigest()
            if seal != change["hash"]:
                raise SystemExit(f"revision {change['revision']} is not sealed to the one before")
        if page["last"] == since:
            return seal
        since = page["last"]


def main() -> int:
    dice = random.Random(20261124)
    grant = {"grant_type": "password", "username": "admin", "password": PASSWORD}
    token = call("POST", "/auth/token", form=grant)["access_token"]
    # What a program follows with: a token of its own that reads and no more.
    named = call("POST", "/tokens", token, {"name": "follower", "role": "viewer", "expires_in_days": 1})["token"]
    environment = {**os.environ, "REGISTRY_TOKEN": named}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.json")
        command = [sys.executable, "examples/follower.py", ADDRESS, path]
        for number in range(KILLS):
            follower = subprocess.Popen(command, env=environment)
            for _ in range(dice.randrange(30)):
                code = f"followed-{dice.randrange(6)}"
                if dice.randrange(3):
                    record = {"name": f"Followed {number} {dice.random()}", "status": "proposed"}
                    call("PUT", f"/projects/{code}", token, record)
                elif f"projects/{code}" in registry(token):
                    call("DELETE", f"/projects/{code}", token)
            time.sleep(dice.random() / 5)
            follower.kill()
            follower.wait()
        subprocess.run([*command, "--once"], env=environment, check=True, timeout=60)
        with open(path, encoding="utf-8") as file:
            copy = json.load(file)
    expected = registry(token)
    end = call("GET", "/changes/head", token)
    head = end["revision"]
    if chain(token) != end["hash"]:
        print("the log does not lead to the hash of its head")
        return 1
    if copy["records"] != expected or copy["last"] != head:
        different = [place for place in expected | copy["records"] if expected.get(place) != copy["records"].get(place)]
        print(f"the copy differs at {different[:10]}; last {copy['last']}, head {head}")
        return 1
    print(f"follower: {KILLS} kills, {len(expected)} records, revision {head}: the copy is the registry, and the log is whole")
    return 0


sys.exit(main())
