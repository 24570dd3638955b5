"""Clearance, told as scenarios: who is in the picture, what they signed, what becomes of it."""

from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.quarantine import Quarantine
from volenti.consent.purpose import Grant
from volenti.core.clock import system_clock
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.datasets.snapshot import Page, parse_name


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def verdict(studio: Studio, path: Path) -> tuple[str, set[str]]:
    """What became of one file of the inbox: verdict and codes."""
    studio.clear()
    found = next(each for each in studio.ws.status().files if each.file == path.name)
    return found.verdict, {finding.code for finding in found.findings}


def test_a_covered_person_is_cleared(studio: Studio) -> None:
    studio.person("ann")
    assert verdict(studio, studio.photo("ann")) == ("cleared", set())


def test_a_stranger_is_rejected_and_nothing_of_them_is_kept(studio: Studio) -> None:
    studio.person("ann")
    path = studio.photo("a stranger")
    assert verdict(studio, path) == ("rejected", {"no-release"})
    image = next(studio.parts.records.find("image"))
    assert image.body["original"] is None
    assert image.body["faces"] == []
    assert studio.parts.vault.packs("quarantine") == []
    assert path.exists()


def test_two_covered_people_are_cleared_together(studio: Studio) -> None:
    studio.person("ann")
    studio.person("bob")
    assert verdict(studio, studio.photo("ann", "bob"))[0] == "cleared"
    assert next(studio.parts.records.find("image", state="cleared")).owners == ("ann", "bob")


def test_a_bystander_holds_the_picture(studio: Studio) -> None:
    studio.person("ann")
    assert verdict(studio, studio.photo("ann", "a stranger")) == ("held", {"bystander"})


def test_an_expired_release_gives_no_gallery_and_so_no_match(studio: Studio) -> None:
    studio.person("ann", flaw="expired")
    assert verdict(studio, studio.photo("ann"))[0] == "rejected"


def test_a_purpose_that_was_not_granted_is_named(studio: Studio) -> None:
    studio.person("ann", Grant.BIOMETRIC_TEMPLATES, Grant.COMMERCIAL)
    assert verdict(studio, studio.photo("ann")) == ("rejected", {"purpose-not-granted"})


def test_without_a_grant_for_templates_nobody_is_recognised_and_none_is_kept(studio: Studio) -> None:
    studio.person("ann", Grant.GENERATIVE_TRAINING)
    assert verdict(studio, studio.photo("ann"))[0] == "rejected"
    assert studio.parts.records.count("template") == 0


def test_a_template_goes_when_its_grant_is_withdrawn(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann")
    studio.clear()
    assert studio.parts.records.count("template") == 1
    studio.parts.consent.withdraw("ann", grant=Grant.BIOMETRIC_TEMPLATES)
    studio.photo("ann")
    studio.clear()
    assert studio.parts.records.count("template") == 0


def test_a_picture_without_a_face_is_held(studio: Studio) -> None:
    assert verdict(studio, studio.photo()) == ("held", {"no-face"})


def test_a_file_that_is_no_picture_is_accounted_for(studio: Studio) -> None:
    path = studio.folder / "inbox" / "notes.jpg"
    path.write_text("not a picture")
    assert verdict(studio, path) == ("unreadable", {"not-an-image"})


def test_the_same_bytes_twice_are_one_image_and_a_duplicate(studio: Studio) -> None:
    studio.person("ann")
    path = studio.photo("ann")
    copy = path.with_name("zz-copy.png")
    copy.write_bytes(path.read_bytes())
    assert verdict(studio, copy) == ("duplicate", {"duplicate"})
    assert studio.ws.status().totals == {
        "given": 2,
        "cleared": 1,
        "held": 0,
        "rejected": 0,
        "unreadable": 0,
        "duplicate": 1,
    }


def test_the_totals_always_add_up(studio: Studio) -> None:
    studio.person("ann")
    for names in (("ann",), ("x",), (), ("ann", "x")):
        studio.photo(*names)
    totals = studio.clear()
    assert totals["given"] == sum(count for name, count in totals.items() if name != "given") == 4


def test_taking_in_and_clearing_again_changes_nothing(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann")
    studio.photo("ann", "x")
    first = studio.clear()
    rows = [(row.id, row.body) for row in studio.parts.records.rows("image")]
    assert studio.clear() == first
    assert [(row.id, row.body) for row in studio.parts.records.rows("image")] == rows


def test_a_rejected_picture_may_be_given_again_once_there_is_a_release(studio: Studio) -> None:
    path = studio.photo("ann")
    assert verdict(studio, path) == ("rejected", {"no-release"})
    studio.person("ann")
    assert verdict(studio, path) == ("cleared", set())
    assert studio.ws.status().totals["given"] == 1


def test_a_name_in_the_clear_is_in_no_row(studio: Studio) -> None:
    studio.person("ann")
    path = studio.photo("ann", caption="Marisol Quetzalcoatl in a red top")
    path.rename(path.with_name("marisol-quetzalcoatl.png"))
    studio.clear()
    register = studio.parts.records._register
    assert all(b"arisol" not in row.body for row in register._rows.values())


def test_a_reviewer_may_clear_a_held_picture_for_somebody_covered(studio: Studio) -> None:
    studio.person("ann")
    studio.photo()
    studio.clear()
    ((image, _),) = studio.parts.review.queue()
    (decision,) = studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")
    assert (decision.verdict, decision.by) == ("cleared", "review:rita")
    assert studio.parts.review.queue() == []
    assert studio.ws.status().totals["cleared"] == 1


def test_a_reviewer_cannot_clear_for_somebody_who_did_not_say_yes(studio: Studio) -> None:
    studio.person("ann", Grant.BIOMETRIC_TEMPLATES)
    studio.photo()
    studio.clear()
    ((image, _),) = studio.parts.review.queue()
    with pytest.raises(RefusedError):
        studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")


def test_a_reviewer_may_reject_and_then_nothing_is_kept(studio: Studio) -> None:
    studio.photo()
    studio.clear()
    ((image, _),) = studio.parts.review.queue()
    studio.ws.review.decide(image.id, clear=False, reviewer="rita")
    assert studio.ws.status().totals["rejected"] == 1
    assert studio.parts.vault.packs("quarantine") == []
    with pytest.raises(ConflictError):
        studio.ws.review.decide(image.id, clear=False, reviewer="rita", purpose=PURPOSE)


def test_what_nobody_decides_in_time_is_dropped_and_its_key_destroyed(studio: Studio) -> None:
    studio.photo()
    studio.clear()
    ws = studio.ws
    assert ws.parts.vault.owners("quarantine-")

    def later():  # type: ignore[no-untyped-def]
        from datetime import timedelta

        return system_clock() + timedelta(days=40)

    assert Quarantine(ws.parts.records, ws.parts.vault, later, ttl_days=30).expire() == 1
    assert ws.parts.review.queue() == []
    assert ws.parts.vault.owners("quarantine-") == []
    assert ws.parts.vault.packs("quarantine") == []
    assert ws.status().totals["given"] == 1


def test_a_snapshot_is_cut_from_what_is_cleared_and_verifies(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    studio.photo("a stranger")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    assert (snapshot.id, snapshot.entries, snapshot.subjects) == ("humans@1", 4, 2)
    assert studio.parts.datasets.verify(snapshot).ok
    assert studio.ws.datasets.cut("humans", PURPOSE).id == "humans@2"


def test_a_manifest_that_was_tampered_with_is_named(studio: Studio) -> None:
    studio.shoot("ann")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    record = next(studio.parts.records.find("entry"))
    studio.parts.records.put(
        "entry",
        record.id,
        {**record.body, "caption": "another"},
        owners=record.owners,
        parent=record.parent,
        position=record.position,
    )
    assert not studio.parts.datasets.verify(snapshot).ok


def test_a_removed_entry_is_noticed(studio: Studio) -> None:
    studio.shoot("ann")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    studio.parts.records.delete("entry", ["humans@1/00000000"])
    assert len(studio.parts.datasets.verify(snapshot).problems) == 1


@pytest.mark.parametrize("left", [b"", bytes(32), bytes(64)])
def test_a_manifest_whose_commitments_were_changed_is_named(studio: Studio, left: bytes) -> None:
    studio.shoot("ann")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    page = Page(0, tuple(left[at : at + 32] for at in range(0, len(left), 32)))
    studio.parts.records.put("manifest", "humans@1/000000", page.to_json(), parent="humans@1")
    assert studio.parts.datasets.verify(snapshot).problems == [
        "humans@1: the manifest isn't the one that was cut"
    ]


def test_two_snapshots_differ_by_what_came_and_went(studio: Studio) -> None:
    studio.shoot("ann", photos=1)
    studio.clear()
    first = studio.ws.datasets.cut("humans", PURPOSE)
    studio.shoot("bob", photos=1)
    studio.clear()
    difference = studio.parts.datasets.diff(first, studio.ws.datasets.cut("humans", PURPOSE))
    assert (len(difference.added), len(difference.removed)) == (1, 0)


def test_nothing_cleared_is_nothing_to_cut(studio: Studio) -> None:
    with pytest.raises(UsageError):
        studio.ws.datasets.cut("humans", PURPOSE)


def test_an_export_is_pictures_without_metadata_and_their_captions(studio: Studio, tmp_path: Path) -> None:
    studio.shoot("ann", "bob")
    studio.clear()
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    bobs = tuple(each.position for each in studio.parts.datasets.entries(snapshot) if each.owners == ("bob",))
    studio.parts.consent.withdraw("bob")
    done = studio.parts.exports.export(snapshot, tmp_path / "out")
    assert (done.samples, done.left_out) == (2, bobs)
    assert len(list((tmp_path / "out").glob("*.png"))) == 2
    with pytest.raises(UsageError):
        studio.parts.exports.export(snapshot, tmp_path / "out")


@pytest.mark.parametrize(("text", "parsed"), [("humans", ("humans", None)), ("humans@3", ("humans", 3))])
def test_a_dataset_is_named_with_or_without_its_version(text: str, parsed: tuple[str, int | None]) -> None:
    assert parse_name(text) == parsed


@pytest.mark.parametrize("bad", ["", "@1", "humans@x", "a/b", "humans@-1"])
def test_what_is_not_a_dataset_name_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        parse_name(bad)
