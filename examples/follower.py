#!/usr/bin/env python3
"""Keeps a copy of the registry in a file by following its changes. Kill it at any time: it goes on where it was.

usage: REGISTRY_TOKEN=... follower.py http://127.0.0.1:8080 copy.json [--once]
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

PAGE = 200


def changes(address: str, since: int) -> dict:
    url = f"{address}/api/v1/changes?since={since}&limit={PAGE}"
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["REGISTRY_TOKEN"]})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def save(copy: dict, path: str) -> None:
    """The records and how far they go are one file, replaced as a whole: a copy never says more or less than it has."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(copy, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def follow(address: str, path: str, once: bool) -> None:
    copy = {"last": 0, "records": {}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            copy = json.load(file)
    while True:
        try:
            page = changes(address, copy["last"])
        except urllib.error.HTTPError as error:
            # The registry was restored from an older state: what came after it here never was.
            if error.code != 400 or copy["last"] == 0:
                raise
            copy = {"last": 0, "records": {}}
            continue
        for change in page["items"]:
            place = change["resource"] + "/" + change["key"]
            if change["action"] == "deleted":
                copy["records"].pop(place, None)
            else:
                copy["records"][place] = change["document"]
        if page["last"] != copy["last"]:
            copy["last"] = page["last"]
            save(copy, path)
        if len(page["items"]) < PAGE:
            if once:
                return
            time.sleep(1)


if __name__ == "__main__":
    follow(sys.argv[1].rstrip("/"), sys.argv[2], "--once" in sys.argv[3:])
