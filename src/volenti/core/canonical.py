"""Canonical JSON (RFC 8785): one value, one sequence of bytes, so that it can be signed.

The `rfc8785` package does the serialisation. Most values need nothing of what makes it slow:
for them Python's own encoder writes the same bytes in a third of the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import rfc8785

from volenti.core.errors import NotUnicodeError

#: A JSON object as Python holds it.
Json = dict[str, Any]

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
#: How deeply objects and lists may be nested in JSON that others wrote.
DEPTH_MAX = 64
#: Whole numbers beyond this aren't exact in JSON.
_INTEGER_MAX = 2**53 - 1


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 bytes. Floats and ints follow the RFC's number rules.

    Raises NotUnicodeError for a text with half a character or a byte of another encoding in it.
    """
    with suppress(_NotPlainError, RecursionError, UnicodeEncodeError):
        return _ENCODER.encode(_plain(value)).encode()
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        if not isinstance(error.__cause__ or error, UnicodeEncodeError):
            raise
        # The text isn't said: it may be about somebody.
        raise NotUnicodeError(
            "A text can't be kept, because it isn't Unicode.", "Give it in UTF-8."
        ) from None


class _NotPlainError(Exception):
    """Python's encoder may write a value differently than the RFC, or the RFC doesn't allow it."""


def _plain(value: Any) -> Any:
    """`value` in a form that Python's encoder writes as the RFC does; _NotPlainError where there is none."""
    if isinstance(value, str) or value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is int:
        if -_INTEGER_MAX <= value <= _INTEGER_MAX:
            return value
    elif kind is float:
        # Between these bounds neither encoder writes an exponent, and both write the shortest exact digits.
        if value.is_integer():
            if -_INTEGER_MAX <= value <= _INTEGER_MAX:
                return int(value)
        elif 1e-4 <= abs(value) < 1e15:
            return value
    elif kind is dict:
        plain = {}
        for key, each in value.items():
            # The RFC orders keys by UTF-16 units, Python by code points: the same order for ASCII keys.
            if not (isinstance(key, str) and key.isascii()):
                raise _NotPlainError
            plain[key] = _plain(each)
        return plain
    elif kind is list or kind is tuple:
        return [_plain(each) for each in value]
    raise _NotPlainError


def parse(data: bytes | str) -> Any:
    """JSON text as Python values; raises ValueError where it isn't JSON, or is nested too deeply to read."""
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parse_given(data: bytes | str) -> Any:
    """JSON that somebody else wrote, as `parse`; raises ValueError, too, where it is nested deeper than 64.

    No document that this project writes or reads is nested nearly as deeply, and code that walks through a
    value must not run out of stack.
    """
    value = parse(data)
    check_depth(value)
    return value


def check_depth(value: Any) -> None:
    """Raise ValueError where objects and lists are nested deeper than 64."""
    left = [value]
    for _ in range(DEPTH_MAX):
        left = [each for outer in left for each in _inside(outer)]
        if not left:
            return
    raise ValueError("nested too deeply")


def _inside(value: Any) -> Iterable[Any]:
    """The objects and lists in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (each for each in inner if isinstance(each, dict | list))
