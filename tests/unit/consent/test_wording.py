"""Wordings: published once, never changed, the same in every language."""

from __future__ import annotations

import re

import pytest

from volenti.consent.terms import WITHDRAWAL_EFFECT, WITHDRAWAL_METHOD
from volenti.consent.wording import LANGUAGES, WordingKind, wording, wording_of, wordings, words
from volenti.core.digest import sha256
from volenti.core.errors import UsageError

#: Digest of every wording that was ever published. A changed text needs a new version here.
PUBLISHED = {
    ("release", "en", "1"): "beaa68af7edc8f85e93dcc988007bab72448aa86de9bc853f454dfde72b849ec",
    ("release", "de", "2"): "57b1f410b4a5261d38887992e5e6e61e8fb589a4b0345e7d5970afcbbb3e61a1",
    ("release", "en", "2"): "1d5ae8bc47eafcf2ff11336c988cc81f5593bc39fd38a2a6757a3789536f3452",
    ("release", "es", "2"): "3bd034b10ceba9293d42704a92f2e678a6b584143e665b13c9a00f4c5af35f5a",
    ("notice", "de", "2"): "f04f29d0c3802348871391d62f1175fbb13d243779d1b22261625c3bfeb238cc",
    ("notice", "en", "2"): "d1f0acae07784d512355dcc7666336cc72cdea3f294e1746029c685a1666c08e",
    ("notice", "es", "2"): "e3f2902153a61006715a4ab898540dad479ce90be3e000b2b02627c4c6728a09",
}
_PLACE = re.compile(r"\{([a-z0-9_-]+)")


def test_every_wording_is_as_it_was_published_and_none_is_lost():
    found = {
        (each.kind.value, each.language, each.version): each.sha256
        for kind in WordingKind
        for each in wordings(kind)
    }
    assert found == PUBLISHED


@pytest.mark.parametrize("kind", WordingKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_latest_wording_of_a_language_has_the_same_version_everywhere(kind, language):
    assert wording(kind, language).version == wording(kind, "en").version


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_the_english_text(language):
    def places(text: str) -> list[str]:
        return sorted(_PLACE.findall(text))

    assert places(wording(WordingKind.RELEASE, language).text) == places(
        wording(WordingKind.RELEASE, "en").text
    )
    assert places(wording(WordingKind.NOTICE, language).text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_as_many_paragraphs_and_points_as_the_english_text(language):
    for kind in WordingKind:
        own, english = wording(kind, language).text, wording(kind, "en").text
        assert own.count("\n\n") == english.count("\n\n")
        assert own.count("\n- ") == english.count("\n- ")
        assert own.count("\n[") == english.count("\n[")


def test_a_wording_is_found_by_its_digest_whatever_its_version():
    first = wording_of(WordingKind.RELEASE, PUBLISHED["release", "en", "1"])
    assert first is not None
    assert first.version == "1"
    assert sha256(first.text.encode()) == first.sha256
    assert wording_of(WordingKind.NOTICE, first.sha256) is None


@pytest.mark.parametrize("language", ["fr", "", "EN", "../en"])
def test_a_language_there_is_nothing_in_is_refused(language):
    with pytest.raises(UsageError):
        wording(WordingKind.RELEASE, language)
    with pytest.raises(UsageError):
        words(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_words_of_a_language_are_all_there(language):
    def shape(value: object, path: str = "") -> set[str]:
        if isinstance(value, dict):
            return {name for key, inner in value.items() for name in shape(inner, f"{path}.{key}")}
        if isinstance(value, list):
            return {f"{path}:{len(value)}"}
        return {f"{path}:{','.join(sorted(_PLACE.findall(str(value))))}"}

    assert shape(words(language)) == shape(words("en"))


def test_the_usual_terms_in_english_are_the_defaults_of_the_code():
    usual = words("en")["terms"]
    assert (usual["withdrawal_method"], usual["withdrawal_effect"]) == (WITHDRAWAL_METHOD, WITHDRAWAL_EFFECT)
