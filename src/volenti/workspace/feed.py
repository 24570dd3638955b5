"""The deletion feed: tells whoever got an export what has to go out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.given import public_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey
    from volenti.deliveries.apply_deletions import AppliedDeletions
    from volenti.deliveries.notice import DeletionNotice


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """The feed and its notices: its name, how many entries it has, and the folder to publish as it is."""

    origin: str
    size: int
    folder: Path
    notices: tuple[DeletionNotice, ...]

    __repr__ = short_repr


class Feed(Noun):
    """The deletion feed: tells whoever got an export what has to go out of it."""

    def list(self, *, overdue: bool = False) -> ListedFeed:
        """Every export that was handed out, what was called back of it, and who acknowledged.

        What isn't covered any more, because a term ended since, is called back first.

        overdue: only those whose recipient should have acknowledged by now.

        Example:
            ws.feed.list(overdue=True).notices
        """
        self._parts.recalls.call_back_all()
        feed = self._parts.feed
        found = feed.overdue() if overdue else feed.notices()
        return ListedFeed(feed.log.origin, feed.log.size, self._parts.path / "feed", tuple(found))

    @staticmethod
    def apply(
        export: Path | str,
        feed: Path | str,
        *,
        key: PublicKey | Path | str | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> AppliedDeletions:
        """Take out of an export whom the feed names, and sign that it was done. Needs no workspace.

        For whoever got the export. What is new in the feed is read, it is checked that nothing in it was
        taken back or changed, and then the samples it names are removed from the export's files. Of weights
        (`ws.runs.export`) a whole file is removed once one picture that it learned from is named; `files` of
        what is returned names it, and whether its successor was handed out. It can be interrupted and
        repeated.

        export: the export's folder, as delivered. feed: where the feed is published, an address or a
        folder. key: the sender's public key, or the path of its file, if not the one that came with the
        export. dry_run: remove nothing. Returns what was, or would be, removed, with the acknowledgement to
        be sent to whoever made the export. Raises IntegrityError where the feed isn't the one that the export
        came with, or was changed: then nothing is touched.

        Example:
            volenti.feed.apply("humans-export", "https://studio.example/feed")
        """
        from volenti.standalone import apply_feed

        public = None if key is None else public_key(key)
        return apply_feed(Path(export), str(feed), key=public, dry_run=dry_run, progress=progress)

    def acknowledge(self, acknowledgement: str | bytes) -> DeletionNotice:
        """Keep a recipient's acknowledgement, once it is seen that their delivery's key signed it.

        It is their word: nobody can see from here what is on somebody else's disk.

        acknowledgement: the text that `apply` returned to them. Returns what is still open of their
        delivery. Raises NotFoundError for a delivery that nobody made, and IntegrityError where another key
        signed it or it is about another feed.

        Example:
            ws.feed.acknowledge(pathlib.Path("acknowledgement.txt").read_bytes())
        """
        return self._parts.feed.acknowledge(acknowledgement)
