"""Pictures found again, looked at, corrected, and taken out where they were given by mistake."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.clearance.account import STATES
from volenti.clearance.decision import UNDECIDED
from volenti.clearance.picturelist import ListedPicture
from volenti.consent.document import DocumentError
from volenti.consent.names import plain_name
from volenti.consent.purpose import Grant
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
NONE = dict.fromkeys(("cleared", "held", "rejected", "unreadable", "duplicate"), 0)
#: More than there are files.
ALL = 1000


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        return self.now


def named(studio: Studio, file: str) -> str:
    """The picture that a file gave."""
    [found] = studio.ws.pictures.find(file, count=ALL).pictures
    return found.id


def give(studio: Studio, shoot: str, **files: str) -> None:
    """Pictures in a folder of the shoot's own: NAME="person person: caption"; they are taken in."""
    folder = studio.folder / "inbox" / (shoot or "none")
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in files.items():
        people, _, caption = said.partition(":")
        (folder / f"{name}.png").write_bytes(studio._picture(people.split()))
        (folder / f"{name}.txt").write_text(caption.strip())
    studio.ws.add([folder], shoot=shoot)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Files in every state, of several people and shoots, given and decided on several days."""
    clock = Clock()
    studio = Studio.open(tmp_path_factory.mktemp("busy"), clock=clock)
    ws = studio.ws
    for name in ("ann", "bob", "cid"):
        studio.person(name)
    give(studio, "Spring", beach="ann: Ann at the beach", dune="ann bob: two people", sea="bob: a man, Sea")
    give(studio, "", plain="bob: a man in a red top", street="ann somebody: a street")
    ws.clear(PURPOSE)
    ws.clear("commercial")
    clock.now += timedelta(days=3)
    give(
        studio,
        "autumn",
        leaf="cid: CAFE\u0301 in autumn",
        nobody=":an empty place",
        unknown="who: a stranger",
    )
    inbox = studio.folder / "inbox" / "autumn"
    (inbox / "copy of leaf.png").write_bytes((inbox / "leaf.png").read_bytes())
    (inbox / "notes.jpg").write_text("not a picture")
    ws.add([inbox], shoot="autumn")
    clock.now += timedelta(days=1)
    ws.clear(PURPOSE)
    ws.releases.withdraw(subject="cid")
    give(studio, "Spring", mistake="ann: a mistake", later="ann: later")
    ws.pictures.remove([named(studio, "mistake.png")])
    assert set(ws.pictures.list().totals) == set(STATES)
    return studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path, clock=Clock())


# -- finding


def everything(studio: Studio, **given: Any) -> list[ListedPicture]:
    return list(studio.ws.pictures.list(count=ALL, **given).pictures)


def fits(each: ListedPicture, asked: dict[str, Any]) -> bool:
    """What each criterion means, said once more and as plainly as possible."""
    text = plain_name(f"{each.file} {each.caption}")
    tests = {
        "words": lambda value: all(word in text for word in plain_name(value).split()),
        "shoot": lambda value: each.shoot.lower() == value.lower(),
        "person": lambda value: value in each.people or (each.file == "street.png" and value == "ann"),
        "state": lambda value: each.state == value,
        "finding": lambda value: value in each.findings,
        "given_from": lambda value: each.given is not None and each.given >= value,
        "given_until": lambda value: each.given is not None and each.given <= value,
        "decided_from": lambda value: each.decided is not None and each.decided >= value,
        "decided_until": lambda value: each.decided is not None and each.decided <= value,
    }
    return all(tests[name](value) for name, value in asked.items())


DAYS = st.sampled_from([BEGAN.date() + timedelta(days=number) for number in range(-1, 6)])
CRITERIA = st.fixed_dictionaries(
    {},
    optional={
        "words": st.sampled_from(
            ["", "beach", "BEACH ann", "man", "a", "cafe\u0301", "CAF\u00c9", "png leaf", "no"]
        ),
        "shoot": st.sampled_from(["Spring", "spring", "autumn", "", "winter"]),
        "person": st.sampled_from(["ann", "bob", "cid"]),
        "state": st.sampled_from(STATES),
        "finding": st.sampled_from(["bystander", "no-face", "no-release", "duplicate", "not-an-image"]),
        "given_from": DAYS,
        "given_until": DAYS,
        "decided_from": DAYS,
        "decided_until": DAYS,
    },
)


@settings(max_examples=150, deadline=None)
@given(asked=CRITERIA, count=st.integers(1, 4))
def test_what_is_found_is_what_fits_of_everything(busy: Studio, asked: dict[str, Any], count: int) -> None:
    expected = [each for each in everything(busy) if fits(each, asked)]
    found = busy.ws.pictures.find(**asked, count=ALL)
    assert sorted(map(_key, found.pictures)) == sorted(map(_key, expected))
    assert found.totals == Counter(each.state for each in expected)
    assert found.total == len(expected)
    paged = [
        busy.ws.pictures.find(**asked, count=count, page=page) for page in range(1, found.total // count + 2)
    ]
    assert [_key(each) for one in paged for each in one.pictures] == [_key(each) for each in found.pictures]
    assert {one.pages for one in paged} == {max(1, -(-found.total // count))}


def _key(each: ListedPicture) -> tuple[str, str, str]:
    return each.state, each.id, each.file


@pytest.mark.parametrize("few", [True, False], ids=["one by one", "together"])
def test_however_rows_are_read_the_same_is_found(
    busy: Studio, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("volenti.clearance.picturesearch.MANY", ALL if few else 0)
    assert [each.file for each in busy.ws.pictures.find("beach").pictures] == ["beach.png"]
    assert [each.shoot for each in busy.ws.pictures.find("CAFÉ", state="duplicate").pictures] == []
    assert busy.ws.pictures.list(finding="bystander").total == 1


def test_the_totals_are_those_of_the_account(busy: Studio) -> None:
    totals = dict(busy.ws.status().totals)
    assert totals.pop("given") == busy.ws.pictures.list().total
    assert {state: count for state, count in totals.items() if count} == busy.ws.pictures.list().totals


@pytest.mark.parametrize("purpose", [PURPOSE, "commercial", "synthetic-likeness"])
def test_for_one_purpose_states_are_those_of_its_decisions(busy: Studio, purpose: str) -> None:
    decided = {
        (row.parent, row.state)
        for row in busy.parts.records.rows("decision")
        if row.id.endswith(f"/{purpose}")
    }
    for each in everything(busy, purpose=purpose):
        state = "cleared" if each.state == "uncovered" else each.state
        if purpose in each.decisions and each.state != "duplicate":
            assert (each.id, state) in decided
        else:
            assert each.state not in ("cleared", "held", "uncovered")


@pytest.mark.parametrize("restricted", [False, True])
def test_what_was_never_judged_for_a_purpose_waits_for_it(studio: Studio, restricted: bool) -> None:
    studio.person("ann", Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES)
    give(studio, "", one="ann: one", two="somebody else: two")
    studio.ws.clear(PURPOSE)
    if restricted:
        studio.ws.requests.run(studio.ws.requests.open("restriction", "ann", identity="in-person").id)
        account = studio.ws.clear("redistribution")
        assert account.totals == {**NONE, "given": 2, "rejected": 1, "waiting": 1}
        assert [each.finding.code for each in account.findings if each.verdict == "waiting"] == ["restricted"]
    listed = studio.ws.pictures.list(purpose="redistribution")
    assert {each.file: each.state for each in listed.pictures} == {
        "one.png": "waiting",
        "two.png": "rejected",
    }


def test_one_purpose_says_nothing_of_another(studio: Studio) -> None:
    studio.person("ann", Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES)
    give(studio, "", one="ann: one")
    studio.ws.clear(PURPOSE)
    [refused] = studio.ws.clear("commercial").findings
    assert (refused.finding.code, refused.verdict) == ("purpose-not-granted", "rejected")
    account = studio.ws.status()
    assert account.totals == {**NONE, "given": 1, "cleared": 1}
    assert account.findings == []
    assert [each.findings for each in studio.ws.pictures.list().pictures] == [()]
    assert len(studio.ws.datasets.read(studio.ws.datasets.cut("humans", PURPOSE).id)) == 1


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"state": "lost"}, UsageError),
        ({"finding": "ugly"}, UsageError),
        ({"purpose": "fun"}, UsageError),
        ({"person": "nobody"}, NotFoundError),
        ({"count": 0}, UsageError),
        ({"page": 0}, UsageError),
        ({"given_from": "yesterday"}, UsageError),
    ],
)
def test_what_can_t_be_there_isn_t_looked_for(
    busy: Studio, asked: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        busy.ws.pictures.find(**asked)


def test_shoots_are_listed_with_their_people_and_pictures(studio: Studio) -> None:
    studio.person("ann", at="spring")
    studio.person("bob")
    studio.person("dan", at="winter")
    give(studio, "spring", one="ann: one", two="bob: two")
    give(studio, "", three="bob: three")
    found = {each.name: (each.people, dict(each.pictures)) for each in studio.ws.shoots.list()}
    assert found == {"": ((), {"waiting": 1}), "spring": (("ann",), {"waiting": 2}), "winter": (("dan",), {})}
    studio.ws.releases.withdraw("rel_dan")
    assert "winter" not in {each.name for each in studio.ws.shoots.list()}


# -- looking


def test_a_picture_is_shown_with_all_that_came_of_it(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    run = studio.trained(replace(RECIPE, shards=1))
    studio.ws.datasets.export("humans", studio.folder / "out", recipient="Example Lab")
    studio.ws.generate(["a man"], seed=3)
    image = studio.ws.pictures.list(person="ann").pictures[0].id
    shown = studio.ws.pictures.show(image)
    assert shown.people == ("ann",)
    assert [(each.purpose, each.verdict) for each in shown.decisions] == [(PURPOSE, "cleared")]
    assert [each.snapshot for each in shown.datasets] == ["humans@1"]
    assert [each.to for each in shown.deliveries] == ["Example Lab"]
    assert shown.runs == (run,)
    assert shown.works == studio.parts.ledger.count()
    assert (shown.width, shown.height) == (48, 48)
    assert shown.last_day is None


def test_of_a_held_picture_it_is_said_whom_it_may_show_and_until_when(busy: Studio) -> None:
    shown = busy.ws.pictures.show(named(busy, "street.png"))
    assert (shown.state, shown.people, shown.may_show) == ("held", (), ("ann",))
    assert shown.last_day == BEGAN.date() + timedelta(days=busy.ws.settings.quarantine_days)


@pytest.mark.parametrize("file", ["beach.png", "street.png", "later.png", "nobody.png"])
def test_a_preview_is_a_small_picture(busy: Studio, file: str) -> None:
    assert busy.ws.pictures.preview(named(busy, file)).startswith(b"\xff\xd8")


def test_there_is_no_preview_of_what_is_not_kept_or_restricted(busy: Studio, studio: Studio) -> None:
    with pytest.raises(RefusedError, match="not kept"):
        busy.ws.pictures.preview(named(busy, "unknown.png"))
    for verb in (busy.ws.pictures.preview, busy.ws.pictures.show):
        with pytest.raises(NotFoundError) as refused:
            verb("img_none")
        assert "volenti picture find" in refused.value.remedy
    studio.shoot("ann")
    studio.clear()
    image = studio.ws.pictures.list(person="ann").pictures[0].id
    studio.ws.requests.run(studio.ws.requests.open("restriction", "ann", identity="in-person").id)
    for restricted in (studio.ws.pictures.preview, lambda each: studio.ws.pictures.remove([each])):
        with pytest.raises(RefusedError, match="restricted"):
            restricted(image)


# -- correcting


@pytest.mark.parametrize("state", ["waiting", "held", "cleared"])
@pytest.mark.parametrize(
    "what", [{"caption": "another"}, {"shoot": "another"}, {"caption": "", "shoot": "x"}]
)
def test_what_is_amended_is_said_of_the_picture(studio: Studio, state: str, what: dict[str, str]) -> None:
    studio.person("ann")
    give(studio, "spring", one="ann: one" if state == "cleared" else "ann stranger: one")
    if state != "waiting":
        studio.ws.clear(PURPOSE)
    image = named(studio, "one.png")
    [dry] = studio.ws.pictures.amend([image], **what, dry_run=True)
    assert studio.ws.pictures.show(image).caption == "one"
    [done] = studio.ws.pictures.amend([image], **what)
    assert done == dry
    shown = studio.ws.pictures.show(image)
    expected = {"caption": "one", "shoot": "spring", **what}
    assert {"caption": shown.caption, "shoot": shown.shoot} == expected == done.after
    assert shown.amended == tuple(sorted(what)) == tuple(sorted(done.amended))
    assert shown.state == state
    [said] = studio.parts.events.said_about(image, "picture-amended")
    assert said == {"image": image, **what}
    assert not studio.ws.pictures.amend([image], **what)[0].changed
    assert studio.ws.audit(deep=True).ok


@pytest.mark.parametrize(
    ("covers", "before", "after", "becomes"),
    [
        ("spring", "spring", "autumn", "held"),
        ("spring", "", "spring", "cleared"),
        ("spring", "autumn", "spring", "cleared"),
        ("", "spring", "autumn", "cleared"),
        ("", "spring", "", "cleared"),
    ],
)
def test_another_shoot_is_decided_anew_by_the_next_clear(
    studio: Studio, covers: str, before: str, after: str, becomes: str
) -> None:
    studio.person("ann", at=covers)
    give(studio, before, one="ann: one")
    if covers in ("", before):
        studio.ws.clear(PURPOSE)
        assert studio.ws.pictures.list(state="cleared").total == 1
    image = named(studio, "one.png")
    [done] = studio.ws.pictures.amend([image], shoot=after)
    assert done.decided_anew == ((PURPOSE,) if covers in ("", before) else ())
    foreseen = [each.after for each in studio.ws.changes(PURPOSE)[0]]
    studio.ws.clear(PURPOSE)
    assert studio.ws.pictures.list(state=becomes).total == 1
    if done.decided_anew:
        assert foreseen == ([] if becomes == "cleared" else [becomes])
    [row] = studio.parts.records.rows("decision", parent=image)
    assert row.position != UNDECIDED


def test_until_then_reading_asks_for_the_new_shoot(studio: Studio) -> None:
    studio.person("ann", at="spring")
    give(studio, "spring", one="ann: one")
    studio.ws.clear(PURPOSE)
    studio.ws.datasets.cut("humans", PURPOSE)
    assert len(studio.ws.datasets.read("humans")) == 1
    studio.ws.pictures.amend([named(studio, "one.png")], shoot="autumn", caption="new")
    assert len(studio.ws.datasets.read("humans")) == 0
    # What was cut keeps what it was cut with.
    assert [each.caption for each in studio.ws.datasets.show("humans").entries] == ["one"]
    assert all(each.ok for each in studio.ws.datasets.verify())


def test_a_caption_that_was_amended_is_the_next_datasets(studio: Studio) -> None:
    studio.person("ann")
    give(studio, "", one="ann: one")
    studio.ws.clear(PURPOSE)
    image = named(studio, "one.png")
    studio.ws.pictures.amend([image], caption="new")
    give(studio, "elsewhere", two="ann: other")  # so that the folder is ann's, too
    studio.ws.clear(PURPOSE)
    again = studio.folder / "inbox" / "elsewhere" / "again.png"
    again.write_bytes((studio.folder / "inbox" / "none" / "one.png").read_bytes())
    again.with_suffix(".txt").write_text("what a later copy says")
    studio.ws.add([again.parent], shoot="elsewhere")
    studio.ws.add([studio.folder / "inbox" / "none"])
    studio.ws.datasets.cut("humans", PURPOSE)
    said = {each.image: each.caption for each in studio.ws.datasets.show("humans").entries}
    assert said[image] == "new"


def test_what_a_person_decided_stays_and_they_may_decide_what_waits(studio: Studio) -> None:
    studio.person("ann", at="spring")
    give(studio, "spring", one="ann stranger: one", two="ann other: two")
    studio.ws.clear(PURPOSE)
    one, two = named(studio, "one.png"), named(studio, "two.png")
    studio.ws.review.decide(one, clear=False, reviewer="rita")
    with pytest.raises(ConflictError, match="nothing of it is kept"):
        studio.ws.pictures.amend([one], shoot="autumn")
    [done] = studio.ws.pictures.amend([two], shoot="autumn")
    assert done.decided_anew == (PURPOSE,)
    studio.ws.review.decide(two, clear=False, reviewer="rita")
    assert studio.ws.pictures.list(state="rejected").total == 2
    assert studio.ws.audit().ok


def test_all_are_amended_or_none(busy: Studio) -> None:
    image = named(busy, "beach.png")
    for names in ([image, "img_none"], [image, named(busy, "unknown.png")]):
        with pytest.raises((NotFoundError, ConflictError)):
            busy.ws.pictures.amend(names, caption="new")
    assert busy.ws.pictures.show(image).caption == "Ann at the beach"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"images": ["img_1"]},
        {"caption": "x"},
        {"images": ["img_1"], "caption": "a\x00b"},
        {"images": ["img_1"], "shoot": "x" * 5000},
        {"images": ["img_1"], "table": b"image,caption\n", "caption": "x"},
        {"table": b"image,caption\nimg_1,x\n", "caption": "x"},
    ],
)
def test_what_makes_no_sense_is_refused(busy: Studio, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        busy.ws.pictures.amend(**given)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


TABLES: dict[str, tuple[bytes, str]] = {
    "commas": (b"file,caption,shoot\none.png,caf\xc3\xa9,winter\n", ""),
    "semicolons and a mark": ("file;caption;shoot\r\none.png;café;winter\r\n".encode("utf-8-sig"), ""),
    "sep=": ("sep=;\nfile;caption;shoot\none.png;café;winter\n".encode(), ""),
    "UTF-16": ("file\tcaption\tshoot\none.png\tcafé\twinter\n".encode("utf-16"), ""),
    "Windows": ("file;caption;shoot\none.png;café;winter\n".encode("cp1252"), "cp1252"),
    "capitals and spaces": ("File , Caption, SHOOT\n one.png , café , winter \n,,\n".encode(), ""),
    "a workbook": (workbook(("file", "caption", "shoot"), ("one.png", "café", "winter")), ""),
    "other columns": ("no,file,caption,shoot\n7,one.png,café,winter\n".encode(), ""),
}


@pytest.mark.parametrize("form", TABLES)
def test_a_table_amends_in_whatever_form_it_was_saved(studio: Studio, form: str) -> None:
    studio.person("ann")
    give(studio, "spring", one="ann: one", two="ann: two")
    data, encoding = TABLES[form]
    studio.ws.pictures.amend(table=data, encoding=encoding)
    shown = studio.ws.pictures.show(named(studio, "one.png"))
    assert (shown.caption, shown.shoot) == ("café", "winter")
    assert studio.ws.pictures.show(named(studio, "two.png")).amended == ()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "no header"),
        (b"name,caption\none.png,x\n", "no header"),
        (b"file,title\none.png,x\n", "no header"),
        (b"file,caption\nlost.png,x\n", "row 2: names a file that gave no picture"),
        (b"file,caption\none.png,\n", "row 2: says nothing"),
        (b"file,caption\none.png,x\none.png,y\n", "row 3: is about a picture that an earlier row"),
        (b"image,file,caption\n,,x\n", "row 2: names no picture"),
        (b"file,caption\nlost.png,x\n,y\n", "row 2: .*row 3: "),
        (b"file,caption\nsame.png,x\n", "gave 2 pictures: fill in image"),
        (b'file,caption\n"one.png,x\n', "quotation marks"),
        (b"file,caption\none.png,caf\xe9\n", "isn't UTF-8"),
        (b"PK\x03\x04", "workbook"),
    ],
)
def test_a_faulty_table_changes_nothing_and_every_fault_is_named(
    studio: Studio, table: bytes, said: str
) -> None:
    studio.person("ann")
    give(studio, "a", one="ann: one", same="ann: same")
    give(studio, "b", same="ann: another")
    before = everything(studio)
    with pytest.raises(DocumentError, match=said):
        studio.ws.pictures.amend(table=table)
    assert everything(studio) == before


# -- taking out


@pytest.mark.parametrize("state", ["waiting", "held", "cleared"])
@pytest.mark.parametrize("copies", [0, 1])
def test_of_a_removed_picture_nothing_stays_but_that_it_was_removed(
    studio: Studio, state: str, copies: int
) -> None:
    studio.person("ann")
    give(studio, "spring", one="ann: private" if state == "cleared" else "ann stranger: private")
    give(studio, "spring", two="ann: two")
    folder = studio.folder / "inbox" / "spring"
    for _ in range(copies):
        (folder / "copy.png").write_bytes((folder / "one.png").read_bytes())
        studio.ws.add([folder], shoot="spring")
    if state != "waiting":
        studio.ws.clear(PURPOSE)
    image = studio.parts.vault.image_identifier(sha256((folder / "one.png").read_bytes()))
    original = studio.parts.pictures.find(image).original  # type: ignore[union-attr]
    assert original is not None
    [would] = studio.ws.pictures.remove([image], dry_run=True)
    assert studio.ws.pictures.show(image).state == state
    [done] = studio.ws.pictures.remove([image])
    assert done == would
    assert (done.files, done.people) == (1 + copies, ("ann",) if state == "cleared" else ())
    assert studio.ws.pictures.list(state="removed").total == 1 + copies
    assert {each.file for each in studio.ws.pictures.list(state="removed").pictures} == {""}
    for kind in ("image", "decision", "mention"):
        assert all(image not in (row.id, row.parent) for row in studio.parts.records.rows(kind))
    with pytest.raises(Exception, match=r"."):
        studio.parts.vault.open(original)
    said = [studio.parts.events.event(number) for number in range(studio.parts.events.size)]
    about = [each["kind"] for each in said if each is not None and each["body"].get("image") == image]
    assert about == ["picture-removed"]
    assert studio.ws.pictures.show(named(studio, "two.png")).state != "removed"
    report = studio.ws.audit(deep=True)
    assert report.ok, report.problems
    # Given again it is taken in again.
    assert studio.ws.add([folder], shoot="spring").new == 1


def test_what_a_dataset_holds_is_not_removed(studio: Studio) -> None:
    studio.shoot("ann", "bob")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    image = studio.ws.pictures.list(person="ann").pictures[0].id
    for dry_run in (True, False):
        with pytest.raises(ConflictError, match="humans@1") as refused:
            studio.ws.pictures.remove([image], dry_run=dry_run)
        assert f"volenti review flag {image}" in refused.value.remedy
    # The remedy that is named exists, and does what it says.
    studio.ws.review.flag(image, "third-party-copy", reviewer="rita")
    assert image not in {each.image for each in studio.ws.datasets.read("humans").entries}


def test_also_a_dataset_that_was_cut_when_it_was_somebody_elses_holds_it(studio: Studio) -> None:
    studio.person("ann")
    studio.person("bob")
    give(studio, "", one=": somebody from behind")
    studio.ws.clear(PURPOSE)
    image = named(studio, "one.png")
    studio.ws.review.decide(image, clear=True, subjects=["ann"], reviewer="rita")
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.review.undo(image, reviewer="rita")
    studio.ws.review.decide(image, clear=True, subjects=["bob"], reviewer="rita")
    assert studio.ws.pictures.show(image).people == ("bob",)
    with pytest.raises(ConflictError, match="humans@1"):
        studio.ws.pictures.remove([image])


def test_all_are_removed_or_none(studio: Studio) -> None:
    studio.person("ann")
    give(studio, "", one="ann: one")
    image = named(studio, "one.png")
    with pytest.raises(NotFoundError):
        studio.ws.pictures.remove([image, "img_none"])
    assert studio.ws.pictures.show(image).state == "waiting"
    assert [each.id for each in studio.ws.pictures.remove([image, image])] == [image]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_removal_that_is_interrupted_is_finished_by_the_same_call(
    studio: Studio, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.person("ann")
    give(studio, "", one="ann: one")
    studio.ws.clear(PURPOSE)
    image = named(studio, "one.png")
    records, vault = studio.parts.records, studio.parts.vault
    broken = {1: (records, "delete"), 2: (records, "forget_about"), 3: (vault, "blank_all")}[at]

    def fails(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(*broken, fails)
        with pytest.raises(OSError, match="space"):
            studio.ws.pictures.remove([image])
    assert studio.ws.pictures.show(image).state == "cleared"
    studio.ws.pictures.remove([image])
    assert studio.ws.pictures.show(image).state == "removed"
    assert studio.ws.audit(deep=True).ok


# -- leaving


@pytest.mark.parametrize("first", ["amended", "removed"])
def test_whoever_is_erased_leaves_nothing_of_what_was_done_to_their_pictures(
    studio: Studio, first: str
) -> None:
    for name in ("ann", "bob"):
        studio.person(name)
        give(studio, "", **{f"{name}{number}": f"{name}: {name} at work" for number in range(3)})
    studio.ws.clear(PURPOSE)
    images = [named(studio, f"ann{number}.png") for number in range(3)]
    if first == "amended":
        studio.ws.pictures.amend(images, caption="Ann Example, corrected", shoot="ann's")
    else:
        studio.ws.pictures.remove(images[:2])
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    left = [
        studio.parts.records.opened(row)
        for kind in studio.parts.records.kinds()
        for row in studio.parts.records.rows(kind)
    ]
    said = " ".join(f"{each.kind} {each.id} {each.parent} {each.body} {each.owners}" for each in left)
    assert not [word for word in ("Ann Example", "ann's", "ann0", *images) if word in said]
    assert {each.people for each in everything(studio)} == {("bob",)}
    assert studio.ws.audit(deep=True).ok


# -- people by words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("jose", {"jose"}),
        ("JOS\u00c9", {"acute"}),
        ("jose\u0301", {"acute"}),
        ("ｊｏｓｅ", {"jose"}),
        ("strasse", {"gross"}),
        ("STRASSE gross", {"gross"}),
        ("straße", {"gross"}),
        ("gross  strasse", {"gross"}),
        ("legal", {"jose", "acute", "gross"}),
        ("legal jose", {"jose"}),
        ("example.org", {"jose", "acute", "gross"}),
        ("gross@", {"gross"}),
        ("guard", {"jose"}),
        ("nobody", set()),
        ("", set()),
        ("  ", set()),
    ],
)
def test_people_are_found_as_names_are_compared(words: str, found: set[str], people: Studio) -> None:
    assert {each.id for each in people.ws.subjects.find(words)} == found


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio.open(tmp_path_factory.mktemp("people"))
    for name in ("jose", "acute", "gross"):
        studio.person(name, born=date(2015, 1, 1) if name == "jose" else date(1990, 1, 1))
    amend = studio.ws.subjects.amend
    amend("acute", name=unicodedata.normalize("NFD", "Legal José"), contact="x@example.org")
    amend("gross", name="Legal Groß Straße")
    amend("jose", guardian="Gustav Guard", guardian_relation="father")
    return studio
