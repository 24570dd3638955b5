"""The example's script on another machine: packed, trained there, and taken in; at the command line."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.cli.calling import PEOPLE, SURE, volenti

EXAMPLE = Path(__file__).parents[2] / "examples" / "diffusers_parts.py"
PACK = ("run", "pack", "my-unet", "--out", "unet.package")


def the_example() -> ModuleType:
    pytest.importorskip("diffusers")
    spec = importlib.util.spec_from_file_location("diffusers_parts", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


def train_there(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["diffusers_parts.py", "--package", "opened", "--results", "results", "--epochs", "1"]
    monkeypatch.setattr(sys, "argv", words)
    the_example().main()


def packed(workspace: Path) -> None:
    """A run that was begun, and its package, opened."""
    begun = volenti(
        *("run", "begin", "my-unet", "--dataset", "humans", "--code", EXAMPLE), workspace=workspace
    )
    assert "1 part to be trained (0)" in begun.out
    made = volenti("package", "key", "machine.key")
    assert made.out.startswith("age1")
    assert Path("machine.key").stat().st_mode & 0o777 == 0o600
    to = ("--to", made.out.strip(), "--recipient", "GPU hall", "--feed", workspace / "feed")
    before = volenti(*PACK, *to, "--dry-run", workspace=workspace)
    assert f"Would be packed: 1 part of my-unet: {PEOPLE} pictures of {PEOPLE} people." in before.out
    assert not Path("unet.package").exists()
    done = volenti(*PACK, *to, "--json", workspace=workspace).json
    assert (done["images"], done["people"], done["parts"][0]["part"]) == (PEOPLE, PEOPLE, 0)
    shown = volenti("package", "show", "unet.package")
    assert done["delivery"] in shown.out
    opened = volenti("package", "open", "unet.package", "--key", "machine.key", "--out", "opened")
    assert (opened.status, "part_00" in opened.out) == (0, True)


def test_a_diffusers_unet_is_trained_elsewhere_kept_and_forgotten(
    cleared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packed(cleared)
    train_there(monkeypatch)
    told = capsys.readouterr().out
    assert f"part 0: {PEOPLE} people" in told
    [made] = Path("results").iterdir()
    kept = volenti("run", "keep", "my-unet", 0, "--from", made, "--json", workspace=cleared).json
    assert kept["sha256"] in told
    assert volenti("run", "show", "my-unet", "--json", workspace=cleared).json["due"] == []

    volenti("request", "open", "--kind", "erasure", "--subject", "sub_03", workspace=cleared)
    plan = volenti("request", "plan", workspace=cleared).out
    assert "Told through the deletion feed: GPU hall, 1 sample of humans@1." in plan
    assert "It was handed out to GPU hall: tell them." in plan
    assert volenti("request", "run", "--all", *SURE, workspace=cleared).status == 0
    late = volenti("run", "keep", "my-unet", 0, "--from", made, workspace=cleared)
    assert (late.status, "due again" in late.err) == (6, True)

    pulled = volenti("package", "pull", "opened", "--out", "acknowledgement.txt")
    assert "1 picture taken out" in pulled.out
    assert volenti("feed", "acknowledge", "acknowledgement.txt", workspace=cleared).status == 0
    train_there(monkeypatch)
    assert f"part 0: {PEOPLE - 1} people" in capsys.readouterr().out
    [made] = Path("results").iterdir()
    again = volenti("run", "keep", "my-unet", 0, "--from", made, workspace=cleared)
    assert f"{PEOPLE - 1} people" in again.out
    assert volenti("audit", workspace=cleared).status == 0


def test_weights_of_any_script_are_bundled_and_a_package_is_dropped(cleared: Path) -> None:
    packed(cleared)
    Path("lora.safetensors").write_bytes(b"weights")
    made = volenti("package", "result", "opened", 0, "lora.safetensors", "--out", "part-0.result")
    assert f"part 0, from {PEOPLE} pictures of {PEOPLE} people" in made.out
    kept = volenti("run", "keep", "my-unet", 0, "--from", "part-0.result", workspace=cleared)
    assert "lora.safetensors" in kept.out

    refused = volenti("package", "drop", "opened")
    assert (refused.status, Path("opened").is_dir()) == (2, True)
    assert "nobody can be asked here" in refused.err
    dropped = volenti("package", "drop", "opened", "--yes", "--out", "gone.txt")
    assert (dropped.status, Path("opened").exists()) == (0, False)
    assert volenti("feed", "acknowledge", "gone.txt", workspace=cleared).status == 0
    assert volenti("package", "open", "lora.safetensors", "--key", "machine.key", "--out", "x").status == 8
    assert volenti(*PACK, "--to", "age1", workspace=cleared).status == 8
