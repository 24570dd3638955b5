"""An officer's day from an empty folder to a delivered dataset, by the commands of docs/how-to/paper.md.

Each command is a process of its own, with the real networks and stores. What is typed, what comes next, who
may be used after the import, and whose pictures are delivered.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image

import volenti
from tests.worlds.officers_day import (
    ABROAD,
    ENDED,
    ENDING,
    KEPT_HERE,
    MINOR,
    PAPERS,
    SAID_NO,
    STRANGER,
    Ran,
    day,
    desk,
    names,
    pictures_of,
)
from volenti.cli.main import app
from volenti.cli.terminal.help import subcommands
from volenti.consent.onrecord import Standing
from volenti.consent.purpose import Grant
from volenti.consent.signature import Role

COMMANDS_MAX = 12
ZONE = "Europe/Berlin"
#: Mean difference of two pictures, in greys, below which one is the other written anew.
SAME_BELOW = 2.0

pytestmark = pytest.mark.slow


@dataclass
class Day:
    """What the commands of one day said, and what was seen in between."""

    folder: Path
    ran: list[Ran] = field(default_factory=list)
    #: What each person's release amounts to after the import, by name.
    after_import: dict[str, Standing] = field(default_factory=dict)
    #: Questions that were held, and the files they are about.
    held: set[str] = field(default_factory=set)

    def of(self, command: str) -> Ran:
        """The one command that begins so."""
        (found,) = (each for each in self.ran if each.line.startswith(f"volenti {command}"))
        return found


@pytest.fixture(scope="module")
def officers(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Day:
    folder = tmp_path_factory.mktemp("desk")
    desk(folder, datetime.now(ZoneInfo(ZONE)).date())
    seen = Day(folder)
    for ran in day(folder):
        seen.ran.append(ran)
        assert ran.status == 0, (ran.line, ran.out, ran.err)
        if ran.line.startswith("volenti release import"):
            with volenti.open(folder / "studio") as ws:
                seen.after_import = {each.subject.legal_name: each.today for each in ws.releases.list()}
        if ran.line.startswith("volenti review list"):
            with volenti.open(folder / "studio") as ws:
                seen.held = {Path(image.file).name for each in ws.review.list() for image in each.images}
    return seen


def test_at_most_twelve_commands_lead_from_an_empty_folder_to_a_delivery(officers: Day) -> None:
    typed = [each.line for each in officers.ran]
    assert len(typed) <= COMMANDS_MAX, typed
    assert typed[0].startswith("volenti init")
    assert any(line.startswith("volenti dataset export") for line in typed)


def test_each_command_says_what_comes_next_and_that_is_a_command(officers: Day) -> None:
    for ran in officers.ran:
        told = [
            *ran.next_steps,
            *(line for line in ran.out.splitlines() if "->" in line or "volenti " in line),
        ]
        assert told, ran.line
    last = officers.ran[-1].line
    for ran in officers.ran:
        steps = [step for step in ran.next_steps if "volenti " in step]
        assert steps or ran.line == last or "COMMAND" in ran.out, (ran.line, ran.err)
        for step in steps:
            words = step.partition("volenti ")[2].replace("-C studio ", "").split()
            assert is_command(words), step


def is_command(words: list[str]) -> bool:
    """Whether the first words name a command."""
    import typer

    found = typer.main.get_command(app)
    while words and (below := dict(subcommands(found))):
        if words[0].rstrip(".,:;") not in below:
            return False
        found = below[words.pop(0).rstrip(".,:;")]
    return True


def test_sixty_releases_are_usable_after_one_command(officers: Day) -> None:
    said = officers.of("release import").out
    assert f"Imported {PAPERS} releases of {PAPERS} rows" in said
    assert f"{PAPERS} releases attested" in said
    # A wrong heading would be noticed here.
    assert f"generative-training {PAPERS - len(SAID_NO)}, biometric-templates {PAPERS}" in said
    assert f"redistribution {PAPERS - 1}; all else is a no" in said
    everybody = [" ".join(each) for each in names()]
    ended = {everybody[ENDED]: Standing.ENDED}
    assert officers.after_import == dict.fromkeys(everybody, Standing.SIGNED) | ended
    assert "covers nothing: row 35, valid_until: has passed" in said


def test_what_stood_in_the_list_stands_on_record(officers: Day) -> None:
    with volenti.open(officers.folder / "studio") as ws:
        by_name = {each.subject.legal_name: each for each in ws.releases.list()}
        everybody = [by_name[" ".join(each)] for each in names()]
        assert {each.method for each in everybody} == {"attested"}
        (attested,) = everybody[MINOR].signed.attestations
        assert (attested.role, everybody[0].signed.attestations[0].role) == (Role.GUARDIAN, Role.SUBJECT)
        assert everybody[ABROAD].release.terms.territory == ("CH",)
        assert everybody[1].release.terms.territory == ("DE", "AT", "CH")
        assert {each.release.controller for each in everybody} == {"Studio Licht, Hamburg"}
        assert {each.release.evidence.language for each in everybody} == {"de"}
        no = [
            place
            for place, each in enumerate(everybody)
            if not each.release.grants[Grant.GENERATIVE_TRAINING]
        ]
        assert tuple(no) == SAID_NO


def shown(folder: Path) -> dict[str, np.ndarray]:
    """Each picture below a folder by its file's name, in small: an export writes every picture anew."""
    pictures = {each.name: Image.open(each).convert("RGB").resize((64, 64)) for each in folder.rglob("*.jpg")}
    return {name: np.asarray(each, np.float32) for name, each in pictures.items()}


def delivered(officers: Day) -> list[str]:
    """Which of the given files each delivered picture shows."""
    given, out = shown(officers.folder / "shoots"), shown(officers.folder / "for-lab")
    found = []
    for each in out.values():
        differences = {name: float(np.abs(each - other).mean()) for name, other in given.items()}
        nearest = min(differences, key=lambda name: differences[name])
        assert differences[nearest] < SAME_BELOW
        found.append(nearest)
    return found


def test_only_pictures_of_those_who_agreed_are_delivered(officers: Day) -> None:
    without = {*SAID_NO, ENDED, ABROAD, KEPT_HERE, STRANGER}
    covered = {name for place in range(STRANGER + 1) if place not in without for name in pictures_of(place)}
    out = set(found := delivered(officers))
    assert len(out) == len(found)
    assert out <= covered
    # Whom the networks didn't know again is held or left out, never delivered.
    assert len(covered - officers.held - out) <= len(covered) // 20
    for place in (MINOR, ENDING):
        assert set(pictures_of(place)) & out, place


def test_card_and_checksums_of_the_delivery_are_true(officers: Day) -> None:
    folder = officers.folder / "for-lab"
    lines = [line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()]
    assert {name for _, name in lines} == {
        each.relative_to(folder).as_posix()
        for each in folder.rglob("*")
        if each.is_file() and each.name != "SHA256SUMS"
    }
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for digest, name in lines)
    samples = [json.loads(line) for line in (folder / "metadata.jsonl").read_text("utf-8").splitlines()]
    people = {one for each in samples for one in each["people"]}
    assert f"{len(samples)} pictures of {len(people)} people" in (folder / "README.md").read_text("utf-8")
    said = "".join(each.read_text("utf-8", errors="ignore") for each in folder.rglob("*") if each.is_file())
    assert not [last for _, last in names() if last in said]


def test_what_ends_soon_is_due(officers: Day) -> None:
    said = officers.of("due").out
    with volenti.open(officers.folder / "studio") as ws:
        by_name = {each.subject.legal_name: each.id for each in ws.releases.list()}
    ending, minor = (by_name[" ".join(names()[place])] for place in (ENDING, MINOR))
    assert f"{ending} of" in said
    assert f"{minor} of" in said
    assert len(said.splitlines()) == 3  # with the heading
