"""The pages for other systems, and the server's courier."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.web.conftest import form_of
from tests.webhooks import receiver
from volenti.web import courier
from volenti.web.workspaces import Workspaces

SignIn = Callable[[str], TestClient]


def test_a_token_is_shown_to_whoever_adds_it_and_to_nobody_after(at: Path, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    said = {
        "form": form_of(admin.get("/tokens").text),
        "name": "Booking",
        "days": "30",
        "scope": "subjects:read",
    }
    made = admin.post("/tokens", data=said)
    with volenti.open(at) as ws:
        [token] = ws.tokens.list()
        secret = made.text.partition('class="secret">')[2].partition("<")[0]
        assert ws.tokens.known(secret).id == token.id
        assert secret not in admin.get("/tokens").text
        admin.post(f"/tokens/{token.id}/remove", data=said)
        assert ws.tokens.list() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "name"),
        ({"scope": "everything"}, "no scope"),
        ({"scope": ()}, "needs a scope"),
        ({"days": "99999"}, "how long"),
        ({"days": "-1"}, "how long"),
    ],
)
def test_a_token_that_can_t_be_is_not_added(
    at: Path, signed_in: SignIn, change: dict[str, str], told: str
) -> None:
    admin = signed_in("admin")
    said = {
        "form": form_of(admin.get("/tokens").text),
        "name": "Booking",
        "days": "30",
        "scope": "subjects:read",
    }
    answer = admin.post("/tokens", data={**said, **change})
    assert (answer.status_code, told in answer.text) == (400, True)
    with volenti.open(at) as ws:
        assert ws.tokens.list() == []


def test_names_and_addresses_of_others_are_only_text(at: Path, signed_in: SignIn) -> None:
    with volenti.open(at) as ws:
        ws.tokens.add("<script>alert(1)</script>", scopes=["account:read"])
        ws.webhooks.add("https://example.org/'\"><script>alert(1)</script>")
    admin = signed_in("admin")
    for path in ("/tokens", "/webhooks"):
        assert "<script>alert" not in admin.get(path).text


def test_the_page_of_the_api_has_every_operation_and_every_code(app: TestClient) -> None:
    page = app.get("/api").text
    described = app.get("/api/v1/openapi.json").json()
    for path in described["paths"]:
        assert path in page
    for code in ("usage", "not-found", "document", "too-often", "changed", "not-a-picture"):
        assert f'id="{code}"' in page


def test_the_server_delivers_by_itself_and_goes_on_where_it_was_stopped(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "_PAUSE", 0.05)
    workspaces = Workspaces(partial(volenti.open, at, webhooks_to_private=True))
    with receiver() as taking, volenti.open(at, webhooks_to_private=True) as ws:
        hook = ws.webhooks.add(taking.address, kinds=["request.opened"])

        def told(count: int) -> list[str]:
            until = time.monotonic() + 20
            while len(taking.got) < count and time.monotonic() < until:
                time.sleep(0.05)
            return [each["data"]["request"] for each in taking.read(hook.secret)]

        with courier.Courier(workspaces):
            first = ws.requests.open("access", "ann").id
            assert told(1) == [first]
        time.sleep(0.2)
        second = ws.requests.open("restriction", "ann").id
        time.sleep(0.3)
        assert told(1) == [first]
        with courier.Courier(workspaces):
            assert told(2) == [first, second]
    workspaces.close()
