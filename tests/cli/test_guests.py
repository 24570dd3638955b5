"""A model trained by the example's script: listed, shown, handed out, forgotten."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from tests.cli.calling import PEOPLE, SURE, volenti

EXAMPLE = Path(__file__).parents[2] / "examples" / "diffusers_parts.py"


def run_example(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    pytest.importorskip("diffusers")
    spec = importlib.util.spec_from_file_location("diffusers_parts", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    words = ["diffusers_parts.py", str(workspace), "humans", "--parts", "1", "--epochs", "2"]
    monkeypatch.setattr(sys, "argv", words)
    example.main()


def test_a_diffusers_unet_is_trained_handed_out_and_forgotten(
    cleared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_example(monkeypatch, cleared)
    told = capsys.readouterr().out
    assert f"part 0: {PEOPLE} people" in told

    (row,) = volenti("run", "list", "--json", workspace=cleared).json["runs"]
    assert (row["name"], row["shards"], row["kept"]) == ("diffusers-unet", 1, 1)
    shown = volenti("run", "show", "diffusers-unet", "--json", workspace=cleared).json
    assert shown["due"] == []
    assert list(shown["code"]) == [EXAMPLE.name]
    assert shown["parts"][0]["sha256"] in told

    given = ("--to", "copy.safetensors", "--recipient", "Example Ltd")
    assert volenti("run", "deliver", "diffusers-unet", *given, workspace=cleared).status == 0
    again = volenti("run", "deliver", "diffusers-unet", *given, workspace=cleared)
    assert "copy.safetensors is there already" in again.err

    volenti("request", "open", "--kind", "erasure", "--subject", "sub_03", workspace=cleared)
    plan = volenti("request", "plan", workspace=cleared).out
    assert "this model must be trained whole again" in plan
    assert "Example Ltd" in plan
    assert volenti("request", "run", "--all", *SURE, workspace=cleared).status == 0
    after = volenti("run", "show", "diffusers-unet", workspace=cleared)
    assert "1 part to be trained (0)" in after.err
    assert volenti("audit", workspace=cleared).status == 0

    run_example(monkeypatch, cleared)
    assert f"part 0: {PEOPLE - 1} people" in capsys.readouterr().out


def test_nothing_trained_yet_says_what_to_do(studio: Path) -> None:
    assert "volenti train DATASET" in volenti("run", "list", workspace=studio).err
    assert volenti("run", "show", "my-lora", workspace=studio).status == 5
