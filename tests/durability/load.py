"""The mixed load of soak.py: what one client asks, and how often."""
import collections
import http.client
import json
import pathlib
import random
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench"))
import run as bench  # noqa: E402

PROJECTS = 10_000
FORM = "application/x-www-form-urlencoded"


class Client:
    """What one worker asks, over one connection that it opens again when it has been closed."""

    def __init__(self, registry, seed, shared):
        self.registry, self.shared, self.dice = registry, shared, random.Random(seed)
        self.connection, self.made, self.number, self.name = registry.connect(), collections.deque(), 0, seed

    def ask(self, method, path, body=None, kind="application/json", expected=(200,), **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = f"Bearer {self.registry.token}"
        if body is not None:
            headers["Content-Type"] = kind
        for tries in range(2):
            try:
                self.connection.request(method, "/api/v1" + path, body, headers)
                answer = self.connection.getresponse()
                break
            except (OSError, http.client.HTTPException):
                # An idle connection was closed: http.client opens another.
                self.connection.close()
                if tries or method == "POST":
                    raise
        said = answer.read()
        if answer.status not in expected:
            self.shared.unexpected(f"{method} {path.split('?')[0]}: {answer.status} {said[:120]!r}")
        return said

    def code(self):
        return f"p-{self.dice.randrange(PROJECTS):07}"

    def record(self):
        self.ask("GET", f"/projects/{self.code()}")

    def filtered(self):
        two = self.dice.choice(self.registry.known)[0]
        sort = self.dice.choice(["-launch_date", "name", "code", "-updated_at"])
        self.ask("GET", f"/projects?nation={two}&area={self.dice.choice(self.registry.areas)}&sort={sort}&limit=20")

    def words(self):
        words = "+".join(self.dice.choices(bench.WORDS, k=2))
        self.ask("GET", self.dice.choice([f"/projects?q={words}&limit=20", f"/search?q={words}"]))

    def matrix(self):
        asked = ["/summaries/projects?group_by=nation,area", "/summaries/projects?group_by=status", "/partnerships", "/nations?limit=200"]
        self.ask("GET", self.dice.choice(asked))

    def log(self):
        asked = ["/changes/head", "/changes?limit=50&since=" + str(self.dice.randrange(PROJECTS)), f"/projects/{self.code()}/history"]
        self.ask("GET", self.dice.choice(asked))

    def create(self):
        self.number += 1
        code = f"soak-{self.name}-{self.number}"
        body = {"code": code, "name": f"Soak {self.number}", "status": "proposed", "areas": [self.dice.choice(self.registry.areas)],
                "nations": [{"nation": self.dice.choice(self.registry.known)[0]}]}
        # One of ten has a key that makes it safe to repeat.
        more = {"Idempotency_Key": f'"{code}"'} if self.number % 10 == 0 else {}
        self.ask("POST", "/projects", json.dumps(body), expected=(201,), **more)
        self.made.append(code)
        if len(self.made) > 50:
            self.ask("DELETE", f"/projects/{self.made.popleft()}", expected=(204,))

    def change(self):
        body = json.dumps({"acronym": f"A{self.dice.randrange(10**6)}"})
        self.ask("PATCH", f"/projects/{self.code()}", body, "application/merge-patch+json")

    def export(self):
        self.ask("GET", "/projects?format=" + self.dice.choice(["ndjson", "ndjson", "csv", "csv", "csv", "xlsx"]))

    def past(self):
        self.ask("GET", f"/summaries/projects?group_by=status&as_of=r{PROJECTS - 1_000 * self.dice.randrange(9)}")

    def account(self):
        """Signs in, refreshes and, two times of three, signs out. One of a hundred has a wrong password: twenty in 15 minutes are throttled."""
        if self.dice.random() < 0.01:
            name = f"u{self.dice.randrange(10**9)}"
            status, _ = self.registry.grant(self.connection, grant_type="password", username=name, password="wrong")
            if status != 400:
                self.shared.unexpected(f"wrong password: {status}")
            return
        status, first = self.registry.grant(self.connection, grant_type="password", username="ada", password=bench.PASSWORD)
        if status == 200:
            status, first = self.registry.grant(self.connection, grant_type="refresh_token", refresh_token=first["refresh_token"])
        if status != 200:
            self.shared.unexpected(f"sign-in: {status} {first}")
        elif self.dice.random() < 0.67:
            self.ask("POST", "/auth/revoke", urllib.parse.urlencode({"token": first["refresh_token"]}), FORM)

    def gone(self):
        """Goes away: before the answer, within an export, within a body."""
        connection = self.registry.connect()
        headers = {"Authorization": f"Bearer {self.registry.token}"}
        way = self.dice.randrange(3)
        if way == 0:
            connection.request("GET", f"/api/v1/projects?q={self.dice.choice(bench.WORDS)}&sort=name&limit=200", headers=headers)
        elif way == 1:
            connection.request("GET", "/api/v1/projects?format=ndjson", headers=headers)
            connection.getresponse().read(1000)
        else:
            connection.putrequest("POST", "/api/v1/projects")
            for name, value in {**headers, "Content-Type": "application/json", "Content-Length": "5000"}.items():
                connection.putheader(name, value)
            connection.endheaders(b'{"code": "never')
        connection.close()


# Of a thousand requests.
SHARES = {"record": 530, "filtered": 150, "words": 100, "matrix": 60, "log": 60, "create": 25, "change": 58, "export": 3, "past": 1,
          "account": 3, "gone": 10}
# What a person waits for: their times are counted. The others take as long as they have to carry.
SHORT = {"record", "filtered", "words", "matrix", "log", "create", "change"}
