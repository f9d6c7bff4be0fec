"""A million projects with 256 MiB of memory: imported, served and exported in a control group that the kernel enforces."""
import csv
import os
import pathlib
import random
import subprocess
import time

from served import Service, Skipped, command, registry

MEMORY = 256 << 20


def generated(path, projects):
    dice = random.Random(7)
    words = "climate radar orbit lander antenna ozone ocean biomass magnetic polar cosmic imaging sounder relay survey".split()
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "summary", "status", "launch_date"])
        for n in range(projects):
            year = dice.randint(1980, 2035)
            summary = " ".join(dice.choices(words, k=12))
            writer.writerow([f"p-{n:07}", f"Project {n}", summary, "operational", f"{year}-0{dice.randint(1, 9)}"])


class Group:
    """A control group with so much memory, of either version; none where root has none."""

    def __init__(self, most):
        self.folder = None
        old, new = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")
        base, limit = (old, "memory.limit_in_bytes") if old.is_dir() else (new, "memory.max")
        self.peak = "memory.max_usage_in_bytes" if old.is_dir() else "memory.peak"
        folder = base / f"registry-{os.getpid()}-{most}"
        try:
            folder.mkdir()
            (folder / limit).write_text(str(most))
            self.folder = folder
        except OSError:
            pass

    def enter(self):
        """To be called in the child, before its program."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def end(self):
        self.folder.rmdir()

    def failures(self):
        file = self.folder / "memory.failcnt"
        return file.read_text().strip() if file.exists() else "?"


def limited(group, binary, folder, *words):
    """Runs a command in the group: how it ended, how long it took, and the most memory that it had itself, in MiB."""
    begun = time.monotonic()
    process = subprocess.Popen([binary, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               preexec_fn=group.enter, env=os.environ | {"TMPDIR": str(folder)})  # noqa: PLW1509
    error = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.monotonic() - begun, used.ru_maxrss / 1024, error[-300:]


def memory(options, folder):
    group = Group(MEMORY)
    if group.folder is None:
        raise Skipped("no control group for memory can be made")
    registry(options.binary, folder)
    generated(folder / "projects.csv", options.projects)
    size = (folder / "projects.csv").stat().st_size / 2**20
    wrong, told = [], [f"{options.projects:,} projects, {size:.0f} MiB of CSV"]
    for words in (["import", "projects.csv"], ["export", "out"]):
        status, took, most, error = limited(group, options.binary, folder, *words)
        told.append(f"{words[0]} {took:.0f} s, {most:.0f} MiB resident at most")
        if status:
            wrong.append(f"{words[0]} ended with {status}: {error}")
    lines = sum(1 for _ in open(folder / "out" / "projects.csv", encoding="utf-8")) if not wrong else 0
    if not wrong and lines != options.projects + 1:
        wrong.append(f"{lines} lines were exported")
    if not wrong:
        told.append(served(options, folder, group, wrong))
    verified = command(options.binary, folder, "verify")
    wrong += [f"verify: {verified.stdout[-200:]}"] if verified.returncode else []
    # The limit is one: with a small part of it the same ends.
    small = Group(MEMORY // 64)
    status, *_ = limited(small, options.binary, folder, "export", "small")
    small.end()
    group.end()
    if status == 0:
        raise SystemExit("the control of memory has passed, and must fail")
    return wrong, "; ".join(told) + f"; control: with {MEMORY // 64 >> 20} MiB export ended with {status}"


def served(options, folder, group, wrong):
    """The service in the group, asked for the whole registry."""
    enter = ["sh", "-c", f'echo $$ >"{group.folder}/cgroup.procs" && exec "$@"', "sh"]
    service = Service(options.binary, folder, *enter, environment={"TMPDIR": str(folder)})
    begun = time.monotonic()
    sizes = {}
    for form in ("csv", "ndjson"):
        status, said = service.ask("GET", f"/projects?format={form}")
        sizes[form] = len(said) >> 20
        if status != 200 or said.count(b"\n") < options.projects:
            wrong.append(f"an export as {form} was answered with {status} and {said.count(10)} lines")
    status = pathlib.Path(f"/proc/{service.identifier()}/status").read_text()
    most = next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))
    service.kill()
    return f"two exports over HTTP ({sizes}) {time.monotonic() - begun:.0f} s, {most} MiB resident at most"
