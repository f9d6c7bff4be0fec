#!/usr/bin/env python3
"""Measures the service beside its ceiling (bare actix-web with a token check and a fixed body), in one run on one machine.

usage: bench/run.py [--binary FILE] [--ceiling FILE] [--projects N,N] [--seconds S]

    cargo build --release && cargo build --release --example ceiling && python3 bench/run.py

Needs Python 3 and wrk (Debian: wrk). It takes about five minutes. Absolute figures depend on the machine and on what else it does:
compare the shares of the ceiling and the processor time of a request. The work:

    W1 one project          W2 20 projects of a nation and an area, newest launch first
    W3 a page in the middle W4 projects by nation and area         W5 20 projects that have a word
    W6 creations, 32 at a time      W7 changes of one field, 64 at a time      W8 export of all projects

"uncached" is the service with --cache-size 0; "cached" answers the same addresses again.
"""
import argparse
import csv
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time
import urllib.parse

WORDS = "climate radar orbit lander antenna ozone ocean biomass magnetic polar cosmic imaging sounder relay survey".split()
PASSWORD = "nine otters in the harbour"
URLS = 400


def generated(projects, folder):
    """Writes a registry of so many projects, the same each time."""
    dice = random.Random(4)
    known = KNOWN
    areas = ["climate", "exploration", "innovation"]
    rows = {
        "cooperation_areas": [{"code": area, "name_en": area.title()} for area in areas],
        "nations": [{"code": two, "alpha3": three, "name_en": two} for two, three in known],
    }
    rows["projects"] = [
        {
            "code": f"p-{n:07}",
            "name": f"Project {n} {dice.choice(WORDS)}",
            "summary": " ".join(dice.choices(WORDS, k=24)),
            "status": dice.choice(["proposed", "in_development", "operational", "completed"]),
            "launch_date": f"{dice.randint(1980, 2035)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "nations": ";".join(f"{two}:partner" for two, _ in dice.sample(known, 3)),
            "areas": ";".join(dice.sample(areas, dice.randint(1, 2))),
        }
        for n in range(projects)
    ]
    folder.mkdir()
    for name, records in rows.items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(records[0]))
            writer.writeheader()
            writer.writerows(records)
    return known, areas


KNOWN = [pair.split(":") for pair in (
    "FR:FRA US:USA CN:CHN RU:RUS IN:IND JP:JPN DE:DEU AE:ARE SG:SGP MA:MAR VN:VNM IL:ISR GB:GBR IT:ITA ES:ESP CA:CAN BR:BRA "
    "KR:KOR AU:AUS NL:NLD BE:BEL CH:CHE SE:SWE NO:NOR FI:FIN DK:DNK PL:POL AT:AUT PT:PRT GR:GRC").split()]


class Service:
    """A process that answers on a port of loopback."""

    def __init__(self, command, port, folder, token=None, **env):
        self.port = port
        self.process = subprocess.Popen(command, cwd=folder, env=os.environ | env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.ask("GET", "/", token)
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{command[0]} does not answer")

    def ask(self, method, path, token=None, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def processor(self):
        """The seconds that it has computed."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def load(service, paths, token, seconds, folder):
    """Requests a second, and microseconds of processor time a request."""
    script = folder / "paths.lua"
    listed = ",".join(json.dumps(path) for path in paths)
    script.write_text(f"local p={{{listed}}}\nlocal i=0\nrequest=function() i=i%#p+1 return wrk.format('GET',p[i]) end\n")
    command = ["wrk", "-t1", "-c32", f"-d{seconds}", "-s", str(script), "-H", f"Authorization: Bearer {token}",
               f"http://127.0.0.1:{service.port}"]
    before = service.processor()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = service.processor() - before
    if "Non-2xx" in said:
        raise SystemExit(f"not every answer is a success: {paths[0]}\n{said}")
    requests = int(re.search(r"(\d+) requests in", said)[1])
    return requests / seconds, spent / requests * 1e6


WRITE = """
wrk.headers['Content-Type'] = '%s'
local n = %d
request = function()
  n = n + 1
  return wrk.format(%s)
end
"""


def writes(service, token, clients, seconds, request):
    """Writes a second of so many clients, each of which waits for its answer. `request` is the media type, and the arguments of wrk.format for number n."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "writes.lua"
        kind, arguments = request
        script.write_text(WRITE % (kind, random.randrange(10**9), arguments))
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "-s", str(script), "-H", f"Authorization: Bearer {token}",
                   f"http://127.0.0.1:{service.port}"]
        before = service.processor()
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"not every write is a success\n{said}")
    count = int(re.search(r"(\d+) requests in", said)[1])
    return count / seconds, (service.processor() - before) / count * 1e6


def created(known, areas):
    """A creation with one nation and one area."""
    nations, areas = (json.dumps(names).replace("[", "{").replace("]", "}") for names in ([two for two, _ in known], areas))
    body = ("""string.format('{"code":"new-%d","name":"New %d","status":"proposed","nations":[{"nation":"%s"}],"areas":["%s"]}', """
            f"n, n, ({nations})[n % {len(known)} + 1], ({areas})[n % 3 + 1])")
    return "application/json", f"'POST', '/api/v1/projects', nil, {body}"


def changed(projects):
    """A change of one field, each time another value."""
    path = f"string.format('/api/v1/projects/p-%07d', n * 7 % {projects})"
    body = """string.format('{"acronym":"A%d"}', n)"""
    return "application/merge-patch+json", f"'PATCH', {path}, nil, {body}"


def addresses(projects, known, areas):
    dice = random.Random(5)
    api = "/api/v1/projects"
    nation = lambda: dice.choice(known)[0]  # noqa: E731
    return {
        "W1": [f"{api}/p-{dice.randrange(projects):07}" for _ in range(URLS)],
        "W2": [f"{api}?nation={nation()}&area={dice.choice(areas)}&sort=-launch_date&limit=20" for _ in range(URLS)],
        "W4": ["/api/v1/summaries/projects?group_by=nation,area"],
        "W5": [f"{api}?q={dice.choice(WORDS)}+{dice.choice(WORDS)}&limit=20" for _ in range(URLS)],
    }


def deep(service, token, projects):
    """Pages in the middle of the list by launch date."""
    path, pages = "/api/v1/projects?sort=-launch_date&limit=20", []
    start = "/api/v1/projects?sort=-launch_date&limit=200"
    cursor = ""
    for _ in range(min(40, projects // 400)):
        cursor = json.loads(service.ask("GET", start + cursor, token)[1])["next_cursor"]
        cursor = f"&cursor={cursor}"
    for _ in range(40):
        address = path + (cursor if not pages else f"&cursor={pages[-1]}")
        pages.append(json.loads(service.ask("GET", address, token)[1])["next_cursor"])
    return [f"{path}&cursor={page}" for page in pages]


def measure(options, projects, folder, ceiling_token):
    files, data = folder / f"csv-{projects}", folder / f"data-{projects}"
    known, areas = generated(projects, files)
    data.mkdir()
    run = lambda *command, **more: subprocess.run([options.binary, *command], cwd=data, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)  # noqa: E731
    begun = time.monotonic()
    run("import", str(files))
    print(f"\n## {projects:,} projects\n\nimported in {time.monotonic() - begun:.1f} s\n")
    run("user", "add", "ada", "--role", "editor", "--password-file", "-", input=PASSWORD.encode())
    rows, bodies = {}, folder / f"bodies-{projects}"
    bodies.mkdir()
    for name, size in (("uncached", "0"), ("cached", str(256 * 1024 * 1024))):
        command = [options.binary, "serve", "--bind", f"127.0.0.1:{options.port}", "--metrics-bind", "off"]
        service = Service(command, options.port, data, REGISTRY_CACHE_SIZE=size)
        form = urllib.parse.urlencode({"grant_type": "password", "username": "ada", "password": PASSWORD})
        token = json.loads(service.ask("POST", "/api/v1/auth/token", None, form, Content_Type="application/x-www-form-urlencoded")[1])["access_token"]
        work = addresses(projects, known, areas)
        work["W3"] = deep(service, token, projects)
        for one in sorted(work):
            for path in work[one]:
                body = service.ask("GET", path, token)[1]
            (bodies / one).write_bytes(body)
            rows.setdefault(one, {})[name] = load(service, work[one], token, options.seconds, folder)
        if name == "uncached":
            begun = time.monotonic()
            service.ask("GET", "/api/v1/projects?format=ndjson", token)
            rows["W8"] = {name: (1 / (time.monotonic() - begun), 0)}
            rows["W6"] = {name: writes(service, token, 32, options.seconds, created(known, areas))}
            rows["W7"] = {name: writes(service, token, 64, options.seconds, changed(projects))}
        service.stop()
    ceiling = Service([options.ceiling, str(bodies), f"127.0.0.1:{options.port}"], options.port, folder)
    for one in ("W1", "W2", "W3", "W4", "W5"):
        rows[one]["ceiling"] = load(ceiling, [f"/{one}"], ceiling_token, options.seconds, folder)
    ceiling.stop()
    print("| work | ceiling /s | cached /s (of the ceiling) | µs | uncached /s (of the ceiling) | µs |\n| --- | --: | --: | --: | --: | --: |")
    for one in sorted(rows):
        row, top = rows[one], rows[one].get("ceiling", (0, 0))[0]
        shown = lambda name: (f"{row[name][0]:,.0f}" + (f" ({row[name][0] / top:.0%})" if top else ""), f"{row[name][1]:,.0f}" if row[name][1] else "") if name in row else ("", "")  # noqa: E731
        print(f"| {one} | {f'{top:,.0f}' if top else ''} |" + "".join(f" {cell} |" for name in ("cached", "uncached") for cell in shown(name)))
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default="target/release/partnership-registry", type=lambda text: str(pathlib.Path(text).resolve()))
    options.add_argument("--ceiling", default="target/release/examples/ceiling", type=lambda text: str(pathlib.Path(text).resolve()))
    options.add_argument("--projects", default="10000,100000")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--port", type=int, default=8399)
    options = options.parse_args()
    token = subprocess.run([options.ceiling, "--token"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        sizes = [int(size) for size in options.projects.split(",")]
        results = [measure(options, size, pathlib.Path(folder), token) for size in sizes]
    if len(results) == 2:
        print(f"\n## Growth of processor time a request, {sizes[1]:,} ÷ {sizes[0]:,}, uncached\n")
        for one in ("W1", "W2", "W3", "W4", "W5"):
            print(f"- {one}: {results[1][one]['uncached'][1] / results[0][one]['uncached'][1]:.1f}")


if __name__ == "__main__":
    main()
