#!/usr/bin/env python3
"""Reads every list of a running demo as CSV, NDJSON and XLSX with pandas and openpyxl, as analysts do, and compares the rows
with the JSON. Where LibreOffice is installed, it opens the files too.

usage: tests/formats/tables.py http://ADDRESS PASSWORD      (of the demo's user `admin`)
"""
import csv
import datetime
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import openpyxl
import pandas

address, password = sys.argv[1:]
form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": password})
with urllib.request.urlopen(f"{address}/api/v1/auth/token", form.encode()) as answer:
    headers = {"Authorization": "Bearer " + json.load(answer)["access_token"]}


def get(path: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(f"{address}/api/v1/{path}", headers=headers)) as answer:
        return answer.read()


def records(collection: str) -> list[dict]:
    """Every record, page by page."""
    items, cursor = [], ""
    while cursor is not None:
        page = json.loads(get(f"{collection}?limit=200{cursor and '&cursor=' + cursor}"))
        items += page["items"]
        cursor = page["next_cursor"]
    assert len(items) == page["total"], collection
    return items


def text(value) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(":".join(item.values()) if isinstance(item, dict) else item for item in value)
    return str(value)


def defused(cell: str) -> str:
    """As in CSV: what a spreadsheet might take for a formula has an apostrophe in front."""
    return "'" + cell if cell[:1] in "=+-@'\t\r" and cell else cell


def shown(cell) -> str:
    """A typed cell as text."""
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return cell.strftime("%Y-%m-%d")
    return "" if cell is None else str(cell)


def with_libreoffice(name: str, file: bytes) -> list[list[str]]:
    """The rows of a file that LibreOffice has opened and saved as CSV."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / name).write_bytes(file)
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
             "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
             "--infilter=CSV:44,34,UTF8,1,,0,true,false", "--outdir", f"{folder}/out", f"{folder}/{name}"],
            check=True, capture_output=True,
        )
        (result,) = (pathlib.Path(folder) / "out").iterdir()
        return list(csv.reader(io.StringIO(result.read_text("utf-8"))))


document = json.loads(urllib.request.urlopen(f"{address}/openapi.json").read())
collections = [
    path.removeprefix("/api/v1/")
    for path, item in document["paths"].items()
    if f"{path}/{{code}}" in document["paths"] and "text/csv" in item["get"]["responses"]["200"]["content"]
]
assert len(collections) >= 7, collections
filled = 0
for collection in collections:
    items = records(collection)
    filled += bool(items)
    table = pandas.read_csv(io.BytesIO(get(f"{collection}?format=csv")), dtype=str, keep_default_na=False)
    columns = list(table.columns)
    rows = [[text(item[column]) for column in columns] for item in items]
    assert table.values.tolist() == [[defused(cell) for cell in row] for row in rows], collection
    lines = pandas.read_json(io.BytesIO(get(f"{collection}?format=ndjson")), lines=True, dtype=False)
    assert len(lines) == len(items) and (not items or lines["code"].tolist() == [item["code"] for item in items])
    workbook = get(f"{collection}?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    cells = list(sheet.iter_rows())
    assert [cell.value for cell in cells[0]] == columns and sheet.freeze_panes == "A2" and sheet.auto_filter.ref
    assert [[shown(cell.value) for cell in row] for row in cells[1:]] == rows, collection
    assert all(cell.data_type != "f" for row in cells for cell in row), "a text has become a formula"
    assert len(pandas.read_excel(io.BytesIO(workbook))) == len(items)
    seen = "pandas and openpyxl"
    if shutil.which("soffice"):
        seen += " and LibreOffice"
        for name in [f"{collection}.xlsx", f"{collection}.csv"]:
            opened = with_libreoffice(name, workbook if name.endswith("xlsx") else get(f"{collection}?format=csv"))
            wanted = rows if name.endswith("xlsx") else [[defused(cell) for cell in row] for row in rows]
            assert opened == [columns, *wanted], (name, next(pair for pair in zip(opened, [columns, *wanted]) if pair[0] != pair[1]))
    print(f"{collection}: {seen} read the same {len(items)} rows")
assert filled >= 7, f"only {filled} collections of the sample have records"
