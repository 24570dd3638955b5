"""Canonical JSON (RFC 8785): one value, one sequence of bytes, so that it can be signed.

The serialisation itself is the `rfc8785` package's.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

#: A JSON object as Python holds it.
Json = dict[str, Any]


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 bytes. Floats and ints follow the RFC's number rules."""
    return rfc8785.dumps(value)


def parse(data: bytes | str) -> Any:
    """JSON text as Python values; raises ValueError where it isn't JSON."""
    return json.loads(data)
