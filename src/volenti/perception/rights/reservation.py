"""Reservation: what a rights holder says about machine use, and what it means for a purpose.

One table says what each statement means for each purpose, wherever the statement was found: PLUS Data Mining
values (PLUS Licence Data Format 2.0.1, IPTC Photo Metadata 2023.1, https://www.useplus.org), entries of a
training and data mining assertion (CAWG 1.1, https://cawg.io/training-and-data-mining/1.1/, and
`c2pa.training-mining` of C2PA 1.0 to 1.4), robots directives, keys of `Content-Usage` (IETF aipref) and
`Content-Signal` (https://contentsignals.org), the W3C TDM Reservation Protocol
(https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/), and words in a rights field.

What stands in such a field and isn't known is held for every purpose: somebody meant something by it. So is
a field about machine use alone in which nothing stands: its value can't be made out.

`noindex`, `noimageindex` and `none` speak of search, and the best-known downloader of training pictures
(img2dataset) leaves such pictures out all the same. With `noarchive`, `nocache` and `nosnippet` sites tell
some search engines to keep their models from the page. So all of these are held for a person to decide.

Of several statements about one picture the strictest counts: a permission never lifts somebody else's
prohibition. CAWG asks to treat `constrained` as `notAllowed` where nothing more is known; here a person may
know more, so the picture is held for one to decide.

People say whether a reservation is justified, and whether a licence allows what it reserves.
"""

from __future__ import annotations

import re
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
noml                                            -        R     R      R        R          -
noindex                                         -        H     H      H        H          -
noimageindex                                    -        H     H      H        H          -
none                                            -        H     H      H        H          -
noarchive                                       -        H     H      H        H          -
nocache                                         -        H     H      H        H          -
nosnippet                                       -        H     H      H        H          -
bots                                            -        R     R      R        R          -
ai                                              -        R     R      R        R          -
train-ai                                        -        R     R      R        R          -
ai-train                                        -        R     R      R        R          -
train-genai                                     -        -     R      R        -          -
tdm                                             -        R     R      R        R          -
ai-input                                        -        -     -      R        R          -
search                                          -        H     H      H        H          -
tdm-reservation                                 -        R     R      R        R          -
tdm-reservation-elsewhere                       -        H     H      H        H          -
tdm-policy                                      -        H     H      H        H          -
in-words                                        -        H     H      H        H          -
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

#: The statement of what isn't in the vocabulary of the field that it stands in.
UNKNOWN_VALUE = "unknown-value"

#: Robots directives of the table, and those that ask for nothing here; some of these have a value.
DIRECTIVES = frozenset(
    ("noai", "noimageai", "noml", "noindex", "noimageindex", "none", "noarchive", "nocache", "nosnippet")
)
HARMLESS = frozenset(
    (
        *("all", "archive", "cache", "follow", "index", "indexifembedded", "snippet", "unavailable_after"),
        *("max-image-preview", "max-snippet", "max-video-preview"),
        *("nofollow", "noodp", "nositelinkssearchbox", "notranslate", "noydir"),
    )
)
#: Keys of `Content-Usage` and `Content-Signal`.
PREFERENCES = frozenset(("bots", "ai", "train-ai", "ai-train", "train-genai", "tdm", "ai-input", "search"))
#: What `Content-Usage` (y, n), `Content-Signal` (yes, no) and assertions write for the same.
_USES = {"y": "allowed", "yes": "allowed", "n": "notAllowed", "no": "notAllowed"}

#: Characters of somebody's words that a statement repeats.
_WORDS_MAX = 80
_VALUE = re.compile(r"(?:https?://(?:www\.|ns\.)?useplus\.org/ldf/vocab/|[a-z]+:)?(DMI(?:-[A-Z]+)+)/?", re.I)
_PROHIBITION = re.compile(r"\bDMI[\s_-]+PROHIBITED(?:[\s_-]+[A-Z]+)*")
#: PLUS values in a longer text.
DMI = re.compile(r"DMI-[A-Z]+(?:-[A-Z]+)*")

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
        """What the entry asks for. A `use` that isn't known is held for every purpose."""
        if self.use == "allowed":
            return ""
        if self.use not in ("notAllowed", "constrained"):
            return TABLE["unknown-entry"][purpose]
        asked = TABLE.get(self.entry, TABLE["unknown-entry"])[purpose]
        return "held" if asked and self.use == "constrained" else asked

    def __str__(self) -> str:
        return f"{self.entry}={self.use}"


def worded(statement: str, where: str) -> str:
    """A statement with the place where it was found: what stands before the first blank is the statement.

    What somebody wrote in plain words isn't repeated, because it may name people.
    """
    return f"{shortened('_'.join(statement.split()))} ({where})"


def shortened(text: str) -> str:
    """The text, or as much of it as a statement repeats."""
    return text if len(text) <= _WORDS_MAX else f"{text[:_WORDS_MAX]}…"


def data_mining_in(text: str) -> tuple[str, ...]:
    """The PLUS values that a text in a Data Mining field names, and UNKNOWN_VALUE where it is anything else.

    Prohibitions count in every spelling. A permission counts only as the vocabulary writes it. A field in
    which nothing stands names no value that could be made out.
    """
    exact = _VALUE.fullmatch(text.strip())
    if exact:
        return (exact[1].upper(),)
    found = (re.sub(r"[\s_-]+", "-", each) for each in _PROHIBITION.findall(text.upper()))
    return (*found, UNKNOWN_VALUE)


def tdm_statement(value: str) -> str:
    """The statement of a TDM reservation's value: none for 0; what isn't known, or is nothing, is held."""
    said = value.strip().strip("\"'").casefold()
    if said == "0":
        return ""
    return "tdm-reservation" if said in ("1", "true", "yes") else UNKNOWN_VALUE


def answer_of(statement: str, purpose: str) -> Answer:
    """What a PLUS value, a robots directive, a TDM reservation or an entry with its use asks for.

    An entry and its use are written ENTRY=USE. A PLUS value that isn't known but begins like a prohibition
    counts as one; any other statement that isn't known is held. KeyError for no purpose.
    """
    name, is_entry, use = statement.partition("=")
    if is_entry:
        return MiningEntry(name, _USES.get(use, use)).answer(purpose)
    if statement not in TABLE:
        statement = "unknown-prohibition" if statement.startswith("DMI-PROHIBITED") else "unknown-entry"
    return TABLE[statement][purpose]


def strictest(answers: Iterable[Answer]) -> Answer:
    """The strictest answer: refused before held before nothing."""
    found = set(answers)
    return "refused" if "refused" in found else "held" if "held" in found else ""
