"""Words: every sentence of every page is there in every language, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from starlette.testclient import TestClient

import volenti.web
from volenti.consent.wording import LANGUAGES
from volenti.web.application import ROOMS
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


#: Where errors are raised that people meet who were photographed, who sign, or who sign in.
MET = (
    *("portal/*.py", "signings/[ces]*.py", "requests/inquiry.py", "requests/following.py"),
    *("users/signing_in.py", "users/limit.py", "users/password.py"),
    *("web/application.py", "web/inquiring.py", "web/portal*.py", "web/sign_in.py", "web/signing.py"),
    "web/signing_plain.py",
)


def raised() -> set[str]:
    """What these errors say, where that isn't put together."""
    root, found = Path(volenti.web.__file__).parents[1], set()
    for path in sorted(each for pattern in MET for each in root.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
                some = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found |= {each for each in some if isinstance(each, str)}
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    every = catalog(language)
    known = {each.id[0] if isinstance(each.id, tuple) else each.id: each for each in every if each.id}
    assert set(known) == said() | raised()
    for sentence, each in known.items():
        texts = each.string if isinstance(each.string, tuple) else (each.string,)
        assert all(texts), sentence
        for text in texts:
            places = set(re.findall(r"%\((\w+)\)s", sentence))
            assert set(re.findall(r"%\((\w+)\)s", text)) == places, sentence


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
