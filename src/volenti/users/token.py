"""Tokens: what a browser or a link holds. Only their SHA-256 is kept, so the register lets nobody in."""

from __future__ import annotations

import secrets

from volenti.core.digest import sha256

_BYTES = 32


def new_token() -> str:
    """256 random bits, as text that fits into an address."""
    return secrets.token_urlsafe(_BYTES)


def name_of(token: str) -> str:
    """The identifier of the row that is kept for a token."""
    return sha256(token.encode())
