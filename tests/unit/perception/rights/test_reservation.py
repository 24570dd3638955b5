"""What statements about machine use mean for each purpose."""

import re
from pathlib import Path

import pytest

from volenti.consent.purpose import PURPOSES as CONSENTED
from volenti.perception.rights.reservation import (
    ENTRIES,
    PURPOSES,
    TABLE,
    MiningEntry,
    answer_of,
    strictest,
)

EVERYTHING = set(PURPOSES)
#: Purposes that train something, or run something on the picture.
MODELS = {"non-generative-training", "generative-training", "synthetic-likeness", "identification"}
GENERATING = {"generative-training", "synthetic-likeness"}

#: Statement: (purposes it refuses, purposes it leaves open), from the words of the standards.
MEANT: dict[str, tuple[set[str], set[str]]] = {
    "DMI-UNSPECIFIED": (set(), set()),
    "DMI-ALLOWED": (set(), set()),
    "DMI-PROHIBITED-GENAIMLTRAINING": (GENERATING, set()),
    "DMI-PROHIBITED-AIMLTRAINING": (MODELS, set()),
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": (EVERYTHING, set()),
    "DMI-PROHIBITED-SEECONSTRAINT": (EVERYTHING, set()),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": (EVERYTHING, set()),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": (EVERYTHING, set()),
    "DMI-PROHIBITED": (EVERYTHING, set()),
    "data_mining": (MODELS, set()),
    "ai_inference": ({"synthetic-likeness", "identification"}, set()),
    "ai_training": ({"non-generative-training", "identification"}, GENERATING),
    "ai_generative_training": (GENERATING, set()),
    "noai": (MODELS, set()),
    "noimageai": (MODELS, set()),
    "noml": (MODELS, set()),
    **dict.fromkeys(("noindex", "noimageindex", "none"), (set(), MODELS)),
    **dict.fromkeys(("noarchive", "nocache", "nosnippet", "search"), (set(), MODELS)),
    **dict.fromkeys(("bots", "ai", "train-ai", "ai-train", "tdm"), (MODELS, set())),
    "train-genai": (GENERATING, set()),
    "ai-input": ({"synthetic-likeness", "identification"}, set()),
    "tdm-policy": (set(), MODELS),
    "in-words": (set(), MODELS),
    "tdm-reservation": (MODELS, set()),
    "tdm-reservation-elsewhere": (set(), MODELS),
    "unknown-prohibition": (EVERYTHING, set()),
    "unknown-entry": (set(), EVERYTHING),
}


def meant(statement: str, purpose: str) -> str:
    refused, left_open = MEANT[statement]
    return "refused" if purpose in refused else "held" if purpose in left_open else ""


def test_the_table_has_every_purpose_of_consent_and_every_statement() -> None:
    assert set(PURPOSES) == {str(each) for each in CONSENTED}
    assert set(TABLE) == set(MEANT)
    assert set(ENTRIES) < set(TABLE)
    assert all(set(row) == set(PURPOSES) for row in TABLE.values())


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("statement", MEANT)
def test_every_statement_asks_of_every_purpose_what_its_standard_means(statement: str, purpose: str) -> None:
    assert answer_of(statement, purpose) == meant(statement, purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("entry", [*ENTRIES, "com.example.restyling"])
@pytest.mark.parametrize("use", ["allowed", "notAllowed", "constrained", "perhaps"])
def test_every_entry_with_every_use_decides_every_purpose(entry: str, use: str, purpose: str) -> None:
    asked = meant(entry if entry in MEANT else "unknown-entry", purpose)
    expected = {"allowed": "", "notAllowed": asked, "perhaps": "held"}.get(use, "held" if asked else "")
    assert MiningEntry(entry, use).answer(purpose) == expected


def test_what_is_not_known_is_never_passed_over() -> None:
    assert answer_of("DMI-PROHIBITED-ONTUESDAYS", "commercial") == "refused"
    assert answer_of("DMI-ASKFIRST", "commercial") == "held"


def test_the_strictest_of_several_statements_counts() -> None:
    assert strictest([]) == ""
    assert strictest(["", "held", ""]) == "held"
    assert strictest(["held", "refused", ""]) == "refused"


def test_a_purpose_that_is_none_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        answer_of("noai", "painting")


def test_the_documented_table_is_the_one_in_the_code() -> None:
    page = Path(__file__).parents[4] / "docs/how-to/rights-beside-pictures.md"
    _, _, section = page.read_text().partition("## What the statements mean")
    documented: set[str] = set()
    for line in re.findall(r"^\| (`.*|.*TDM reservation.*|words.*) \|$", section, re.MULTILINE):
        first, *cells = (cell.strip() for cell in line.split("|"))
        names = [re.sub("^-", "DMI-PROHIBITED-", name) for name in re.findall(r"`([\w-]+)`", first)]
        names += ["tdm-reservation"] if "TDM reservation" in first else []
        names += ["in-words"] if first.startswith("words") else []
        for name in names:
            letters = [{"refused": "R", "held": "H", "": ""}[TABLE[name][purpose]] for purpose in PURPOSES]
            assert cells == letters, name
        documented.update(names)
    assert documented == set(TABLE) - {
        "tdm-reservation-elsewhere",
        "unknown-prohibition",
        "unknown-entry",
    }
