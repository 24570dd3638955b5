"""Exports to others, and how what went out is called back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contracts.test_export_format import contents
from tests.studio import PURPOSE, Studio
from volenti.adapters.log.files import FileLogStore
from volenti.consent.purpose import Grant
from volenti.core.errors import IntegrityError, NotFoundError, UsageError
from volenti.core.signing import SigningKey
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.apply_deletions import AppliedDeletions, apply_deletions
from volenti.deliveries.delivery import BESIDE, Delivery
from volenti.stores import formats


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Lab:
    """A studio with three people, two pictures each, and whoever gets its exports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.studio = Studio.open(folder, clock=self.clock, on_disk=True)
        self.studio.shoot("ann", "bob", "cid")
        self.studio.clear()
        self.ws = self.studio.ws
        self.snapshot = self.ws.datasets.cut("humans", PURPOSE)
        self.feed = FileLogStore(self.ws.path / "feed")

    def export(self, name: str, form: str = "imagefolder") -> tuple[Path, Delivery]:
        place = self.folder / name
        return place, self.ws.parts.exports.export(self.snapshot, place, recipient=name, form=form)

    def erase(self, who: str) -> None:
        self.ws.requests.run(self.ws.requests.open("erasure", who, identity="in-person").id)

    def apply(self, place: Path, *, dry_run: bool = False) -> AppliedDeletions:
        return apply_deletions(place, self.feed, formats(), dry_run=dry_run, clock=self.clock)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    yield lab
    lab.ws.close()


@pytest.mark.parametrize("form", [each.name for each in formats()])
def test_who_is_erased_goes_out_of_an_export_made_before(lab: Lab, form: str) -> None:
    place, delivery = lab.export("Example Lab", form)
    pictures = {each.sample(n).image for each in [lab.ws.datasets.read("humans")] for n in range(len(each))}
    assert (delivery.samples, len(pictures)) == (6, 6)
    lab.erase("bob")
    assert lab.ws.audit().problems == []
    [notice] = lab.ws.parts.feed.notices()
    assert (notice.told, notice.open) == (2, 2)
    done = lab.apply(place)
    assert (done.read, done.removed, done.left) == (2, 2, 4)
    assert len(next(each for each in formats() if each.name == form).samples(place)) == 4
    kept = lab.ws.parts.feed.acknowledge(done.acknowledgement)
    assert (kept.told, kept.open, kept.due) == (2, 0, "")


def test_two_recipients_hold_tokens_that_have_nothing_in_common(lab: Lab) -> None:
    (one, _), (other, _) = lab.export("one"), lab.export("other")
    form = formats()[0]
    assert not {each.token for each in form.samples(one)} & {each.token for each in form.samples(other)}
    lab.erase("ann")
    assert lab.ws.parts.feed.log.size == 4
    assert lab.apply(one).removed == lab.apply(other).removed == 2


def test_nothing_in_the_feed_says_who_was_called_back_or_who_got_what(lab: Lab) -> None:
    lab.export("Example Lab")
    images = [each.image for each in lab.ws.parts.datasets.entries(lab.snapshot)]
    lab.erase("ann")
    published = contents(lab.ws.path / "feed")
    for secret in (b"ann", b"Example Lab", b"humans", *(each.encode() for each in images)):
        assert secret not in published


def test_an_export_says_nothing_of_who_is_in_it(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    images = [each.image for each in lab.ws.parts.datasets.entries(lab.snapshot)]
    written = contents(place)
    for name in ("ann", "bob", "cid", *images):
        assert name.encode() not in written


def test_the_feed_is_applied_once_and_can_be_applied_again(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    assert lab.apply(place, dry_run=True).removed == 2
    assert lab.apply(place).removed == 2
    assert (lab.apply(place).read, lab.apply(place).removed) == (0, 0)
    lab.erase("bob")
    assert (lab.apply(place).read, lab.apply(place).left) == (2, 2)


def test_who_is_erased_before_an_export_is_not_in_it_and_is_not_called_back(lab: Lab) -> None:
    lab.erase("ann")
    graves = tuple(each.position for each in lab.ws.parts.datasets.entries(lab.snapshot) if each.is_tombstone)
    _, delivery = lab.export("Example Lab")
    assert (delivery.samples, delivery.left_out) == (4, graves)
    assert lab.ws.parts.feed.log.size == 0
    assert lab.ws.audit().problems == []


def test_one_yes_taken_back_is_called_back_too_and_once(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    request = lab.ws.requests.open("withdrawal", "ann", grant=Grant.GENERATIVE_TRAINING)
    done = lab.ws.parts.withdrawals.run(request.id)
    assert done.withdrawal.called_back == 2
    assert lab.apply(place).removed == 2
    lab.erase("ann")
    assert lab.ws.parts.feed.log.size == 2


def test_who_does_not_acknowledge_in_time_is_listed(lab: Lab) -> None:
    place, delivery = lab.export("Example Lab")
    lab.erase("ann")
    lab.clock.now += timedelta(days=13)
    assert lab.ws.parts.feed.overdue() == []
    lab.clock.now += timedelta(days=2)
    assert [each.delivery.id for each in lab.ws.parts.feed.overdue()] == [delivery.id]
    lab.ws.parts.feed.acknowledge(lab.apply(place).acknowledgement)
    assert lab.ws.parts.feed.overdue() == []


def test_an_acknowledgement_covers_what_was_in_the_feed_when_it_was_given(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    said = lab.apply(place).acknowledgement
    lab.erase("bob")
    notice = lab.ws.parts.feed.acknowledge(said)
    assert (notice.told, notice.open) == (4, 2)


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_an_edited_acknowledgement_is_refused(lab: Lab, at: int) -> None:
    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    said = lab.apply(place).acknowledgement
    at %= len(said)
    edited = said[:at] + ("x" if said[at] != "x" else "y") + said[at + 1 :]
    with pytest.raises((IntegrityError, NotFoundError)):
        lab.ws.parts.feed.acknowledge(edited)


def test_an_acknowledgement_of_another_feed_is_refused(lab: Lab) -> None:
    place, delivery = lab.export("Example Lab")
    lab.erase("ann")
    key = SigningKey.load(place / BESIDE / "acknowledgement.key")
    for feed, size, root in (
        ("other", 1, bytes(32)),
        (lab.ws.parts.feed.log.origin, 2, bytes(32)),
        (lab.ws.parts.feed.log.origin, 9, bytes(32)),
    ):
        said = Acknowledgement(delivery.id, feed, size, root, 2, 4, "2026-06-01T12:00:00Z").signed(key)
        with pytest.raises(IntegrityError):
            lab.ws.parts.feed.acknowledge(said)


def test_a_feed_that_lost_entries_is_not_applied(lab: Lab, tmp_path: Path) -> None:
    import shutil

    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    shutil.copytree(lab.ws.path / "feed", tmp_path / "old")
    lab.erase("bob")
    lab.apply(place)
    with pytest.raises(IntegrityError, match="went back"):
        apply_deletions(place, FileLogStore(tmp_path / "old"), formats())


def test_a_feed_signed_by_somebody_else_is_not_applied(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    with pytest.raises(IntegrityError):
        apply_deletions(place, lab.feed, formats(), key=SigningKey.new().public)
    assert len(formats()[0].samples(place)) == 6


def test_entries_that_were_not_signed_are_not_applied(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    lab.erase("ann")
    [bundle] = [each for each in (lab.ws.path / "feed").rglob("entries/**/*") if each.is_file()]
    data = bytearray(bundle.read_bytes())
    data[5] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(IntegrityError):
        lab.apply(place)
    assert len(formats()[0].samples(place)) == 6
    assert not lab.ws.audit().ok


def test_a_folder_that_is_no_export_is_named(tmp_path: Path, lab: Lab) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="isn't an export"):
        lab.apply(tmp_path / "other")


def test_a_delivery_note_that_was_damaged_is_named(lab: Lab) -> None:
    place, _ = lab.export("Example Lab")
    path = place / BESIDE / "delivery.json"
    body = json.loads(path.read_text())
    for broken in ("{", json.dumps({**body, "extra": 1}), json.dumps({**body, "root": "?"})):
        path.write_text(broken)
        with pytest.raises(IntegrityError):
            lab.apply(place)


def test_an_unknown_format_is_refused_before_anything_is_on_record(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        lab.ws.parts.exports.export(lab.snapshot, tmp_path / "x", form="zip")
    assert error.value.remedy == "Formats: imagefolder, webdataset, parquet."
    assert lab.ws.parts.exports.deliveries() == []


def test_the_order_of_what_is_called_back_says_nothing_of_who_belongs_together(lab: Lab) -> None:
    """Of two recipients the tokens lie among each other, and one's own aren't in the order of the export."""
    given = [lab.export(name)[1] for name in ("one", "two", "three")]
    size = lab.ws.parts.feed.log.size
    mine = [each for each in lab.ws.parts.datasets.entries(lab.snapshot) if each.owners == ("ann",)]
    tokens = {delivery.id: [delivery.token(entry) for entry in mine] for delivery in given}
    assert len({each for some in tokens.values() for each in some}) == len(given) * len(mine) == 6
    lab.erase("ann")
    told = [lab.ws.parts.feed.log.entry(number) for number in range(size, lab.ws.parts.feed.log.size)]
    assert told == sorted(each for some in tokens.values() for each in some)
    for delivery in given:
        rows = list(lab.ws.parts.records.find("deletion", parent=delivery.id))
        assert sorted(told[row.body["index"] - size] for row in rows) == sorted(tokens[delivery.id])
    assert lab.ws.audit(deep=True).problems == []
