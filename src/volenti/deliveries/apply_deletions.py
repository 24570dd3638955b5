"""Applying deletions: the recipient's side of the deletion feed. It needs an export and the feed alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp, system_clock
from volenti.core.codec import encoded
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.delivery import WEIGHTS, DeliveryNote, handed_over
from volenti.deliveries.papers import Papers
from volenti.deliveries.ports import ExportFormat
from volenti.deliveries.weights.contents import CalledBackFile, WeightsFolder
from volenti.transparency.follower import added_since
from volenti.transparency.note import Verifier, exact_base64
from volenti.transparency.ports import LogFiles

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class AppliedDeletions:
    """What applying the feed did, in numbers of feed entries and samples.

    `acknowledgement` is for the sender of the delivery; it is empty after a dry run. `left_as_they_are` are
    the card and the terms where somebody changed them since the delivery: their numbers aren't brought up to
    date. `files` are weights that were called back, or whose successor was handed out since; their samples
    are the pictures that they learned from. `copies` are other files in the folder with the same bytes, which
    go too.
    """

    delivery: str
    dataset: str
    read: int
    removed: int
    left: int
    acknowledgement: str = ""
    left_as_they_are: tuple[str, ...] = ()
    files: tuple[CalledBackFile, ...] = ()
    copies: tuple[str, ...] = ()

    __repr__ = short_repr

    def to_json(self) -> Json:
        """What was done as a JSON object; `acknowledgement` is null after a dry run."""
        return {
            "delivery": self.delivery,
            "dataset": self.dataset,
            "entries_read": self.read,
            "removed": self.removed,
            "left": self.left,
            "acknowledgement": self.acknowledgement or None,
            "left_as_they_are": list(self.left_as_they_are),
            "files": [encoded(each) for each in self.files],
            "copies": list(self.copies),
        }


def apply_deletions(
    folder: Path,
    feed: LogFiles,
    formats: Sequence[ExportFormat],
    *,
    key: PublicKey | None = None,
    dry_run: bool = False,
    clock: Clock = system_clock,
    progress: Progress | None = None,
) -> AppliedDeletions:
    """Take out of an export what the feed named since it was last applied, and sign that it was done.

    Of weights a whole file goes once the feed named one of the pictures that it learned from.
    The card, the terms and the checksums that lie in the export then say what is left.
    key: what the feed must be signed with; without it, the key in the delivery note. After a kill anywhere
    the same call goes on. Raises IntegrityError where the feed isn't the delivery's, or was cut or changed
    since: then nothing is changed.
    """
    note = DeliveryNote.read(folder)
    signs = handed_over(folder)
    weights = WeightsFolder() if note.format == WEIGHTS else None
    form = weights or next((each for each in formats if each.name == note.format), None)
    if form is None:
        raise UsageError(
            f"The export has the format {note.format!r}.", "Use a version of Volenti that knows it."
        )
    root = exact_base64(note.root)
    if root is None:
        raise IntegrityError("The delivery note's root can't be read.", "Take it from the delivery again.")
    head, entries = added_since(feed, Verifier(note.feed, key or note.key), note.size, root)
    there = form.samples(folder)
    said = {entry.hex() for entry in entries}
    named = weights.named(folder, said) if weights else said & {each.token for each in there}
    left = [each for each in there if each.token not in named]
    done = AppliedDeletions(note.delivery, note.dataset, len(entries), len(there) - len(left), len(left))
    if weights:
        done = replace(done, files=weights.called_back(folder, named), copies=weights.copies(folder, named))
    if dry_run:
        return done
    papers = Papers(folder)
    papers.begin(form.files(folder, named))
    if named:
        form.remove(folder, named, progress or Silent())
    for name in done.copies:
        (folder / name).unlink(missing_ok=True)
    papers.bring_up_to_date(left)
    # The note is written after the samples: after a kill before it, the same entries are read again.
    replace(note, size=head.size, root=base64.b64encode(head.root).decode()).write(folder)
    papers.complete(form.files(folder))
    if papers.changed_by_others:
        done = replace(done, left_as_they_are=tuple(papers.changed_by_others))
    word = Acknowledgement(
        note.delivery, note.feed, head.size, head.root, done.removed, done.left, stamp(clock())
    )
    _log.info("deletions applied", entries_read=done.read, removed=done.removed, left=done.left)
    return replace(done, acknowledgement=word.signed(signs))
