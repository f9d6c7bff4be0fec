"""Questions whose answers are many, asked when somebody wants to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._connection import Connection, Parameter

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound=Mapping[str, Any])
PAGE = 200
"""The largest page."""


def same(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row as it is."""
    return item


class Query(Generic[T]):
    """A question. It is asked anew each time somebody looks: iterate, or take `first`, `count`, `all` or `df`."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        parameters: Mapping[str, Parameter],
        *,
        items: str = "items",
        pages: bool = True,
        row: Callable[[Mapping[str, Any]], Mapping[str, Any]] = same,
    ) -> None:
        self._connection, self._path, self._parameters = connection, path, dict(parameters)
        self._items, self._pages, self._row = items, pages, row

    def __iter__(self) -> Iterator[T]:
        """Each item, page after page, each fetched when it is needed."""
        cursor: str | None = None
        limit = PAGE if self._pages else None
        while True:
            page = self._connection.get(self._path, {**self._parameters, "limit": limit, "cursor": cursor})
            yield from page[self._items]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def all(self) -> list[T]:
        """Every item."""
        return list(self)

    def first(self) -> T | None:
        """The first item, if there is one."""
        page = self._connection.get(self._path, {**self._parameters, "limit": 1 if self._pages else None})
        items: list[T] = page[self._items]
        return items[0] if items else None

    def count(self) -> int:
        """How many items there are, without fetching them."""
        page = self._connection.get(self._path, {**self._parameters, "limit": 1 if self._pages else None})
        return int(page["total"] if self._pages else len(page[self._items]))

    def df(self, *, dates: bool = False) -> pd.DataFrame:
        """A data frame with a row for each item. Dates are texts, as precise as they are known; with `dates` they are timestamps, of
        the first day. Nothing is read as missing that is not (`NA` is Namibia)."""
        import pandas as pd

        rows = [self._row(item) for item in self]
        frame = pd.DataFrame.from_records(rows) if rows else pd.DataFrame(columns=self._columns())
        for column in frame.columns if dates else []:
            if str(column).endswith(("_date", "_on", "_at", "_since", "_until", "_by", "_expiry")):
                frame[column] = pd.to_datetime(frame[column].map(first_day, na_action="ignore"), errors="raise", utc=False)
        return frame

    def _columns(self) -> list[str]:
        fields = self._parameters.get("fields")
        if isinstance(fields, str):
            return fields.split(",")
        return list(fields) if isinstance(fields, (list, tuple)) else []


def first_day(text: str) -> str:
    """A date that is known to the year or the month as its first day."""
    if len(text) > len("2026-11-24"):
        return text.removesuffix("Z")
    return text + "-01" * ((len("2026-11-24") - len(text)) // 3)
