#!/usr/bin/env python3
"""Measures /findings in a registry of 100,000 projects with their agreements and reviews, and /changes/summary of 20,000
records with 10,000 changes between, over HTTP and without the answer cache. Build with --release.

usage: tests/findings/speed.py BINARY [PROJECTS] [--only findings|changes]

Not part of .ci/run: the figures are in docs/performance.md.
"""
import argparse
import csv
import datetime
import json
import os
import pathlib
import statistics
import tempfile
import time

from oracle import Service
from planted import World, plant

ROUNDS = 7
CHANGED = 10_000


def write(folder, rows):
    """Writes the files of a world."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in rows.items():
        header = list(dict.fromkeys(field for row in rows for field in row))
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)


def world(projects, organisations):
    made = World(datetime.datetime.now(datetime.timezone.utc).date())
    for n in range(organisations):
        made.organisation(f"organisation-{n}")
    plant(made)
    while len(made.rows["projects"]) < projects:
        made.project(f"project-{len(made.rows['projects'])}")
    # Papers of every age: most are over, some go on by themselves.
    while len(made.rows["agreements"]) < projects // 2:
        n = len(made.rows["agreements"])
        life = [{"expires_on": f"{2001 + n % 24}"}, {"renewal": "tacit", "renewal_months": 12 + n % 48, "notice_months": n % 12}][n % 2]
        made.agreement(f"agreement-{n}", **({"expires_on": f"{2001 + n % 28}-0{1 + n % 9}"} | life))
    return made


def processor(service):
    """The seconds that the service has computed."""
    fields = pathlib.Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(service, path):
    times, before = [], processor(service)
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        service.get(path)
        times.append((time.perf_counter() - begun) * 1000)
    each = (processor(service) - before) * 1000 / ROUNDS
    print(f"{path}: median {statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f}), processor {each:.0f} ms", flush=True)


def measure_findings(binary, folder, projects):
    made = world(projects, 2_000)
    write(folder / "large", made.rows)
    print({name: len(rows) for name, rows in made.rows.items()}, flush=True)
    (folder / "findings").mkdir()
    begun = time.perf_counter()
    with Service(binary, folder / "large", folder / "findings") as service:
        print(f"imported and started in {time.perf_counter() - begun:.0f} s")
        measure(service, "findings?limit=1")
        counts = json.loads(service.get("findings?limit=1"))["counts"]
        print({count["rule"]: count["count"] for count in counts})
        measure(service, "findings")
        for count in counts:
            measure(service, f"findings?format=ndjson&limit=50&rule={count['rule']}")
        for query in ("nation=IN", "area=climate", "responsible=organisation-0"):
            measure(service, f"findings?limit=1&{query}")
        for sort in ("decide_by", "-decide_by"):
            measure(service, f"agreements?sort={sort}&fields=code,decide_by")
        measure(service, "agreements?decide_by__lte=2027&fields=code,decide_by&sort=decide_by")
        measure(service, "partnerships")


def measure_changes(binary, folder):
    made = World(datetime.datetime.now(datetime.timezone.utc).date())
    made.organisation("organisation-0")
    while sum(map(len, made.rows.values())) < 20_000:
        made.project(f"project-{len(made.rows['projects'])}")
    write(folder / "small", made.rows)
    changed = made.rows["projects"][:CHANGED]
    write(folder / "changed", {"projects": [row | {"name": row["name"] + " II", "url": "https://example.org"} for row in changed]})
    (folder / "changes").mkdir()
    with Service(binary, folder / "small", folder / "changes") as service:
        before = json.loads(service.get("changes/head"))["revision"]
        service.run("import", str(folder / "changed"))
        measure(service, f"changes/summary?from=r{before}")
        measure(service, f"changes/summary?from=r{before}&nation=IN")
        measure(service, f"changes/summary?from=r{before}&format=csv")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary", type=lambda text: str(pathlib.Path(text).resolve()))
    options.add_argument("projects", nargs="?", type=int, default=100_000)
    options.add_argument("--only", choices=["findings", "changes"])
    options = options.parse_args()
    os.environ["REGISTRY_CACHE_SIZE"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if options.only != "changes":
            measure_findings(options.binary, folder, options.projects)
        if options.only != "findings":
            measure_changes(options.binary, folder)


if __name__ == "__main__":
    main()
