"""The verb by which single files are taken in that lie in no folder, such as those from a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.report import IntakeReport


#: Outcomes of files that are pictures on record.
_PICTURES = ("new", "known", "duplicate")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file that was given as bytes.

    `outcome` is "new", "known" (this very file was taken in before), "duplicate" (its bytes were, under
    another name), "unreadable", "beside" (it belongs to pictures or folders, and wasn't looked at) or
    "ignored" (a file of the system's). `why` and `remedy` say what is wrong with one that can't be read.
    `image` is the picture's identifier, which is the same for the same bytes; empty where it is none.
    """

    outcome: str
    why: str = ""
    remedy: str = ""
    image: str = ""

    __repr__ = short_repr

    @classmethod
    def of(cls, report: IntakeReport, image: str) -> TakenIn:
        """From the report about this one file. image: the identifier that its bytes have as a picture."""
        if report.unreadable:
            [file] = report.unreadable
            return cls("unreadable", file.why, file.remedy)
        counted = {
            "new": report.new,
            "known": report.known,
            "duplicate": report.duplicate,
            "beside": report.beside,
            "ignored": sum(report.ignored.values()),
        }
        outcome = next(what for what, count in counted.items() if count)
        return cls(outcome, image=image if outcome in _PICTURES else "")


class PictureUpload(Noun):
    """The verb that takes in one file as bytes."""

    def add(
        self, name: str, data: bytes, *, caption: str = "", shoot: str = "", subjects: Sequence[str] = ()
    ) -> TakenIn:
        """Take in one file as bytes; they are sealed at once, and lie on no disk before that.

        name: the file's name, with the folders it lay in, separated by slashes: by it the file is known
        again. data: its bytes; what can't be a picture by its header is taken down as unreadable, with the
        reason, and not kept. caption: what is said of it. shoot, subjects: as `ws.add` takes them. What
        lies beside a file isn't looked for: sidecars that forbid a use count only with `ws.add` and a folder.
        Returns what became of it; giving it again changes nothing. Raises NotFoundError where a subject isn't
        on record.

        Example:
            ws.pictures.add("march/1.jpg", Path("1.jpg").read_bytes(), shoot="march").outcome
        """
        from volenti.consent.document import faults_of_text, require

        said = {"caption": caption, "shoot": shoot}
        require(each for what, text in said.items() for each in faults_of_text(what, text))
        for subject in subjects:
            self._parts.consent.subject(subject)
        report = self._parts.intake.add_bytes(name, data, caption=caption, shoot=shoot, subjects=subjects)
        return TakenIn.of(report, self._parts.vault.image_identifier(sha256(data)))
