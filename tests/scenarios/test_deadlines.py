"""What is due, by day: in a list, and in a calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import volenti
from tests.cli.calling import drawn
from tests.studio import PURPOSE, Studio
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Guardian, Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.digest import sha256
from volenti.core.icalendar import LINE_MAX, Entry, calendar
from volenti.core.signing import SigningKey
from volenti.requests.deadlines import Deadline, Matter

BEGAN = datetime(2026, 1, 10, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> list[datetime]:
    return [BEGAN]


@pytest.fixture
def studio(tmp_path: Path, now: list[datetime]) -> Studio:
    return Studio.open(tmp_path, clock=lambda: now[0])


def matters(studio: Studio, days: int = 30) -> list[tuple[str, int, bool]]:
    """What is due: the matter, in how many days, and whether it is overdue."""
    today = studio.parts.clock().date()
    return [(each.matter.value, (each.day - today).days, each.is_overdue) for each in studio.ws.due(days)]


def test_nothing_is_due_in_an_empty_workspace(studio: Studio) -> None:
    assert studio.ws.due(36_600) == []


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [
        ("access", 0, [("request", 30, False)]),
        ("portability", 10, [("request", 20, False)]),
        ("erasure", 31, [("request", -1, True)]),
        ("objection", 0, [("request", 30, False)]),
        ("restriction", 0, [("request", 30, False)]),
    ],
)
def test_requests_are_due_until_they_are_done(
    studio: Studio, now: list[datetime], kind: str, after: int, expected: list[tuple[str, int, bool]]
) -> None:
    studio.person("ann")
    request = studio.ws.requests.open(kind, "ann", identity="in-person")
    now[0] += timedelta(days=after)
    assert matters(studio) == expected
    [found] = studio.ws.due()
    assert (found.about, request.id in found.remedy) == (request.id, True)
    studio.ws.requests.refuse(request.id, ground="unfounded-or-excessive")
    assert matters(studio) == []


def test_an_extended_request_is_due_later_under_the_same_name(studio: Studio) -> None:
    studio.person("ann")
    request = studio.ws.requests.open("access", "ann", identity="in-person")
    [before] = studio.ws.due()
    studio.ws.requests.extend(request.id, reason="complexity")
    assert studio.ws.due(30) == []
    [after] = studio.ws.due(90)
    assert (after.uid, after.day) == (before.uid, before.day + timedelta(days=60))


def test_a_restriction_in_force_was_answered(studio: Studio) -> None:
    studio.person("ann")
    studio.ws.requests.run(studio.ws.requests.open("restriction", "ann", identity="in-person").id)
    assert matters(studio, 365) == []


def test_a_release_ends_with_what_it_touches(studio: Studio) -> None:
    studio.person("ann", flaw="expired")  # ends on 1 February
    studio.photo("ann")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    [found] = studio.ws.due(30)
    assert (found.matter, found.day, found.about) == (Matter.RELEASE_ENDS, date(2026, 2, 1), "rel_ann")
    assert found.text == "Release rel_ann of ann ends: 1 picture, in humans@1"
    assert studio.ws.due(21) == []


@pytest.mark.parametrize(("days", "count"), [(29, 0), (30, 1), (400, 1)])
def test_held_and_waiting_pictures_have_a_last_day(studio: Studio, days: int, count: int) -> None:
    studio.photo("a stranger", "another")
    studio.photo()
    studio.ws.add([studio.folder / "inbox"])
    found = studio.ws.due(days)
    assert [each.matter for each in found] == [Matter.PICTURES_DROPPED] * count
    assert all("2 pictures" in each.text for each in found)


def test_samples_called_back_are_due_until_they_are_acknowledged(studio: Studio, now: list[datetime]) -> None:
    studio.shoot("ann", "bob")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    delivery = studio.ws.datasets.export("humans", studio.folder / "out", recipient="Pat Private")
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    [found] = [each for each in studio.ws.due(365) if each.matter is Matter.ACKNOWLEDGEMENT]
    assert found.about == delivery.id
    assert "2 samples of humans@1" in found.text
    assert "Pat" not in f"{found}{found.text}{found.entry}"
    assert not found.is_overdue
    now[0] += timedelta(days=400)
    assert [each[2] for each in matters(studio) if each[0] == "acknowledgement"] == [True]


def test_what_a_law_has_kept_ends_on_its_day(studio: Studio, now: list[datetime]) -> None:
    studio.person("ann")
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    studio.ws.requests.keep(request.id, ground="legal-claims", until=date(2026, 3, 1))
    studio.ws.requests.run(request.id)
    [found] = studio.ws.due(60)
    assert (found.matter, found.day, found.about) == (Matter.RETENTION_ENDS, date(2026, 3, 1), request.id)
    now[0] = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert matters(studio) == [("retention-ends", -1, True)]


@pytest.mark.parametrize(("born", "day"), [((2008, 1, 20), 10), ((2008, 1, 5), -5)])
def test_who_comes_of_age_is_asked_for_a_yes_of_their_own(
    studio: Studio, born: tuple[int, int, int], day: int
) -> None:
    key, photo = SigningKey.new(), studio._picture(["kim"], scale=2)
    guardian = Guardian("Gustav Guard", "father", key.public)
    studio.parts.consent.add_subject(Subject("Kim Young", date(*born), guardian=guardian, id="kim"))
    draft = Release(
        id="rel_kim",
        subject="kim",
        legal_name="Kim Young",
        birth_date=date(*born),
        controller="A test",
        shoot=Shoot("A test", date(2026, 1, 2), date(2026, 1, 2), sha256(photo)),
        grants=Grants.only(*Grant),
        terms=Terms(territory=("WORLD",), governing_law="DE", valid_from=date(2025, 1, 1)),
        evidence=evidence("test"),
    )
    signed = SignedRelease(draft).signed_by(key, Role.GUARDIAN, datetime(2026, 1, 3, 12, tzinfo=UTC))
    studio.parts.consent.import_signed(signed, [GivenPhoto("kim.png", photo)])
    assert matters(studio) == [("of-age", day, False)]


def test_everything_is_sorted_by_day_and_nobody_is_named(studio: Studio) -> None:
    studio.person("ann", flaw="expired")
    studio.photo("ann", "a stranger")
    studio.clear()
    studio.ws.requests.open("access", "ann", identity="in-person")
    found = studio.ws.due(36_600)
    assert [each.day for each in found] == sorted(each.day for each in found)
    assert {each.matter for each in found} == {Matter.REQUEST, Matter.RELEASE_ENDS, Matter.PICTURES_DROPPED}
    assert len({each.uid for each in found}) == len(found)
    assert not any("Legal" in f"{each.text}{each.remedy}" for each in found)


def test_two_workspaces_have_other_names_for_their_matters(tmp_path: Path) -> None:
    drawn(tmp_path / "inbox" / "one.png")
    uids = []
    for name in ("one", "two"):
        with volenti.open(volenti.init(tmp_path / name)) as ws:
            ws.add([tmp_path / "inbox"])
            uids += [each.uid for each in ws.due()]
    assert len(set(uids)) == 2


def test_a_mirror_that_is_behind_is_due_now(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True, mirror=tmp_path / "mirror")
    studio.person("ann")
    studio.ws.close()
    (tmp_path / "mirror").rename(tmp_path / "away")
    with volenti.open(tmp_path / "workspace") as ws:
        ws.releases.withdraw(subject="ann")
        [found] = ws.due()
        assert (found.matter, found.day, found.is_overdue) == (Matter.MIRROR, ws.parts.consent.today, True)
        (tmp_path / "away").rename(tmp_path / "mirror")
        assert ws.due() == []


# -- the calendar


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)
ENTRIES = st.lists(
    st.builds(Entry, TEXTS, st.dates(date(1970, 1, 1), date(9999, 12, 30)), TEXTS, TEXTS), max_size=4
)


def read(data: bytes) -> list[dict[str, str]]:
    """The entries of a calendar, as RFC 5545 has it read: unfolded, and texts unescaped."""
    text = data.decode()
    assert text.endswith("\r\n")
    entries: list[dict[str, str]] = []
    for line in re.sub("\r\n[ \t]", "", text).split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            entries.append({})
        elif entries and name not in ("BEGIN", "END"):
            said = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
            entries[-1][name.partition(";")[0]] = said
    return entries


@given(entries=ENTRIES)
def test_a_calendar_says_what_it_was_given(entries: list[Entry]) -> None:
    data = calendar(entries, NOW)
    lines = data.split(b"\r\n")
    assert all(len(line) <= LINE_MAX for line in lines)
    assert not any(re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line) for line in lines)
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    for each, found in zip(entries, read(data), strict=True):
        assert found["SUMMARY"] == plain(each.summary)
        assert found.get("DESCRIPTION", "") == plain(each.description)
        assert found["UID"] == plain(each.uid)
        assert found["DTSTART"] == f"{each.day:%Y%m%d}".zfill(8)
        assert found["DTEND"] == f"{each.day + timedelta(days=1):%Y%m%d}".zfill(8)
        assert found["DTSTAMP"] == "20261130T120000Z"


def plain(text: str) -> str:
    """A text without what a calendar can't hold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", re.sub("\r\n?", "\n", text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a, b; c", rb"SUMMARY:a\, b\; c"),
        ("back\\slash", rb"SUMMARY:back\\slash"),
        ("two\nlines", rb"SUMMARY:two\nlines"),
        ("two\r\nlines", rb"SUMMARY:two\nlines"),
        ("BEGIN:VEVENT", b"SUMMARY:BEGIN:VEVENT"),
        ("Grün", "SUMMARY:Grün".encode()),
    ],
)
def test_texts_are_written_so_that_they_stay_texts(text: str, line: bytes) -> None:
    assert line in calendar([Entry("1@volenti", date(2026, 1, 1), text)], NOW).split(b"\r\n")


def test_a_long_line_is_folded_between_characters() -> None:
    [first, second] = [
        part
        for part in calendar([Entry("1", date(2026, 1, 1), "ä" * 40)], NOW).split(b"\r\n")
        if "ä".encode() in part
    ]
    assert second.startswith(b" ")
    assert (first + second[1:]).decode() == "SUMMARY:" + "ä" * 40


def test_a_deadline_is_an_entry_of_its_day() -> None:
    deadline = Deadline(date(2026, 1, 1), Matter.REQUEST, "req_1", "text", "remedy", uid="1@volenti")
    assert deadline.entry == Entry("1@volenti", date(2026, 1, 1), "text", "remedy")
