"""Every answer of /reconcile against what the Reconciliation Service API 0.2 requires of it, written as JSON Schemas.

The schemas are this project's own writing of https://reconciliation-api.github.io/specs/0.2/; they allow no more than the text does, and no field
that it does not name.

usage: valid.py http://ADDRESS PASSWORD
"""

import json
import sys
import urllib.parse
import urllib.request

import jsonschema

STRING, BOOLEAN, INTEGER, NUMBER = ({"type": kind} for kind in ("string", "boolean", "integer", "number"))
ID_TEMPLATE = STRING | {"pattern": r"\{\{id\}\}"}
HTTP = STRING | {"pattern": "^https?://"}
DATE = STRING | {"pattern": r"^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"}


def fields(required, **optional):
    """An object with these fields and no others."""
    return {"type": "object", "properties": required | optional, "required": list(required), "additionalProperties": False}


def some(items, **more):
    return {"type": "array", "items": items} | more


def each(value):
    return {"type": "object", "additionalProperties": value}


IDENTIFIED = {"id": STRING, "name": STRING}
TYPE = fields(IDENTIFIED, broader=some(fields({"id": STRING}, name=STRING)))
PLACE = fields({"service_url": HTTP, "service_path": STRING}, flyout_service_url=STRING, flyout_service_path=STRING)
SETTINGS = {"type": "array", "maxItems": 0}
CANDIDATE = fields(
    IDENTIFIED | {"score": NUMBER},
    description=STRING,
    match=BOOLEAN,
    type=some({"oneOf": [fields({"id": STRING}, name=STRING), STRING]}),
    features=some(fields({"id": STRING, "value": {"oneOf": [BOOLEAN, NUMBER]}})),
)
VALUE = {
    "oneOf": [
        fields({}),
        fields(IDENTIFIED, description=STRING),
        *(fields({kind: value}) for kind, value in {"str": STRING, "int": INTEGER, "float": NUMBER, "bool": BOOLEAN, "date": DATE}.items()),
    ]
}
SCHEMAS = {
    "manifest": fields(
        {"versions": some(STRING, contains={"const": "0.2"}), "name": STRING, "identifierSpace": HTTP, "schemaSpace": HTTP},
        documentation=HTTP,
        serviceVersion=STRING,
        logo=HTTP,
        defaultTypes=some(TYPE, uniqueItems=True),
        view=fields({"url": ID_TEMPLATE}),
        feature_view=fields({"url": ID_TEMPLATE}),
        preview=fields({"url": ID_TEMPLATE, "width": INTEGER, "height": INTEGER}),
        suggest=fields({}, entity=PLACE, property=PLACE, type=PLACE),
        extend=fields({}, propose_properties=PLACE, property_settings=SETTINGS),
    ),
    "results": each(fields({"result": some(CANDIDATE)})),
    "entities": fields({"result": some(fields(IDENTIFIED, description=STRING, notable=some({"oneOf": [fields({"id": STRING}, name=STRING), STRING]})))}),
    "properties": fields({"result": some(fields(IDENTIFIED, description=STRING))}),
    "types": fields({"result": some(TYPE)}),
    "proposals": fields({"properties": some(fields(IDENTIFIED))}, type=STRING, limit=INTEGER),
    "extension": fields({
        "meta": some(fields(IDENTIFIED, type=fields({"id": STRING}, name=STRING), service=HTTP)),
        "rows": each(each(some(VALUE))),
    }),
}
NAMES = {
    "nations": ["India", "Corée du Sud", "U.S.A.", "Allemagne", "Bharat", "Itlay", "Atlantis", "?", "États-Unis"],
    "organisations": ["NASA", "ISRO", "Deutsches Zentrum für Luft- und Raumfahrt", "thales", "Nobody Ltd"],
    "projects": ["SWOT", "Megha Tropiques", "Sentinel-6", "venus", "no such project"],
    "agreements": ["CNES-NASA framework agreement", "memorandum of understanding", "x"],
}
BROKEN = {
    "manifest": lambda whole: whole | {"versions": ["0.1"]},
    "results": lambda whole: {key: {"result": [{"id": "IN"}]} for key in whole},
    "entities": lambda whole: {"result": [{"id": 1, "name": "India"}]},
    "properties": lambda whole: {"results": []},
    "types": lambda whole: {"result": [{"id": "nations"}]},
    "proposals": lambda whole: {"properties": [{"id": "area"}]},
    "extension": lambda whole: {"meta": [], "rows": {"IN": {"area": [{"date": "1992-08"}]}}},
}


def main(address, password):
    form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": password})
    with urllib.request.urlopen(f"{address}/api/v1/auth/token", form.encode()) as answer:
        signed_in = {"Authorization": "Bearer " + json.load(answer)["access_token"]}
    seen = dict.fromkeys(SCHEMAS, 0)

    def ask(url, **sent):
        data = urllib.parse.urlencode({name: json.dumps(value) for name, value in sent.items()}).encode() if sent else None
        with urllib.request.urlopen(urllib.request.Request(url, data, signed_in)) as answer:
            return answer.read()

    def valid(kind, answer):
        whole = json.loads(answer)
        jsonschema.Draft202012Validator(SCHEMAS[kind]).validate(whole)
        assert not jsonschema.Draft202012Validator(SCHEMAS[kind]).is_valid(BROKEN[kind](whole)), f"a broken {kind} is taken"
        seen[kind] += 1
        return whole

    for collection, names in NAMES.items():
        here = f"{address}/reconcile/{collection}"
        manifest = valid("manifest", ask(here))
        queries = {f"q{n}": {"query": name, "limit": 1 + n, "type": collection} for n, name in enumerate(names)}
        results = valid("results", ask(here, queries=queries))
        assert set(results) == set(queries)
        found = [one["result"][0]["id"] for one in results.values() if one["result"]]
        assert len(found) >= len(names) // 2, results
        for kind, what in {"entities": "entity", "properties": "property", "types": "type"}.items():
            place = manifest["suggest"][what]
            for prefix in ("", "a", "in", "no such thing"):
                valid(kind, ask(f"{place['service_url']}{place['service_path']}?{urllib.parse.urlencode({'prefix': prefix})}"))
        place = manifest["extend"]["propose_properties"]
        proposed = valid("proposals", ask(f"{place['service_url']}{place['service_path']}?type={collection}&limit=100"))["properties"]
        assert len(proposed) > 5
        wanted = {"ids": [*found, "no-such-record"], "properties": [{"id": one["id"]} for one in proposed]}
        extended = valid("extension", ask(here, extend=wanted))
        assert set(found) <= set(extended["rows"])
        page = ask(manifest["preview"]["url"].replace("{{id}}", found[0])).decode()
        assert page.lower().startswith("<!doctype html>"), page[:80]
    print(f"reconciliation: {sum(seen.values())} answers of 4 services are valid by 0.2, and as many broken ones are not: {seen}")


main(*sys.argv[1:])
