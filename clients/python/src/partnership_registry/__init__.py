"""The partnership registry in Python: records as data frames, and changes as they come."""

from ._connection import RegistryError
from ._query import Query
from ._registry import Registry

__all__ = ["Query", "Registry", "RegistryError"]
