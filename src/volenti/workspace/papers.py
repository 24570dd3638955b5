"""The papers around releases: receipts for people to keep, texts to read, and forms to import from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.consent.wording import Wording
    from volenti.core.canonical import Json


class ReleasePapers(Noun):
    """The verbs of releases that make a paper and change nothing."""

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

    def receipt(self, release: str, *, recipient: Sequence[str] = (), stored_in: Sequence[str] = ()) -> Json:
        """The receipt of a release, for the person who signed it to keep, as JSON-LD (ISO/IEC TS 27560).

        It says what was agreed and what was withdrawn since. release: its identifier. recipient: who received
        the pictures. stored_in: codes of the countries that they are kept in.
        Raises NotFoundError where there is no such release, DocumentError for what isn't a country code.

        Example:
            ws.releases.receipt("rel_1", stored_in=["DE"])
        """
        return self._parts.receipts.record(release, recipients=recipient, storage_locations=stored_in)

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
