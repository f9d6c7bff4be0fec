"""Requests to the service: signed in, asked again when it is busy, with its problems as errors."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

TIMEOUT = 60.0
"""Seconds that the service may be silent; a stream says every 15 that it is alive."""
ATTEMPTS = 5
"""How often a request that only reads is made, when the service is busy."""
BUSY = {429, 503}

Parameter = str | int | bool | date | Sequence[str] | None


class RegistryError(Exception):
    """What the service refuses, or why it does not answer: a problem of RFC 9457."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        """The status of the answer; 0 where there was none."""
        self.problem = dict(problem)
        """The problem as it came; `errors` has every defect with its place."""
        super().__init__(self._text())

    def _text(self) -> str:
        said = [str(self.problem.get("title", "")), str(self.problem.get("detail", ""))]
        defects = self.problem.get("errors", [])
        said += [f"{one.get('pointer') or one.get('parameter') or ''}: {one.get('detail')}" for one in defects]
        return "; ".join(part for part in dict.fromkeys(said) if part) or f"the answer is {self.status}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token elsewhere."""

    def redirect_request(self, *_: object) -> None:
        return None


class Connection:
    """One service, and who asks. Threads may share it."""

    def __init__(self, address: str, username: str | None, password: str | None, token: str | None) -> None:
        self.root = address.rstrip("/").removesuffix("/api/v1")
        self._username, self._password = username, password
        self._given = self._token = token
        self._refresh: str | None = None
        self._lock = threading.Lock()
        self._opener = urllib.request.build_opener(_NoRedirects)
        if token is None and (username is None or password is None):
            raise ValueError("a user name and a password are wanted, or a token")

    def get(self, path: str, parameters: Mapping[str, Parameter] | None = None) -> Any:
        """The JSON at a path below /api/v1."""
        query = encode(parameters or {})
        with self.open("GET", f"{path}?{query}" if query else path) as answer:
            return json.load(answer)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Writes; the JSON that is answered, empty where there is none. It is not made again by itself."""
        with self.open(method, path, body, headers) as answer:
            text = answer.read()
        read: dict[str, Any] = json.loads(text) if text else {}
        return read

    def open(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """The answer to a request, to be read and closed."""
        signed_in_again = False
        for attempt in range(1, ATTEMPTS + 1):
            token = self._signed_in()
            try:
                return self._request(method, f"/api/v1{path}", token, body, headers)
            except RegistryError as error:
                if error.status == 401 and self._given is None and not signed_in_again:
                    signed_in_again = True
                    self._forget(token)
                elif method == "GET" and error.status in BUSY and attempt < ATTEMPTS:
                    time.sleep(float(error.problem.get("retry_after", attempt)))
                else:
                    raise
        raise RegistryError(503, {"title": "The service is busy"})

    def _request(
        self, method: str, path: str, token: str, body: object, headers: Mapping[str, str] | None
    ) -> http.client.HTTPResponse:
        said = {"Authorization": f"Bearer {token}", "Accept": "application/json", **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            said.setdefault("Content-Type", "application/json")
        return self._send(urllib.request.Request(self.root + path, data, said, method=method))

    def _send(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=TIMEOUT)
            return answer
        except urllib.error.HTTPError as error:
            with error:
                raise RegistryError(error.code, _problem(error)) from None
        except urllib.error.URLError as error:
            raise RegistryError(0, {"title": f"the service does not answer: {error.reason}"}) from error

    def _signed_in(self) -> str:
        """An access token; signs in where there is none."""
        with self._lock:
            if self._token is None:
                self._token = self._sign_in()
            return self._token

    def _forget(self, token: str) -> None:
        with self._lock:
            # Another thread may have signed in since.
            if self._token == token:
                self._token = None

    def _sign_in(self) -> str:
        refresh, self._refresh = self._refresh, None
        if refresh is not None:
            try:
                return self._tokens(grant_type="refresh_token", refresh_token=refresh)
            except RegistryError as error:
                if error.status not in {400, 401}:
                    raise
        return self._tokens(grant_type="password", username=self._username or "", password=self._password or "")

    def _tokens(self, **form: str) -> str:
        data = urllib.parse.urlencode(form).encode()
        with self._send(urllib.request.Request(f"{self.root}/api/v1/auth/token", data, method="POST")) as answer:
            tokens = json.load(answer)
        self._refresh = tokens["refresh_token"]
        return str(tokens["access_token"])


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        problem = json.load(error)
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    if "error" in problem:
        # The form that OAuth has for its errors.
        problem = {"title": problem.get("error_description") or problem["error"], **problem}
    retry_after = error.headers.get("Retry-After", "")
    return {**problem, **({"retry_after": int(retry_after)} if retry_after.isdigit() else {})}


def encode(parameters: Mapping[str, Parameter]) -> str:
    """A query string. The values of a list are separated by commas; a comma within one is written `\\,`."""
    pairs = {name: _text(value) for name, value in parameters.items() if value is not None}
    return urllib.parse.urlencode(pairs)


def _text(value: Parameter) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence):
        return ",".join(one.replace("\\", "\\\\").replace(",", "\\,") for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)
