"""Sentences: what is put together is found in a language's file, with its values."""

from __future__ import annotations

from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.support import NullTranslations

from volenti.web.sentences import Sentences
from volenti.web.visit import pages

ENTRIES: dict[Any, Any] = {
    "It is done.": "Es ist erledigt.",
    "{request} is {state:said}, due {due:day}.": "{request} ist {state}, fällig am {due}.",
    "{path} is missing.": "{path} fehlt.",
    "The file {path} is missing.": "Die Datei {path} fehlt.",
    "Look again.": "Sehen Sie noch einmal hin.",
    "opened": "eröffnet",
    ("{some:number} picture of {name} is here.", "{some:number} pictures of {name} are here."): (
        "{some} Bild von {name} ist hier.",
        "{some} Bilder von {name} sind hier.",
    ),
    "{what:said}: {why:said}": "{what}: {why}",
}


class Translated(NullTranslations):
    """The translations of ENTRIES."""

    def gettext(self, message: str) -> str:
        return str(ENTRIES[message])

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return str(ENTRIES[singular, plural][num != 1])


@pytest.fixture
def german() -> Sentences:
    catalog = Catalog("de")
    for entry, text in ENTRIES.items():
        catalog.add(entry, text)
    return Sentences(
        catalog, Translated(), day=lambda text: text.replace("2026-11-30", "30/11"), number="{:_}".format
    )


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("It is done.", "Es ist erledigt."),
        ("req_1 is opened, due 2026-11-30.", "req_1 ist eröffnet, fällig am 30/11."),
        # A word that nobody translated stays.
        ("req_1 is mislaid, due 2026-11-30.", "req_1 ist mislaid, fällig am 30/11."),
        ("a.jpg is missing.", "a.jpg fehlt."),
        # Of two that fit, the one that says more is meant.
        ("The file a.jpg is missing.", "Die Datei a.jpg fehlt."),
        ("1 picture of Ann is here.", "1 Bild von Ann ist hier."),
        ("12,345 pictures of Ann are here.", "12_345 Bilder von Ann sind hier."),
        # Whatever stands at a place is taken as it is, also what has the sentence's words in it.
        ("1 picture of {name} is here.", "1 Bild von {name} ist hier."),
        ("2 pictures of Dr. An are here.", "2 Bilder von Dr. An sind hier."),
        ("a is missing. is missing.", "a is missing. fehlt."),
        ("<b> is missing.", "<b> fehlt."),
        # Several sentences are said one by one.
        ("It is done. Look again.", "Es ist erledigt. Sehen Sie noch einmal hin."),
        ("a.jpg is missing. Look again.", "a.jpg fehlt. Sehen Sie noch einmal hin."),
        ("a.jpg is missing. The file b.jpg is missing.", "a.jpg fehlt. Die Datei b.jpg fehlt."),
        ("It is done. Go home.", "Es ist erledigt. Go home."),
        ("opened: Look again.", "eröffnet: Sehen Sie noch einmal hin."),
        ("Nobody knows this.", "Nobody knows this."),
        ("", ""),
    ],
)
def test_a_sentence_is_found_with_its_values(german: Sentences, sentence: str, said: str) -> None:
    assert german.said(sentence) == said


def test_a_long_text_of_somebodys_takes_no_time(german: Sentences) -> None:
    long = " is " * 100_000
    assert german.said(long) == long


def test_what_is_said_is_escaped_on_every_page() -> None:
    said = pages("de").filters["said"]
    assert said("There is no user '<script>'.") == "Es gibt keinen Benutzer &#39;&lt;script&gt;&#39;."
