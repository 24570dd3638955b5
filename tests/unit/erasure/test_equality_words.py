"""What equality is meant after an erasure is said in the same words wherever it is said."""

from pathlib import Path

import pytest

from volenti.erasure.certificatepage import _EQUAL

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "page", ["README.md", "ARCHITECTURE.md", "docs/formats/certificate.md", "docs/design/non-interference.md"]
)
def test_it_is_said_in_the_same_words(page: str) -> None:
    assert _EQUAL in " ".join((ROOT / page).read_text().split())
