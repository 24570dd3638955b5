"""volenti log: shown, proved, recomputed."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.calling import SURE, volenti
from volenti.core.clock import moment
from volenti.transparency.note import Verifier
from volenti.transparency.proof import Proof


def test_the_newest_entries_are_listed_with_what_happened(studio: Path) -> None:
    facts = volenti("log", "show", "--last", 3, "--json", workspace=studio).json
    assert [each["entry"] for each in facts["entries"]] == [
        facts["size"] - 3,
        facts["size"] - 2,
        facts["size"] - 1,
    ]
    assert facts["entries"][0]["kind"]
    table = volenti("log", "show", "--last", 3, workspace=studio).out.splitlines()
    assert table[1].split() == ["ENTRY", "WHEN", "WHAT"]
    assert len(table) == 5


def test_those_before_an_entry_are_listed(studio: Path) -> None:
    said = [
        [each["entry"] for each in volenti("log", "show", "--json", *more, workspace=studio).json["entries"]]
        for more in (["--last", 2, "--before", 3], ["--before", 1], ["--before", 0])
    ]
    assert said == [[1, 2], [0], []]


def test_an_entry_shows_its_event_while_it_is_on_record(studio: Path) -> None:
    (entry,) = volenti("log", "show", 0, "--json", workspace=studio).json["entries"]
    assert entry["kind"] == "subject-added"
    volenti("request", "open", "--subject", entry["event"]["subject"], workspace=studio)
    volenti("request", "run", "--all", *SURE, workspace=studio)
    (gone,) = volenti("log", "show", 0, "--json", workspace=studio).json["entries"]
    assert (gone["kind"], gone["event"], gone["leaf"]) == (None, None, entry["leaf"])
    assert "(erased with whom it was about)" in volenti("log", "show", "--last", 999, workspace=studio).out


def test_an_entry_outside_the_log_is_not_found(studio: Path) -> None:
    assert volenti("log", "show", 9999, workspace=studio).status == 5


def test_a_proof_holds_offline(studio: Path) -> None:
    facts = volenti("log", "prove", 2, "--out", "entry.proof", "--json", workspace=studio).json
    assert Path("entry.proof").read_text() == facts["proof"]
    proof, verifier = Proof.parse(facts["proof"]), Verifier.parse(facts["verifier"])
    assert proof.verify(base64.b64decode(facts["leaf"]), verifier).size > 2


def test_a_proof_alone_is_printed_as_it_is_published(studio: Path) -> None:
    printed = volenti("log", "prove", 2, workspace=studio).out
    assert str(Proof.parse(printed)) == printed


def test_a_log_that_grew_holds_against_an_earlier_checkpoint(studio: Path) -> None:
    Path("checkpoint.txt").write_text(volenti("log", "show", "--checkpoint", workspace=studio).out)
    volenti("release", "withdraw", "rel_03", workspace=studio)
    answer = volenti("log", "verify", "--checkpoint", "checkpoint.txt", workspace=studio)
    assert answer.status == 0
    assert "consistent with the earlier checkpoint" in answer.out


def test_another_logs_checkpoint_does_not_fit(studio: Path) -> None:
    volenti("init", "other")
    Path("checkpoint.txt").write_text(volenti("log", "show", "--checkpoint", workspace=Path("other")).out)
    answer = volenti("log", "verify", "--checkpoint", "checkpoint.txt", workspace=studio)
    assert answer.status == 1


def test_an_edited_entry_is_found(studio: Path) -> None:
    bundle = next(path for path in studio.glob("log/tile/entries/**/*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[10] ^= 1
    bundle.write_bytes(data)
    answer = volenti("log", "verify", "--json", workspace=studio)
    assert answer.status == 1
    assert not answer.json["ok"]
    assert {each["kind"] for each in answer.json["problems"]} == {"edited"}


def test_every_event_on_record_is_held_against_its_entry(studio: Path) -> None:
    facts = volenti("log", "verify", "--json", workspace=studio).json
    assert facts["ok"]
    assert facts["opened"] == facts["size"] > 0


def test_a_witness_watches_the_log_and_is_asked_for(studio: Path) -> None:
    verifier = volenti("log", "show", "--json", workspace=studio).json["verifier"]
    watch = (
        "log",
        "witness",
        studio / "log",
        "--log",
        verifier,
        "--name",
        "friend.example",
        "--key",
        "witness.key",
        "--state",
        "cosigned.txt",
        "--json",
    )
    assert volenti(*watch).status == 2
    assert not Path("cosigned.txt").exists()
    signed = volenti(*watch, "--first")
    assert "Made a key in witness.key: keep it." in signed.err
    told = signed.json
    assert volenti(*watch, "--first").status == 2
    volenti("request", "open", "--subject", "sub_03", workspace=studio)
    assert volenti(*watch).json["size"] == told["size"] + 1
    check = ("log", "verify", "--checkpoint", "cosigned.txt", "--witness")
    checked = volenti(*check, told["witness"], workspace=studio)
    assert checked.status == 0
    assert "friend.example signed a checkpoint of it on 20" in checked.out
    [seen] = volenti(*check, told["witness"], "--json", workspace=studio).json["witnessed"]
    assert seen["witness"] == told["witness"]
    assert moment(seen["at"]) <= datetime.now(UTC)
    assert volenti(*check, verifier.replace("volenti.log", "x"), workspace=studio).status == 8
    assert volenti("log", "verify", "--witness", told["witness"], workspace=studio).status == 2


def test_a_witness_without_its_state_signs_no_older_log(studio: Path) -> None:
    verifier = volenti("log", "show", "--json", workspace=studio).json["verifier"]
    watch = (
        "log",
        "witness",
        "published",
        "--log",
        verifier,
        "--name",
        "friend.example",
        "--key",
        "witness.key",
        "--state",
        "cosigned.txt",
    )
    shutil.copytree(studio / "log", "older")
    volenti("request", "open", "--subject", "sub_03", workspace=studio)
    shutil.copytree(studio / "log", "published")
    assert volenti(*watch, "--first").status == 0
    Path("cosigned.txt").unlink()
    shutil.rmtree("published")
    shutil.move("older", "published")
    answer = volenti(*watch)
    assert answer.status == 2
    assert "--first" in answer.err
    assert not Path("cosigned.txt").exists()
