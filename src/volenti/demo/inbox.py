"""The demo's inbox: a folder as it arrives from a shoot, with everything in it that shouldn't be there.

Captions lie in metadata.jsonl (file_name, text). Photograph 0 of a person lies with their
release; 1 to 4 are here. Everybody's pictures have notes in their metadata, so every file of the
erased person contains strings to search for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from volenti.clearance.account import Account, FileAccount
from volenti.demo import traps
from volenti.demo.cast import Person, Photo
from volenti.demo.casting import Casting, Part
from volenti.demo.markings import Markings, marked
from volenti.demo.traps import BY_NAME, Trap
from volenti.perception.finding import TABLE

PROHIBITION = "DMI-PROHIBITED-GENAIMLTRAINING"
#: Somewhere in the North Sea.
PLACE = (54.5, 5.75)
TEXT = b"Call sheet. This is a text file; somebody called it .jpg by mistake.\n"


@dataclass(frozen=True, slots=True)
class Given:
    """One file of the inbox. `people` are the numbers of those in it; `trap` names the trap it is, if any."""

    name: str
    data: bytes
    caption: str = ""
    people: tuple[str, ...] = ()
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Caught:
    """A trap and the answer it got, such as "held: bystander"; all answers, where its files got several."""

    trap: Trap
    files: tuple[str, ...]
    got: str

    @property
    def ok(self) -> bool:
        """Whether the trap got what it should get."""
        return self.got == self.trap.expected


def inbox(casting: Casting, seed: int) -> list[Given]:
    """Every file of the inbox, by name."""
    given = [*_covered(casting), *_refused(casting), *_groups(casting), *_others(casting, seed)]
    return sorted(given, key=lambda each: each.name)


def write_inbox(folder: Path, given: Iterable[Given]) -> None:
    """Write the files and their captions into a new folder."""
    folder.mkdir(parents=True)
    captions = []
    for each in given:
        (folder / each.name).write_bytes(each.data)
        if each.caption:
            captions.append(json.dumps({"file_name": each.name, "text": each.caption}))
    (folder / "metadata.jsonl").write_text("\n".join(captions) + "\n")


def third_party_work(casting: Casting) -> tuple[str, bytes]:
    """The agency's own file, by name and bytes: a photograph that the studio may not use."""
    return "halcyon-0417.jpg", casting.parts[Part.COPY].photos[-1].data


def note(person: Person) -> str:
    """The string in the metadata of a person's files."""
    return f"Call sheet of {person.legal_name}, {person.notes}"


def plain_file(person: Person, number: int) -> str:
    """The name of a person's picture; `number` counts from 1."""
    return f"{person.handle}-{number}.jpg"


def catches(given: Sequence[Given], account: Account) -> list[Caught]:
    """What every trap got, in the order of the table."""
    by_file = {each.file: each for each in account.files}
    found = []
    for trap in BY_NAME.values():
        files = tuple(each.name for each in given if each.trap == trap.name)
        answers = sorted({_answer(by_file.get(file)) for file in files})
        found.append(Caught(trap, files, " | ".join(answers)))
    return found


def _answer(account: FileAccount | None) -> str:
    """The verdict, and the findings that decide it; where none does, the notes."""
    if account is None:
        return "not accounted for"
    codes = {finding.code for finding in account.findings}
    deciding = sorted(code for code in codes if TABLE[code].verdict != "cleared") or sorted(codes)
    return f"{account.verdict}: {', '.join(deciding)}" if deciding else account.verdict


def _covered(casting: Casting) -> Iterator[Given]:
    """Pictures 1 to 4 of everybody covered; the fourth picture of some is a trap."""
    lent = {person.number: part for part, person in casting.parts.items()}
    composed = (Part.GROUP_FIRST, Part.GROUP_SECOND, Part.ON_SET)
    for person in casting.covered:
        part = lent.get(person.number)
        for number, photo in enumerate(person.photos[1:], 1):
            if number < len(person.photos) - 1 or part in (None, Part.LEAVER, Part.DUPLICATE):
                yield _given(person, number, photo)
            elif part not in composed:
                yield _lent(person, number, photo, part)
        if part is Part.DUPLICATE:
            first = _given(person, 1, person.photos[1])
            # The name sorts after the first file's, so that this one is reported as the duplicate.
            name = first.name.replace(".jpg", "_copy.jpg")
            yield Given(name, first.data, first.caption, first.people, "trap-duplicate")


def _refused(casting: Casting) -> Iterator[Given]:
    for flaw, person in casting.flawed.items():
        for number, photo in enumerate(person.photos[1:], 1):
            yield _given(person, number, photo, trap=f"trap-{flaw}")
    on_set = casting.unreleased[0]
    for person in casting.unreleased:
        for number, photo in enumerate(person.photos[1:], 1):
            if person is on_set and photo is person.photos[-1]:
                continue
            yield _given(person, number, photo, trap="trap-no-release", released=False)


def _groups(casting: Casting) -> Iterator[Given]:
    first, second = casting.parts[Part.GROUP_FIRST], casting.parts[Part.GROUP_SECOND]
    host, stranger = casting.parts[Part.ON_SET], casting.unreleased[0]
    for one, other, trap in ((first, second, "trap-group"), (host, stranger, "trap-bystander")):
        ours = (one, other) if trap == "trap-group" else (one,)
        data = traps.side_by_side(one.photos[-1].data, other.photos[-1].data)
        marks = Markings(
            title=f"{one.legal_name} and company",
            instructions=note(one),
            releases=tuple(person.release_id for person in ours),
        )
        # The caption is of the first person, whose face is the larger one.
        yield Given(
            f"{one.handle}-and-company.jpg",
            marked(data, marks),
            one.photos[-1].caption,
            (one.number, other.number),
            trap,
        )


def _others(casting: Casting, seed: int) -> Iterator[Given]:
    """Files that show nobody."""
    yield Given("hills-behind-the-studio.jpg", traps.landscape(seed), "hills", trap="trap-landscape")
    yield Given("backdrop.png", traps.bomb(), trap="trap-bomb")
    yield Given("call-sheet.jpg", TEXT, trap="trap-text")


def _lent(person: Person, number: int, photo: Photo, part: Part | None) -> Given:
    """A covered person's picture, changed into a trap."""
    trap = f"trap-{part}"
    if part is Part.OPT_OUT:
        return _given(person, number, photo, trap=trap, data_mining=PROHIBITION)
    if part is Part.LOCATION:
        return _given(person, number, photo, trap=trap, place=PLACE)
    if part is Part.TRUNCATED:
        whole = _given(person, number, photo)
        return Given(whole.name, traps.truncated(whole.data), whole.caption, whole.people, trap)
    change = traps.near_duplicate if part is Part.COPY else traps.watermarked
    return _given(person, number, Photo(photo.name, photo.caption, change(photo.data)), trap=trap)


def _given(
    person: Person,
    number: int,
    photo: Photo,
    *,
    trap: str = "",
    released: bool = True,
    data_mining: str = "",
    place: tuple[float, float] | None = None,
) -> Given:
    marks = Markings(
        title=f"{person.legal_name}, frame {number}",
        instructions=note(person),
        description=f"{person.legal_name} / {photo.name}",
        releases=(person.release_id,) if released else (),
        data_mining=data_mining,
        place=place,
    )
    name = plain_file(person, number)
    return Given(name, marked(photo.data, marks), photo.caption, (person.number,), trap)
