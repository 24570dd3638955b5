"""What stands in every row of a table that lacks a column: `--fill COLUMN=TEXT`.

A studio's list has what differs from person to person; to whom the releases are given, and under which law,
is the same in all of them. A yes is never filled in, because silence is never a yes: it stands in each row.
What is each person's own isn't either.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from volenti.consent.cells import CellError, answer_in
from volenti.consent.columns import BY_NAME, Cell
from volenti.core.errors import UsageError

#: What may be said of everybody alike, of all that is on record of a person.
_OF_EVERYBODY = ("contact", "notes", "identity_check")
#: What is each person's own, beside the sections `subject` and `signatures`.
_OWN = ("release.id", "release.shoot.reference", "release.shoot.further_references", "release.supersedes")
_OWN_FILES = ("reference", "scan")


def checked_fill(filled: Mapping[str, str]) -> dict[str, str]:
    """The text of each column, with a pattern such as `grant_*` as all columns that it fits.

    A later entry counts over an earlier one. Raises UsageError for what isn't a column, for a yes, and for
    what is each person's own.
    """
    found: dict[str, str] = {}
    for pattern, text in filled.items():
        names = [name for name in BY_NAME if fnmatchcase(name, pattern.strip().lower())]
        if not names:
            raise UsageError(
                f"{pattern!r} isn't a column of the template.",
                "List the columns: volenti release template --columns",
            )
        for name in names:
            _check(name, text)
            found[name] = text
    return found


def _check(name: str, text: str) -> None:
    column = BY_NAME[name]
    section = column.path.partition(".")[0]
    is_own = column.path in (*_OWN, *_OWN_FILES) or section in ("subject", "signatures")
    if is_own and name not in _OF_EVERYBODY:
        raise UsageError(f"{name} is each person's own.", "Give the table a column for it.")
    if column.cell is not Cell.YES_NO:
        return
    try:
        is_yes = answer_in(text.strip())
    except CellError as error:
        raise UsageError(
            f"{name} can't be {text!r}: it {error}", "Write it like --fill 'grant_*=no'."
        ) from None
    if is_yes:
        raise UsageError(
            f"A yes isn't filled in: {name} has to stand in each row.",
            "Give the table a column for it, with what each person answered.",
        )
