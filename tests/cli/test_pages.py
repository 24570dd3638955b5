"""The pages that explain how to do something: every command in them works, in the order they have there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.calling import SURE, volenti
from tests.cli.test_requests import photos

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def commands(page: str) -> list[list[str]]:
    """The words of each command that stands by itself on a page."""
    lines = (PAGES / page).read_text(encoding="utf-8").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("    volenti ")]


@pytest.mark.slow
def test_answering_somebody_who_asks(trained: Path) -> None:
    Path("selfie.jpg").write_bytes(photos(3)[-2])
    places = {"VERIFIER": volenti("log", "show", "--json", workspace=trained).json["verifier"]}
    done = []
    for words in commands("requests.md"):
        given = [places.get(word, word) for word in words]
        witnessing = words[:2] == ["log", "witness"]
        # Nobody sits at a terminal here to be asked.
        given += [*SURE] if words[:3] == ["request", "run", "REQUEST"] else []
        answer = volenti(*given, *(["--json"] if witnessing else []), workspace=trained)
        assert answer.status == 0, (words, answer.err)
        if words[:2] == ["request", "open"]:
            places["REQUEST"] = answer.out.split()[0]
        if witnessing:
            places["WITNESS"] = answer.json["witness"]
        done.append(" ".join(words[:2]))
    assert done.count("request run") == 3
    assert done[-1] == "log verify"
    assert "friend.example signed a checkpoint" in answer.out
    assert Path("certificate.pdf").read_bytes().startswith(b"%PDF")
