"""Policies in the browser: in plain words, and what another one would change, which changes nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import form_of

SignIn = Callable[[str], TestClient]
URL = "/policies/generative-training"


@pytest.fixture
def officer(signed_in: SignIn) -> TestClient:
    return signed_in("officer")


def text_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_what_another_policy_would_change_is_shown_as_pictures(at: Path, officer: TestClient) -> None:
    page = officer.get(URL).text
    text = text_of(page)
    with volenti.open(at) as ws:
        held = [each.id for each in ws.pictures.list(state="held").pictures]
        before = ws.status().totals
    given = {"form": form_of(page), "text": text.replace('do = "hold"', 'do = "reject"')}
    tried = officer.post(URL, data=given).text
    shown = re.findall(r"/policies/pictures/(\w+)\.jpg", tried)
    assert sorted(shown) == sorted(held)
    assert officer.get(f"/policies/pictures/{held[0]}.jpg").content.startswith(b"\xff\xd8")
    same = officer.post(URL, data={**given, "text": text}).text
    assert "/policies/pictures/" not in same
    with volenti.open(at) as ws:
        assert ws.status().totals == before


@pytest.mark.parametrize("text", ["", "no toml", 'purpose = "fun"', '[findings]\n"no-release" = "cleared"\n'])
def test_what_is_no_policy_is_said_beside_what_was_typed(officer: TestClient, text: str) -> None:
    form = form_of(officer.get(URL).text)
    answer = officer.post(URL, data={"form": form, "text": text})
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert text_of(answer.text).strip() == text.strip()


@pytest.mark.parametrize("name", ["nothing", "..%2Fsettings", "%2Fetc%2Fpasswd", "generative-training.toml"])
def test_no_file_is_opened_by_a_name_in_an_address(officer: TestClient, name: str) -> None:
    assert officer.get(f"/policies/{name}").status_code == 404


def test_of_many_pictures_some_are_looked_at(at: Path) -> None:
    with volenti.open(at) as ws:
        strict = ws.policies.read('purpose = "generative-training"\n[bystanders]\ndo = "reject"\n')
        every, _ = ws.changes(policy=strict)
        some, _ = ws.changes(policy=strict, most=4)
        assert {each.image for each in some} < {each.image for each in every}
