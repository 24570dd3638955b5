"""The demo's cast: 96 people who do not exist, five photographs each, and invented papers.

The pictures are rendered (tools/make_demo_pack.py put them into cast.zip). Names, addresses
and notes are invented here from a seed and are meant to look invented: the audit searches for
these strings once a person was erased. Keys come from the seed as well, so that the demo can be
repeated; they protect nothing.
"""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from volenti.core.digest import derive
from volenti.core.signing import SigningKey

PACK = "cast.zip"

#: First and last year of birth by the age a face was rendered with. All of them are adults.
BIRTH_YEARS = {"young": (1990, 2004), "middle-aged": (1968, 1982), "older": (1943, 1960)}

_GIVEN_FIRST = (
    "Ael Bryn Corv Davo Elzi Fenn Gwyl Hald Ilye Jorv Kaelo Lunz Mirr Noxi Orib Perq Quil Rozz Sevv Tamq"
)
_GIVEN_LAST = "andrel wynka ethis ikolar issette ovarn unelle azzim omir eskya"
_FAMILY_FIRST = (
    "Quaster Zembral Ondrix Velquor Thrambel Ixworl Brondik Fuzzel Gromvar Hexom "
    "Jildra Kwendel Lomquist Myxter Nurvane Oblong Pazzik Rumbold Skelv Twizzen"
)
_FAMILY_LAST = "vane wimple croft dorff feldt gard holt mere nessel quay shaw storrow wick zelle"
_HABITS = (
    "hums while the lights are set",
    "brings a folding chair painted orange",
    "wants the window open",
    "counts in base twelve",
    "drinks only mint tea",
    "keeps a paper umbrella in the locker",
    "asks for the left profile",
    "reads train timetables between takes",
)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph: its name in the pack, what it shows, and the JPEG."""

    name: str
    caption: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the cast. The first photograph is the reference of their release."""

    number: str
    legal_name: str
    birth_date: date
    contact: str
    notes: str
    age: str
    photos: tuple[Photo, ...]
    subject_id: str
    release_id: str
    key: SigningKey

    @property
    def reference(self) -> Photo:
        """The photograph that the person's release names as its reference."""
        return self.photos[0]

    @property
    def handle(self) -> str:
        """The family name as it stands in file names."""
        return self.legal_name.rpartition(" ")[2].lower()


def read_cast(seed: int) -> tuple[Person, ...]:
    """Everybody of the cast, in the pack's order; the same seed gives the same people."""
    ages: dict[str, str] = {}
    photos: dict[str, list[Photo]] = {}
    for number, age, photo in _pack():
        ages[number] = age
        photos.setdefault(number, []).append(photo)
    rng = random.Random(f"volenti/demo/{seed}/people")
    names = _names(rng, len(photos))
    return tuple(
        _person(number, name, ages[number], tuple(photos[number]), seed, rng)
        for number, name in zip(photos, names, strict=True)
    )


def _pack() -> Iterator[tuple[str, str, Photo]]:
    data = (files("volenti.demo") / PACK).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for record in json.loads(archive.read("records.json")):
            picture = archive.read(f"images/{record['file']}")
            yield record["subject"], record["age"], Photo(record["file"], record["caption"], picture)


def _names(rng: random.Random, count: int) -> list[str]:
    """Names that nobody has; no family name occurs twice."""
    families = [first + last for first in _FAMILY_FIRST.split() for last in _FAMILY_LAST.split()]
    given = [first + last for first in _GIVEN_FIRST.split() for last in _GIVEN_LAST.split()]
    pairs = zip(rng.sample(given, count), rng.sample(families, count), strict=True)
    return [" ".join(pair) for pair in pairs]


def _person(
    number: str, name: str, age: str, photos: tuple[Photo, ...], seed: int, rng: random.Random
) -> Person:
    secret = derive(f"demo seed {seed}".encode(), f"demo/{number}")
    first, last = BIRTH_YEARS[age]
    born = date(rng.randint(first, last), 1, 1) + timedelta(days=rng.randrange(365))
    locker = f"{rng.randrange(16**6):06X}-{rng.choice('QXZJ')}{rng.randrange(1000):03d}"
    return Person(
        number=number,
        legal_name=name,
        birth_date=born,
        contact=f"{name.lower().replace(' ', '.')}@post.example",
        notes=f"Locker {locker}; {rng.choice(_HABITS)}.",
        age=age,
        photos=photos,
        subject_id=f"sub_{_token(secret, 'subject')}",
        release_id=f"rel_{_token(secret, 'release')}",
        key=SigningKey(derive(secret, "signing")),
    )


def _token(secret: bytes, purpose: str) -> str:
    """The 20 characters of an identifier, which look random without the seed."""
    return base64.b32encode(derive(secret, purpose)).decode().lower()[:20]
