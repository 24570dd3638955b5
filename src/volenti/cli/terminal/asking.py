"""Asking before what can't be undone."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from volenti.core.errors import ConflictError, UsageError


def can_ask(*, as_json: bool) -> bool:
    """Whether somebody is at the terminal who can answer; no program that reads JSON can."""
    return not as_json and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, otherwise: str) -> None:
    """Ask a question; raises ConflictError, which says `otherwise`, where the answer is no."""
    if not typer.confirm(question, err=True):
        raise ConflictError(otherwise, "Run it again when it is decided.")


def ask_first(
    question: str,
    otherwise: str,
    unasked: UsageError,
    *,
    as_json: bool,
    show: Callable[[], object] = lambda: None,
) -> None:
    """Ask before something that can't be undone; raises `unasked` where nobody can be asked.

    show: says what would be done. otherwise: what is so after a no, such as "Nothing was removed."
    """
    if not can_ask(as_json=as_json):
        raise unasked
    show()
    ask(question, otherwise)
