"""The registry: what can be asked of it, each question with its own filters."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, Unpack, cast, overload

from . import _types as t
from ._connection import Connection, Parameter, RegistryError, encode
from ._query import Query

Collection = Literal[
    "nations",
    "partner-types",
    "cooperation-areas",
    "organisations",
    "projects",
    "agreements",
    "documents",
    "reviews",
    "dismissals",
]
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to listen, at most."""


class Registry:
    """A registry, and who asks: a user name and a password, or a token. With `as_of` every question is about that moment."""

    def __init__(
        self,
        address: str,
        username: str | None = None,
        password: str | None = None,
        *,
        token: str | None = None,
        as_of: str | date | None = None,
    ) -> None:
        self._connection = Connection(address, username, password, token)
        self._as_of = as_of

    def at(self, moment: str | date) -> Registry:
        """The registry as it was known at a moment: a date, a time, `r402`, or the name of a release."""
        other = Registry.__new__(Registry)
        other._connection, other._as_of = self._connection, moment
        return other

    def _asked(self, filters: Mapping[str, Any]) -> dict[str, Parameter]:
        return {"as_of": self._as_of, **_plain(filters)}

    # Records.

    def nations(self, **filters: Unpack[t.NationFilters]) -> Query[t.Nation]:
        """The nations."""
        return Query(self._connection, "/nations", self._asked(filters))

    def partner_types(self, **filters: Unpack[t.PartnerTypeFilters]) -> Query[t.PartnerType]:
        """What kinds of partners there are."""
        return Query(self._connection, "/partner-types", self._asked(filters))

    def cooperation_areas(self, **filters: Unpack[t.CooperationAreaFilters]) -> Query[t.CooperationArea]:
        """What partners work on."""
        return Query(self._connection, "/cooperation-areas", self._asked(filters))

    def organisations(self, **filters: Unpack[t.OrganisationFilters]) -> Query[t.Organisation]:
        """The organisations."""
        return Query(self._connection, "/organisations", self._asked(filters))

    def projects(self, **filters: Unpack[t.ProjectFilters]) -> Query[t.Project]:
        """The projects."""
        return Query(self._connection, "/projects", self._asked(filters))

    def agreements(self, **filters: Unpack[t.AgreementFilters]) -> Query[t.Agreement]:
        """The agreements."""
        return Query(self._connection, "/agreements", self._asked(filters))

    def documents(self, **filters: Unpack[t.DocumentFilters]) -> Query[t.Document]:
        """The papers behind agreements and projects."""
        return Query(self._connection, "/documents", self._asked(filters))

    def reviews(self, **filters: Unpack[t.ReviewFilters]) -> Query[t.Review]:
        """How projects were going."""
        return Query(self._connection, "/reviews", self._asked(filters))

    def dismissals(self, **filters: Unpack[t.DismissalFilters]) -> Query[t.Dismissal]:
        """Findings that are meant to be so."""
        return Query(self._connection, "/dismissals", self._asked(filters))

    @overload
    def get(self, collection: Literal["nations"], code: str) -> t.Nation: ...
    @overload
    def get(self, collection: Literal["organisations"], code: str) -> t.Organisation: ...
    @overload
    def get(self, collection: Literal["projects"], code: str) -> t.Project: ...
    @overload
    def get(self, collection: Literal["agreements"], code: str) -> t.Agreement: ...
    @overload
    def get(self, collection: Literal["documents"], code: str) -> t.Document: ...
    @overload
    def get(self, collection: Literal["reviews"], code: str) -> t.Review: ...
    @overload
    def get(self, collection: Literal["dismissals"], code: str) -> t.Dismissal: ...
    @overload
    def get(self, collection: Literal["partner-types"], code: str) -> t.PartnerType: ...
    @overload
    def get(self, collection: Literal["cooperation-areas"], code: str) -> t.CooperationArea: ...
    def get(self, collection: Collection, code: str) -> Any:
        """One record."""
        return self._connection.get(f"/{collection}/{code}", {"as_of": self._as_of})

    def create(self, collection: Collection, record: Mapping[str, Any]) -> dict[str, Any]:
        """Creates a record, and gives it back as it is kept."""
        return self._connection.send("POST", f"/{collection}", dict(record))

    def update(self, collection: Collection, record: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Changes fields of a record that was read; a `RegistryError` with status 412 says that somebody else has changed it since."""
        tag = {"If-Match": f'"v{record["version"]}"'}
        return self._connection.send("PATCH", f"/{collection}/{record['code']}", changes, tag)

    def delete(self, collection: Collection, record: Mapping[str, Any]) -> None:
        """Deletes a record that was read; as `update`, where somebody else has changed it."""
        tag = {"If-Match": f'"v{record["version"]}"'}
        self._connection.send("DELETE", f"/{collection}/{record['code']}", None, tag)

    # Questions.

    def partnerships(self, **filters: Unpack[t.PartnershipFilters]) -> Query[t.Partnership]:
        """Who works with us: one row a nation."""
        return Query(self._connection, "/partnerships", self._asked(filters), pages=False)

    def findings(self, **filters: Unpack[t.FindingFilters]) -> Query[t.Finding]:
        """What does not fit together, is missing, or is due."""
        return Query(self._connection, "/findings", self._asked(filters))

    def search(self, text: str, **filters: Unpack[t.SearchFilters]) -> Query[t.SearchResult]:
        """What is like these words, the best first."""
        return Query(self._connection, "/search", self._asked({**filters, "q": text}))

    @overload
    def summary(
        self, of: Literal["projects"], *, by: str | Sequence[str], **filters: Unpack[t.ProjectSummaryFilters]
    ) -> Query[t.ProjectGroup]: ...
    @overload
    def summary(
        self, of: Literal["agreements"], *, by: str | Sequence[str], **filters: Unpack[t.AgreementSummaryFilters]
    ) -> Query[t.AgreementGroup]: ...
    def summary(self, of: str, *, by: str | Sequence[str], **filters: Any) -> Query[Any]:
        """How many there are of each group, by one or two of the API's dimensions."""
        asked = self._asked({**filters, "group_by": by})
        return Query(self._connection, f"/summaries/{of}", asked, items="groups", pages=False, row=_group)

    def network(self, **filters: Unpack[t.NetworkFilters]) -> t.Network:
        """Who works with whom: nodes and edges."""
        return cast("t.Network", self._connection.get("/network", self._asked(filters)))

    def releases(self) -> Query[t.Release]:
        """The revisions that have a name."""
        return Query(self._connection, "/releases", {})

    # Changes.

    def difference(
        self, since: str | date, to: str | date | None = None, **filters: Unpack[t.DifferenceFilters]
    ) -> t.Differences:
        """What is different between two moments; until now where only the first is said."""
        asked = {**_plain(filters), "from": since, "to": to}
        return cast("t.Differences", self._connection.get("/changes/summary", asked))

    def changes(self, since: int = 0, **filters: Unpack[t.ChangeFilters]) -> Iterator[t.Change]:
        """The changes after a revision, up to now."""
        asked = _plain(filters)
        while True:
            page = self._connection.get("/changes", {**asked, "since": since, "limit": 200})
            yield from page["items"]
            if page["last"] == since:
                return
            since = page["last"]

    def head(self) -> int:
        """The last revision."""
        return int(self._connection.get("/changes/head")["revision"])

    def follow(self, since: int | None = None, **filters: Unpack[t.ChangeFilters]) -> Iterator[t.Change]:
        """Each change after a revision, and then each as it comes; from now on where no revision is said. It never ends by itself: a line that
        is lost is taken up again where it was. Keep `change["revision"]`, and begin after it the next time."""
        last = self.head() if since is None else since
        pause = 0.0
        while True:
            time.sleep(pause)
            try:
                for change in self._listen(last, filters):
                    yield change
                    last, pause = change["revision"], 0.0
            except RegistryError as error:
                if error.status not in {0, 429, 500, 502, 503, 504}:
                    raise
            except (OSError, http.client.HTTPException):
                # The line was lost.
                pass
            pause = min(LONGEST_PAUSE, max(1.0, pause * 2))

    def _listen(self, last: int, filters: Mapping[str, Any]) -> Iterator[t.Change]:
        query = encode(_plain(filters))
        with self._connection.open(
            "GET", f"/changes/stream?{query}", headers={"Accept": "text/event-stream", "Last-Event-ID": str(last)}
        ) as stream:
            data: list[str] = []
            for line in stream:
                text = line.decode().rstrip("\r\n")
                if text.startswith("data:"):
                    data.append(text.removeprefix("data:").strip())
                elif not text and data:
                    yield json.loads("\n".join(data))
                    data = []


def _plain(filters: Mapping[str, Any]) -> dict[str, Parameter]:
    """Filters as the API names them: `in_` is `in`, which is a word of Python."""
    return {name.rstrip("_"): value for name, value in filters.items()}


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group as a row: each dimension with its label, and the count."""
    row: dict[str, Any] = {}
    for name, value in group["key"].items():
        row[name] = value
        label = (group.get("label") or {}).get(name)
        if isinstance(label, Mapping):
            row |= {f"{name}_{language}": text for language, text in label.items()}
    return row | {"count": group["count"], "href": group["href"]}
