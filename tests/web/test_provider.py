"""Signing in with an identity provider: a real one over HTTP, which says what is right, and what isn't."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import SITE
from tests.web.provider import CLIENT, SECRET, Provider, provider
from volenti.core.errors import UsageError
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

OFFICER = "officer@example.org"


@pytest.fixture
def idp() -> Iterator[Provider]:
    with provider(email="Officer@example.org", email_verified=True) as made:
        yield made


@pytest.fixture
def browser(at: Path, tmp_path: Path, idp: Provider) -> Iterator[TestClient]:
    (tmp_path / "client").write_text(f"{SECRET}\n")
    said = {"oidc_issuer": idp.issuer, "oidc_client": CLIENT, "oidc_secret": tmp_path / "client"}
    made = application(Workspaces(partial(volenti.open, at, **said)))
    with TestClient(made, base_url=SITE, follow_redirects=False) as client:
        yield client


def away(browser: TestClient) -> str:
    """Go to the provider, and be let in there; returns where it sends the browser back to."""
    gone = browser.get("/sign-in/provider")
    assert gone.status_code == 303
    return str(httpx.get(gone.headers["location"]).headers["location"])


def is_in(browser: TestClient) -> bool:
    return browser.get("/").status_code == 200


def test_whom_an_admin_added_comes_in_and_an_answer_is_good_once(browser: TestClient) -> None:
    assert "organisation" in browser.get("/sign-in").text
    back = away(browser)
    assert browser.get(back).headers["location"] == "/"
    assert is_in(browser)
    browser.cookies.clear()
    assert browser.get(back).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", CLIENT]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": "nobody@example.org"},
        {"email": None},
        {"email": ["officer@example.org"]},
    ],
    ids=str,
)
def test_what_isn_t_right_lets_nobody_in(browser: TestClient, idp: Provider, wrong: dict[str, Any]) -> None:
    idp.claims |= wrong
    assert browser.get(away(browser)).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize("how", ["another key", "its public key as a secret", "nothing"])
def test_what_the_provider_didn_t_sign_lets_nobody_in(browser: TestClient, idp: Provider, how: str) -> None:
    idp.said["signs with"] = how
    assert browser.get(away(browser)).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize(
    "said", [{"state": "another"}, {"state": ""}, {"code": "another"}, {"iss": "http://127.0.0.1:1"}]
)
def test_an_answer_to_nothing_that_was_asked_lets_nobody_in(
    browser: TestClient, idp: Provider, said: dict[str, str]
) -> None:
    idp.said["back"] = said
    assert browser.get(away(browser)).status_code == 403
    assert not is_in(browser)


def test_nobody_is_signed_in_by_another_s_answer(browser: TestClient) -> None:
    # Somebody begins, and has another's browser go back: it would work in their account without noticing.
    back = away(browser)
    for held in ({}, {"volenti-back": "x" * 43}):
        browser.cookies.clear()
        browser.cookies.update(held)
        assert browser.get(back).status_code == 403
        assert not is_in(browser)


def test_a_locked_user_and_one_who_has_a_factor_don_t_come_in_by_it_alone(
    at: Path, browser: TestClient, idp: Provider
) -> None:
    with volenti.open(at) as ws:
        ws.users.demand(["officer"])
        assert browser.get(away(browser)).headers["location"] == "/account"
        assert not is_in(browser)
        # The provider says that it asked for a second factor itself.
        idp.claims["amr"] = ["pwd", "mfa"]
        assert browser.get(away(browser)).headers["location"] == "/"
        assert is_in(browser)
        browser.cookies.clear()
        ws.users.change(OFFICER, locked=True)
        assert browser.get(away(browser)).status_code == 403
        assert not is_in(browser)


def test_a_provider_that_others_could_read_along_with_isn_t_asked(at: Path) -> None:
    with (
        volenti.open(at, oidc_issuer="http://idp.example.org", oidc_client=CLIENT) as ws,
        pytest.raises(UsageError, match="https"),
    ):
        ws.users.ask_provider(SITE)


def test_a_provider_that_is_away_is_said(at: Path) -> None:
    said = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client": CLIENT}
    made = application(Workspaces(partial(volenti.open, at, **said)))
    with TestClient(made, base_url=SITE) as client:
        answer = client.get("/sign-in/provider")
        assert "be reached" in answer.text
