"""The papers around releases: signed ones, receipts to keep, texts to read, and forms to import from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.signature import BOUND_ROLES, Role
from volenti.core.errors import UsageError
from volenti.workspace.given import bytes_of, one_of, photos_of, signing_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.consent.importreport import ImportReport
    from volenti.consent.papers import AttestReport
    from volenti.consent.wording import Wording
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.core.signing import SigningKey


class ReleasePapers(Noun):
    """The verbs of releases that are about a paper."""

    @staticmethod
    def template() -> str:
        """The header of an empty CSV file for bringing in people with their releases, one row a release.

        `volenti.consent.spreadsheet.COLUMNS` says what each column means. Needs no workspace.

        Example:
            volenti.releases.template()
        """
        from volenti.consent.spreadsheet import template

        return template()

    @staticmethod
    def example() -> Json:
        """One entry of the JSON file that `import_` takes, to be filled in. Needs no workspace.

        Example:
            volenti.releases.example()
        """
        from volenti.consent.spreadsheet import example

        return example()

    def import_(
        self,
        file: Path | str,
        *,
        reference: bytes | Path | str | Sequence[bytes | Path | str] | None = None,
        columns: Json | None = None,
        fill: Json | None = None,
        dates: str = "",
        encoding: str = "",
        key: SigningKey | Path | str | None = None,
        another_person: bool = False,
        after_erasure: bool = False,
        accept_reference: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Take in people with their signed releases and reference photographs, or a single release.

        file: a `.csv`, `.xlsx` or `.json` file with many, as `ws.subjects.import_` takes it; or a `.json`
        file with one signed document of somebody who is on record, which `document` of the report then is.
        Everything or nothing: a fault in one row keeps the file out, and the report names every fault. A
        release whose signatures don't hold is kept, reported, and covers nothing. reference: with a single
        document, the photographs that it names. columns, fill, dates, encoding, key, another_person,
        after_erasure: with many, as `ws.subjects.import_` takes them. accept_reference: as `issue` takes it;
        without it a doubtful photograph is a fault. dry_run: only say what would happen. Raises UsageError
        where the file isn't what its name says, StorageError where it can't be read. With a single document
        raises DocumentError where that can't be read, NotFoundError where its subject isn't on record,
        ConflictError where there is another document under its identifier, IntegrityError where a photograph
        isn't one named, UsageError where nobody can be known by one.

        Example:
            ws.releases.import_("people.xlsx", key="officer.key", dry_run=True)
        """
        from volenti.consent.importing import document_in, import_document
        from volenti.workspace.tables import import_table

        document = document_in(Path(file))
        if document is not None:
            photos = photos_of(reference)
            return import_document(
                self._parts.consent, document, photos, dry_run=dry_run, accept=accept_reference
            )
        if reference is not None:
            raise UsageError(
                "--reference goes with a single document.", "Name the photographs in the file's own column."
            )
        return import_table(
            self._parts,
            file,
            columns=columns,
            fill=fill,
            dates=dates,
            encoding=encoding,
            key=key,
            another_person=another_person,
            after_erasure=after_erasure,
            accept_reference=accept_reference,
            dry_run=dry_run,
            progress=progress,
        )

    def take(
        self,
        document: Json,
        *,
        reference: Sequence[bytes] = (),
        accept_reference: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Take in one signed release that another program hands over, of somebody who is on record.

        document: the signed document, as `import_` reads it from a file. reference: the photographs that it
        names, as bytes. accept_reference, dry_run: as `import_` takes them. Returns what `import_` does of a
        single document, and raises the same.

        Example:
            ws.releases.take(signed, reference=[photo]).document.today
        """
        from volenti.consent.importing import import_document

        consent, photos = self._parts.consent, photos_of(reference)
        return import_document(consent, document, photos, dry_run=dry_run, accept=accept_reference)

    def attest(
        self,
        release: str | None = None,
        *,
        scan: bytes | Path | str,
        key: SigningKey | bytes | Path | str,
        signed_on: date | None = None,
        role: str | None = None,
        dry_run: bool = False,
    ) -> AttestReport:
        """Attest that releases were signed on paper: an officer signs it, and the scans are sealed.

        release: the identifier of one; without it `scan` is a folder, in which each file is named after a
        release or a person. All papers of a folder are attested, or none, and the report names every problem.
        scan: the scanned paper, a PDF, JPEG, PNG or TIFF, as bytes or the path of its file, or that folder.
        key: the officer's private key, the content of its file, or its path; it is used and not kept.
        signed_on: the day that stands on the paper; by default the one that the release is dated. role: who
        signed it, "subject" or "guardian"; by default the guardian of whoever was a minor on that day.
        dry_run: only say what would happen. Raises NotFoundError where there is no such release,
        ConflictError where it was withdrawn, UsageError where the files can't be read, DocumentError that
        names what can't be.

        Example:
            ws.releases.attest(scan="scans", key="officer.key", signed_on=date(2026, 11, 1))
        """
        from volenti.consent.papers import Papers

        who = None if role is None else one_of(Role, role)
        if who is not None and who not in BOUND_ROLES:
            raise UsageError(f"A {who} doesn't sign for themselves.", "Say subject or guardian.")
        papers = Papers(self._parts.consent, signing_key(key), signed_on, who)
        if release is not None:
            return papers.attest({release: bytes_of(scan)}, dry_run=dry_run)
        if isinstance(scan, bytes) or not Path(scan).is_dir():
            raise UsageError("The scan isn't a folder.", "Name the RELEASE that this paper is, or a folder.")
        return papers.attest_folder(Path(scan), dry_run=dry_run)

    def receipt(self, release: str, *, recipient: Sequence[str] = (), stored_in: Sequence[str] = ()) -> Json:
        """The receipt of a release, for the person who signed it to keep, as JSON-LD (ISO/IEC TS 27560).

        It says what was agreed and what was withdrawn since. release: its identifier. recipient: who received
        the pictures. stored_in: codes of the countries that they are kept in.
        Raises NotFoundError where there is no such release, DocumentError for what isn't a country code.

        Example:
            ws.releases.receipt("rel_1", stored_in=["DE"])
        """
        return self._parts.receipts.record(release, recipients=recipient, storage_locations=stored_in)

    def receipt_text(self, release: str, *, language: str = "") -> str:
        """The receipt as text in plain words, as on the page: what was agreed, and what was withdrawn since.

        release: its identifier. language: en, de or es; else the one the release was signed in. It names the
        person. Raises NotFoundError where there is no such release, UsageError for another language.

        Example:
            print(ws.releases.receipt_text("rel_1", language="de"))
        """
        return self._parts.receipts.text(release, language)

    def receipt_page(
        self,
        release: str,
        *,
        language: str = "",
        recipient: Sequence[str] = (),
        stored_in: Sequence[str] = (),
    ) -> bytes:
        """The receipt as a page in plain words: a PDF with the JSON-LD attached.

        language: what it is written in; by default what the release was signed in. release, recipient,
        stored_in: as `receipt` takes them. Raises UsageError for a language that there are no words in, and
        otherwise as `receipt`.

        Example:
            Path("ada.pdf").write_bytes(ws.releases.receipt_page("rel_1", language="de"))
        """
        told = {"recipients": recipient, "storage_locations": stored_in}
        return self._parts.receipts.pdf(release, language, **told)

    @staticmethod
    def texts() -> Sequence[Wording]:
        """The texts and notices that there are, by language and version; each has its digest.

        Needs no workspace.

        Example:
            volenti.releases.texts()
        """
        from volenti.consent.wording import WordingKind, wordings

        return [each for kind in WordingKind for each in wordings(kind)]
