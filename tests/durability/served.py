"""The service as a process over SQLite, writers that remember what was acknowledged, and a judge of what is there afterwards."""
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.parse

PASSWORD = "nine otters in the harbour"
WRITERS = 8


class Skipped(Exception):
    """What is needed is not there."""


def command(binary, folder, *words, **more):
    """Runs a command of the program in a folder; what it said and how it ended."""
    return subprocess.run([binary, *words], cwd=folder, capture_output=True, text=True, check=False, **more)


def registry(binary, folder):
    """An empty registry with the admin `ada`."""
    made = command(binary, folder, "user", "add", "ada", "--role", "admin", "--password-file", "-", input=PASSWORD)
    if made.returncode:
        raise SystemExit(f"no registry can be made: {made.stderr}")


class Service:
    """A running service, with something before its command where it is said."""

    def __init__(self, binary, folder, *before, environment=None):
        self.log = pathlib.Path(folder) / "service.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*before, binary, "serve", "--bind", "127.0.0.1:0", "--metrics-bind", "off"], cwd=folder, stdout=log, stderr=log,
                env=os.environ | (environment or {}), start_new_session=True)
        self.port, self.token = self.listening(), None
        self.token = self.sign_in()["access_token"]

    def listening(self):
        for _ in range(3000):
            for line in self.log.read_text(errors="replace").splitlines():
                if "listening on http" in line:
                    return int(line.rsplit(":", 1)[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f"the service does not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def ask(self, method, path, body=None, kind="application/json", connection=None):
        """Status and body of an answer. An error is a connection that was lost."""
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = kind
        connection.request(method, "/api/v1" + path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def sign_in(self):
        form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD})
        status, said = self.ask("POST", "/auth/token", form, "application/x-www-form-urlencoded")
        if status != 200:
            raise SystemExit(f"nobody can sign in: {status} {said!r}")
        return json.loads(said)

    def identifier(self):
        """The process of the program itself: strace and the like are its parents."""
        pid = self.process.pid
        while children := pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = int(children[0])
        return pid

    def kill(self):
        """kill -9 of it and of its wrapper."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Writers:
    """Eight writers, each of whom waits for its answer, until they are stopped or the service is gone."""

    def __init__(self, service, about):
        self.service, self.about = service, about
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.acknowledged, self.statuses = {}, {}
        self.threads = [threading.Thread(target=self.write, args=(n,), daemon=True) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, writer):
        connection, n = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60), 0
        while not self.stop.is_set():
            code, n = f"{self.about}-{writer}-{n}", n + 1
            body = json.dumps({"name": code, "status": "proposed"})
            try:
                status, said = self.service.ask("PUT", f"/projects/{code}", body, connection=connection)
                version = json.loads(said)["version"] if status == 201 else None
            except (OSError, ValueError, http.client.HTTPException):
                connection.close()
                if self.service.process.poll() is not None:
                    return
                status, version = 0, None
                time.sleep(0.05)
            with self.lock:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if version is not None:
                    self.acknowledged[code] = version

    def wait_for(self, count, seconds=60):
        until = time.monotonic() + seconds
        while len(self.acknowledged) < count and time.monotonic() < until and self.service.process.poll() is None:
            time.sleep(0.005)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return self.acknowledged


def log_of(folder):
    """Revision, resource, key and action of each change."""
    database = sqlite3.connect(f"file:{folder}/registry.db?mode=rw", uri=True)
    try:
        return database.execute("SELECT revision, resource, key, action FROM changes ORDER BY revision").fetchall()
    finally:
        database.close()


def judge(binary, folder, acknowledged):
    """What does not hold: each acknowledged write is there once, at its revision; the registry is what its log says."""
    wrong = []
    try:
        log = log_of(folder)
    except sqlite3.Error as error:
        return [f"the database cannot be read: {error}"]
    if [row[0] for row in log] != list(range(1, len(log) + 1)):
        wrong.append("the revisions have a gap")
    made = {}
    for revision, resource, key, action in log:
        if (resource, action) == ("projects", "created"):
            if key in made:
                wrong.append(f"{key} was created twice")
            made[key] = revision
    lost = [code for code, version in acknowledged.items() if made.get(code) != version]
    if lost:
        wrong.append(f"{len(lost)} of {len(acknowledged)} acknowledged writes are lost, such as {lost[0]}")
    verified = command(binary, folder, "verify")
    if verified.returncode:
        wrong.append(f"verify: {verified.stdout[-300:]} {verified.stderr[-300:]}")
    return wrong
