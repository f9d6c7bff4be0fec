"""Commands that are killed at their Nth write: a migration, and a backup."""
import shutil
import sqlite3
import subprocess

from served import command, registry

# What changes files: each is a moment to die at.
CALLS = ["pwrite64", "write", "ftruncate", "fdatasync", "fsync", "unlink", "rename", "renameat2", "linkat", "openat"]


def counted(binary, folder, *words):
    """How often a command makes each of the calls."""
    out = folder / "calls"
    traced = ["strace", "-f", "-qq", "-o", str(out), "-e", f"trace={','.join(CALLS)}", binary, *words]
    ran = subprocess.run(traced, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{words} fails: {ran.stderr}")
    lines = out.read_text(errors="replace").splitlines()
    return {call: sum(f" {call}(" in line for line in lines) for call in CALLS}


def moments(counts, every):
    """Each call and when: every Kth, and the first and last of each."""
    for call, count in counts.items():
        # Opening is only of interest where it makes a file.
        step = every * 10 if call == "openat" else every
        yield from ((call, n) for n in range(1, count + 1) if n % step == 0 or n in (1, count))


def killed_at(binary, folder, call, n, *words):
    """Whether a command was killed at its Nth call."""
    traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}", binary, *words]
    ran = subprocess.run(traced, cwd=folder, capture_output=True, text=True, check=False)
    return ran.returncode != 0


def schema(folder):
    database = sqlite3.connect(f"file:{folder}/registry.db?mode=rw", uri=True)
    try:
        return sorted(database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall())
    finally:
        database.close()


def migrated(binary, folder, expected):
    """What does not hold after `migrate` has run once more."""
    ran = command(binary, folder, "migrate")
    if ran.returncode:
        return [f"migrate fails: {ran.stderr[-300:]}"]
    ran = command(binary, folder, "verify")
    if ran.returncode:
        return [f"verify: {ran.stdout[-300:]} {ran.stderr[-300:]}"]
    return [] if schema(folder) == expected else ["the tables are not those of a migration that was not killed"]


def migration(options, folder, earlier):
    place = lambda name: new(folder / name)  # noqa: E731
    whole = place("whole")
    earlier(whole)
    counts = counted(options.binary, whole, "migrate")
    expected, wrong, times = schema(whole), [], 0
    for call, n in moments(counts, options.every):
        here = place("one")
        earlier(here)
        times += killed_at(options.binary, here, call, n, "migrate")
        wrong += [f"killed at {call} {n}: {one}" for one in migrated(options.binary, here, expected)]
        shutil.rmtree(here)
    # A program whose migrations are not atomic: a piece of one was made, and it is not known.
    broken = place("broken")
    earlier(broken)
    database = sqlite3.connect(broken / "registry.db")
    database.execute("ALTER TABLE agreements ADD COLUMN term TEXT")
    database.close()
    found = migrated(options.binary, broken, expected)
    if not found:
        raise SystemExit("the control of migration has passed, and must fail")
    return wrong, f"killed {times} times at {sum(counts.values())} calls {counts}; control: {found[0].strip()[:150]}"


def backup(options, folder):
    source = new(folder / "source")
    registry(options.binary, source)
    rows = "code,name,status\n" + "".join(f"p{n},Project {n},proposed\n" for n in range(3000))
    (source / "projects.csv").write_text(rows)
    made = command(options.binary, source, "import", "projects.csv")
    if made.returncode:
        raise SystemExit(f"no registry can be made: {made.stderr}")
    counts = counted(options.binary, source, "backup", "whole.backup")
    wrong, times, whole, drafts = [], 0, 0, 0
    for call, n in moments(counts, options.every):
        times += killed_at(options.binary, source, call, n, "backup", "one.backup")
        file = source / "one.backup"
        if file.exists():
            whole += 1
            wrong += [f"killed at {call} {n}: {one}" for one in restored(options.binary, folder, file)]
            file.unlink()
        for draft in source.glob(".backup-*.part"):
            drafts += 1
            draft.unlink()
    if not drafts:
        raise SystemExit("no backup was killed midway")
    # A program that writes into the file itself: what is there when it is killed is half of it.
    half = folder / "half.backup"
    half.write_bytes((source / "whole.backup").read_bytes()[: (source / "whole.backup").stat().st_size // 2])
    found = restored(options.binary, folder, half)
    if not found:
        raise SystemExit("the control of backup has passed, and must fail")
    verified = command(options.binary, source, "verify")
    wrong += [f"the registry itself: {verified.stdout}"] if verified.returncode else []
    told = f"killed {times} times at {sum(counts.values())} calls, {drafts} drafts, {whole} whole files"
    return wrong, f"{told}; control: {found[0].strip()[:150]}"


def restored(binary, folder, file):
    """What does not hold of a backup."""
    place = new(folder / "restored")
    try:
        ran = command(binary, place, "restore", str(file))
        if ran.returncode:
            return [f"it cannot be restored: {ran.stderr[-200:]}"]
        ran = command(binary, place, "verify")
        return [ran.stdout] if ran.returncode else []
    finally:
        shutil.rmtree(place)


def new(folder):
    folder.mkdir()
    return folder
