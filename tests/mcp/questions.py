"""Forty questions with known answers, asked by tool calls alone; the answers are computed from the sample's files.

Every tool is listed and called, every resource read, in both generations of the protocol.
"""

import asyncio
import csv
import json
import pathlib
import sys
import urllib.parse
import urllib.request

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "src/demo/sample"
LIMIT = 25_000


def table(name):
    with open(SAMPLE / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def split(text):
    return [part.split(":")[0] for part in text.split(";") if part]


NATIONS, ORGANISATIONS = table("nations"), table("organisations")
PROJECTS, AGREEMENTS, REVIEWS = table("projects"), table("agreements"), table("reviews")


def count(rows, **wanted):
    return sum(all(value in split(row[name]) for name, value in wanted.items()) for row in rows)


class Registry:
    """The tools, by name."""

    def __init__(self, client):
        self.client = client

    async def call(self, tool, **arguments):
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, (tool, arguments, result.content)
        size = len(result.model_dump_json(by_alias=True, exclude_none=True).encode())
        assert size <= LIMIT, (tool, arguments, size)
        return result.structured_content

    async def total(self, collection, **filters):
        return (await self.call("list", collection=collection, filters=filters, fields=["code"], limit=1))["total"]

    async def rows(self, tool, key="items", **arguments):
        rows = []
        while True:
            answer = await self.call(tool, **arguments)
            rows += answer[key]
            if not answer.get("next_cursor"):
                return rows
            arguments["cursor"] = answer["next_cursor"]

    async def field(self, collection, code, name):
        return (await self.call("get", collection=collection, code=code, fields=[name]))[name]


def questions():
    """Each question: how it is asked, and the answer that the files give."""
    for nation in ["US", "IN", "JP", "DE", "CN", "IT"]:
        yield f"projects with {nation}", lambda r, n=nation: r.total("projects", nation=n), count(PROJECTS, nations=nation)
    for area in ["climate", "exploration", "innovation"]:
        yield f"projects in {area}", lambda r, a=area: r.total("projects", area=a), count(PROJECTS, areas=area)
    for status in sorted({row["status"] for row in PROJECTS}):
        yield f"projects that are {status}", lambda r, s=status: r.total("projects", status=s), count(PROJECTS, status=status)
    for kind in sorted({row["kind"] for row in AGREEMENTS})[:4]:
        yield f"agreements: {kind}", lambda r, k=kind: r.total("agreements", kind=k), count(AGREEMENTS, kind=kind)
    for sector in sorted({row["sector"] for row in ORGANISATIONS}):
        yield f"organisations: {sector}", lambda r, s=sector: r.total("organisations", sector=s), count(ORGANISATIONS, sector=sector)
    for nation in NATIONS[:8]:
        yield f"the French name of {nation['name_en']}", lambda r, c=nation["code"]: r.field("nations", c, "name_fr"), nation["name_fr"]
    for project in [row for row in PROJECTS if row["launch_date"]][:4]:
        yield f"the launch of {project['name']}", lambda r, c=project["code"]: r.field("projects", c, "launch_date"), project["launch_date"]

    async def by_status(r):
        groups = await r.rows("summarise", key="groups", collection="projects", group_by=["status"])
        return {group["key"]["status"]: group["count"] for group in groups}

    yield "projects by status", by_status, {s: count(PROJECTS, status=s) for s in {row["status"] for row in PROJECTS}}

    async def codes(r):
        rows = await r.rows("list", collection="organisations", fields=["code"], sort="code", limit=50)
        return [row["code"] for row in rows]

    yield "the codes of all organisations", codes, sorted(row["code"] for row in ORGANISATIONS)

    async def found(r):
        rows = (await r.call("search", q="États-Unis", **{"in": ["nations"]}))["items"]
        return rows[0]["code"]

    yield "the nation États-Unis", found, "US"

    async def isro(r):
        rows = (await r.call("search", q="ISRO", **{"in": ["organisations"]}))["items"]
        return await r.field("organisations", rows[0]["code"], "nation")

    yield "the nation of ISRO", isro, "IN"

    async def partner(r):
        rows = await r.rows("partnerships", filters={"nation": "IN"})
        return [(row["nation"], row["projects"]) for row in rows]

    yield "the partnership with India", partner, [("IN", count(PROJECTS, nations="IN"))]

    async def partners(r):
        rows = await r.rows("partnerships")
        best = max(rows, key=lambda row: row["projects"])
        return best["nation"], best["projects"]

    others = [row["code"] for row in NATIONS if row["partner_type"]]
    most = max(others, key=lambda code: count(PROJECTS, nations=code))
    yield "the partner with most projects", partners, (most, count(PROJECTS, nations=most))

    async def edge(r):
        answer = await r.call("network", of="nations", filters={"nation__all": ["IN", "US"]})
        nodes = {node.get("code", node.get("id")) for node in answer["nodes"]}
        return {"IN", "US"} <= nodes

    yield "whether India and the United States share a project", edge, count(PROJECTS, nations="IN") > 0 and any(
        {"IN", "US"} <= set(split(row["nations"])) for row in PROJECTS
    )

    async def nothing_changed(r):
        last = max(row["version"] for row in await r.rows("list", collection="projects", fields=["version"], limit=100))
        answer = await r.call("changed", **{"from": f"r{last}", "resource": "projects"})
        return answer["items"]

    yield "what projects have changed since their last change", nothing_changed, []

    async def before(r):
        return (await r.call("list", collection="projects", as_of="r0"))["total"]

    yield "projects before the first revision", before, 0

    async def findings(r):
        answer = await r.call("findings", limit=1)
        return sum(rule["count"] for rule in answer["counts"]) == answer["total"]

    yield "whether the findings of all rules are all findings", findings, True

    async def reviews(r):
        rows = await r.rows("list", collection="reviews", fields=["code"], limit=100)
        return len(rows)

    yield "reviews, counted page by page", reviews, len(REVIEWS)


async def ask(address, token, mode):
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client:
            tools = (await client.list_tools()).tools
            names = [tool.name for tool in tools]
            assert names == ["search", "get", "list", "partnerships", "summarise", "changed", "findings", "network"], names
            for resource in (await client.list_resources()).resources:
                read = await client.read_resource(resource.uri)
                assert len(read.contents[0].text) > 20, resource.uri
            refused = await client.call_tool("get", {"collection": "projects", "code": "no-such-project"})
            problem = json.loads(refused.content[0].text)
            assert refused.is_error and problem["type"] == "/problems/not-found", problem
            registry, asked = Registry(client), 0
            for text, question, expected in questions():
                answer = await question(registry)
                assert answer == expected, f"{text}: {answer!r} and not {expected!r}"
                asked += 1
            assert asked >= 40, asked
            return asked


def main():
    address, password = sys.argv[1].rstrip("/"), sys.argv[2]
    form = {"grant_type": "password", "username": "admin", "password": password}
    with urllib.request.urlopen(f"{address}/api/v1/auth/token", urllib.parse.urlencode(form).encode()) as answer:
        token = json.load(answer)["access_token"]
    for mode in ["legacy", "2026-07-28"]:
        print(f"{mode}: {asyncio.run(ask(address, token, mode))} questions were answered rightly")


main()
