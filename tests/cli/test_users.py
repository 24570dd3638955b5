"""volenti user, and what serve says before it serves."""

from __future__ import annotations

from pathlib import Path

import pytest

import volenti as volenti_package
from tests.cli.calling import volenti
from volenti.cli.terminal import asking

PAT = ("pat@example.org", "--name", "Pat P.", "--role", "admin", "--role", "officer")


@pytest.fixture
def managed(studio: Path) -> Path:
    assert volenti("user", "add", *PAT, workspace=studio).status == 0
    return studio


def test_a_user_is_added_with_a_link_listed_changed_and_removed(managed: Path) -> None:
    assert "no password yet" in volenti("user", "list", workspace=managed).out
    made = volenti("user", "link", " ＰＡＴ@example.org", workspace=managed)
    assert made.out.startswith("/welcome/")
    assert "within a day" in made.err
    facts = volenti("user", "list", "--json", workspace=managed).json["users"]
    assert [(each["login"], each["roles"]) for each in facts] == [("pat@example.org", ["officer", "admin"])]
    assert "password" not in facts[0]
    volenti("user", "add", "kim", "--name", "Kim", "--role", "admin", workspace=managed)
    changed = volenti("user", "change", "kim", "--role", "officer", "--lock", workspace=managed)
    assert changed.out == "kim: Kim, officer, locked.\n"
    assert (
        volenti("user", "change", "kim", "--unlock", "--json", workspace=managed).json["is_locked"] is False
    )
    assert volenti("user", "remove", "kim", workspace=managed).status == 2
    assert volenti("user", "remove", "kim", "--yes", workspace=managed).out == "kim is removed.\n"
    assert volenti("user", "list", workspace=managed).out.count("\n") == 2


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (("add", *PAT), 6, "already"),
        (("add", "kim", "--name", "Kim"), 2, "needs a role"),
        (("add", "kim", "--name", "Kim", "--role", "king"), 2, "'king' is no role"),
        (("change", "kim", "--lock"), 5, "no user 'kim'"),
        (("change", "pat@example.org", "--lock"), 6, "Nobody would be left"),
        (("link", "kim"), 5, "no user 'kim'"),
        (("remove", "pat@example.org", "--yes"), 6, "Nobody would be left"),
    ],
)
def test_what_can_t_be_done_is_said_with_a_remedy(
    managed: Path, call: tuple[str, ...], status: int, said: str
) -> None:
    answer = volenti("user", *call, workspace=managed)
    assert answer.status == status
    assert said in answer.err
    assert "  -> " in answer.err


def test_before_a_user_is_removed_it_asks(managed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volenti("user", "add", "kim", "--name", "Kim", "--role", "admin", workspace=managed)
    monkeypatch.setattr(asking, "can_ask", lambda *, as_json: not as_json)
    monkeypatch.setattr(asking.typer, "confirm", lambda question, err: False)
    assert "Nobody was removed." in volenti("user", "remove", "kim", workspace=managed).err
    assert len(volenti("user", "list", "--json", workspace=managed).json["users"]) == 2


def test_serve_gives_the_first_user_a_link_until_somebody_can_sign_in(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []
    monkeypatch.setattr(volenti_package, "serve", lambda folder, **given: served.append((folder, given)))
    first = volenti("serve", "--port", 8000, workspace=studio)
    link, address = first.out.splitlines()
    assert link.startswith("http://localhost:8000/welcome/")
    assert address == "http://localhost:8000/"
    again = volenti("serve", "--https", "--name", "volenti.example.org", workspace=studio).out.splitlines()
    assert again[0].startswith("https://volenti.example.org/welcome/")
    volenti("user", "add", "pat", "--name", "Pat", "--role", "officer", workspace=studio)
    # Who was added has a link of their own: no other one opens everything meanwhile.
    handed_out = volenti("serve", "--https", "--name", "volenti.example.org", workspace=studio)
    assert "/welcome/" not in handed_out.out
    assert "volenti user link" in handed_out.err
    with volenti_package.open(studio) as ws:
        ws.users.remove("pat")
    with volenti_package.open(studio) as ws:
        assert [each.login for each in ws.users.list()] == ["admin"]
        ws.users.choose_password(again[0].rpartition("/")[2], "four quiet words here")
    assert volenti("serve", workspace=studio).out == "http://localhost:8765/\n"
    said = {"port": 8765, "names": ["volenti.example.org"], "https": True}
    files = {"certificate": None, "key": None, "proxy": ""}
    assert served[1] == (studio, {"host": "127.0.0.1", **said, **files})
