"""Shard: the part of a dataset that a person belongs to.

It depends on a keyed hash of the subject's identifier and on nothing else: not on the number of people, not
on how many pictures they have, not on who else is there. Anything computed over others would move people to
other parts when one is erased, and a model trained on the parts would no longer be the one that would have
been trained without that person.
"""

from __future__ import annotations

from collections.abc import Iterable

from volenti.core.digest import commitment


def numbers_of(key: bytes, subject: str) -> tuple[int, int]:
    """Two independent numbers of 128 bits each that stand for the subject, under a workspace's key."""
    digest = commitment(key, subject.encode())
    return int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big")


def shard_of(key: bytes, subjects: Iterable[str], shards: int) -> int:
    """The shard of a picture, from 0: that of the subject whose identifier sorts first."""
    return numbers_of(key, min(subjects))[0] % shards
