"""Codec: dataclasses as JSON and back. The work is msgspec's.

What a dataclass declares is what is written and what is read: a field that it doesn't declare is never
written, and a value of another type isn't read. Enums are their values, dates and times ISO 8601, bytes
base64; tuples are lists.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

from volenti.core.canonical import Json
from volenti.core.errors import IntegrityError

T = TypeVar("T")


def encoded(value: Any, *, sparse: bool = False) -> Any:
    """A dataclass, or a tuple, list or dict of them, as plain JSON values.

    sparse: fields that are None are left out, at every depth.
    """
    plain = msgspec.json.decode(msgspec.json.encode(value))
    return _without_nothing(plain) if sparse else plain


def decoded(what: type[T], body: Json) -> T:
    """The dataclass that `body` is of; what `body` has and the class doesn't declare is passed over.

    Raises IntegrityError that says which part isn't of the declared type.
    """
    try:
        return msgspec.convert(body, what)
    except msgspec.ValidationError as error:
        raise IntegrityError(
            f"This isn't a {what.__name__} as it is kept: {error}.", "Run `volenti audit` to see what else."
        ) from error


def fields_of(what: Any) -> tuple[str, ...]:
    """Names of a dataclass's fields, in their order."""
    return tuple(each.name for each in dataclasses.fields(what))


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nothing(each) for each in value]
    return value
