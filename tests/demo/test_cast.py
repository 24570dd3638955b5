"""The pack is whole and small, and the people in it are plainly invented."""

from __future__ import annotations

import io
import re
from importlib.resources import files

from PIL import Image

from volenti.core.identifiers import check
from volenti.demo.cast import BIRTH_YEARS, PACK, Person, read_cast


def test_the_pack_holds_all_96_people_with_five_photographs_each(people: tuple[Person, ...]) -> None:
    assert len(people) == 96
    assert {len(person.photos) for person in people} == {5}


def test_the_pack_has_at_most_six_megabytes() -> None:
    assert len((files("volenti.demo") / PACK).read_bytes()) <= 6_000_000


def test_every_photograph_opens_and_has_a_caption(people: tuple[Person, ...]) -> None:
    for person in people:
        for photo in person.photos:
            with Image.open(io.BytesIO(photo.data)) as picture:
                picture.load()
                assert (picture.format, picture.size) == ("JPEG", (256, 256))
            assert re.search(r"studio photograph, [a-z ]+$", photo.caption)


def test_the_reference_is_the_frontal_photograph(people: tuple[Person, ...]) -> None:
    assert all(person.reference.name == f"{person.number}-0.jpg" for person in people)


def test_the_same_seed_gives_the_same_people(people: tuple[Person, ...]) -> None:
    assert read_cast(3) == people


def test_another_seed_gives_other_names_keys_and_identifiers(people: tuple[Person, ...]) -> None:
    for one, other in zip(people, read_cast(4), strict=True):
        assert one.photos == other.photos
        assert one.key != other.key
        assert one.subject_id != other.subject_id
        assert one.notes != other.notes


def test_nobody_shares_a_name_a_note_an_identifier_or_a_key(people: tuple[Person, ...]) -> None:
    for field in ("legal_name", "handle", "contact", "notes", "subject_id", "release_id"):
        assert len({getattr(person, field) for person in people}) == 96
    assert len({person.key.seed for person in people}) == 96


def test_nobody_can_be_reached_at_their_address(people: tuple[Person, ...]) -> None:
    # RFC 2606 reserves .example.
    assert all(person.contact.endswith("@post.example") for person in people)


def test_identifiers_may_name_files_and_say_nothing_about_the_person(people: tuple[Person, ...]) -> None:
    for person in people:
        for identifier in (person.subject_id, person.release_id):
            assert check(identifier) == identifier
            assert person.handle not in identifier
            assert person.number not in identifier


def test_birth_dates_follow_the_age_a_face_was_rendered_with(people: tuple[Person, ...]) -> None:
    for person in people:
        first, last = BIRTH_YEARS[person.age]
        assert first <= person.birth_date.year <= last
