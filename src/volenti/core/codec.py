"""Codec: dataclasses as JSON and back, by what they declare.

What a dataclass declares is what is written and what is read: a field that it doesn't declare is never
written, and a value of another type isn't read. Enums are their values, days and moments ISO 8601, bytes
base64, tuples lists. Three kinds of fields are written otherwise: `elsewhere` ones not at all, because the
row or its owners say them, `optional` ones only where they differ from their default, and those that are
`stored_as` another name under that one, which is older than the field's.

Reading is msgspec's. What has a form of its own, such as arrays, has `to_json` and `from_json`.
"""

from __future__ import annotations

import base64
import dataclasses
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.core.errors import IntegrityError

T = TypeVar("T")
#: Metadata of a field that isn't in the JSON: whoever reads it says it.
ELSEWHERE = {"elsewhere": True}
#: Metadata of a field that is left out where it has its default, which nothing may change.
OPTIONAL = {"optional": True}


def stored_as(name: str) -> dict[str, str]:
    """Metadata of a field that has another name in the JSON, so that rows of earlier versions still open."""
    return {"stored_as": name}


def encoded(value: Any) -> Any:
    """A dataclass, or a tuple, list or dict of them, as plain JSON values."""
    if isinstance(value, str | int | float | None) and not isinstance(value, Enum):
        return value
    if dataclasses.is_dataclass(value):
        if hasattr(value, "to_json"):
            return value.to_json()
        return {
            stored: encoded(each)
            for name, stored, default in _written(value.__class__)
            if (each := getattr(value, name)) is not default and each != default
        }
    if isinstance(value, dict):
        return {str(name): encoded(each) for name, each in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [encoded(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def decoded(what: type[T], body: Json, **said: Any) -> T:
    """The dataclass that `body` is of; what `body` has and the class doesn't declare is passed over.

    said: fields that are `elsewhere`. Raises IntegrityError that says which part isn't of the declared type.
    """
    try:
        return msgspec.convert(_named(what, {**body, **encoded(said)}), what)
    except msgspec.ValidationError as error:
        raise IntegrityError(
            f"This isn't a {what.__name__} as it is kept: {error}.", "Run `volenti audit` to see what else."
        ) from error


def fields_of(what: Any) -> tuple[str, ...]:
    """Names of a dataclass's fields, in their order."""
    return tuple(each.name for each in dataclasses.fields(what))


class _Never:
    """What no field is."""


@cache
def _written(what: type[Any]) -> tuple[tuple[str, str, Any], ...]:
    """Fields that are written, each with its name there and the value for which it isn't."""
    return tuple(
        (
            each.name,
            each.metadata.get("stored_as", each.name),
            each.default if each.metadata.get("optional") else _Never,
        )
        for each in dataclasses.fields(what)
        if not each.metadata.get("elsewhere")
    )


@cache
def _renamed(what: Any) -> dict[str, tuple[str, Any]]:
    """Of what isn't read as it is, the stored name with the field's name and the type inside of it."""
    if not dataclasses.is_dataclass(what):
        return {}
    hints = get_type_hints(what)
    found: dict[str, tuple[str, Any]] = {}
    for each in dataclasses.fields(what):
        inside = _inside(hints[each.name])
        stored = each.metadata.get("stored_as", each.name)
        if inside is not None or stored != each.name:
            found[stored] = (each.name, inside)
    return found


def _inside(hint: Any) -> Any:
    """The dataclass that a type is or holds, where something of it is stored under another name; or None."""
    if _renamed(hint):
        return hint
    return next((found for each in get_args(hint) if (found := _inside(each)) is not None), None)


def _named(what: Any, body: Any) -> Any:
    """What was stored, by the names of the fields; a list of them, too."""
    names = _renamed(what)
    if not names or body is None:
        return body
    if isinstance(body, list | tuple):
        return [_named(what, each) for each in body]
    renamed: Json = {}
    for stored, value in body.items():
        name, inside = names.get(stored, (stored, None))
        renamed[name] = value if inside is None else _named(inside, value)
    return renamed
