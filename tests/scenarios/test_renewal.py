"""Rows of pictures that earlier versions wrote: brought to what is kept today, before anybody is erased."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, Studio


def of_an_earlier_version(face: dict[str, Any]) -> dict[str, Any]:
    """A face as it was kept: measured against others, with their number."""
    known = {name: value for name, value in face.items() if name not in ("across_subject", "lead_needed")}
    return {**known, "margin": 0.7321, "compared": 12, "across": 0.41, "needed": 0.56}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob")
    studio.clear()
    old = []
    for record in studio.parts.records.find("image", state="cleared"):
        faces = [of_an_earlier_version(face) for face in record.body["faces"]]
        known = {name: value for name, value in record.body.items() if name != "claimed"}
        old.append(replace(record, body={**known, "faces": faces, "gallery": "0a" * 32}))
    studio.parts.records.put_all(old)
    studio.parts.records.delete("renewal", ["images"])
    return studio


def kept(studio: Studio) -> list[dict[str, Any]]:
    records = list(studio.parts.records.find("image", state="cleared"))
    assert all(record.body["gallery"] == 0 for record in records)
    return [face for record in records for face in record.body["faces"]]


def test_an_erasure_leaves_nothing_of_an_earlier_versions_measurements(studio: Studio) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    faces = kept(studio)
    assert len(faces) == 2
    assert {(face["compared"], face["across"], face["needed"]) for face in faces} == {(0, -1.0, 0.0)}
    assert {face["margin"] for face in faces} == {0.0}
    assert studio.ws.audit(deep=True).problems == []


def test_clearing_does_it_too_and_once(studio: Studio) -> None:
    studio.ws.clear(PURPOSE)
    rows = [(row.id, row.body) for row in studio.parts.records.rows("image")]
    studio.ws.clear(PURPOSE)
    assert [(row.id, row.body) for row in studio.parts.records.rows("image")] == rows
    assert {face["margin"] for face in kept(studio)} == {0.0}


def test_another_purpose_is_judged_after_comparing_again(studio: Studio) -> None:
    assert studio.ws.clear("redistribution").totals["cleared"] == 4
    assert all(face["margin"] >= 0.1 for face in kept(studio))
