"""Reservation: what a rights holder says about machine use, and what it means for a purpose.

One table says what each statement means for each purpose, wherever the statement was found: PLUS Data Mining
values (PLUS Licence Data Format 2.0.1, IPTC Photo Metadata 2023.1, https://www.useplus.org), entries of a
training and data mining assertion (CAWG 1.1, https://cawg.io/training-and-data-mining/1.1/, and
`c2pa.training-mining` of C2PA 1.0 to 1.4), the robots directives `noai` and `noimageai`, and the W3C TDM
Reservation Protocol (https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/).

Of several statements about one picture the strictest counts: a permission never lifts somebody else's
prohibition. CAWG asks to treat `constrained` as `notAllowed` where nothing more is known; here a person may
know more, so the picture is held for one to decide.

People say whether a reservation is justified, and whether a licence allows what it reserves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: What a statement asks for: leave the picture out, let a person decide, or nothing.
Answer = Literal["refused", "held", ""]

_LETTERS: dict[str, Answer] = {"R": "refused", "H": "held", "-": ""}

#: The columns of the table, as `consent.purpose` names them.
PURPOSES = (
    "commercial",
    "non-generative-training",
    "generative-training",
    "synthetic-likeness",
    "identification",
    "redistribution",
)

# R: refused. H: held, because the statement doesn't name this use but names a lesser one, or isn't known.
# Synthetic likenesses are made by training on pictures of somebody and by inference from them; systems that
# identify people are trained without generating anything, and infer.
_TABLE = """
statement                                  commercial non-gen gen synthetic identify redistribute
DMI-UNSPECIFIED                                 -        -     -      -        -          -
DMI-ALLOWED                                     -        -     -      -        -          -
DMI-PROHIBITED-GENAIMLTRAINING                  -        -     R      R        -          -
DMI-PROHIBITED-AIMLTRAINING                     -        R     R      R        R          -
DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING       R        R     R      R        R          R
DMI-PROHIBITED-SEECONSTRAINT                    R        R     R      R        R          R
DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR            R        R     R      R        R          R
DMI-PROHIBITED-SEELINKEDRIGHTSEXPR              R        R     R      R        R          R
DMI-PROHIBITED                                  R        R     R      R        R          R
data_mining                                     -        R     R      R        R          -
ai_inference                                    -        -     -      R        R          -
ai_training                                     -        R     H      H        R          -
ai_generative_training                          -        -     R      R        -          -
noai                                            -        R     R      R        R          -
noimageai                                       -        R     R      R        R          -
tdm-reservation                                 -        R     R      R        R          -
tdm-reservation-elsewhere                       -        H     H      H        H          -
unknown-prohibition                             R        R     R      R        R          R
unknown-entry                                   H        H     H      H        H          H
"""


def _table() -> dict[str, Mapping[str, Answer]]:
    _, *rows = (line.split() for line in _TABLE.strip().splitlines())
    return {
        name: MappingProxyType(
            {purpose: _LETTERS[cell] for purpose, cell in zip(PURPOSES, cells, strict=True)}
        )
        for name, *cells in rows
    }


#: Statement -> purpose -> what it asks for; an entry of an assertion asks for it where its `use` forbids.
TABLE: Mapping[str, Mapping[str, Answer]] = MappingProxyType(_table())

#: The four entries of a training and data mining assertion, without the prefix.
ENTRIES = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")


@dataclass(frozen=True, slots=True)
class MiningEntry:
    """An entry of a training and data mining assertion: what it is about, and its `use`.

    entry: the label without `cawg.` or `c2pa.`; use: allowed, notAllowed, constrained, or
    whatever else was written; constraint: the text that goes with `constrained`.
    """

    entry: str
    use: str
    constraint: str = ""

    def answer(self, purpose: str) -> Answer:
        """What the entry asks for. A `use` that isn't known is held like `constrained`."""
        if self.use == "allowed":
            return ""
        asked = TABLE.get(self.entry, TABLE["unknown-entry"])[purpose]
        return "held" if asked and self.use != "notAllowed" else asked

    def __str__(self) -> str:
        return f"{self.entry}={self.use}"


def answer_of(statement: str, purpose: str) -> Answer:
    """What a PLUS value, a robots directive or a TDM reservation asks for; KeyError for no purpose.

    A PLUS value that isn't known but begins like a prohibition counts as one; any other
    statement that isn't known is held.
    """
    if statement not in TABLE:
        statement = "unknown-prohibition" if statement.startswith("DMI-PROHIBITED") else "unknown-entry"
    return TABLE[statement][purpose]


def strictest(answers: Iterable[Answer]) -> Answer:
    """The strictest answer: refused before held before nothing."""
    found = set(answers)
    return "refused" if "refused" in found else "held" if "held" in found else ""
