"""Permissions: what an officer says about all rows of an import, so that they are taken."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.signing import SigningKey


@dataclass(frozen=True, slots=True)
class Permissions:
    """What an officer says about all rows of an import.

    officer: the key that attests scanned papers. another_person: people of the same name as somebody on
    record are other people. after_erasure: people who were erased agreed anew. accept_reference: doubtful
    reference photographs are taken.
    """

    officer: SigningKey | None = None
    another_person: bool = False
    after_erasure: bool = False
    accept_reference: bool = False
