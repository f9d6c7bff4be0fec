"""The registry as one SQLite file, opened by DuckDB (its own extension for SQLite) and by Datasette.

usage: sqlite.py http://ADDRESS PASSWORD FOLDER
"""

import asyncio
import json
import pathlib
import sys
import urllib.parse
import urllib.request

import duckdb
import duckdb_ext
from datasette.app import Datasette

QUESTIONS = {
    "projects with India": "SELECT count(*) FROM projects_nations WHERE nation = 'IN'",
    "agreements by kind": "SELECT kind, count(*) FROM agreements GROUP BY kind ORDER BY kind",
    "partners": "SELECT nation, projects, agreements_in_force FROM partners ORDER BY projects DESC, nation LIMIT 10",
    "launched in the nineties": "SELECT code FROM projects WHERE launch_date_from >= '1990-01-01' AND launch_date_to < '2000-01-01' ORDER BY code",
    "together": "SELECT count(*) FROM nations_together",
}


async def by_datasette(file):
    """Every question by Datasette's JSON API, and every table and view as a page."""
    datasette = Datasette(files=[str(file)], immutables=[])
    await datasette.invoke_startup()
    database = file.stem
    answers = {}
    for name, sql in QUESTIONS.items():
        answer = await datasette.client.get(f"/{database}.json?{urllib.parse.urlencode({'sql': sql, '_shape': 'arrays'})}")
        assert answer.status_code == 200, (name, answer.text)
        answers[name] = [tuple(row) for row in answer.json()["rows"]]
    about = (await datasette.client.get(f"/{database}.json")).json()
    pages = [one["name"] for one in about["tables"] + about["views"] if not one.get("hidden")]
    for page in pages:
        answer = await datasette.client.get(f"/{database}/{page}")
        assert answer.status_code == 200, (page, answer.status_code)
    return answers, pages


def main(address, password, folder):
    form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": password})
    with urllib.request.urlopen(f"{address}/api/v1/auth/token", form.encode()) as answer:
        signed_in = {"Authorization": "Bearer " + json.load(answer)["access_token"]}
    file = pathlib.Path(folder, "registry.sqlite")
    with urllib.request.urlopen(urllib.request.Request(f"{address}/api/v1/export.sqlite", headers=signed_in)) as answer:
        file.write_bytes(answer.read())
    in_datasette, pages = asyncio.run(by_datasette(file))
    # The extension comes from PyPI: nothing is fetched by DuckDB itself.
    connection = duckdb_ext.init(duckdb.connect())
    connection.sql("LOAD sqlite")
    connection.sql(f"ATTACH '{file}' AS registry (TYPE sqlite, READ_ONLY)")
    connection.sql("USE registry")
    for name, sql in QUESTIONS.items():
        found = connection.sql(sql).fetchall()
        assert found and found == in_datasette[name], (name, found, in_datasette[name])
    for page in pages:
        connection.sql(f'SELECT * FROM "{page}"').fetchall()
    print(f"export.sqlite: {len(pages)} tables and views, and {len(QUESTIONS)} questions answered alike, in Datasette and DuckDB {duckdb.__version__}")


main(*sys.argv[1:])
