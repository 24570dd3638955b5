"""Words: every sentence of every page is there in every language, and no other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

import volenti.web
from tests.web.texts import sentences
from volenti.consent.wording import LANGUAGES
from volenti.web.application import ROOMS
from volenti.web.sentences import Sentences
from volenti.web.words import Words, catalog, preferred

OTHERS = LANGUAGES[1:]


def said() -> set[str]:
    """Every sentence of the pages, and every room's name."""
    found = extract_from_dir(
        Path(volenti.web.__file__).parent,
        method_map=[("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"trimmed": "true"}},
    )
    messages = {message[0] if isinstance(message, tuple) else message for _, _, message, *_ in found}
    return messages | {room.place.name for room in ROOMS if room.place}


class Looking(Sentences):
    """Sentences that note what they find nothing for; values of places are words that begin with `_VALUE`."""

    def __init__(self, language: str) -> None:
        words, entries = Words(language), catalog(language)
        self.lacking: list[str] = []
        self.used: set[str] = set()
        self._known = {form for each in entries for form in forms(each.id)}
        super().__init__(entries, words.translations, day=words.day, number=words.number)

    def said(self, sentence: str) -> str:
        found = super().said(sentence)
        if found == sentence and sentence not in self._known and re.sub(rf"{_VALUE}\w+|\W|_", "", sentence):
            self.lacking.append(sentence)
        return found

    def _of(self, entry: str, plural: str, number: int) -> str:
        self.used.add(entry)
        return super()._of(entry, plural, number)


_VALUE = "Xx"


def with_values(sentence: str) -> str:
    """A sentence with something at its places; without sentences before it that are said elsewhere."""
    apart = re.sub(r"^({\w+} )+(?=[A-Z])", "", sentence)
    return re.sub(r"{(\w+)}", rf"{_VALUE}\1", apart).removeprefix(": ")


def forms(entry: object) -> tuple[str, ...]:
    """An entry's sentence, or its singular and its plural."""
    return tuple(map(str, entry)) if isinstance(entry, tuple | list) else (str(entry),)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    looking = Looking(language)
    for saying in sentences():
        looking.said(with_values(saying.text))
        assert not looking.lacking, f"{saying.where} says: {saying.text}"
    known = {forms(each.id)[0]: each for each in catalog(language) if each.id}
    assert set(known) == said() | looking.used
    for sentence, each in known.items():
        texts = forms(each.string)
        assert all(texts), sentence
        for text in texts:
            for places in (r"%\((\w+)\)s", r"{(\w+)[:}]"):
                assert set(re.findall(places, text)) <= set(re.findall(places, sentence)), sentence
            assert set(re.findall(r"%\((\w+)\)s", sentence)) <= set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_has_one_entry(language: str) -> None:
    folder = Path(volenti.web.__file__).parent / "locale" / language
    found = Counter(
        forms(each.id)[0]
        for path in folder.iterdir()
        for each in read_po(path.open("rb"), language)
        if each.id
    )
    assert [sentence for sentence, times in found.items() if times > 1] == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr,es;q=0.4,de;q=0.5", "de"),
        ("fr", "en"),
        ("en;q=x,es", "es"),
        ("ES-mx", "es"),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


@pytest.mark.parametrize(("language", "said"), [("en", "Password"), ("de", "Passwort"), ("es", "Contraseña")])
def test_a_page_is_in_the_language_of_the_browser(app: TestClient, language: str, said: str) -> None:
    page = app.get("/sign-in", headers={"accept-language": language}).text
    assert said in page
    assert f'<html lang="{language}">' in page


def test_days_and_numbers_are_written_as_the_language_has_it() -> None:
    assert Words("de").day("2026-11-30") == "30. November 2026"
    assert Words("en").number(12345) == "12,345"
    assert Words("de").number(12345) == "12.345"
    assert "2026" in Words("es").day("2026-11-30T12:00:00Z")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("number", [0, 1, 2, 29, 1_000_000])
def test_no_plural_of_any_room_is_left_in_english(language: str, number: int) -> None:
    words = Words(language).translations
    plurals = [each.id for each in catalog(language) if isinstance(each.id, tuple)]
    assert plurals
    for one, many in plurals:
        assert words.ngettext(one, many, number) not in (one, many), many


@pytest.mark.parametrize(
    ("language", "wrong", "often"),
    [("de", "passen nicht", "Minuten noch einmal"), ("es", "no coinciden", "minutos")],
)
def test_errors_are_in_the_language_of_the_browser(
    app: TestClient, language: str, wrong: str, often: str
) -> None:
    said = [
        app.post("/sign-in", data={"login": "x", "password": "y"}, headers={"accept-language": language}).text
        for _ in range(6)
    ]
    assert wrong in said[0]
    assert often in said[5]
    assert "Try again" not in said[5]
