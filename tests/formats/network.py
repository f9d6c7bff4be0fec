#!/usr/bin/env python3
"""Reads networks of a running demo as GraphML with NetworkX and compares them with the JSON.

usage: tests/formats/network.py http://ADDRESS PASSWORD      (of the demo's user `admin`)
"""
import json
import sys
import urllib.parse
import urllib.request

import networkx

address, password = sys.argv[1:]
form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": password})
with urllib.request.urlopen(f"{address}/api/v1/auth/token", form.encode()) as answer:
    headers = {"Authorization": "Bearer " + json.load(answer)["access_token"]}


def get(path: str):
    return urllib.request.urlopen(urllib.request.Request(f"{address}/api/v1/{path}", headers=headers))


for query in ["of=nations", "of=organisations", "of=nations&area=climate&status=operational", "of=nations&code=nothing"]:
    expected = json.load(get(f"network?{query}"))
    answer = get(f"network?{query}&format=graphml")
    assert answer.headers["Content-Type"].startswith("application/graphml+xml"), answer.headers
    graph = networkx.read_graphml(answer)
    assert not graph.is_directed() and not graph.is_multigraph()
    nodes = {node["code"]: {"label": node["label"], "projects": node["projects"]} for node in expected["nodes"]}
    assert dict(graph.nodes(data=True)) == nodes, query
    edges = {frozenset((edge["a"], edge["b"])): edge["projects"] for edge in expected["edges"]}
    assert {frozenset((a, b)): n for a, b, n in graph.edges(data="projects")} == edges, query
    print(f"{query}: NetworkX reads {graph.number_of_nodes()} nodes and {graph.number_of_edges()} edges")
