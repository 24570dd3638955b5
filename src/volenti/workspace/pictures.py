"""Pictures: what was given, found again, looked at, corrected, and taken out where it was a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.core.progress import Silent
from volenti.workspace.given import bytes_of
from volenti.workspace.paging import PicturePages
from volenti.workspace.picturewindows import PictureWindowVerb, check_criteria
from volenti.workspace.shownpicture import ShownPicture, shown
from volenti.workspace.uploads import PictureUpload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.clearance.amendment import Amended
    from volenti.clearance.picturelist import PictureList
    from volenti.clearance.removal import Removal
    from volenti.core.progress import Progress

#: How many files a page has where nothing else is said.
COUNT = 50


class Pictures(PictureWindowVerb, PicturePages, PictureUpload):
    """The pictures that were given."""

    def find(
        self,
        words: str = "",
        *,
        shoot: str | None = None,
        person: str | None = None,
        state: str | None = None,
        finding: str | None = None,
        purpose: str | None = None,
        given_from: date | None = None,
        given_until: date | None = None,
        decided_from: date | None = None,
        decided_until: date | None = None,
        count: int = COUNT,
        page: int = 1,
    ) -> PictureList:
        """Find files and their pictures; a file is found that fits everything that is given.

        words: all of them stand in the file's name or the caption; case, accents' notation and order don't
        matter. shoot: the shoot's name. person: the subject who is in it, or may be while it is held. state:
        one of `volenti.clearance.account.STATES`. finding: a code that the decision rests on. purpose: state
        and findings are those for it; without one, what was cleared for anything is cleared. given_from,
        given_until: the first and the last day on which it was given. decided_from, decided_until: the same
        of the latest decision. count: how many files a page has. page: which page, from 1 on.

        Returns one page, and how many files were found by state. Raises UsageError where there is no such
        state, code or purpose, NotFoundError where there is no such person.

        Example:
            ws.pictures.find("beach smile", shoot="spring").totals
        """
        from volenti.clearance.picturelist import Criteria

        asked = Criteria(
            words,
            shoot,
            person,
            state,
            finding,
            purpose,
            given_from,
            given_until,
            decided_from,
            decided_until,
        )
        check_criteria(self._parts, asked, [state])
        return self._parts.picture_search.find(asked, count=count, page=page)

    def show(self, image: str) -> ShownPicture:
        """Everything that is on record of one picture: files, decisions, people, rights, and where it went.

        image: its identifier, as `list` and `find` have it. Raises NotFoundError where nothing is on record
        of it, KeyDestroyedError where somebody in it is being erased.

        Example:
            ws.pictures.show("img_1").decisions
        """
        return shown(self._parts, image)

    def preview(self, image: str, *, large: bool = False) -> bytes:
        """A small JPEG of a picture, to recognise it by.

        It shows people and isn't erased with them: whoever writes it down deletes it after looking.
        image: the picture's identifier. large: up to 1,600 pixels on the long side, to look at it closely.
        Raises NotFoundError where there is no such picture, RefusedError where nothing of it is kept, or it
        is of somebody whose data is restricted.

        Example:
            ws.pictures.preview("img_1")
        """
        small = self._parts.small_pictures
        return small.large(image) if large else small.preview(image)

    def amend(
        self,
        images: Sequence[str] = (),
        *,
        caption: str | None = None,
        shoot: str | None = None,
        table: bytes | Path | str | None = None,
        encoding: str = "",
        dry_run: bool = False,
    ) -> Sequence[Amended]:
        """Correct the caption or the shoot of pictures, all of them or none.

        What isn't given stays; an empty text takes it out. It counts whatever the files say, also those that
        are given later. Where the shoot changes, what a policy decided is decided anew by the next `clear`;
        what a person decided stays. Reading the pictures, and serving a model that learned from them, ask for
        the releases of the new shoot. What was delivered and isn't covered then is called back at once, which
        can't be taken back: what a dry run returns counts it. Datasets that were cut before keep the captions
        they were cut with.

        images: the pictures' identifiers. caption, shoot: what is to be said of all of them. table: instead
        of these, a `.csv` or `.xlsx` file, or its bytes: a header with image or file, and caption or shoot;
        empty cells change nothing. encoding: what a CSV file is saved in that isn't Unicode, such as cp1252.
        dry_run: only say what would be changed. Returns what was and what is said of each picture.
        Raises UsageError unless pictures and a text, or a table, are given; DocumentError where the table is
        faulty; NotFoundError where there is no such picture, ConflictError where one was rejected.

        Example:
            ws.pictures.amend(["img_1", "img_2"], shoot="spring")
        """
        from volenti.clearance.amendment import Amendment
        from volenti.clearance.amendmenttable import amendments_in
        from volenti.consent.document import faults_of_text, require

        if (table is None) == (not images):
            raise UsageError("Say which pictures.", "Name them, or give a table that does.")
        if table is not None:
            if caption is not None or shoot is not None:
                raise UsageError("The table says what is amended.", "Leave caption and shoot out.")
            search = self._parts.picture_search
            amendments = amendments_in(bytes_of(table), encoding, search.named)
        else:
            said = {"caption": caption or "", "shoot": shoot or ""}
            require(each for name, text in said.items() for each in faults_of_text(name, text))
            amendments = dict.fromkeys(images, Amendment(caption, shoot))
        return self._parts.amendments.amend(amendments, dry_run=dry_run)

    def remove(
        self, images: Sequence[str], *, dry_run: bool = False, progress: Progress | None = None
    ) -> Sequence[Removal]:
        """Take pictures out that were given by mistake: for good, all of them or none.

        Their bytes are gone, and nothing stays on record but that so many files were given and removed. This
        is no erasure of a person: there is no certificate, and a backup that was made before still has the
        picture, sealed. A picture that a dataset holds isn't removed, because exports and models rest on it.

        images: the pictures' identifiers. dry_run: only say what would be removed. Returns each picture with
        how many files gave it and whom it belonged to. Raises NotFoundError where there is no such picture,
        ConflictError where a dataset holds one or it was rejected, RefusedError where it is of somebody whose
        data is restricted.

        Example:
            ws.pictures.remove(["img_1"], dry_run=True)
        """
        return self._parts.removals.remove(images, progress or Silent(), dry_run=dry_run)

    # Last, because below it `list` is the verb.
    def list(
        self,
        *,
        shoot: str | None = None,
        person: str | None = None,
        state: str | None = None,
        finding: str | None = None,
        purpose: str | None = None,
        given_from: date | None = None,
        given_until: date | None = None,
        decided_from: date | None = None,
        decided_until: date | None = None,
        count: int = COUNT,
        page: int = 1,
    ) -> PictureList:
        """List files and their pictures, by state and then as they were given: `find` without words.

        shoot, person, state, finding, purpose, given_from, given_until, decided_from, decided_until, count,
        page: as `find` takes them. Returns and raises what `find` does.

        Example:
            ws.pictures.list(state="held", person="sub_ada")
        """
        return self.find(
            shoot=shoot,
            person=person,
            state=state,
            finding=finding,
            purpose=purpose,
            given_from=given_from,
            given_until=given_until,
            decided_from=decided_from,
            decided_until=decided_until,
            count=count,
            page=page,
        )
