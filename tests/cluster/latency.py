"""Writes per second with a synchronous standby at some distance:

    FSYNC=on tests/replica/run --with python3 tests/cluster/latency.py path/to/partnership-registry [SECONDS]

The standby's connection to its primary goes through a forwarder that holds each piece back for half the round trip: what `tc netem`
does where the kernel has it. The service runs beside the primary, as it should.
"""

import asyncio
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

PASSWORD = "nine otters in the harbour"
PORT = 18480
FORWARDER = 18481
ROUND_TRIPS = [0, 1, 10, 30]
WRITERS = [1, 8, 32]


class Forwarder:
    """Passes bytes to a port, each of them `delay` seconds later."""

    def __init__(self, port):
        self.port, self.delay = port, 0.0
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()

    async def serve(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", FORWARDER)
        async with server:
            await server.serve_forever()

    async def accept(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self.pump(reader, back), self.pump(there, writer))

    async def pump(self, reader, writer):
        queue = asyncio.Queue()

        async def send():
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0, due - time.monotonic()))
                writer.write(data)
                await writer.drain()
                if not data:
                    writer.close()
                    return

        sending = asyncio.create_task(send())
        while True:
            data = await reader.read(65536)
            await queue.put((time.monotonic() + self.delay, data))
            if not data:
                return await sending


def psql(url, sql):
    return subprocess.run(["psql", "-qXAt", url, "-c", sql], capture_output=True, text=True, check=True).stdout.strip()


def ask(path, method="GET", body=None, token=None, kind="application/json"):
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def measure(token, writers, seconds, mark):
    """Acknowledged writes per second, and the time that half of them took at most."""
    until, took = time.monotonic() + seconds, []

    def write(writer):
        n = 0
        while time.monotonic() < until:
            begun = time.monotonic()
            body = json.dumps({"name": f"Project {mark}", "status": "proposed"}).encode()
            ask(f"/api/v1/projects/{mark}-{writer}-{n}", "PUT", body, token)
            took.append(time.monotonic() - begun)
            n += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(took) / seconds, sorted(took)[len(took) // 2] * 1000


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 5
    primary, standby = os.environ["TEST_POSTGRES_URL"], os.environ["TEST_REPLICA_URL"]
    forwarder = Forwarder(urllib.parse.urlsplit(primary).port)
    psql(standby, f"ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={FORWARDER} user=postgres'")
    psql(standby, "SELECT pg_reload_conf()")
    peer = "SELECT client_port FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"
    subprocess.run(
        [program, "user", "add", "ada", "--role", "admin", "--database-url", primary, "--password-file", "-"],
        input=PASSWORD, text=True, capture_output=True, check=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        serve = [program, "serve", "--database-url", primary, "--data-dir", folder, "--metrics-bind", "off"]
        service = subprocess.Popen(
            [*serve, "--bind", f"127.0.0.1:{PORT}"], stderr=(pathlib.Path(folder) / "log").open("w"), env=os.environ | {"RUST_LOG": "warn"}
        )
        try:
            while True:
                try:
                    ask("/health/ready")
                    break
                except OSError:
                    time.sleep(0.2)
            form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD}).encode()
            token = ask("/api/v1/auth/token", "POST", form, kind="application/x-www-form-urlencoded")["access_token"]
            print("| round trip to the standby | " + " | ".join(f"writers: {n}" for n in WRITERS) + " |")
            for round_trip in ROUND_TRIPS:
                forwarder.delay = round_trip / 2000
                while not psql(primary, peer):
                    time.sleep(0.2)
                cells = []
                for writers in WRITERS:
                    rate, median = measure(token, writers, seconds, f"d{round_trip}w{writers}")
                    cells.append(f"{rate:.0f}/s, median {median:.1f} ms")
                print(f"| {round_trip} ms | " + " | ".join(cells) + " |", flush=True)
        finally:
            service.terminate()
            service.wait()


main()
