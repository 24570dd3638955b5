"""volenti request run --audit: attacks before and after, in the certificate and as a table."""

from pathlib import Path

import pytest

from tests.cli.calling import SURE, Call, asked_for, volenti
from volenti import open as open_workspace
from volenti.cli.terminal.evidence import say_attacks, say_pooled
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.erasure.evidence import MEANING
from volenti.erasure.pooled import Pooled, pooled
from volenti.requests.attackwords import WHAT
from volenti.requests.history import AttackFindings, ErasureHistory
from volenti.requests.request import Request
from volenti.training.attacks import ATTACKS
from volenti.training.membership import LEVELS, Attacked, Power, Rank

STRONG = Power(18, 230, {"5 %": 17, "1 %": 14})
FEW = Power(5, 6, {})


def attacked(more: int, *told: str, power: Power = STRONG, never_seen: int = 20) -> Json:
    return Attacked(Rank(more, 0, never_seen), told, power).to_json()


def attacks(before: Json | str, after: Json | str) -> AttackFindings:
    return AttackFindings(MEANING, before, after)


def concluded(found: Json) -> str:
    (said,) = attacks({}, {"run_1/02": {"slice": found}}).conclusions
    return said


def test_every_attack_and_level_has_its_words() -> None:
    assert tuple(WHAT) == ATTACKS
    assert list(LEVELS) == ["5 %", "1 %"]


def test_nothing_is_said_where_nobody_attacked(capsys: pytest.CaptureFixture[str]) -> None:
    say_attacks(None)
    say_attacks(attacks({}, {}))
    assert capsys.readouterr().out == ""


def test_places_before_and_what_is_missing_after_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    before = {"run_1/02": {"slice": attacked(0, "5 %", "1 %"), "constituent": "not measured: no reason"}}
    say_attacks(attacks(before, "not measured: interrupted"))
    out = capsys.readouterr().out
    slices, served = [line for line in out.splitlines() if line.startswith("run_1/02")]
    assert slices.split("  ")[-1].strip() == "of 18: 17 at 5 %, 14 at 1 %"
    assert "0 of 20" in slices
    assert "5 %, 1 %" in slices
    assert "not measured: no reason" in served
    assert "after   not measured: interrupted" in out
    assert "not prove it" in out


def test_who_is_not_told_is_said_beside_how_often_that_would_be_so_anyway() -> None:
    said = concluded(attacked(7))
    assert said.startswith("run_1/02, their slices alone: not told at 5 %.")
    assert "Had nothing been forgotten, that would be so in about 1 of 18 cases as well" in said


def test_who_is_still_told_is_sent_to_the_proof() -> None:
    said = concluded(attacked(0, "5 %"))
    assert "taken for somebody learned from at 5 %" in said
    assert "volenti prove-forgetting" in said


def test_too_few_people_say_nothing_and_it_is_said() -> None:
    said = concluded(attacked(0, power=FEW, never_seen=6))
    assert "nothing can be said" in said
    assert "6 comparisons are too few for 5 % or 1 %" in said
    assert "among 6 people never seen no place is rarer than 1 in 7" in said
    one = concluded(attacked(4, power=Power(8, 30, {"5 %": 8})))
    assert "30 comparisons are too few for 1 %" in one


def test_an_attack_without_anybody_learned_claims_no_power() -> None:
    said = concluded(attacked(4, power=Power(0, 230, {"5 %": 0, "1 %": 0})))
    assert "nobody learned from to see whether the attack tells anybody" in said


def test_a_certificate_of_the_earlier_form_is_still_shown(capsys: pytest.CaptureFixture[str]) -> None:
    near = {"nearest": "12.0000", "usual": "20.0000", "rank": "0.7500"}
    earlier = {
        "membership": {"people": 24, "loss": "0.5000", "calibrated": "1.0000"},
        "pixels": near,
        "face": None,
        "people": 12,
        "drawings": 4,
    }
    say_attacks(attacks({"run_1/02": earlier}, {"run_1/02": earlier}))
    out = capsys.readouterr().out
    assert out.count("ranks 0.5000, 1.0000") == 2
    assert "not known" in out


def request(number: int, after: Json | str) -> Request:
    before = {"run_1/00": {"slice": attacked(0, "5 %")}, "run_2/00": {"slice": attacked(3)}}
    history = ErasureHistory(attacks=attacks(before, after))
    opened, due = "2026-01-05T12:00:00Z", "2026-02-04T12:00:00Z"
    return Request(
        f"req_{number}", "erasure", "erased:00", opened, due, "done", history=history, number=number
    )


def test_requests_are_pooled_one_place_each(capsys: pytest.CaptureFixture[str]) -> None:
    many = [request(number, {"run_1/00": {"slice": attacked(10)}}) for number in range(5)]
    before, after = pooled([*many, request(9, "not measured: interrupted")])
    assert (before.what, before.when, before.requests) == ("slice", "before", 6)
    assert before.learned < 1e-7
    assert before.unlearned == pytest.approx(1)
    assert (after.when, after.requests) == ("after", 5)
    assert 0.4 < after.learned < 0.7
    say_pooled([before, after])
    out = capsys.readouterr().out
    assert "their slices alone" in out
    assert "less rare than they look" in out
    assert "not prove it" in out


def test_one_request_alone_is_not_pooled(capsys: pytest.CaptureFixture[str]) -> None:
    assert pooled([request(0, {})]) == []
    say_pooled([])
    assert capsys.readouterr().out == ""


def test_pooled_figures_have_names() -> None:
    assert encoded(Pooled("slice", "after", 3, 0.5, 0.6)) == {
        "what": "slice",
        "when": "after",
        "requests": 3,
        "learned": 0.5,
        "unlearned": 0.6,
    }


def test_the_list_of_requests_says_what_their_attacks_say_together(call: Call, tmp_path: Path) -> None:
    call("init", "studio")
    with open_workspace(tmp_path / "studio") as ws:
        for number in range(3):
            ws.parts.requests.keep(request(number, {"run_1/00": {"slice": attacked(10)}}))
    out = call("request", "list", workspace="studio").out
    assert "over all these requests" in out
    attacks = call("request", "list", "--json", workspace="studio").json["attacks"]
    assert [(each["what"], each["when"], each["requests"]) for each in attacks] == [
        ("slice", "before", 3),
        ("slice", "after", 3),
    ]


@pytest.mark.slow
def test_the_real_model_is_attacked_before_and_after(cleared: Path) -> None:
    small = ("--shards", 2, "--slices", 1, "--samples-per-image", 1, "--batch", 4, "--min-people", 1)
    assert volenti("train", "humans", *small, workspace=cleared).status == 0
    request = asked_for(cleared, "--subject", "sub_03")
    ran = volenti("request", "run", request, *SURE, "--audit", "--certificate", "c.json", workspace=cleared)
    assert ran.status == 0
    assert "Attacks on the model" in ran.out
    found = volenti("request", "show", "--json", workspace=cleared).json["notes"]["attacks"]
    (before,), (after,) = found["before"].values(), found["after"].values()
    for what in ATTACKS:
        for figures in (before[what], after[what]):
            assert 0 <= figures["more"] + figures["equal"] <= figures["never_seen"]
        assert before[what]["never_seen"] == after[what]["never_seen"] > 0
    shown = volenti("certificate", "verify", "c.json", "--key", cleared / "public-key").out
    assert shown[shown.index("Attacks") :] in ran.out.replace("Certificate: c.json\n", "")
    assert volenti("audit", workspace=cleared).status == 0
