"""A taste of the fault campaign (`make faults` does all of it), and that it would notice."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.faults import fulldisk
from tests.faults.campaign import PARTS, Campaign
from tests.faults.powercut import Disk
from tests.faults.processes import elsewhere
from tests.faults.syscalls import supervised, unavailable

NEEDS = pytest.mark.skipif(bool(unavailable()), reason=unavailable())


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("campaign"), every=97)


@NEEDS
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", PARTS)
def test_whatever_happens_nothing_of_theirs_is_left_and_nothing_else_is_lost(
    campaign: Campaign, part: str
) -> None:
    if part == "full" and (why := fulldisk.unavailable()):
        pytest.skip(why)
    tally = campaign.run(part, 1)
    assert tally.trials > 0
    assert tally.failures == []
    assert (tally.residues, tally.losses, tally.undetected) == (0, 0, 0)
    if part in ("kills", "errors", "full", "power"):
        assert tally.disturbed > tally.trials // 2


@NEEDS
def test_a_call_can_be_made_to_fail(tmp_path: Path) -> None:
    def work() -> None:
        (tmp_path / "a").write_bytes(b"x")
        (tmp_path / "a").unlink()

    assert supervised(work, tmp_path, lambda call: 0).calls == ["write", "unlink"]
    ended = supervised(work, tmp_path, lambda call: errno.ENOSPC if call.name == "unlink" else 0)
    assert "No space left" in ended.error
    assert (tmp_path / "a").exists()


@pytest.mark.skipif(bool(fulldisk.unavailable()), reason=fulldisk.unavailable())
def test_a_full_disk_takes_what_there_is_room_for_and_no_more(tmp_path: Path) -> None:
    def work() -> tuple[bool, int, bool]:
        fulldisk.mount(tmp_path, 1 << 20)
        fulldisk.fill(tmp_path, 8192)
        (tmp_path / "two pages").write_bytes(bytes(8192))
        refused = False
        try:
            (tmp_path / "another").write_bytes(b"x")
        except OSError as error:
            refused = error.errno == errno.ENOSPC
        size = (tmp_path / "two pages").stat().st_size
        fulldisk.make_room(tmp_path)
        (tmp_path / "another").write_bytes(b"x")
        return refused, size, (tmp_path / "another").exists()

    assert elsewhere(work) == (True, 8192, True)
    assert not any(tmp_path.iterdir())


@NEEDS
def test_a_power_cut_keeps_what_was_synced_and_nothing_else(tmp_path: Path) -> None:
    here, after = tmp_path / "here", tmp_path / "after"
    here.mkdir()
    (here / "old").write_bytes(b"old")

    def work() -> None:
        kept = os.open(here / "kept", os.O_WRONLY | os.O_CREAT)
        os.write(kept, b"kept")
        os.fsync(kept)
        folder = os.open(here, os.O_RDONLY)
        os.fsync(folder)
        os.write(kept, b" and more")
        (here / "lost").write_bytes(b"lost")
        (here / "old").unlink()

    disk = Disk(here)

    def decide(call: object) -> int:
        disk.note(call)  # type: ignore[arg-type]
        return 0

    supervised(work, here, decide)
    disk.left(after, 0.0, 1)
    assert {path.name: path.read_bytes() for path in after.iterdir()} == {"old": b"old", "kept": b"kept"}
    disk.left(tmp_path / "lucky", 1.0, 1)
    disk.close()
    assert {path.name: path.read_bytes() for path in (tmp_path / "lucky").iterdir()} == {
        "kept": b"kept and more",
        "lost": b"lost",
    }


@NEEDS
def test_the_campaign_notices_a_residue_and_a_loss(campaign: Campaign) -> None:
    at = campaign.copy("residue")
    (at / "packs" / "left.tmp").write_bytes(b"...Legal bob...")
    found = campaign.look(at)
    assert found.residues > 0
    at = campaign.copy("loss")
    next(at.rglob("ann/own.vpk")).unlink()
    found = campaign.look(at)
    assert found.problems
