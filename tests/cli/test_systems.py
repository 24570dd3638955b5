"""volenti token and volenti webhook: other systems that call, and that are told what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import volenti
from tests.webhooks import receiver


def test_a_token_is_shown_once_listed_and_removed(studio: Path) -> None:
    made = volenti("token", "add", "booking", "--scope", "subjects:read", "--days", "3", workspace=studio)
    assert made.out.startswith("volenti_")
    assert "nobody can show it again" in made.err
    [listed] = volenti("token", "list", "--json", workspace=studio).json["tokens"]
    assert (listed["name"], listed["scopes"], listed["used"]) == ("booking", ["subjects:read"], "")
    assert made.out.strip() not in volenti("token", "list", workspace=studio).out
    name = listed["id"][:12]
    assert volenti("token", "remove", name, workspace=studio).status == 2
    assert (
        volenti("token", "remove", name, "--yes", workspace=studio).out
        == "The token of booking is removed.\n"
    )
    assert "no token yet" in volenti("token", "list", workspace=studio).err


def test_a_webhook_is_added_tried_told_and_removed(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLENTI_WEBHOOKS_TO_PRIVATE", "yes")
    with receiver() as taking:
        made = volenti("webhook", "add", taking.address, "--kind", "subject.added", workspace=studio)
        secret = made.out.strip()
        [listed] = volenti("webhook", "list", "--json", workspace=studio).json["webhooks"]
        assert "secret" not in listed
        tested = volenti("webhook", "test", listed["id"], workspace=studio)
        assert tested.out == f"{listed['id']} took the message.\n"
        volenti("subject", "add", "--name", "Zoe", "--birth-date", "1990-05-17", workspace=studio)
        assert volenti("webhook", "deliver", workspace=studio).out == "1 taken, 0 not taken.\n"
        assert [each["type"] for each in taking.read(secret)] == ["webhook.test", "subject.added"]
        assert volenti("webhook", "remove", listed["id"], "--yes", workspace=studio).status == 0
        assert volenti("webhook", "deliver", "--json", workspace=studio).json["taken"] == 0


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (("token", "add", "x"), 2, "needs a scope"),
        (("token", "add", "x", "--scope", "all"), 2, "'all' is no scope"),
        (("token", "add", "x", "--scope", "account:read", "--days", "0"), 2, "1 to 3660 days"),
        (("token", "remove", "abc", "--yes"), 5, "no token 'abc'"),
        (("webhook", "add", "http://example.org"), 2, "https alone"),
        (("webhook", "add", "https://10.0.0.1/"), 2, "private network"),
        (
            ("webhook", "add", "https://example.org", "--kind", "weather"),
            2,
            "nothing that a webhook is told of",
        ),
        (("webhook", "test", "whk_nobody"), 5, "no webhook 'whk_nobody'"),
        (("webhook", "remove", "whk_nobody", "--yes"), 5, "no webhook 'whk_nobody'"),
    ],
)
def test_what_can_t_be_done_is_said_with_a_remedy(
    studio: Path, call: tuple[str, ...], status: int, said: str
) -> None:
    answer = volenti(*call, workspace=studio)
    assert answer.status == status
    assert said in answer.err
    assert "  -> " in answer.err
