"""Whether a cluster keeps its promises while its nodes fail: `failover.py FOLDER PROGRAM [--rounds N] [--faults kill,switch…]`.

FOLDER is that of a cluster which deploy/cluster/up has started. 8 writers create projects and 16 readers read, through all
three instances, while faults happen one after the other: kill -9 of the primary, a planned switchover, kill -9 of a standby, and,
where the nodes have namespaces of their own, the network of the primary cut for half a minute. An old primary comes back each
time: the next fault waits until all three nodes are there again. Then the log is read:

- each write that was acknowledged is in the log, at the revision that was answered (none is lost, none was falsely confirmed);
- revisions are 1, 2, 3 … without a gap, and no project was created twice;
- a follower that asked for changes all the time has seen each of them once, in order, and so has a stream of events;
- no read was answered wrongly, and writes were acknowledged again within LIMIT seconds of each fault;
- an entity tag that was read before a fault is judged right after it: it still fits, and an older one does not.

`--control` makes it claim a write that was never made: then it must fail.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

INSTANCES = [f"http://127.0.0.1:1808{n}" for n in (1, 2, 3)]
DATABASE = "postgres://postgres@127.0.0.1:55440/registry"
PASSWORD = "nine otters in the harbour"
# Seconds after a fault within which a write is acknowledged again.
LIMIT = 10
# The same where nothing tells that the primary is gone but its silence: the lock's `ttl` is 20 s.
LIMIT_CUT = 35
# Where the nodes of Patroni answer.
PATRONI = {}


def ask(url, method="GET", body=None, token=None, kind="application/json", timeout=40, tag=None):
    """The status and the JSON of an answer; status 0 where there was none."""
    headers = {"Content-Type": kind} if body is not None else {}
    if tag:
        headers["If-Match"] = tag
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, None
    except (OSError, ValueError):
        return 0, None


class Run:
    def __init__(self, token):
        self.token = token
        self.stop = threading.Event()
        self.lock = threading.Lock()
        # By code: the revision that was answered.
        self.acknowledged = {}
        self.acknowledged_at = []
        self.unknown = 0
        self.reads = self.refused_reads = 0
        self.wrong = []
        self.seen = []
        self.heard = []

    def write(self, writer):
        n, begun = 0, int(time.time())
        while not self.stop.is_set():
            code = f"w{begun}-{writer}-{n}"
            n += 1
            body = json.dumps({"name": f"Project {code}", "status": "proposed"}).encode()
            url = f"{random.choice(INSTANCES)}/api/v1/projects/{code}"
            status, record = ask(url, "PUT", body, self.token)
            with self.lock:
                if status == 201:
                    self.acknowledged[code] = record["version"]
                    self.acknowledged_at.append(time.monotonic())
                elif status in (0, 500, 503):
                    self.unknown += 1
                    if status == 500:
                        self.wrong.append(f"a write was answered with 500: {code}")
                else:
                    self.wrong.append(f"a write of {code} was answered with {status}")
            if status != 201:
                time.sleep(0.1)

    def read(self):
        while not self.stop.is_set():
            target = random.choice(["projects?limit=5", "changes/head", "summaries/projects?group_by=status"])
            status, answer = ask(f"{random.choice(INSTANCES)}/api/v1/{target}", token=self.token)
            with self.lock:
                self.reads += 1
                if status in (0, 503):
                    self.refused_reads += 1
                elif status != 200 or answer is None:
                    self.wrong.append(f"a read of {target} was answered with {status}")
            time.sleep(0.02)

    def listen(self):
        """A stream of events, which is taken up again with the last event after each break."""
        while True:
            ended = self.stop.is_set()
            try:
                target = urllib.parse.urlsplit(random.choice(INSTANCES))
                connection = http.client.HTTPConnection(target.hostname, target.port, timeout=3)
                last = str(self.heard[-1] if self.heard else 0)
                headers = {"Authorization": f"Bearer {self.token}", "Last-Event-ID": last}
                connection.request("GET", "/api/v1/changes/stream", headers=headers)
                answer = connection.getresponse()
                number = None
                while answer.status == 200 and (line := answer.readline()):
                    if line.startswith(b"id:"):
                        number = int(line[3:])
                    elif line.startswith(b"data:"):
                        # An id alone, at the beginning of each stream, is no event.
                        self.heard.append(number)
            except OSError:
                # Also when there was nothing to hear for three seconds.
                if ended:
                    return
            time.sleep(0.1)

    def tagged(self, name):
        """A record with two versions, and its tag: `"v1"`-like of the older one, and of the newer."""
        url = f"{INSTANCES[0]}/api/v1/projects/{name}"
        versions = []
        for status in ("proposed", "in_development"):
            body = json.dumps({"name": name, "status": status}).encode()
            while True:
                answered, record = ask(url, "PUT", body, self.token)
                if answered in (200, 201):
                    break
                time.sleep(0.1)
            versions.append(f'"v{record["version"]}"')
        return url, *versions

    def judge_tags(self, url, older, newer):
        """Asks right after the fault, until there is an answer."""
        for tag, expected in ((older, 412), (newer, 200)):
            status, tries = 503, 0
            while status in (0, 503):
                body = json.dumps({"acronym": "tagged"}).encode()
                tries += 1
                time.sleep(0.1)
                status, _ = ask(url, "PATCH", body, self.token, tag=tag)
            # A write of unknown outcome may have been made: then the tag is that of before it.
            if status != expected and not (status == 412 and tries > 1):
                self.wrong.append(f"{tag} of {url} was judged with {status}, not {expected}")

    def follow(self):
        last = 0
        while True:
            # Once more after the end, for what came last.
            ended = self.stop.is_set()
            status, page = ask(f"{random.choice(INSTANCES)}/api/v1/changes?since={last}&limit=200", token=self.token)
            if status == 200:
                self.seen.extend(item["revision"] for item in page["items"])
                last = page["last"] if page["items"] else last
                if ended and not page["items"]:
                    return
            time.sleep(0.1)


def members(states=("running", "streaming", "starting", "stopped", "crashed")):
    """The roles of the nodes in these states."""
    for address in PATRONI.values():
        status, cluster = ask(f"{address}/cluster", timeout=2)
        if status == 200:
            return {member["name"]: member["role"] for member in cluster["members"] if member["state"] in states}
    return {}


def one(role):
    for _ in range(600):
        names = [name for name, has in members().items() if has == role]
        if names:
            return random.choice(names)
        time.sleep(0.1)
    sys.exit(f"no member of the cluster is {role}")


def kill(folder, node):
    """kill -9 of a node's PostgreSQL, all of its processes; Patroni goes on."""
    first = int((folder / node / "data" / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True).stdout
    for pid in [first, *map(int, children.split())]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def switch(folder):
    leader = one("leader")
    body = json.dumps({"leader": leader, "candidate": one("sync_standby")}).encode()
    ask(f"{PATRONI[leader]}/switchover", "POST", body, timeout=60)


def settled():
    """Waits until all three nodes follow again: two faults at once are more than the cluster promises to bear."""
    for _ in range(1200):
        roles = list(members(("running", "streaming")).values())
        if "leader" in roles and "sync_standby" in roles and len(roles) == 3:
            return
        time.sleep(0.1)
    sys.exit(f"the cluster does not come together again: {members()}")


def cut(folder):
    """Cuts the network of the primary, and mends it after half a minute."""
    cable = one("leader").replace("node", "registry")
    subprocess.run(["ip", "link", "set", cable, "down"], check=True)
    threading.Timer(30, lambda: subprocess.run(["ip", "link", "set", cable, "up"], check=True)).start()


FAULTS = {
    "kill": ("kill -9 of the primary", lambda folder: kill(folder, one("leader")), LIMIT),
    "switch": ("switchover", switch, LIMIT),
    "standby": ("kill -9 of the synchronous standby", lambda folder: kill(folder, one("sync_standby")), LIMIT),
    "cut": ("network of the primary cut", cut, LIMIT_CUT),
}


def judge(run, log):
    """What does not hold."""
    wrong = run.wrong[:10]
    revisions = [item["revision"] for item in log]
    if revisions != list(range(1, len(log) + 1)):
        wrong.append("the revisions of the log have a gap")
    made = {}
    for item in log:
        if item["resource"] == "projects" and item["action"] == "created":
            if item["key"] in made:
                wrong.append(f"{item['key']} was created twice")
            made[item["key"]] = item["revision"]
    for code, revision in run.acknowledged.items():
        if made.get(code) != revision:
            wrong.append(f"{code} was acknowledged as {revision}; the log has {made.get(code)}")
    for name, seen in (("follower", run.seen), ("stream", run.heard)):
        if seen != revisions:
            at = next((n for n, pair in enumerate(zip(seen, revisions)) if pair[0] != pair[1]), min(len(seen), len(revisions)))
            wrong.append(
                f"the {name} has seen {len(seen)} changes, the log has {len(revisions)}; they part after {at}: "
                f"the log goes on with {revisions[at:at + 5]}, it has seen {seen[at:at + 10]}"
            )
    return wrong


def whole_log(token):
    log, last = [], 0
    while True:
        status, page = ask(f"{INSTANCES[0]}/api/v1/changes?since={last}&limit=200", token=token)
        if status != 200:
            sys.exit(f"the log cannot be read: {status}")
        if not page["items"]:
            return log
        log.extend(page["items"])
        last = page["last"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="how long a fault is watched")
    parser.add_argument("--faults", default="kill,switch,standby", help="which, of " + ", ".join(FAULTS))
    parser.add_argument("--control", action="store_true")
    args = parser.parse_args()
    for n, host in enumerate((args.folder / "hosts").read_text().split(), 1):
        PATRONI[f"node{n}"] = f"http://{host}:5800{n}"
    subprocess.run(
        [args.program, "user", "add", "ada", "--role", "admin", "--database-url", DATABASE, "--password-file", "-"],
        input=PASSWORD, text=True, capture_output=True, check=False,
    )
    form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD}).encode()
    _, tokens = ask(f"{INSTANCES[0]}/api/v1/auth/token", "POST", form, kind="application/x-www-form-urlencoded")
    run = Run(tokens["access_token"])
    threads = [threading.Thread(target=run.write, args=(n,)) for n in range(8)]
    threads += [threading.Thread(target=run.read) for _ in range(16)] + [threading.Thread(target=run.follow)]
    threads += [threading.Thread(target=run.listen)]
    for thread in threads:
        # None of them keeps the process when the cluster does not come together again.
        thread.daemon = True
        thread.start()
    time.sleep(2)
    pauses = []
    for turn in range(args.rounds):
        for name, fault, limit in map(FAULTS.__getitem__, args.faults.split(",")):
            settled()
            tagged = run.tagged(f"tagged-{int(time.time())}-{turn}")
            begun = time.monotonic()
            fault(args.folder)
            run.judge_tags(*tagged)
            time.sleep(args.seconds)
            for _ in range(600):
                with run.lock:
                    # The longest time without an acknowledged write since the fault.
                    times = [begun] + [at for at in run.acknowledged_at if at >= begun]
                if len(times) > 20:
                    break
                time.sleep(0.1)
            pause = max(later - earlier for earlier, later in zip(times, times[1:])) if len(times) > 1 else float("inf")
            pauses.append((pause, name, limit))
            print(f"{name}: writes paused for {pause:.1f} s", flush=True)
    settled()
    time.sleep(2)
    run.stop.set()
    for thread in threads:
        thread.join()
    if args.control:
        run.acknowledged["never"] = 1
    log = whole_log(run.token)
    wrong = judge(run, log)
    wrong += [f"{name}: no write for {pause:.1f} s" for pause, name, limit in pauses if pause > limit]
    for name in sorted({name for _, name, _ in pauses}):
        of = sorted(pause for pause, fault, _ in pauses if fault == name)
        print(f"{name}, {len(of)} times: median {of[len(of) // 2]:.1f} s, longest {of[-1]:.1f} s")
    print(
        f"{len(run.acknowledged)} writes acknowledged, {run.unknown} of unknown outcome, {len(log)} changes; "
        f"{run.reads} reads, {run.refused_reads} refused; longest pause {max(pauses, default=(0,))[0]:.1f} s"
    )
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
