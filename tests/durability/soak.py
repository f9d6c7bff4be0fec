#!/usr/bin/env python3
"""Two hours of mixed load, and what they do to memory, file descriptors and answer times.

usage: soak.py BINARY [--minutes 120] [--rate 120] [--folder DIR]

BINARY (a release build) serves a new SQLite database with 10,000 projects. So many requests a second come at even times, whatever the
answers take: single records, lists, words, summaries, the matrix of partnerships, changes, exports, past states, creations, changes and
deletions, sign-ins, streams that come and go, and clients that go away in the middle. Each 30 seconds it samples the process.

How memory is judged: what is created is deleted again, so that the registry keeps its size and only the log grows, which is on the
disk. Then memory must not grow either. The first half fills what is kept by design (the answer cache of 64 MiB, four past states,
statements, pages of SQLite), so that the slope of the second half counts. `RSS` is all resident memory, `anon` is without files.

Needs only Python 3. SIGTERM or Ctrl-C ends it early, with what there is. It ends with 1 if an answer was not as expected, and, from 60 minutes on, if one of the three does not hold:
memory slope below 1 MiB/h; descriptors (no more than in the second quarter, when all connections to the database are open, and no
more sockets at rest than before); p99 of the last quarter at most 10 % above the first.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench"))
import run as bench  # noqa: E402
from load import FORM, PROJECTS, SHARES, SHORT, Client  # noqa: E402

WORKERS = 16
SAMPLE = 30
# Seconds that a connection may idle before the service closes it, and a few more.
REST = 70


class Registry:
    """The service, and the token of its admin, which is renewed before it ends."""

    def __init__(self, binary, folder, port):
        self.folder, self.port, self.token = folder, port, None
        command = lambda *words, **more: subprocess.run(  # noqa: E731
            [binary, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        self.known, self.areas = bench.generated(PROJECTS, folder / "csv")
        command("import", "csv")
        command("user", "add", "ada", "--role", "admin", "--password-file", "-", input=bench.PASSWORD.encode())
        self.log = open(folder / "log", "wb")  # noqa: SIM115
        self.process = subprocess.Popen(
            [binary, "serve", "--bind", f"127.0.0.1:{port}", "--metrics-bind", "off"], cwd=folder, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                self.renew()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the service does not answer")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def grant(self, connection, **form):
        connection.request("POST", "/api/v1/auth/token", urllib.parse.urlencode(form), {"Content-Type": FORM})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def renew(self):
        status, said = self.grant(self.connect(), grant_type="password", username="ada", password=bench.PASSWORD)
        # The token before is good for ten minutes more: the next time will do.
        self.token = said["access_token"] if status == 200 else self.token

    def memory(self):
        """Resident memory in MiB: all, and what belongs to no file."""
        fields = dict(line.split(":", 1) for line in open(f"/proc/{self.process.pid}/status"))
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))

    def descriptors(self):
        """Open descriptors: sockets, and others."""
        kinds = collections.Counter()
        folder = f"/proc/{self.process.pid}/fd"
        for entry in os.listdir(folder):
            try:
                kinds[os.readlink(f"{folder}/{entry}").startswith("socket:")] += 1
            except OSError:
                pass
        return kinds[True], kinds[False]

    def processor(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def size(self, end):
        try:
            return os.path.getsize(self.folder / f"registry.db{end}") / 2**20
        except OSError:
            return 0.0


class Shared:
    """What all threads know of the load: its times, and what went wrong."""

    def __init__(self, rate):
        self.lock, self.stop, self.enough = threading.Lock(), threading.Event(), threading.Event()
        self.next, self.pause = time.monotonic(), 1 / rate
        self.window, self.wrong, self.late, self.streams, self.events = [], collections.Counter(), 0, 0, 0

    def slot(self):
        with self.lock:
            at, self.next = self.next, self.next + self.pause
        wait = at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        elif wait < -1:
            self.late += 1

    def unexpected(self, what):
        with self.lock:
            self.wrong[what] += 1

    def took(self, kind, seconds):
        with self.lock:
            self.window.append((kind, seconds))

    def take(self):
        with self.lock:
            taken, self.window = self.window, []
        return taken


def work(client, shared):
    kinds, weights = zip(*SHARES.items())
    while not shared.stop.is_set():
        shared.slot()
        kind = client.dice.choices(kinds, weights)[0]
        begun = time.perf_counter()
        try:
            getattr(client, kind)()
        except (OSError, ValueError, http.client.HTTPException) as error:
            client.connection.close()
            shared.unexpected(f"{kind}: {error!r}")
        shared.took(kind, time.perf_counter() - begun)
    client.connection.close()


def listen(registry, shared, seed):
    """A stream after the other, each for up to a minute."""
    dice = random.Random(seed)
    while not shared.stop.is_set():
        connection, until = registry.connect(), time.monotonic() + dice.uniform(0.5, 60)
        try:
            connection.request("GET", "/api/v1/changes/stream", headers={"Authorization": f"Bearer {registry.token}"})
            answer = connection.getresponse()
            if answer.status != 200:
                shared.unexpected(f"stream: {answer.status}")
            shared.streams += 1
            while time.monotonic() < until and not shared.stop.is_set() and (line := answer.readline()):
                shared.events += line.startswith(b"data:")
        except (OSError, http.client.HTTPException) as error:
            shared.unexpected(f"stream: {error!r}")
        connection.close()


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


def slope(points):
    """Least squares, per hour."""
    n = len(points)
    if n < 2:
        return float("nan")
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


COLUMNS = ["minute", "requests/s", "RSS MiB", "anon MiB", "sockets", "files", "p50 ms", "p99 ms", "CPU µs/request", "WAL MiB",
           "database MiB"]


def row(samples):
    """The mean of some samples; the times are those of all their requests."""
    times = [seconds for sample in samples for kind, seconds in sample["window"] if kind in SHORT]
    mean = lambda name: sum(sample[name] for sample in samples) / len(samples)  # noqa: E731
    count = sum(len(sample["window"]) for sample in samples)
    spent = sum(sample["spent"] for sample in samples)
    values = [f"{samples[-1]['at'] / 60:.1f}", f"{count / sum(sample['seconds'] for sample in samples):.0f}", f"{mean('rss'):.1f}",
              f"{mean('anon'):.1f}", f"{mean('sockets'):.1f}", f"{mean('files'):.1f}", f"{percentile(times, 0.5):.2f}",
              f"{percentile(times, 0.99):.1f}", f"{spent / max(count, 1) * 1e6:.0f}", f"{samples[-1]['wal']:.1f}",
              f"{samples[-1]['size']:.1f}"]
    return "| " + " | ".join(values) + " |"


def sampled(registry, shared, minutes):
    """The samples of the whole run; prints a row each ten minutes, at least six in all."""
    samples, begun = [], time.monotonic()
    before, spent = begun, registry.processor()
    step = min(10, minutes / 6) * 60
    print("| " + " | ".join(COLUMNS) + " |\n|" + " --: |" * len(COLUMNS), flush=True)
    printed, renewed = 0, begun
    while time.monotonic() - begun < minutes * 60 and not shared.enough.wait(min(SAMPLE, step)):
        if registry.process.poll() is not None:
            raise SystemExit("the service has ended by itself")
        if time.monotonic() - renewed > 300:
            registry.renew()
            renewed = time.monotonic()
        now, used = time.monotonic(), registry.processor()
        (rss, anon), (sockets, files) = registry.memory(), registry.descriptors()
        samples.append({"at": now - begun, "seconds": now - before, "window": shared.take(), "rss": rss, "anon": anon, "sockets": sockets,
                        "files": files, "spent": used - spent, "wal": registry.size("-wal"), "size": registry.size("")})
        before, spent = now, used
        with open(registry.folder / "samples.ndjson", "a", encoding="utf-8") as file:
            short = [seconds for kind, seconds in samples[-1]["window"] if kind in SHORT]
            told = {name: value for name, value in samples[-1].items() if name != "window"}
            file.write(json.dumps(told | {"p50": percentile(short, 0.5), "p99": percentile(short, 0.99), "requests": len(short)}) + "\n")
        if (now - begun) // step > printed:
            printed = (now - begun) // step
            print(row([one for one in samples if one["at"] > samples[-1]["at"] - step]), flush=True)
    return samples


def verdict(samples, rest, shared):
    """Prints what counts, and says whether all of it holds."""
    half, quarter = samples[len(samples) // 2:], max(1, len(samples) // 4)
    for name in ("rss", "anon"):
        whole, second = (slope([(sample["at"], sample[name]) for sample in part]) for part in (samples, half))
        print(f"{name}: {whole:+.2f} MiB/h, second half {second:+.2f} MiB/h")
    print(f"descriptors that are no sockets: {slope([(s['at'], s['files']) for s in half]):+.2f} an hour in the second half")
    print(f"at rest, before: {rest[0][0]} sockets, {rest[0][1]} others; after: {rest[1][0]} sockets, {rest[1][1]} others")
    print("\n| requests | count | p50 first quarter | last | p99 first quarter | last |\n|---| --: | --: | --: | --: | --: |")
    ends = samples[:quarter], samples[-quarter:]
    times = lambda part, kinds: [t for s in part for kind, t in s["window"] if kind in kinds]  # noqa: E731
    for name, kinds in {"those that people wait for": SHORT, **{kind: {kind} for kind in SHARES}}.items():
        shown = [f"{percentile(times(part, kinds), share):.2f} ms" for share in (0.5, 0.99) for part in ends]
        print(f"| {name} | {len(times(samples, kinds)):,} | " + " | ".join(shown) + " |")
    first, last = (percentile(times(part, SHORT), 0.99) for part in ends)
    cpu = [sum(s["spent"] for s in part) / max(1, sum(len(s["window"]) for s in part)) * 1e6 for part in ends]
    print(f"\nprocessor time a request: {cpu[0]:.0f} µs, {cpu[1]:.0f} µs; {shared.streams} streams with {shared.events} events; "
          f"{shared.late} requests came late")
    growth = slope([(s["at"], s["rss"]) for s in half])
    files = [max(sample["files"] for sample in part) for part in (samples[quarter:2 * quarter] or samples, ends[1])]
    held = {f"memory: {growth:+.2f} MiB/h": growth < 1,
            f"descriptors: at most {files[0]} in the second quarter, {files[1]} in the last":
                files[1] <= files[0] + 2 and rest[1][0] <= rest[0][0],
            f"p99: {last / first - 1:+.1%}": last <= first * 1.1}
    for name, holds in held.items():
        print(f"{'holds' if holds else 'DOES NOT HOLD'}: {name}")
    for what, count in shared.wrong.most_common(20):
        print(f"UNEXPECTED, {count} times: {what}")
    return all(held.values())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary", type=lambda text: str(pathlib.Path(text).resolve()))
    options.add_argument("--minutes", type=float, default=120)
    options.add_argument("--rate", type=float, default=120, help="requests a second")
    options.add_argument("--folder", help="where the database is, new; otherwise a temporary folder")
    options.add_argument("--port", type=int, default=8419)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.folder or temporary).resolve() / "registry"
        folder.mkdir(parents=True)
        registry = Registry(options.binary, folder, options.port)
        try:
            sys.exit(soak(registry, options))
        finally:
            registry.process.terminate()
            registry.process.wait()


def soak(registry, options):
    shared = Shared(options.rate)
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: shared.enough.set())
    # Everything once, so that what is opened once is open.
    warm = Client(registry, 0, shared)
    for kind in SHARES:
        getattr(warm, kind)()
    warm.connection.close()
    time.sleep(1)
    rest = [registry.descriptors()]
    threads = [threading.Thread(target=work, args=(Client(registry, n + 1, shared), shared)) for n in range(WORKERS)]
    threads += [threading.Thread(target=listen, args=(registry, shared, 100 + n)) for n in range(8)]
    shared.next = time.monotonic()
    for thread in threads:
        thread.daemon = True
        thread.start()
    samples = sampled(registry, shared, options.minutes)
    shared.stop.set()
    for thread in threads:
        thread.join(timeout=30)
    time.sleep(REST)
    rest.append(registry.descriptors())
    held = verdict(samples, rest, shared)
    return 0 if not shared.wrong and (held or options.minutes < 60) else 1


if __name__ == "__main__":
    main()
