"""Every list and question as Parquet, against the same as CSV, row by row, in pyarrow and in DuckDB.

usage: parquet.py http://ADDRESS PASSWORD FOLDER
"""

import calendar
import csv
import datetime
import io
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PATHS = {
    "nations": "nations", "partner-types": "partner-types", "cooperation-areas": "cooperation-areas", "organisations": "organisations",
    "projects": "projects", "agreements": "agreements", "documents": "documents", "reviews": "reviews", "dismissals": "dismissals",
    "some": "projects?nation=IN&fields=code,launch_date,nations,version,updated_at&sort=-launch_date&limit=5",
    "none": "projects?q=no-such-word-anywhere",
    "past": "agreements?as_of=r40",
    "partnerships": "partnerships", "findings": "findings",
    "groups": "summaries/projects?group_by=nation,area", "summary": "changes/summary?from=r0&to=r20", "activity": "activity",
}


def first_and_last(text):
    """The days of a date that may be known to the month or year alone."""
    parts = [int(part) for part in text.split("-")]
    year, month, day = parts + [None] * (3 - len(parts))
    last_month = month or 12
    last = day or calendar.monthrange(year, last_month)[1]
    return datetime.date(year, month or 1, day or 1), datetime.date(year, last_month, last)


def as_cell(value):
    """A value as a cell of CSV."""
    if isinstance(value, list):
        return ";".join(as_entry(one) for one in value)
    return "" if value is None else str(value)


def as_entry(entry):
    if isinstance(entry, dict):
        return ":".join(part for part in entry.values() if part is not None)
    return entry


def defused(cell):
    return "'" + cell if cell[:1] in tuple("=+-@'\t\r") else cell


def compare(name, table, header, rows):
    """The rows of Parquet as those of CSV; and the columns beside dates."""
    columns = {field: table.column(field).to_pylist() for field in table.column_names}
    assert table.num_rows == len(rows), (name, table.num_rows, len(rows))
    dates = [field for field in columns if f"{field}_precision" in columns]
    shown = [field for field in columns if not any(field in (f"{date}_from", f"{date}_to", f"{date}_precision") for date in dates)]
    split = [field for field in header if field not in shown]
    for number, row in enumerate(rows):
        for field, cell in zip(header, row, strict=True):
            if field in split:
                # A value and its role are columns of their own.
                value = ":".join(as_cell(columns[one][number]) for one in columns if one.startswith(f"{field}_") and columns[one][number])
            else:
                value = as_cell(columns[field][number])
            assert defused(value) == cell, (name, number, field, value, cell)
        for date in dates:
            text = columns[date][number]
            beside = tuple(columns[f"{date}_{end}"][number] for end in ("from", "to", "precision"))
            wanted = (None, None, None) if text is None else (*first_and_last(text), {4: "year", 7: "month", 10: "day"}[len(text)])
            assert beside == wanted, (name, date, text, beside)
    return len(rows), len(dates)


def main(address, password, folder):
    form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": password})
    with urllib.request.urlopen(f"{address}/api/v1/auth/token", form.encode()) as answer:
        token = json.load(answer)["access_token"]

    def get(path, format):
        url = f"{address}/api/v1/{path}{'&' if '?' in path else '?'}format={format}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{path} as {format}: {error.read().decode()}")

    rows_in_all = dates_in_all = lists = 0
    for name, path in PATHS.items():
        file = pathlib.Path(folder, f"{name}.parquet")
        file.write_bytes(get(path, "parquet"))
        header, *rows = list(csv.reader(io.StringIO(get(path, "csv").decode(), newline="")))
        table = pq.read_table(file)
        lists += sum(pa.types.is_list(field.type) for field in table.schema)
        by_arrow = compare(name, table, header, rows)
        read = duckdb.sql(f"SELECT * FROM read_parquet('{file}')")
        # `arrow()` is a reader or a table, as the version has it.
        by_duckdb = read.to_arrow_table() if hasattr(read, "to_arrow_table") else read.fetch_arrow_table()
        assert compare(name, by_duckdb, header, rows) == by_arrow
        types = dict(zip(read.columns, map(str, read.types), strict=True))
        for field, kind in types.items():
            assert kind == "DATE" or not field.endswith("_from") or f"{field[:-5]}_precision" not in types, (name, field, kind)
        rows_in_all, dates_in_all = rows_in_all + by_arrow[0], dates_in_all + by_arrow[1]
    assert lists >= 10 and dates_in_all >= 15 and rows_in_all > 900, (lists, dates_in_all, rows_in_all)
    asked = duckdb.sql(f"""SELECT count(*) FROM read_parquet('{folder}/projects.parquet'), unnest(nations) AS entry(nation)
        WHERE nation.nation = 'IN' AND launch_date_from >= DATE '2010-01-01'""").fetchone()
    assert asked[0] > 0, asked
    print(f"parquet: {len(PATHS)} tables, {rows_in_all} rows, {lists} lists, {dates_in_all} dates as in CSV, in pyarrow {pa.__version__} and DuckDB {duckdb.__version__}")


main(*sys.argv[1:])
