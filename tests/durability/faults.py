#!/usr/bin/env python3
"""Faults under a SQLite registry, by hand or nightly: `faults.py BINARY [FAULT…] [--rounds N] [--every K]`.

    kill        kill -9 under 8 writers, again and again
    powercut    ext4 in a file, whose file system is shut down under 8 writers without writing its journal    (root, loop devices)
    eio         the Nth write, sync or cut of a file of the service fails with EIO, under 8 writers           (strace)
    enospc      the same with ENOSPC                                                                          (strace)
    migration   `migrate` of a registry of version 0.1 is killed at its Nth write, then runs again            (strace)
    backup      `backup` is killed at its Nth write                                                           (strace)
    memory      1,000,000 projects are imported and exported with 256 MiB                                     (root, control groups)
    clock       the clock goes back an hour while the service runs                                            (libfaketime)

Without names: all but memory, which takes long. What a fault needs and is not there is said, and skipped. Each has a control: the same
check over something that is broken, which must fail. --every K kills at every Kth write alone: 1 is every one.
"""
import argparse
import gzip
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import killed
import memory
from served import Service, Skipped, Writers, judge, registry


def needs(program):
    if shutil.which(program) is None:
        raise Skipped(f"there is no {program}")


def must_fail(wrong, what):
    """A control: what must have been found."""
    if not wrong:
        raise SystemExit(f"the control of {what} has passed, and must fail")
    return f"control: {wrong[0]}"


def kill(options, folder):
    registry(options.binary, folder)
    kept, wrong = {}, []
    for turn in range(options.rounds):
        service = Service(options.binary, folder)
        writers = Writers(service, f"k{turn}")
        writers.wait_for(1)
        time.sleep(random.uniform(0, 0.4))
        service.kill()
        kept |= writers.end()
        # All of it at the end, the newest now: what is lost is lost at once.
        if turn % 20 == 19 or turn == options.rounds - 1:
            wrong += judge(options.binary, folder, kept)
    # A program that acknowledges before it commits: what is in the write-ahead log alone is gone.
    service = Service(options.binary, folder)
    writers = Writers(service, "control")
    writers.wait_for(50)
    service.kill()
    last = writers.end()
    (folder / "registry.db-wal").unlink()
    found = must_fail(judge(options.binary, folder, last), "kill")
    return wrong, f"{options.rounds} times, {len(kept)} acknowledged writes; {found}"


# FS_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more is written, not even the journal.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2


def cut(options, folder, about, *before):
    """One power cut under writers. What does not hold, and how many writes were acknowledged."""
    import fcntl
    import os
    import struct

    image, mount = folder / f"{about}.img", folder / f"{about}-mount"
    mount.mkdir()
    run = lambda *words: subprocess.run(words, check=True, capture_output=True)  # noqa: E731
    run("truncate", "-s", "512M", image)
    run("mkfs.ext4", "-q", image)
    run("mount", "-o", "loop", image, mount)
    try:
        place = mount / "registry"
        place.mkdir()
        registry(options.binary, place)
        run("sync", "-f", place)
        service = Service(options.binary, place, *before)
        writers = Writers(service, about)
        writers.wait_for(100)
        time.sleep(random.uniform(0, 1))
        disk = os.open(mount, os.O_RDONLY)
        fcntl.ioctl(disk, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(disk)
        time.sleep(0.2)
        service.kill()
        kept = writers.end()
        run("umount", mount)
        run("mount", "-o", "loop", image, mount)
        return judge(options.binary, place, kept), len(kept)
    finally:
        subprocess.run(["umount", mount], check=False, capture_output=True)


def powercut(options, folder):
    import os

    needs("mkfs.ext4")
    if os.geteuid() != 0:
        raise Skipped("only root can mount")
    try:
        (folder / "probe.img").write_bytes(b"")
        subprocess.run(["losetup", "-f"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Skipped("there are no loop devices") from None
    wrong, kept = [], 0
    turns = max(1, options.rounds // 6)
    for turn in range(turns):
        found, count = cut(options, folder, f"cut{turn}")
        wrong += found
        kept += count
    # The same program, whose syncs do nothing and say that they have.
    needs("strace")
    lying = strace(folder, "fdatasync,fsync:retval=0")
    found = must_fail(cut(options, folder, "control", *lying)[0], "powercut")
    return wrong, f"{turns} times, {kept} acknowledged writes; {found}"


def strace(folder, *injections):
    """What to put before a command, so that its calls fail."""
    calls = ",".join(injection.split(":")[0] for injection in injections)
    inject = [word for injection in injections for word in ("-e", f"inject={injection}")]
    return ["strace", "-f", "-qq", "-o", str(folder / "strace"), "-e", f"trace={calls}", *inject]


def attached(service, tracer):
    """Has strace take part in a service that has started."""
    process = subprocess.Popen([*tracer, "-p", str(service.process.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = pathlib.Path(f"/proc/{service.process.pid}/status")
    while "TracerPid:\t0\n" in status.read_text():
        if process.poll() is not None:
            raise SystemExit("strace cannot attach")
        time.sleep(0.01)
    return process


def failing(options, folder, error):
    """A call of the service fails once, or from then on."""
    needs("strace")
    wrong, kept, statuses, ended, injected = [], 0, {}, 0, 0
    for turn in range(options.rounds):
        place = folder / f"{error}-{turn}"
        place.mkdir()
        registry(options.binary, place)
        call = ("pwrite64", "fdatasync", "ftruncate")[turn % 3] if turn % 5 else "write,pwrite64,fdatasync"
        when = f"{random.randint(10, 120)}{random.choice(['', '+'])}"
        service = Service(options.binary, place)
        tracer = attached(service, strace(place, f"{call}:error={error}:when={when}"))
        writers = Writers(service, error.lower())
        # A call that fails now and again is met soon; a file is cut seldom.
        writers.wait_for(400, 4)
        ended += service.process.poll() is not None
        service.kill()
        acknowledged = writers.end()
        tracer.wait()
        injected += "INJECTED" in (place / "strace").read_text(errors="replace")
        kept += len(acknowledged)
        for status, count in writers.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
        wrong += [f"{call} {when}: {one}" for one in judge(options.binary, place, acknowledged)]
        if turn == options.rounds - 1:
            control = must_fail(judge(options.binary, place, acknowledged | {"never": 1}), error)
        shutil.rmtree(place)
    if not injected:
        raise SystemExit(f"{error} has never been injected")
    if statuses.get(500):
        wrong.append(f"{statuses[500]} writes were answered with 500")
    return wrong, (f"{injected} of {options.rounds} services met it, {ended} of them stopped; {kept} acknowledged writes, "
                   f"answers {dict(sorted(statuses.items()))} (0: none); {control}")


def clock(options, folder):
    """The clock goes back under the writers; then the service starts with it."""
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise Skipped("there is no libfaketime (Debian: faketime)")
    registry(options.binary, folder)
    times = folder / "clock"
    environment = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(times), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
    times.write_text("+3600")
    service = Service(options.binary, folder, environment=environment)
    kept = {}
    for step in ("ahead", "back"):
        writers = Writers(service, step)
        writers.wait_for(100)
        kept |= writers.end()
        times.write_text("+0")
    wrong = []
    head = json.loads(service.ask("GET", "/changes/head")[1])
    if service.ask("GET", f"/projects?as_of=r{head['revision'] - 10}&limit=1")[0] != 200:
        wrong.append("a past state cannot be read by its revision")
    if service.ask("GET", "/projects?limit=1")[0] != 200 or not service.sign_in().get("refresh_token"):
        wrong.append("who is signed in is not any more")
    service.kill()
    at = [item["at"] for item in changes(options.binary, folder)]
    # The times of the log never go back: what is written meanwhile has the time of the last change before.
    same = at.count(at[-1])
    if same < 100:
        raise SystemExit(f"the clock has not gone back: {same} changes have the time of the last one")
    wrong += judge(options.binary, folder, kept) + backwards(at)
    found = must_fail(backwards([*at, at[0]]), "clock")
    return wrong, f"{len(kept)} acknowledged writes, {same} of them with the time of the last one before; {found}"


def backwards(at):
    return [f"{later} comes after {earlier}" for earlier, later in zip(at, at[1:]) if later < earlier]


def changes(binary, folder):
    service = Service(binary, folder)
    try:
        last, found = 0, []
        while page := json.loads(service.ask("GET", f"/changes?since={last}&limit=200")[1])["items"]:
            found += page
            last = page[-1]["revision"]
        return found
    finally:
        service.kill()


def earlier(folder):
    """A registry that version 0.1 made."""
    packed = pathlib.Path(__file__).parents[1] / "upgrade" / "registry-0.1.db.gz"
    (folder / "registry.db").write_bytes(gzip.decompress(packed.read_bytes()))


FAULTS = {
    "kill": kill,
    "powercut": powercut,
    "eio": lambda options, folder: failing(options, folder, "EIO"),
    "enospc": lambda options, folder: failing(options, folder, "ENOSPC"),
    "migration": lambda options, folder: killed.migration(options, folder, earlier),
    "backup": lambda options, folder: killed.backup(options, folder),
    "memory": lambda options, folder: memory.memory(options, folder),
    "clock": clock,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("faults", nargs="*", help="which, of " + ", ".join(FAULTS))
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--projects", type=int, default=1_000_000, help="how many for memory")
    options = parser.parse_args()
    failed = False
    for name in options.faults or [name for name in FAULTS if name != "memory"]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                wrong, told = FAULTS[name](options, pathlib.Path(folder))
            except Skipped as reason:
                print(f"{name}: skipped: {reason}", flush=True)
                continue
        print(f"{name}: {told} ({time.monotonic() - begun:.0f} s)", flush=True)
        for line in wrong[:10]:
            print(f"WRONG: {name}: {line}", flush=True)
        failed |= bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
