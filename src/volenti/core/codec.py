"""Codec: dataclasses as JSON and back, by the fields that they declare.

Only declared fields are written, and a value of another type than the declared one isn't read. Enums are
written as their values, days and moments as ISO 8601, bytes as base64, tuples as lists. Three kinds of
fields are written otherwise: `ELSEWHERE` ones not at all, because the row or its owners hold their values;
`OPTIONAL` ones only where they differ from their default; and those that are `stored_as` another name under
that name, which is older than the field's.

msgspec does the reading. A class that has a form of its own, such as one with arrays, has `to_json` and
`from_json`.
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
#: Metadata of a field that isn't in the JSON: whoever decodes the dataclass gives its value.
ELSEWHERE = {"elsewhere": True}
#: Metadata of a field that isn't written where it has its default: so that default must never change.
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


def decoded(what: type[T], body: Json, **elsewhere: Any) -> T:
    """The dataclass that `body` was encoded from; what the class doesn't declare is passed over.

    elsewhere: values of `ELSEWHERE` fields. Raises IntegrityError that says which part isn't of its type.
    """
    try:
        return msgspec.convert(_named(what, {**body, **encoded(elsewhere)}), what)
    except msgspec.ValidationError as error:
        raise IntegrityError(
            f"This isn't a {what.__name__} as it is kept: {error}.", "Run `volenti audit` to see what else."
        ) from error


def fields_of(what: Any) -> tuple[str, ...]:
    """Names of a dataclass's fields, in their order."""
    return tuple(each.name for each in dataclasses.fields(what))


class _Never:
    """A default that no field's value equals."""


@cache
def _written(what: type[Any]) -> tuple[tuple[str, str, Any], ...]:
    """Fields that are written, each with its stored name and the value with which it is left out."""
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
    """By stored name, the fields that have another name or hold a dataclass in which some have.

    Each with the field's name, and that dataclass or None.
    """
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
    """The dataclass that a type is or holds, where a field in it is stored under another name; or None."""
    if _renamed(hint):
        return hint
    return next((found for each in get_args(hint) if (found := _inside(each)) is not None), None)


def _named(what: Any, body: Any) -> Any:
    """A stored value, or a list of them, with the fields' names in place of the stored ones."""
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
