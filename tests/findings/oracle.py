#!/usr/bin/env python3
"""Compares what the service finds with what the rules find in the exported CSV files (rules.py): in the sample registry, and
in a generated one of 10,000 records with 500 planted findings, of which it must find exactly those.

usage: tests/findings/oracle.py BINARY
"""
import collections
import csv
import datetime
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from planted import generate  # noqa: E402
from rules import Oracle  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]
PASSWORD = "a heron above the tide line"
FILES = ["nations", "organisations", "projects", "agreements", "reviews", "dismissals"]


class Service:
    """A service over a folder of CSV files, with a client for it."""

    def __init__(self, binary, files, folder):
        self.folder = folder
        self.run = lambda *command, **more: subprocess.run([binary, *command], cwd=folder, check=True, **more)
        self.run("import", str(files), stdout=subprocess.DEVNULL)
        self.run("user", "add", "ada", "--role", "editor", "--password-file", "-", input=PASSWORD.encode())
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        log = open(folder / "service.log", "wb")
        quiet = os.environ | {"REGISTRY_METRICS_BIND": "off"}
        serve = [binary, "serve", "--bind", self.address]
        self.process = subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, env=quiet)

    def __enter__(self):
        for _ in range(300):
            try:
                form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD})
                with urllib.request.urlopen(f"http://{self.address}/api/v1/auth/token", form.encode()) as answer:
                    self.headers = {"Authorization": "Bearer " + json.load(answer)["access_token"]}
                return self
            except urllib.error.URLError:
                time.sleep(0.1)
        raise SystemExit("the service does not answer: " + (self.folder / "service.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get(self, path):
        request = urllib.request.Request(f"http://{self.address}/api/v1/{path}", headers=self.headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def post(self, path, body):
        headers = self.headers | {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{self.address}/api/v1/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def tables(self):
        read = lambda name: list(csv.DictReader(io.StringIO(self.get(f"{name}?format=csv"), newline="")))
        return {name: read(name) for name in FILES}

    def columns(self):
        """The columns of each file."""
        names = ["partner-types", "cooperation-areas", *FILES]
        return {name.replace("-", "_"): self.get(f"{name}?format=csv").split("\r\n")[0].split(",") for name in names}

    def findings(self, query=""):
        lines = self.get(f"findings?format=ndjson&{query}").splitlines()
        return [json.loads(line) for line in lines]


def places(findings):
    return {(one["rule"], one["resource"], one["code"]) for one in findings}


def compare(service, what, planted=None):
    """Holds the list and the counts against the oracle, and the decisions that are due within two years."""
    day = datetime.datetime.now(datetime.timezone.utc).date()
    tables = service.tables()
    expected = Oracle(tables, day).found()
    dismissed = {(row["rule"], row["resource"], row["key"]) for row in tables["dismissals"]}
    found = places(service.findings())
    differ = sorted((expected - dismissed) ^ found)
    assert not differ, (what, differ[:10])
    counts = {one["rule"]: (one["count"], one["dismissed"]) for one in json.loads(service.get("findings?limit=1"))["counts"]}
    rules = collections.Counter(rule for rule, *_ in found)
    meant = collections.Counter(rule for rule, *_ in expected & dismissed)
    assert counts == {rule: (rules[rule], meant[rule]) for rule in counts}, (what, counts)
    assert set(rules) | set(meant) <= set(counts)
    due = places(service.findings("rule=decision-due&within=24"))
    later = {place for place in Oracle(tables, day, within=24).found() if place[0] == "decision-due"} - dismissed
    assert due == later, (what, sorted(due ^ later)[:10])
    if planted is not None:
        missed, more = planted - expected, expected - planted
        assert not missed and not more, (what, sorted(missed)[:10], sorted(more)[:10])
    print(f"{what}: {len(found)} findings:", ", ".join(f"{rule} {count}" for rule, (count, _) in counts.items()))
    return found


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    today = datetime.datetime.now(datetime.timezone.utc).date()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in ["sample", "generated", "files"]:
            (folder / name).mkdir()
        with Service(binary, ROOT / "src/demo/sample", folder / "sample") as service:
            found = compare(service, "the sample")
            for rule, resource, code in sorted(found)[::7]:
                service.post("dismissals", {"rule": rule, "resource": resource, "key": code, "reason": "It is meant to be so."})
            compare(service, "the sample, some of it dismissed")
            columns = service.columns()
        planted = generate(folder / "files", today, columns)
        assert len(planted) == 500, len(planted)
        with Service(binary, folder / "files", folder / "generated") as service:
            begun = time.perf_counter()
            compare(service, "10,000 records", planted)
            print(f"{len(planted)} planted findings are found, and nothing else ({time.perf_counter() - begun:.1f} s)")


if __name__ == "__main__":
    main()
