"""Files taken in: each accounted for, its bytes durable before its row."""

from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance import intake, service
from volenti.clearance.image import QUARANTINE


def test_a_file_given_twice_in_one_call_is_one_file(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    photo = studio.photo("ada")
    report = studio.ws.add([photo, photo])
    assert (report.given, report.new, report.known, report.duplicate) == (2, 1, 1, 0)
    assert [each.verdict for each in studio.ws.status().files] == ["waiting"]


def test_a_crash_between_bytes_and_rows_leaves_nothing_that_a_second_call_does_not_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio.open(tmp_path)
    photo = studio.photo("ada")

    def crash(_: object) -> None:
        assert studio.parts.vault.packs(QUARANTINE), "the bytes come first"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(studio.parts.records, "put_all", crash)
        with pytest.raises(KeyboardInterrupt):
            studio.ws.add([photo])
    assert studio.ws.add([photo]).new == 1
    assert studio.clear()["rejected"] == 1
    assert studio.parts.vault.packs(QUARANTINE) == []
    assert studio.ws.audit().problems == []


@pytest.mark.parametrize("size", [1, 3, 64])
def test_the_account_is_the_same_whatever_is_kept_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    for name in ("LOOK_BATCH", "DECIDE_BATCH"):
        monkeypatch.setattr(service, name, size)
    monkeypatch.setattr(intake, "BATCH", size)
    studio = Studio.open(tmp_path)
    studio.shoot("ada", "ben", photos=3)
    for _ in range(4):
        studio.photo("nobody known")
    studio.photo("ada", "nobody known")
    totals = studio.clear()
    assert totals == {"given": 11, "cleared": 6, "held": 1, "rejected": 4, "unreadable": 0, "duplicate": 0}
    assert studio.ws.clear(PURPOSE).totals == totals
    assert len(studio.parts.vault.packs(QUARANTINE)) == 1
    assert studio.ws.audit().problems == []
