"""Kinds of rows of training: runs, and what they trained."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.core.canonical import Json
from volenti.core.codec import decoded
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record
from volenti.vault.rowkind import RowKind, Sealed


def _learned(record: Record, subject: str) -> Json:
    # Weights depend on other people's pictures too: with a digest somebody could test guesses of these.
    kept = ("images", "seconds")
    return {name: record.body[name] for name in kept if name in record.body}


def _weights(record: Record) -> Iterator[Sealed]:
    body = record.body
    yield Sealed("weights", decoded(BlobRef, body["weights"]), body["sha256"])
    if "sketches" in body:
        yield Sealed("sketches", decoded(BlobRef, body["sketches"]))


def _handed_out(said: Json) -> str:
    from volenti.training.external_run import Delivery

    return decoded(Delivery, said).id


_LISTED = "volenti run list"
_UNTIL = "until somebody whom it learned from is erased or takes that back"

KINDS = (
    RowKind(
        "run",
        has_packs=True,
        listed=_LISTED,
        begun_by=("training-begun", lambda said: str(said["run"])),
        ended_by=("run-removed", lambda said: str(said["run"])),
    ),
    RowKind(
        "base",
        called="base",
        listed="volenti base list",
    ),
    RowKind(
        "slice",
        words="records of trained slices",
        shown=_learned,
        sealed=_weights,
        kept=_UNTIL,
        listed=_LISTED,
        holder="model",
    ),
    RowKind(
        "constituent",
        words="records of constituents",
        shown=_learned,
        sealed=_weights,
        kept=_UNTIL,
        listed=_LISTED,
        holder="model",
    ),
    RowKind(
        "guest-run",
        has_packs=True,
        listed=_LISTED,
        begun_by=("guest-training-begun", lambda said: str(said["run"])),
        ended_by=("guest-run-removed", lambda said: str(said["run"])),
    ),
    RowKind(
        "guest-part",
        words="records of parts of models trained by your own scripts",
        shown=_learned,
        sealed=_weights,
        kept=_UNTIL,
        listed=_LISTED,
        holder="own models",
    ),
    RowKind(
        "guest-delivery",
        listed=_LISTED,
        begun_by=("guest-part-delivered", _handed_out),
    ),
)

#: The holders that the package's services announce.
HOLDERS = ("model", "own models")
