"""Tables of people: looking into one before it is imported, and importing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.subject_search import SubjectSearch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from volenti.consent.importreport import ImportReport
    from volenti.consent.tableview import TableView
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.core.signing import SigningKey


class SubjectTables(SubjectSearch):
    """The verbs of subjects that are about many at once."""

    @staticmethod
    def template() -> str:
        """The header of an empty CSV file for bringing in people, who come with their releases.

        The same as `volenti.releases.template`, which says more. Needs no workspace.

        Example:
            volenti.subjects.template()
        """
        from volenti.consent.spreadsheet import template

        return template()

    def import_(
        self,
        file: bytes | Path | str,
        *,
        beside: Mapping[str, bytes] | None = None,
        columns: Json | None = None,
        fill: Json | None = None,
        dates: str = "",
        encoding: str = "",
        key: SigningKey | bytes | Path | str | None = None,
        another_person: bool = False,
        after_erasure: bool = False,
        accept_reference: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Bring in people with their signed releases and reference photographs, from a table or JSON.

        file: a `.csv` or `.xlsx` file with the template's columns, or a `.json` file with a list of entries;
        or the bytes of one. beside: with bytes, the photographs and scanned papers that it names, by their
        names; nothing of these is written but sealed. Everything or nothing: a fault in one row keeps the
        file out, and the report names every fault. A release whose signatures don't hold is imported and
        covers nothing. Importing again changes nothing. columns: the template's column for each heading that
        is another, empty for one that is left out; several headings with a plus between them are joined; the
        workspace remembers them in columns.json. fill: what stands in every row, by a column that the table
        lacks, or by a pattern such as grant_*; never a yes, and nothing that is a person's own; remembered in
        fill.json. dates: how days are written, such as dd.mm.yyyy, where they aren't YYYY-MM-DD. encoding:
        what a CSV file is saved in that isn't Unicode, such as cp1252. key: the private key of the officer
        who attests the scanned papers that the column scan_file names, the content of its file, or its path.
        another_person: people of the same name as somebody on record are other people. after_erasure: people
        who were erased agreed anew; it is logged. accept_reference: take photographs that are doubtful, as
        `ws.releases.issue` does; without it they are faults. dry_run: only say what would happen. Raises
        UsageError for another kind of file, StorageError where it can't be read, MissingModelError where
        photographs can't be looked at.

        Example:
            ws.subjects.import_("people.xlsx", columns={"Name": "legal_name"}, dates="dd.mm.yyyy")
        """
        from volenti.workspace.tables import import_table

        return import_table(
            self._parts,
            file,
            beside=beside,
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

    def headings(
        self,
        file: bytes | Path | str,
        *,
        columns: Json | None = None,
        fill: Json | None = None,
        encoding: str = "",
        corrections: Mapping[str, str] | None = None,
    ) -> TableView:
        """Say which column each heading of a table stands for, and what it may stand for. Changes nothing.

        file: a `.csv` or `.xlsx` file, or the bytes of one. columns, fill, encoding: as `import_` takes them.
        corrections: the text of a cell by its place, ROW:NUMBER, both from 1 on. What is returned has the
        rows, too, the columns that have to be there and aren't, and the corrected table as CSV (`text`),
        which `import_` takes. Raises DocumentError where it isn't a table, UsageError where it can't be read
        or a correction names no cell.

        Example:
            ws.subjects.headings("people.xlsx", columns={"Name": "legal_name"}).lacking
        """
        from volenti.workspace.tables import view_table

        return view_table(
            self._parts, file, columns=columns, fill=fill, encoding=encoding, corrections=corrections
        )
