#!/usr/bin/env python3
"""Counts the instructions of a request, and compares them with the figures that are checked in.

usage: count.py BINARY [--write]

The service runs under callgrind, which counts instructions and no time: the figures repeat, whatever else the machine does. They are
those of the binary given, in CI the debug build: a change of 10 % is a change of the work that a request takes. --write checks in new
figures; the commit says why they moved.

W1 and W2 are asked without the answer cache, "repeated" is W1 with it; W6 is a creation.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench"))
import run as bench  # noqa: E402

PORT = 8417
PROJECTS = 500
REQUESTS = 60
TOLERANCE = 0.10
FIGURES = pathlib.Path(__file__).with_name("figures.json")


class Counted:
    """The service under callgrind."""

    def __init__(self, binary, folder, cache):
        self.out = folder / f"callgrind-{cache}"
        command = ["valgrind", "--tool=callgrind", "-q", f"--callgrind-out-file={self.out}", binary, "serve", "--workers", "1",
                   "--bind", f"127.0.0.1:{PORT}", "--metrics-bind", "off", "--cache-size", cache]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)
        for _ in range(1200):
            try:
                self.connection.connect()
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("the service did not start under callgrind") from None
                time.sleep(0.1)
        form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": bench.PASSWORD})
        self.token = json.loads(self.sign_in(form))["access_token"]

    def sign_in(self, form):
        """Signs in. The service is so slow that it may give the first requests up."""
        for _ in range(10):
            try:
                self.connection.request("POST", "/api/v1/auth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
                answer = self.connection.getresponse()
                said = answer.read()
                if answer.status == 200:
                    return said
            except (OSError, http.client.HTTPException):
                pass
            self.connection.close()
        raise SystemExit("signing in failed")

    def ask(self, method, path, body=None, kind="application/json", expected=frozenset({200, 201})):
        headers = {"Content-Type": kind} if body is not None else {}
        headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status not in expected:
            raise SystemExit(f"{method} {path}: {answer.status} {said[:300]}")
        return said

    def instructions(self, requests):
        """The instructions of a request, on average."""
        requests = list(requests)
        # What is made once, statements for instance, is made before.
        for request in requests[:10]:
            self.ask(*request)
        self.control("--zero")
        for request in requests[10:]:
            self.ask(*request)
        before = set(self.out.parent.glob(f"{self.out.name}*"))
        self.control("--dump")
        [dump] = set(self.out.parent.glob(f"{self.out.name}*")) - before
        total = sum(int(number) for number in re.findall(r"^totals: (\d+)", dump.read_text(), re.M))
        return total / (len(requests) - 10)

    def control(self, what):
        subprocess.run(["callgrind_control", what, str(self.process.pid)], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=300)


def measure(binary):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        quiet = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        files = folder / "csv"
        known, areas = bench.generated(PROJECTS, files)
        subprocess.run([binary, "import", str(files)], **quiet)
        subprocess.run([binary, "user", "add", "ada", "--role", "editor", "--password-file", "-"], input=bench.PASSWORD.encode(), **quiet)
        projects, count, asked = "/api/v1/projects", REQUESTS + 10, bench.addresses(PROJECTS, known, areas)
        one, listed = ([("GET", path) for path in asked[work][:count]] for work in ("W1", "W2"))
        record = {"name": "New", "status": "proposed", "nations": [{"nation": "IN"}, {"nation": "JP"}], "areas": ["climate"]}
        created = [("POST", projects, json.dumps({**record, "code": f"new-{n}"})) for n in range(count)]
        service = Counted(binary, folder, "0")
        figures = {"W1": service.instructions(one), "W2": service.instructions(listed), "W6": service.instructions(created)}
        service.stop()
        service = Counted(binary, folder, str(64 << 20))
        figures["repeated"] = service.instructions([one[0]] * count)
        service.stop()
        return {work: round(figure) for work, figure in figures.items()}


def main():
    binary, write = os.path.abspath(sys.argv[1]), "--write" in sys.argv[2:]
    figures = measure(binary)
    if write:
        FIGURES.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    known, moved = json.loads(FIGURES.read_text()), []
    for work, figure in figures.items():
        change = figure / known[work] - 1
        print(f"{work:9} {figure:12,} instructions a request, {change:+.1%}")
        if abs(change) > TOLERANCE:
            moved.append(work)
    if moved:
        raise SystemExit(f"more than {TOLERANCE:.0%} away from {FIGURES.name}: {', '.join(moved)}. If that is meant: count.py BINARY --write")


if __name__ == "__main__":
    main()
