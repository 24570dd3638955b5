"""What is handed out has only pictures of people who agreed to being passed on, and stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.picturelist import ListedPicture
from volenti.consent.document import DocumentError
from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.terms import Shoot, Terms
from volenti.core.errors import ConflictError, RefusedError
from volenti.deliveries.delivery import BESIDE, Delivery
from volenti.deliveries.recalls import Recalls

TRAINING = Grant.GENERATIVE_TRAINING
TEMPLATES = Grant.BIOMETRIC_TEMPLATES
PASSED_ON = Grant.REDISTRIBUTION


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A studio in which people sign further releases, and from which exports go out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.studio = Studio.open(folder, clock=self.clock)
        self.ws = self.studio.ws
        self.consent = self.studio.parts.consent
        self.signed = 0

    def sign(
        self,
        who: str,
        *granted: Grant,
        territory: tuple[str, ...] = ("WORLD",),
        first: date = date(2026, 1, 5),
        last: date | None = None,
        sublicensing: bool = False,
        instead_of: str | None = None,
        shoot: str = "",
    ) -> str:
        """Have somebody sign another release; returns its identifier."""
        self.signed += 1
        subject = self.consent.subject(who)
        # A later release names the photograph of the earlier one, by which they are recognised.
        before = Shoot("A test", date(2026, 1, 5), date(2026, 1, 5))
        before = before if instead_of is None else self.consent.release(instead_of).release.shoot
        taken = replace(before, name=shoot)
        draft = Release(
            f"rel_{who}_{self.signed}",
            who,
            subject.legal_name,
            subject.birth_date,
            "A test",
            taken,
            Grants.only(*granted),
            Terms(territory, first, "DE", last, sublicensing),
            evidence("test"),
            instead_of,
        )
        signing = SignedRelease(draft).signed_by(self.studio.keys[who], Role.SUBJECT, self.clock.now)
        self.consent.import_signed(signing)
        return draft.id

    def picture(self, *names: str) -> None:
        self.studio.photo(*names)

    def cut(self, **asked: str) -> str:
        self.studio.clear()
        return self.ws.datasets.cut("humans", PURPOSE, **asked).id

    def export(self, dataset: str = "humans", **asked: object) -> tuple[Path, Delivery]:
        folder = self.folder / f"out-{len(list(self.folder.glob('out-*')))}"
        return folder, self.ws.datasets.export(dataset, folder, recipient="Lab", **asked)  # type: ignore[arg-type]

    def told(self) -> list[int]:
        """How many samples were called back of each delivery, in their order."""
        return [notice.told for notice in self.ws.feed.list().notices]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.studio.person("ann", TRAINING, TEMPLATES, PASSED_ON)
    desk.studio.person("bob", TRAINING, TEMPLATES)
    for names in (("ann",), ("ann",), ("bob",), ("ann", "bob")):
        desk.picture(*names)
    yield desk
    desk.ws.close()


def test_who_did_not_agree_to_being_passed_on_is_left_out_alone_and_beside_others(desk: Desk) -> None:
    desk.cut()
    folder, delivery = desk.export()
    assert (delivery.samples, len(delivery.left_out), delivery.not_passed_on) == (2, 2, 2)
    assert len(list(folder.glob("*.png"))) == 2
    terms = json.loads((folder / BESIDE / "terms.json").read_text())
    assert (terms["samples"], terms["left_out"], terms["left_out_not_passed_on"]) == (2, 2, 2)
    assert (terms["also_granted"], terms["may_be_handed_on"]) == (["redistribution"], False)


def test_two_releases_do_not_add_up_to_a_yes_to_being_passed_on(desk: Desk) -> None:
    desk.sign("bob", PASSED_ON)
    desk.cut()
    assert desk.export()[1].samples == 2
    desk.sign("bob", TRAINING, PASSED_ON)
    assert desk.export()[1].samples == 4


#: What bob signs beside, where the recipient is, whether they may hand on; and how many of bob's two go out.
ELSEWHERE: dict[str, tuple[dict[str, object], dict[str, object], int]] = {
    "the world, and the recipient anywhere": ({}, {}, 2),
    "Germany, and the recipient there": ({"territory": ("DE",)}, {"territory": "DE"}, 2),
    "Germany, and the recipient in France": ({"territory": ("DE",)}, {"territory": "FR"}, 0),
    "Germany, and the recipient anywhere": ({"territory": ("DE",)}, {}, 0),
    "a term that is over": ({"last": date(2026, 5, 31)}, {}, 0),
    "a term that ends today": ({"last": date(2026, 6, 1)}, {}, 2),
    "a term that begins tomorrow": ({"first": date(2026, 6, 2)}, {}, 0),
    "another shoot": ({"shoot": "autumn"}, {}, 0),
    "handing on, and it mayn't be": ({"sublicensing": True}, {}, 2),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_the_yes_to_being_passed_on_counts_within_its_terms(desk: Desk, case: str) -> None:
    terms, asked, of_bob = ELSEWHERE[case]
    desk.sign("bob", TRAINING, TEMPLATES, PASSED_ON, **terms)  # type: ignore[arg-type]
    desk.cut()
    _, delivery = desk.export(**asked)
    assert delivery.samples == of_bob + 2


def test_an_export_of_nothing_is_refused_before_anything_is_on_record(desk: Desk) -> None:
    desk.cut()
    with pytest.raises(
        RefusedError, match="4 pictures with somebody who didn't agree to its being handed on"
    ):
        desk.export(sublicensable=True)
    desk.ws.releases.withdraw(subject="ann")
    with pytest.raises(RefusedError, match=r"3 pictures that no release covers any more and 1 picture with"):
        desk.export()
    assert not desk.ws.feed.list().notices
    assert not list(desk.folder.glob("out-*"))


def test_what_may_be_handed_on_has_only_those_who_allowed_it(desk: Desk) -> None:
    desk.sign("ann", TRAINING, PASSED_ON, sublicensing=True)
    desk.cut()
    folder, delivery = desk.export(sublicensable=True)
    assert (delivery.samples, delivery.not_passed_on) == (2, 2)
    assert json.loads((folder / BESIDE / "terms.json").read_text())["may_be_handed_on"] is True


def test_a_recipient_who_is_nowhere_is_refused_before_anything_is_on_record(desk: Desk) -> None:
    desk.cut()
    with pytest.raises(DocumentError, match="ISO 3166"):
        desk.export(territory="Europe")
    assert desk.studio.parts.exports.deliveries() == []


#: Ways in which ann's yes ends. How many of her two samples are called back, and whether at once.
ENDS = {
    "withdrawn": lambda desk: desk.ws.releases.withdraw("rel_ann"),
    "everything withdrawn": lambda desk: desk.ws.releases.withdraw(subject="ann"),
    "the purpose withdrawn": lambda desk: desk.ws.releases.withdraw("rel_ann", grant=PURPOSE),
    "passing on withdrawn": lambda desk: desk.ws.releases.withdraw("rel_ann", grant="redistribution"),
    "a signed no": lambda desk: desk.sign("ann", TEMPLATES, instead_of="rel_ann"),
    "a signed no to being passed on": lambda desk: desk.sign(
        "ann", TRAINING, TEMPLATES, instead_of="rel_ann"
    ),
    "a later release for elsewhere": lambda desk: desk.sign(
        "ann", *Grant, territory=("US",), instead_of="rel_ann"
    ),
    "a birth date corrected": lambda desk: desk.ws.subjects.amend("ann", birth_date=date(1991, 1, 1)),
    "a request": lambda desk: desk.ws.requests.run(desk.ws.requests.open("withdrawal", "ann").id),
    "an erasure": lambda desk: desk.ws.requests.run(
        desk.ws.requests.open("erasure", "ann", identity="in-person").id
    ),
}
GOES_ON = {
    "nothing": lambda desk: None,
    "another grant withdrawn": lambda desk: desk.ws.releases.withdraw("rel_ann", grant="commercial"),
    "a restriction": lambda desk: desk.ws.requests.run(desk.ws.requests.open("restriction", "ann").id),
    "a further release": lambda desk: desk.sign("ann", Grant.COMMERCIAL),
    "a successor that says yes": lambda desk: desk.sign("ann", *Grant, instead_of="rel_ann"),
    "a new address": lambda desk: desk.ws.subjects.amend("ann", contact="elsewhere@example.org"),
    "somebody else's no": lambda desk: desk.ws.releases.withdraw(subject="bob"),
}


@pytest.mark.parametrize("way", ENDS)
def test_however_a_yes_ends_the_feed_calls_back_at_once(desk: Desk, way: str) -> None:
    desk.cut()
    desk.export()
    ENDS[way](desk)
    assert desk.studio.parts.feed.log.size == 2
    assert desk.told() == [2]
    assert desk.studio.parts.recalls.due() == []


def alone(desk: Desk) -> list[ListedPicture]:
    """The pictures that show ann and nobody else."""
    found = desk.ws.pictures.find(person="ann", state="cleared").pictures
    return [each for each in found if each.people == ("ann",)]


def _opts_out(desk: Desk, path: Path) -> None:
    sidecar = path.with_name(path.name + ".xmp")
    sidecar.write_text(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:tdm='http://www.w3.org/ns/tdmrep#' tdm:reservation='1'/>"
        "</rdf:RDF></x:xmpmeta>"
    )
    desk.studio.clear()


def _is_a_copy(desk: Desk, path: Path) -> None:
    desk.ws.rights.register(path)
    desk.ws.rights.search()


#: Ways in which one picture of ann's is rejected that had been cleared and delivered.
REJECTED = {"an opt-out beside it": _opts_out, "a copy of somebody's work": _is_a_copy}


@pytest.mark.parametrize("way", REJECTED)
def test_a_delivered_picture_that_is_rejected_later_is_called_back_at_once(desk: Desk, way: str) -> None:
    desk.cut()
    desk.export()
    REJECTED[way](desk, desk.studio.folder / "inbox" / alone(desk)[0].file)
    assert desk.told() == [1]
    assert desk.studio.parts.recalls.due() == []
    desk.ws.clear(PURPOSE)
    assert desk.told() == [1]


def test_a_delivered_picture_found_to_be_of_a_withdrawn_shoot_is_called_back_at_once(desk: Desk) -> None:
    desk.studio.clear()
    pictures = [each.id for each in alone(desk)]
    desk.ws.pictures.amend(pictures, shoot="autumn")
    desk.cut()
    desk.export()
    desk.ws.releases.withdraw(subject="ann", shoot="spring")
    assert desk.told() == [0]
    before = desk.ws.pictures.show(pictures[0])
    dry = desk.ws.pictures.amend(pictures, shoot="spring", dry_run=True)
    assert [each.called_back for each in dry] == [1] * len(pictures)
    assert desk.told() == [0]
    assert desk.ws.pictures.show(pictures[0]) == before
    done = desk.ws.pictures.amend(pictures[:1], shoot="spring")
    assert done == dry[:1]
    assert desk.told() == [1]
    assert desk.ws.pictures.amend(pictures[:1], shoot="autumn")[0].called_back == 0, (
        "it was called back before"
    )


def test_what_was_to_be_looked_at_when_the_power_went_is_looked_at_by_the_next_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.cut()
    desk.export()
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Recalls, "_call_back_again", lambda self: None)
        _opts_out(desk, desk.studio.folder / "inbox" / alone(desk)[0].file)
    assert desk.studio.parts.feed.log.size == 0
    assert desk.told() == [1]


@pytest.mark.parametrize("way", GOES_ON)
def test_what_ends_no_yes_calls_nothing_back(desk: Desk, way: str) -> None:
    desk.cut()
    desk.export()
    GOES_ON[way](desk)
    assert desk.told() == [0]


@pytest.mark.parametrize("looks", ["feed list", "clear", "due"])
def test_a_term_that_ends_is_called_back_by_the_next_command_that_looks(desk: Desk, looks: str) -> None:
    last = date(2026, 6, 30)
    desk.sign("ann", TRAINING, TEMPLATES, PASSED_ON, last=last, instead_of="rel_ann")
    desk.cut()
    desk.export()
    look = {
        "feed list": lambda: desk.ws.feed.list(),
        "clear": lambda: desk.ws.clear(PURPOSE),
        "due": lambda: desk.ws.releases.due(30),
    }[looks]
    desk.clock.now = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    look()
    assert desk.studio.parts.feed.log.size == 0
    desk.clock.now += timedelta(minutes=1)
    look()
    assert desk.studio.parts.feed.log.size == 2


def test_an_erasure_says_how_many_samples_others_have_though_they_were_called_back(desk: Desk) -> None:
    desk.cut()
    desk.export()
    desk.ws.releases.withdraw(subject="ann")
    outcome = desk.ws.requests.run(desk.ws.requests.open("erasure", "ann", identity="in-person").id)
    held = {each.holder: each.items for each in outcome.request.erasure.holdings}
    assert held["deliveries"] == 2
    assert desk.studio.parts.feed.log.size == 2
    assert desk.ws.audit().problems == []


def test_a_condition_of_a_dataset_is_asked_at_every_read(desk: Desk) -> None:
    snapshot = desk.cut(condition="redistribution")
    assert len(desk.ws.datasets.read(snapshot)) == 2
    desk.ws.releases.withdraw("rel_ann", grant="redistribution")
    assert len(desk.ws.datasets.read(snapshot)) == 0
    assert len(desk.ws.datasets.verify([snapshot])[0].refused) == 2


@pytest.mark.parametrize(("condition", "goes_out"), [((), False), (("redistribution",), True)])
def test_a_model_goes_out_only_where_everybody_in_it_may_be_passed_on(
    desk: Desk, tmp_path: Path, condition: tuple[str, ...], goes_out: bool
) -> None:
    snapshot = desk.cut(condition=condition)  # type: ignore[arg-type]
    weights = tmp_path / "lora.bin"
    weights.write_bytes(b"weights")
    with desk.ws.runs.begin("lora", dataset=snapshot, min_people=1) as run:
        for part in run.parts():
            part.keep(weights)
    if goes_out:
        desk.ws.runs.deliver("lora", tmp_path / "given.bin", "Example Ltd")
        assert (tmp_path / "given.bin").read_bytes() == b"weights"
    else:
        with pytest.raises(ConflictError, match="2 pictures of people who didn't agree"):
            desk.ws.runs.deliver("lora", tmp_path / "given.bin", "Example Ltd")
        assert not (tmp_path / "given.bin").exists()
