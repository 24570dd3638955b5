"""Identifiers: a prefix that says what something is, and 100 random bits that say nothing.

Subjects, releases and requests get random identifiers. An image's identifier is
a keyed digest of its bytes (`vault`), so that the same file added twice is the
same image and an outsider can't compute it.
"""

from __future__ import annotations

import base64
import re
import secrets

from volenti.core.errors import UsageError

_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def new(prefix: str) -> str:
    """A fresh random identifier such as `sub_k3v5q2m7x4n6a2b5c7d2`."""
    text = base64.b32encode(secrets.token_bytes(13)).decode().rstrip("=").lower()
    return f"{prefix}_{text[:20]}"


def check(identifier: str) -> str:
    """`identifier` itself if it may name a file and a row; raises UsageError otherwise."""
    if not _FORM.fullmatch(identifier):
        raise UsageError(
            f"{identifier!r} can't be used as an identifier.",
            "Use 1 to 64 letters, digits, '_', '-' or '.', beginning with a letter or digit.",
        )
    return identifier
