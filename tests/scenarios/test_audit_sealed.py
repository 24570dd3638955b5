"""Whatever sealed bytes a row names, the audit opens them, and says whose they are where they don't open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenarios.test_policy import REDACT, cleared_by
from tests.studio import PURPOSE, RECIPE, Studio
from volenti.clearance.image import Image
from volenti.core.codec import encoded
from volenti.core.errors import StorageError
from volenti.kinds import KINDS
from volenti.vault.rowkind import nothing_sealed

SEALED = [kind.name for kind in KINDS.values() if kind.sealed is not nothing_sealed]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A workspace in which rows of each of those kinds name something."""
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid")
    studio.photo("ann", "_", "a stranger")
    cleared_by(studio, bystanders={**REDACT, "keep_original": True})
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.train("humans", RECIPE)
    own = tmp_path / "own.bin"
    own.write_text("weights")
    with studio.parts.external_runs.begin("mine", "humans", shards=1, code=[own], min_people=1) as run:
        for part in run.parts():
            part.keep(own)
    assert studio.ws.audit(deep=True).problems == []
    return studio


@pytest.mark.parametrize("kind", SEALED)
def test_bytes_that_are_gone_are_named_with_their_row(studio: Studio, kind: str) -> None:
    named = {
        (record.id, sealed.what): sealed.blob
        for record in studio.parts.records.find(kind)
        for sealed in KINDS[kind].sealed(record)
    }
    whats = {what for _, what in named}
    assert whats
    for what in whats:
        (identifier, _), blob = next(each for each in named.items() if each[0][1] == what)
        assert blob is not None
        studio.parts.vault.blank_all([blob])
        problems = studio.ws.audit().problems
        assert [each for each in problems if each.startswith("lost: ") and identifier in each], (
            what,
            problems,
        )


def test_a_picture_that_is_kept_without_its_bytes_is_named(studio: Studio) -> None:
    record = next(studio.parts.records.find("image", state="cleared"))
    bare = replace(Image.read(record.id, record.body), original=None)
    studio.parts.records.put_all([replace(record, body=encoded(bare))])
    assert f"lost: picture {record.id}: the picture isn't on record" in studio.ws.audit().problems


@pytest.mark.parametrize("deep", [False, True])
def test_a_full_disk_is_no_loss(studio: Studio, monkeypatch: pytest.MonkeyPatch, deep: bool) -> None:
    def full(*_: object) -> None:
        raise StorageError("Can't write checkpoint: No space left on device.", "Make room.")

    monkeypatch.setattr(studio.parts.log, "verify", full)
    with pytest.raises(StorageError, match="No space left"):
        studio.ws.audit(deep=deep)
