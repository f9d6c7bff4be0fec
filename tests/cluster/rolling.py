"""A rolling upgrade on PostgreSQL: `rolling.py OLDER NEWER postgres://USER@HOST:PORT/ [--projects N]`.

OLDER and NEWER are two builds of the program. Two instances of the older one serve a database (made and dropped here) while 8
writers and 16 readers go on through every instance that a proxy would know. Then, one after the other: the newer one starts, which
migrates the database; an older one is started once more, as a supervisor would; each older one is taken out of the proxy and ends
by SIGTERM, and a second newer one comes. Each writer creates a project through one instance, changes it through another and reads
it through a third, so that either version reads and changes what the other has written. Then:

- no request got anything but a success (while the database is migrated: or a 503), and each read was what had been written;
- each acknowledged write is in the log at the revision that was answered; revisions have no gap;
- a follower and a stream have seen each change once, in order;
- `verify` of the newer one tells what the older one has not kept beside the records; after `migrate --rebuild` it finds nothing.

`--control` claims a write that was never made: then it must fail.
"""

import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[2] / "bench")]
import failover  # noqa: E402
import run as bench  # noqa: E402
from failover import INSTANCES, PASSWORD, ask, judge, whole_log  # noqa: E402


class Rolling(failover.Run):
    """The load: each writer's three steps go through any instances."""

    def __init__(self, token):
        super().__init__(token)
        # The writers end before those who follow.
        self.enough = threading.Event()
        # By revision: the code that was changed.
        self.changed = {}
        self.refused = []
        self.slowest = 0.0
        # While tables are changed a write may be refused for a while.
        self.migrating = False
        self.told_to_wait = 0

    def step(self, what, path, expected, *more):
        address, begun = random.choice(INSTANCES), time.monotonic()
        status, record = ask(f"{address}/api/v1/projects/{path}", *more)
        took = time.monotonic() - begun
        with self.lock:
            self.slowest = max(self.slowest, took)
            if status == 503 and self.migrating:
                self.told_to_wait += 1
                return None
            if status != expected:
                self.refused.append(f"{what} of {path} through {address} got {status} after {took:.1f} s")
                return None
        return record

    def write(self, writer):
        begun, n = int(time.time()), 0
        while not self.enough.is_set():
            code = f"w{begun}-{writer}-{n}"
            n += 1
            body = json.dumps({"name": f"Project {code}", "status": "proposed"}).encode()
            made = self.step("a creation", code, 201, "PUT", body, self.token)
            if made is None:
                time.sleep(0.1)
                continue
            with self.lock:
                self.acknowledged[code] = made["version"]
                self.acknowledged_at.append(time.monotonic())
            body = json.dumps({"acronym": code[-9:].upper()}).encode()
            changed = self.step("a change", code, 200, "PATCH", body, self.token, "application/merge-patch+json")
            if changed is None:
                continue
            with self.lock:
                self.changed[changed["version"]] = code
            read = self.step("a read", code, 200, "GET", None, self.token)
            # Another instance may be a tenth of a second behind (`--staleness`), and may not know the same fields.
            common = read.keys() & changed.keys() if read is not None and read["version"] == changed["version"] else ()
            if any(read[field] != changed[field] for field in common):
                self.wrong.append(f"{code} was read as {read}, and written as {changed}")


class Instance:
    """A running service."""

    def __init__(self, program, url, folder, port):
        self.address = f"http://127.0.0.1:{port}"
        self.log = open(folder / f"log-{port}-{time.monotonic():.0f}", "w+", encoding="utf-8")  # noqa: SIM115
        command = [program, "serve", "--database-url", url, "--data-dir", folder, "--bind", f"127.0.0.1:{port}", "--metrics-bind", "off"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=self.log, stderr=self.log)
        begun = time.monotonic()
        while ask(f"{self.address}/health/ready", timeout=2)[0] != 200:
            if self.process.poll() is not None or time.monotonic() - begun > 300:
                self.log.seek(0)
                sys.exit(f"an instance does not start:\n{self.log.read()}")
            time.sleep(0.05)
        self.took = time.monotonic() - begun
        INSTANCES.append(self.address)

    def leave(self):
        """Takes it out of the proxy, then ends it."""
        INSTANCES.remove(self.address)
        # A request that has this address already has begun by then.
        time.sleep(2)
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        if status != 0:
            sys.exit(f"an instance ended with {status}")


def upgrade(older, newer, url, folder, run):
    """The upgrade itself. Returns what is left running."""
    start = lambda program, port: Instance(program, url, folder, port)  # noqa: E731
    phase = lambda what: print(f"{what}: {len(run.acknowledged)} creations so far", flush=True)  # noqa: E731
    old = [start(older, 18091), start(older, 18092)]
    threads = [threading.Thread(target=run.write, args=(n,), daemon=True) for n in range(8)]
    threads += [threading.Thread(target=run.read, daemon=True) for _ in range(16)]
    threads += [threading.Thread(target=work, daemon=True) for work in (run.follow, run.listen)]
    for thread in threads:
        thread.start()
    time.sleep(5)
    phase("two older ones")
    begun, before, run.migrating = time.monotonic(), run.refused_reads, True
    new = [start(newer, 18093)]
    times = [begun, *(at for at in run.acknowledged_at if at > begun), time.monotonic()]
    pause = max(later - earlier for earlier, later in zip(times, times[1:]))
    phase(f"the newer one has migrated and is ready after {new[0].took:.1f} s; no write for {pause:.1f} s at most")
    # What has begun to wait ends within 30 s.
    time.sleep(30 if run.told_to_wait else 5)
    run.migrating, run.waited_reads, run.refused_reads = False, run.refused_reads - before, before
    phase(f"both; meanwhile {run.told_to_wait} writes and {run.waited_reads} reads were told to come again")
    old.append(start(older, 18094))
    time.sleep(5)
    phase("an older one has started on the migrated database")
    while old:
        old.pop().leave()
        time.sleep(1)
    new.append(start(newer, 18095))
    time.sleep(5)
    phase("two newer ones")
    run.enough.set()
    for thread in threads[:8]:
        thread.join()
    run.stop.set()
    for thread in threads[8:]:
        thread.join()
    return new


def verified(newer, url):
    """What `verify` says: whether all is well, and how many things differ."""
    ran = subprocess.run([newer, "verify", "--database-url", url], capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    return ran.returncode == 0, [line for line in lines if " " in line and not line.startswith(("head:", "the registry"))][:-1], ran.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("older")
    parser.add_argument("newer")
    parser.add_argument("server")
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--control", action="store_true")
    args = parser.parse_args()
    older, newer = (str(pathlib.Path(program).resolve()) for program in (args.older, args.newer))
    name = f"registry_rolling_{int(time.time())}"
    sql = lambda text: subprocess.run(["psql", "-qX", args.server + "postgres", "-c", text], check=True)  # noqa: E731
    sql(f"CREATE DATABASE {name}")
    instances, url = [], args.server + name
    INSTANCES.clear()
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            bench.generated(args.projects, folder / "csv")
            command = lambda *words, **more: subprocess.run(  # noqa: E731
                [older, *words, "--database-url", url], cwd=folder, check=True, capture_output=True, text=True, **more)
            command("import", "csv")
            command("user", "add", "ada", "--role", "admin", "--password-file", "-", input=PASSWORD)
            first = Instance(older, url, folder, 18090)
            form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD}).encode()
            _, tokens = ask(f"{first.address}/api/v1/auth/token", "POST", form, kind="application/x-www-form-urlencoded")
            first.leave()
            run = Rolling(tokens["access_token"])
            instances = upgrade(older, newer, url, folder, run)
            sys.exit(judged(args, newer, url, run))
    finally:
        for instance in instances:
            instance.process.kill()
            instance.process.wait()
        sql(f"DROP DATABASE {name} WITH (FORCE)")


def judged(args, newer, url, run):
    if args.control:
        run.acknowledged["never"] = 1
    log = whole_log(run.token)
    wrong = judge(run, log) + run.refused[:20]
    for revision, code in run.changed.items():
        if (log[revision - 1]["key"], log[revision - 1]["action"]) != (code, "updated"):
            wrong.append(f"the change of {code} was acknowledged as {revision}; the log has {log[revision - 1]}")
    if run.refused_reads:
        wrong.append(f"{run.refused_reads} reads were refused")
    print(f"{len(run.acknowledged)} creations and {len(run.changed)} changes acknowledged, {len(run.refused)} refused; {run.reads} reads, "
          f"{run.refused_reads} refused; {len(log)} changes; slowest answer {run.slowest:.1f} s")
    well, differing, _ = verified(newer, url)
    print(f"verify: {'nothing differs' if well else f'{len(differing)} things differ, such as {differing[:3]}'}")
    rebuilt = subprocess.run([newer, "migrate", "--rebuild", "--database-url", url], capture_output=True, text=True, check=False)
    well, differing, error = verified(newer, url)
    if rebuilt.returncode or not well:
        wrong.append(f"after migrate --rebuild ({rebuilt.stderr}) {len(differing)} things differ, such as {differing[:3]}: {error}")
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
