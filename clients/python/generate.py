#!/usr/bin/env python3
"""Makes the types of the client from the OpenAPI document.

usage: clients/python/generate.py [--check]     (--check: only whether the file is what would be made)
"""

import json
import keyword
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = json.loads((HERE.parents[1] / "openapi/openapi.json").read_text(encoding="utf-8"))
OUT = HERE / "src/partnership_registry/_types.py"
SCHEMAS = DOCUMENT["components"]["schemas"]
# What a client asks for: the path, what its filters are called, and what there is one of in its answer.
QUESTIONS = {
    "nations": ("NationFilters", "Nation"),
    "partner-types": ("PartnerTypeFilters", "PartnerType"),
    "cooperation-areas": ("CooperationAreaFilters", "CooperationArea"),
    "organisations": ("OrganisationFilters", "Organisation"),
    "projects": ("ProjectFilters", "Project"),
    "agreements": ("AgreementFilters", "Agreement"),
    "documents": ("DocumentFilters", "Document"),
    "reviews": ("ReviewFilters", "Review"),
    "dismissals": ("DismissalFilters", "Dismissal"),
    "partnerships": ("PartnershipFilters", "Partnership"),
    "findings": ("FindingFilters", "Finding"),
    "search": ("SearchFilters", "SearchResult"),
    "summaries/projects": ("ProjectSummaryFilters", "ProjectGroup"),
    "summaries/agreements": ("AgreementSummaryFilters", "AgreementGroup"),
    "network": ("NetworkFilters", "Network"),
    "changes": ("ChangeFilters", "Change"),
    "changes/summary": ("DifferenceFilters", "Differences"),
    "releases": ("ReleaseFilters", "Release"),
}
# What the client says itself.
OWN = {"limit", "cursor", "format", "dialect", "group_by", "since", "from", "to"}
HEAD = '''"""The records and filters of the registry. Made by generate.py from the OpenAPI document; do not edit."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict


'''


class Types:
    """Types by name, those that others need before them."""

    def __init__(self):
        self.made = {}

    def of(self, schema, param=False):
        """The type of a schema, as it is written."""
        if "$ref" in schema:
            return self.named(schema["$ref"].rsplit("/", 1)[1])
        if "enum" in schema:
            values = [value for value in schema["enum"] if value is not None]
            null = " | None" if None in schema["enum"] else ""
            return f"Literal[{', '.join(map(json.dumps, values))}]{null}"
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return " | ".join(dict.fromkeys(self.of(one, param) for one in schema[several]))
        kinds = schema.get("type", "any")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return " | ".join(self.simple(kind, schema, param) for kind in kinds)

    def simple(self, kind, schema, param):
        if kind == "array":
            one = self.of(schema.get("items", {}), param)
            return f"{one} | Sequence[{one}]" if param else f"list[{one}]"
        if kind == "string":
            return "str | date" if param and "[0-9]{4}" in schema.get("pattern", "") else "str"
        return {"integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "dict[str, Any]"}.get(kind, "Any")

    def named(self, name):
        if name not in self.made:
            schema = SCHEMAS[name]
            if "properties" in schema:
                self.made[name] = ""
                required = schema.get("required", [])
                fields = {field: self.of(one) for field, one in schema["properties"].items()}
                fields = {field: kind if field in required else f"NotRequired[{kind}]" for field, kind in fields.items()}
                del self.made[name]
                self.made[name] = typed_dict(name, schema.get("description", name), fields)
            else:
                self.made[name] = f"{name} = {self.of(schema)}\n"
        return name

    def filters(self, name, path):
        parameters = [resolved(one) for one in DOCUMENT["paths"][f"/api/v1/{path}"]["get"]["parameters"]]
        parameters = [one for one in parameters if one["in"] == "query" and one["name"] not in OWN]
        # A parameter that is a word of Python gets an underscore, which the client takes off again.
        named = {one["name"] + "_" * keyword.iskeyword(one["name"]): one["schema"] for one in parameters}
        fields = {field: f"NotRequired[{self.of(schema, True)}]" for field, schema in named.items()}
        self.made[name] = typed_dict(name, f"What /{path} can be asked.", fields)


def resolved(parameter):
    """A parameter itself, where the document refers to one that operations share."""
    if "$ref" in parameter:
        return DOCUMENT["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
    return parameter


def typed_dict(name, about, fields):
    if any(not field.isidentifier() or keyword.iskeyword(field) for field in fields):
        listed = "".join(f"        {json.dumps(field)}: {kind},\n" for field, kind in fields.items())
        return f'{name} = TypedDict(\n    "{name}",\n    {{\n{listed}    }},\n)\n'
    listed = "".join(f"    {field}: {kind}\n" for field, kind in fields.items())
    nothing = "    pass\n"
    return f'class {name}(TypedDict):\n    """{about.splitlines()[0]}"""\n\n{listed or nothing}'


def main():
    types = Types()
    for path, (filters, answer) in QUESTIONS.items():
        types.named(answer)
        types.filters(filters, path)
    text = HEAD + "\n\n".join(types.made.values())
    if "--check" in sys.argv:
        if OUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUT.name} is not what generate.py makes of openapi/openapi.json: run it")
    else:
        OUT.write_text(text, encoding="utf-8")


main()
