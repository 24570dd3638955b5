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


@pytest.mark.slow
def test_training_on_a_pipeline_handing_it_out_and_back(cleared: Path, tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    from tests.unit.adapters.pipelines import write_pipeline

    places = {"/models/sdxl": str(write_pipeline(tmp_path / "sdxl", "sdxl"))}
    places["SUBJECT"] = volenti("subject", "list", "--json", workspace=cleared).json["subjects"][0]["id"]
    said = {}
    for words in commands("pipelines.md"):
        answer = volenti(*(places.get(word, word) for word in words), workspace=cleared)
        assert answer.status == 0, (words, answer.err)
        said[" ".join(words[:2])] = answer.out + answer.err
    assert "own" not in said["base add"]
    assert "Its card says that it learned from pictures of people." in said["train humans"]
    assert "Example Ltd" in said["feed list"]
    before, after = (next(Path(each).glob("*.safetensors")) for each in ("for-example", "for-example-2"))
    assert before.read_bytes() != after.read_bytes()
