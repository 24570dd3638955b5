"""Markings are read back by the code that reads strangers' files, and leave the picture alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from volenti.demo.cast import Person
from volenti.demo.markings import Markings, marked
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.rights.statement import Rights, read_rights


def _rights(jpeg: bytes) -> Rights:
    picture = open_picture(jpeg)
    assert isinstance(picture, Picture)
    return read_rights(picture)


def test_the_release_a_picture_was_taken_under_is_read_back(people: tuple[Person, ...]) -> None:
    rights = _rights(marked(people[0].photos[1].data, Markings(releases=("rel_a", "rel_b"))))
    assert rights.model_release_ids == ("rel_a", "rel_b")
    assert rights.model_release_status == "MR-UMR"


def test_a_reservation_of_rights_is_read_back(people: tuple[Person, ...]) -> None:
    jpeg = marked(people[0].photos[1].data, Markings(data_mining="DMI-PROHIBITED-GENAIMLTRAINING"))
    assert _rights(jpeg).data_mining == ("DMI-PROHIBITED-GENAIMLTRAINING",)


@pytest.mark.parametrize("place", [(54.5, 5.75), (-33.92, 18.42), (0.001, -0.001)])
def test_coordinates_are_in_the_exif_block(people: tuple[Person, ...], place: tuple[float, float]) -> None:
    jpeg = marked(people[0].photos[1].data, Markings(place=place))
    assert _rights(jpeg).has_location
    gps = Image.open(io.BytesIO(jpeg)).getexif().get_ifd(0x8825)
    found = []
    for reference, degrees, negative in ((gps[1], gps[2], "S"), (gps[3], gps[4], "W")):
        value = sum(float(part) / 60**power for power, part in enumerate(degrees))
        found.append(-value if reference == negative else value)
    assert found == pytest.approx(place, abs=1 / 3600)


def test_without_a_place_there_are_no_coordinates(people: tuple[Person, ...]) -> None:
    assert not _rights(marked(people[0].photos[1].data, Markings(title="x"))).has_location


def test_the_picture_itself_stays_as_it_was(people: tuple[Person, ...]) -> None:
    plain = people[0].photos[1].data
    jpeg = marked(plain, Markings(title="A <title> & more", instructions="keep", description="here"))
    assert jpeg.endswith(plain[2:])
    one, other = (np.asarray(Image.open(io.BytesIO(data))) for data in (plain, jpeg))
    assert np.array_equal(one, other)
    assert b"A &lt;title&gt; &amp; more" in jpeg


def test_what_is_no_jpeg_is_not_marked() -> None:
    with pytest.raises(ValueError, match="JPEG"):
        marked(b"\x89PNG", Markings())


def test_what_does_not_fit_into_a_segment_is_refused(people: tuple[Person, ...]) -> None:
    with pytest.raises(ValueError, match="segment"):
        marked(people[0].photos[1].data, Markings(instructions="x" * 70_000))
