"""volenti request run --audit: attacks before and after, in the certificate and as a table."""

from pathlib import Path

import pytest

from tests.cli.calling import volenti
from volenti.cli.evidence import say_attacks
from volenti.erasure.evidence import MEANING
from volenti.training.attacks import Attempt
from volenti.training.extraction import Nearest
from volenti.training.membership import Membership


def attempt(*, face: bool) -> Attempt:
    near = Nearest(12.0, 20.0, 0.75)
    return Attempt(Membership(24, 0.5, 1.0), near, near if face else None, 12, 4)


def test_nothing_is_said_where_nobody_attacked(capsys: pytest.CaptureFixture[str]) -> None:
    say_attacks({"request": "req_1"})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("face", [True, False])
def test_ranks_before_and_what_is_missing_after_are_a_table(
    face: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {"run_1/02": attempt(face=face).to_json()}
    say_attacks({"attacks": {"meaning": MEANING, "before": before, "after": "not measured: interrupted"}})
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if line.startswith("run_1/02")]
    ranks = ["0.5000", "1.0000", "0.7500"] + (["0.7500"] if face else ["not", "measured"])
    assert row.split() == ["run_1/02", "before", *ranks]
    assert "after   not measured: interrupted" in out
    assert "not prove it" in out


@pytest.mark.slow
def test_the_real_model_is_attacked_before_and_after(cleared: Path) -> None:
    small = ("--shards", 2, "--slices", 1, "--samples-per-image", 1, "--batch", 4, "--min-people", 1)
    assert volenti("train", "humans", *small, workspace=cleared).status == 0
    volenti("request", "open", "--subject", "sub_03", workspace=cleared)
    ran = volenti("request", "run", "--audit", "--certificate", "c.json", workspace=cleared)
    assert ran.status == 0
    assert "Attacks on the model" in ran.out
    found = volenti("request", "show", "--json", workspace=cleared).json["notes"]["attacks"]
    (before,), (after,) = found["before"].values(), found["after"].values()
    assert before["membership"]["people"] == after["membership"]["people"] > 0
    assert before["face"]["nearest"] > -1
    for figures in (before, after):
        assert 0 < figures["pixels"]["nearest"] < 255
        assert all(0 <= figures[what]["rank"] <= 1 for what in ("pixels", "face"))
    shown = volenti("certificate", "verify", "c.json", "--key", cleared / "public-key").out
    assert shown[shown.index("Attacks") :] in ran.out.replace("Certificate: c.json\n", "")
    assert volenti("audit", workspace=cleared).status == 0
