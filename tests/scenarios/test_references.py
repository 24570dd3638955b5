"""Reference photographs, told as scenarios: one clear face, wherever somebody gives one."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import volenti
from tests.kinds_of_reference import KINDS, Expected, encoded, picture
from tests.portraits import portrait
from tests.studio import Studio
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.spreadsheet import COLUMNS
from volenti.consent.terms import Shoot, Terms
from volenti.core import identifiers
from volenti.core.clock import system_clock
from volenti.core.digest import sha256
from volenti.core.errors import MissingModelError, NotFoundError, UsageError
from volenti.core.signing import SigningKey
from volenti.perception.sight.reference import Flaw, look_at
from volenti.workspace.workspace import Workspace

KEY = SigningKey(b"\x01" * 32)
BORN, DAY = date(1990, 5, 17), date(2026, 1, 5)
GRAVE = {flaw.value for flaw in Flaw if flaw.is_grave}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, models: Path) -> tuple[Path, OpencvFaces]:
    """A workspace with nothing in it, and the real networks, loaded once."""
    return volenti.init(tmp_path_factory.mktemp("references") / "studio", seed=1), OpencvFaces(models)


@pytest.fixture
def ws(tmp_path: Path, empty: tuple[Path, OpencvFaces]) -> Iterator[Workspace]:
    """A workspace of each test's own, because one photograph is tried in every way."""
    folder, networks = empty
    with volenti.open(shutil.copytree(folder, tmp_path / "a workspace")) as opened:
        opened.parts.adapters.__dict__["detector"] = networks
        yield opened


def ada(ws: Workspace) -> str:
    """Somebody new on record, with a key of their own."""
    others = [each.id for each in ws.subjects.list()]
    new = ws.subjects.add("Ada Example", BORN, key=KEY.public, another_person=True).id
    for other in others:
        ws.subjects.distinguish(new, other)  # one photograph is given again, and then accepted
    return new


def release_naming(subject: str, *photos: bytes) -> Release:
    first, *further = map(sha256, photos)
    return Release(
        id=identifiers.new("rel"),
        subject=subject,
        legal_name="Ada Example",
        birth_date=BORN,
        controller="A test",
        shoot=Shoot("A test", DAY, DAY, first, further_references=tuple(further)),
        grants=Grants.only(*Grant),
        terms=Terms(("WORLD",), DAY, "DE"),
        evidence=evidence("test"),
    )


def signed_naming(subject: str, *photos: bytes) -> SignedRelease:
    return SignedRelease(release_naming(subject, *photos)).signed_by(KEY, Role.SUBJECT, system_clock())


# -- every way in, every kind of photograph


def by_issue(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    ws.releases.issue(
        ada(ws), controller="A", photographer="P", first_day=DAY, law="DE", reference=photo, **how
    )


def by_sign(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    subject = ada(ws)
    named = release_naming(subject, photo)
    given = {name: getattr(named, name) for name in ("controller", "shoot", "grants", "terms")}
    draft = ws.parts.consent.issue(subject, **given)
    try:
        signed = ws.releases.sign(draft.id, KEY, reference=photo, **how)
    except UsageError:
        assert ws.releases.show(draft.id).state.value == "draft"
        raise
    assert signed.is_in_force
    assert not signed.lacks_reference


def by_document(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    file = folder / "signed.json"
    file.write_text(json.dumps(signed_naming(ada(ws), photo).to_json()))
    ws.releases.import_(file, reference=photo, **how)


def by_rows(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    (folder / "ada.jpg").write_bytes(photo)
    subject = ws.parts.consent.subject(ada(ws))
    entry = {
        "subject": subject.to_json(),
        **signed_naming(subject.id, photo).to_json(),
        "reference": "ada.jpg",
    }
    (folder / "people.json").write_text(json.dumps([entry]))
    imported(ws, folder / "people.json", **how)


def by_table(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    (folder / "ada.jpg").write_bytes(photo)
    imported(ws, table_of(folder, "ada.jpg"), **how)


def by_amending(ws: Workspace, photo: bytes, folder: Path, **how: Any) -> None:
    old = ws.parts.consent.issue(
        ada(ws),
        controller="A",
        shoot=Shoot("P", DAY, DAY),
        grants=Grants.only(),
        terms=Terms(("DE",), DAY, "DE"),
    )
    ws.releases.amend(old.id, reference=photo, **how)


def imported(ws: Workspace, file: Path, **how: Any) -> None:
    """Import a file of many, dry first: both say the same. Raises UsageError where it is kept out."""
    dry, report = (ws.releases.import_(file, dry_run=dry, **how) for dry in (True, False))
    assert list(map(str, dry.problems)) == list(map(str, report.problems))
    if report.refused:
        raise UsageError(" ".join(map(str, report.problems)))


def table_of(folder: Path, reference: str, name: str = "Ada Example") -> Path:
    """A table with one unsigned row that names these files."""
    filled = {
        "legal_name": name,
        "birth_date": BORN.isoformat(),
        "controller": "A",
        "photographer": "P",
        "shoot_first_day": DAY.isoformat(),
        "shoot_last_day": DAY.isoformat(),
        "territory": "DE",
        "valid_from": DAY.isoformat(),
        "governing_law": "DE",
        "method": "paper",
        "sublicensing": "no",
        "reference_file": reference,
        **{each.name: "no" for each in COLUMNS if each.name.startswith("grant_")},
    }
    file = folder / "people.csv"
    file.write_text(",".join(filled) + "\n" + ",".join(filled.values()) + "\n")
    return file


WAYS = [by_issue, by_sign, by_document, by_rows, by_table, by_amending]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("make", "flaws"), [each[1:] for each in KINDS], ids=[each[0] for each in KINDS])
def test_each_kind_of_photograph_is_taken_or_refused_the_same_by_every_way_in(
    ws: Workspace, tmp_path: Path, make: Callable[[], bytes], flaws: Expected, way: Callable[..., None]
) -> None:
    photo = make()
    if flaws == ():
        way(ws, photo, tmp_path)
        return
    with pytest.raises(UsageError) as refused:
        way(ws, photo, tmp_path)
    assert all(Flaw(each).message in str(refused.value) for each in flaws or ())
    seen = {flaw.value for flaw in look_at(ws.parts.detector, photo).flaws}
    if seen & GRAVE:
        with pytest.raises(UsageError):
            way(ws, photo, tmp_path, accept_reference=True)
    else:
        way(ws, photo, tmp_path, accept_reference=True)


@pytest.mark.parametrize("name", ["w069-0", "w069-4", "w079-4", "x058", "x112", "x135", "x144"])
def test_a_face_turned_away_is_refused(shared: Path, ws: Workspace, name: str) -> None:
    photo = (shared / f"wild/images/{name}.jpg").read_bytes()
    assert Flaw.TURNED in look_at(ws.parts.detector, photo).flaws
    with pytest.raises(UsageError, match="turned away"):
        ws.parts.consent.check_photos([GivenPhoto(name, photo)], "sub_nobody")


# -- several of one release


def three(number: int = 0) -> list[bytes]:
    return [encoded(picture(number, place)) for place in range(3)]


def test_several_photographs_of_one_person_are_named_signed_and_sealed(ws: Workspace, tmp_path: Path) -> None:
    photos, subject = three(), ada(ws)
    release = ws.releases.issue(
        subject, controller="A", photographer="P", first_day=DAY, law="DE", reference=photos
    )
    assert release.shoot.references == tuple(map(sha256, photos))
    assert ws.releases.sign(release.id, KEY, reference=photos[:2]).lacks_reference
    signed = ws.releases.sign(release.id, KEY, reference=photos[2:])
    assert (signed.is_in_force, signed.lacks_reference, signed.problems) == (True, False, [])
    assert list(ws.parts.consent.photos(release.id).values()) == photos
    assert SignedRelease.from_json(signed.signed.to_json()) == signed.signed
    assert ws.audit().ok


@pytest.mark.parametrize(
    ("whose", "odd"),
    [([0, 0, 1], [2]), ([1, 0, 0], [0]), ([0, 1], [0, 1]), ([0, 1, 2], [0, 1, 2]), ([0, 0, 0, 3], [3])],
    ids=str,
)
def test_the_odd_one_out_is_named_by_its_file(
    ws: Workspace, tmp_path: Path, whose: list[int], odd: list[int]
) -> None:
    files = [tmp_path / f"photo-{place}.jpg" for place in range(len(whose))]
    for place, number in enumerate(whose):
        files[place].write_bytes(encoded(picture(number, place)))
    subject = ada(ws)
    given = {"controller": "A", "photographer": "P", "first_day": DAY, "law": "DE"}
    with pytest.raises(UsageError) as refused:
        ws.releases.issue(subject, reference=files, **given)
    assert [place for place, file in enumerate(files) if file.name in refused.value.message] == odd
    assert "--accept-reference" in refused.value.remedy
    taken = ws.releases.issue(subject, reference=files, accept_reference=True, **given)
    accepted = ws.releases.show(taken.id).accepted
    assert accepted == {sha256(files[place].read_bytes()): (Flaw.ANOTHER_FACE.value,) for place in odd}


def test_a_later_release_s_photographs_have_to_show_the_same_person(ws: Workspace, tmp_path: Path) -> None:
    subject = ada(ws)
    by_hand = signed_naming(subject, three()[0])
    ws.parts.consent.import_signed(by_hand, [GivenPhoto("ada.jpg", three()[0])])
    with pytest.raises(UsageError, match="another face"):
        ws.releases.amend(by_hand.release.id, reference=encoded(picture(1)))
    new = ws.releases.amend(by_hand.release.id, reference=three()[1])
    assert ws.releases.sign(new.id, KEY, reference=three()[1]).is_in_force


def test_a_folder_is_all_the_photographs_in_it(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    for place, photo in enumerate(three()):
        (folder / f"{place}.jpg").write_bytes(photo)
    for left in (".DS_Store", "Thumbs.db"):
        (folder / left).write_bytes(b"left by a file manager")
    issued = ws.releases.issue(
        ada(ws), controller="A", photographer="P", first_day=DAY, law="DE", reference=folder
    )
    assert issued.shoot.references == tuple(map(sha256, three()))
    (folder / "notes.txt").write_text("no photograph")
    with pytest.raises(UsageError, match=r"notes\.txt can't be read as a picture"):
        ws.releases.amend(issued.id, reference=folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty folder"):
        ws.releases.amend(issued.id, reference=tmp_path / "empty")


@pytest.mark.parametrize("cell", ["0.jpg;1.jpg;2.jpg", " 0.jpg ; 1.jpg; 2.jpg;", "photos"])
def test_a_row_names_several_photographs(ws: Workspace, tmp_path: Path, cell: str) -> None:
    folder = tmp_path / "photos" if cell == "photos" else tmp_path
    folder.mkdir(exist_ok=True)
    for place, photo in enumerate(three()):
        (folder / f"{place}.jpg").write_bytes(photo)
    table = table_of(tmp_path, cell, f"Ada {cell}")
    [name] = ws.releases.import_(table).imported
    assert ws.releases.show(name).release.shoot.references == tuple(map(sha256, three()))
    assert ws.releases.import_(table).unchanged == (name,)


def test_what_is_accepted_of_an_unsigned_row_is_recorded_once(ws: Workspace, tmp_path: Path) -> None:
    small = next(make for name, make, flaws in KINDS if flaws == ("small",))
    (tmp_path / "ada.jpg").write_bytes(small())
    table = table_of(tmp_path, "ada.jpg", "Ada Small")
    [name] = ws.releases.import_(table, accept_reference=True).imported
    assert ws.releases.show(name).accepted == {sha256(small()): ("small",)}
    assert ws.releases.import_(table, accept_reference=True).unchanged == (name,)
    assert ws.releases.import_(table).unchanged == (name,)


def test_a_signed_row_brings_its_photographs(ws: Workspace, tmp_path: Path) -> None:
    subject = ws.parts.consent.subject(ada(ws))
    files = [f"{place}.jpg" for place in range(3)]
    for file, photo in zip(files, three(), strict=True):
        (tmp_path / file).write_bytes(photo)
    signed = signed_naming(subject.id, *three())
    entry = {"subject": subject.to_json(), **signed.to_json(), "reference": files}
    (tmp_path / "people.json").write_text(json.dumps([entry]))
    assert ws.releases.import_(tmp_path / "people.json").imported == (signed.release.id,)
    assert list(ws.parts.consent.photos(signed.release.id).values()) == three()
    (tmp_path / "2.jpg").write_bytes(encoded(picture(1)))
    assert "2.jpg isn't the photograph" in str(ws.releases.import_(tmp_path / "people.json").problems[0])


def test_two_rows_of_one_person_have_to_show_the_same_face(ws: Workspace, tmp_path: Path) -> None:
    subject = ws.parts.consent.subject(ada(ws))
    entries = []
    for number in (0, 1):
        photo = encoded(picture(number))
        (tmp_path / f"{number}.jpg").write_bytes(photo)
        signed = signed_naming(subject.id, photo).to_json()
        entries.append({"subject": subject.to_json(), **signed, "reference": f"{number}.jpg"})
    (tmp_path / "people.json").write_text(json.dumps(entries))
    report = ws.releases.import_(tmp_path / "people.json", dry_run=True)
    assert [(each.row, each.fatal) for each in report.problems] == [(2, True)]
    assert "1.jpg shows another face" in report.problems[0].message


# -- what was stored before, and what is shown


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def stored_before(studio: Studio, name: str, photo: bytes) -> None:
    """Seal a photograph as earlier versions did, which looked at none."""
    consent = studio.parts.consent
    stored = consent._records.release(f"rel_{name}")
    release = replace(stored.signed.release, shoot=Shoot("A", DAY, DAY, sha256(photo)))
    signed = SignedRelease(release).signed_by(studio.keys[name], Role.SUBJECT, system_clock())
    sealed = studio.parts.vault.put((name,), "reference", photo, of=release.id)
    studio.parts.vault.flush()
    before = replace(stored, signed=signed, photos={sha256(photo): sealed})
    consent._records.keep_release(before, "reference-sealed")


@pytest.mark.parametrize(
    ("make", "flaw"),
    [
        (lambda studio: b"", "no-picture"),
        (lambda studio: b"a text", "no-picture"),
        (lambda studio: studio._picture([], scale=2), "no-face"),
        (lambda studio: studio._picture(["bob", "zoe"], scale=2), "several-faces"),
        (lambda studio: studio._picture(["bob"]), "small"),
    ],
    ids=["empty", "text", "nobody", "two", "small"],
)
def test_what_was_stored_before_and_isnt_sound_stops_nothing_and_is_named(
    studio: Studio, make: Callable[[Studio], bytes], flaw: str
) -> None:
    studio.shoot("ann", "bob")
    stored_before(studio, "bob", make(studio))
    assert studio.clear() == {"given": 4, "cleared": 2} | studio.ws.status().totals
    assert [(each.subject, each.flaws) for each in studio.ws.refused_references()] == [("bob", (flaw,))]
    [seen] = studio.ws.subjects.show("bob").references
    assert (seen.state, seen.release) == ("refused", "rel_bob")
    assert [each.state for each in studio.ws.subjects.show("ann").references] == ["enrolled"]
    assert studio.parts.gallery.undescribed(["ann", "bob"]) == ["bob"]
    assert Image.open(io.BytesIO(studio.ws.subjects.show_references("bob"))).width > 100


def test_what_was_seen_in_an_unsound_photograph_goes_once_its_release_is_withdrawn(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    stored_before(studio, "bob", studio._picture(["bob"]))
    studio.clear()
    assert studio.parts.gallery.foreseen() == studio.parts.gallery.number
    assert studio.parts.records.count("template") == 2
    studio.ws.releases.withdraw(subject="bob")
    assert studio.parts.records.count("template") == 1
    assert studio.ws.refused_references() == []


def test_the_faces_that_were_enrolled_are_shown_with_their_sizes(studio: Studio) -> None:
    studio.shoot("ann")
    [waiting] = studio.ws.subjects.show("ann").references
    assert (waiting.state, waiting.face_px) == ("waiting", None)
    studio.clear()
    [seen] = studio.ws.subjects.show("ann").references
    assert (seen.state, seen.release, seen.face_px) == ("enrolled", "rel_ann", 60)
    sheet = Image.open(io.BytesIO(studio.ws.subjects.show_references("ann", ".png")))
    assert sheet.format == "PNG"
    studio.ws.subjects.add("Nobody", BORN, identifier="none")
    with pytest.raises(NotFoundError, match="No reference photograph"):
        studio.ws.subjects.show_references("none")


def test_every_photograph_of_every_release_is_enrolled_and_an_accepted_one_counts(studio: Studio) -> None:
    small = (20.0, 20.0, 30.0, 30.0)
    photos = [
        portrait(studio.detector, "ann one"),
        portrait(studio.detector, "ann two"),
        portrait(studio.detector, "ann three", small),
    ]
    studio.person("ann")
    with pytest.raises(UsageError, match=r"ann three\.png shows a face of less than"):
        studio.parts.consent.check_photos(photos, "ann")
    issued = studio.ws.releases.issue(
        "ann",
        controller="A",
        photographer="P",
        first_day=DAY,
        law="DE",
        grant=[Grant.BIOMETRIC_TEMPLATES.value],
        reference=[each.data for each in photos],
        accept_reference=True,
    )
    studio.ws.releases.sign(issued.id, studio.keys["ann"], reference=[each.data for each in photos])
    studio.photo("ann")
    assert studio.clear()["cleared"] == 1
    assert len(studio.parts.gallery.templates("ann")) == 4
    assert studio.ws.releases.show(issued.id).accepted == {photos[2].digest: ("small",)}
    assert studio.ws.audit().ok


def test_the_photographs_go_with_a_release_that_takes_its_place(studio: Studio) -> None:
    studio.person("ann")
    [first] = studio.parts.consent.photos("rel_ann").values()
    new = studio.ws.releases.amend("rel_ann", grant=["commercial"])
    studio.ws.releases.sign(new.id, studio.keys["ann"])
    assert list(studio.parts.consent.photos(new.id).values()) == [first]
    assert studio.parts.consent.photos("rel_ann") == {}


def test_without_the_networks_a_photograph_is_refused_and_the_networks_are_named(tmp_path: Path) -> None:
    with volenti.open(volenti.init(tmp_path / "studio", seed=1), models=tmp_path / "none") as ws:
        with pytest.raises(MissingModelError) as missing:
            by_issue(ws, encoded(picture()), tmp_path)
        assert "volenti models fetch" in missing.value.remedy
        with pytest.raises(UsageError, match="can't be read as a picture"):
            by_issue(ws, b"text", tmp_path)
