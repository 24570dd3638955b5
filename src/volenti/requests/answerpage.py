"""The answer to a person as a page: what stands on it, in words. No layout.

It says what Art. 15(1) GDPR asks for, the same as the record that is attached to it.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PIL import Image as Pillow

from volenti.consent.receiptpage import Line, Section
from volenti.consent.subject import Subject
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.perception.files.kept import pixels_of

#: Longest side of a picture on the page, in pixels, and how many pictures the page shows at most.
THUMBNAIL, SHOWN = 220, 60

RIGHTS: tuple[Line, ...] = (
    ("Correct", "You may have what is wrong or missing put right (Art. 16 GDPR)."),
    ("Withdraw", "You may take back every yes, or one of them, at any time (Art. 7(3))."),
    ("Erase", "You may have everything erased; models forget you too (Art. 17)."),
    ("Restrict, object", "You may have its use stopped while something is in dispute (Art. 18, 21)."),
    ("Take along", "The file attached to this page can be read by machines (Art. 20)."),
    ("Complain", "You may complain to a data protection authority (Art. 77)."),
)
DECIDED = (
    "Software compares the faces in pictures with the people who signed a release, and decides by rules "
    "whether a picture may be used; a person decides what it is unsure of. Nothing is decided about you "
    "from what you look like."
)


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Everything on the page, from top to bottom. `pictures` are small JPEGs, each with its caption."""

    created: datetime
    title: str
    for_whom: str
    about: str
    sections: tuple[Section, ...]
    pictures: tuple[tuple[bytes, str], ...]
    made: str


def answer_page(
    person: Subject,
    record: Json,
    pictures: Mapping[str, bytes],
    now: datetime,
    words_for: Callable[[str], str],
) -> AnswerPage:
    """The page that goes with an answer's record and its pictures by file name.

    words_for: what rows of a kind are called for a person to read.
    """
    counts = Counter({kind: len(rows) for kind, rows in record["held"].items()})
    named = {each["file"]: each for each in record["pictures"]}
    shown = [(_thumbnail(data), _below(named[name])) for name, data in list(pictures.items())[:SHOWN]]
    missing = [each for each in record["pictures"] if not each["file"]]
    notes = [f"{len(pictures)} pictures are given beside this page as files; {len(shown)} are shown here."]
    notes += [f"{each['name']} is not given: {each['not_given']}" for each in missing]
    maybe = record["held_pictures_that_may_show_you"]
    if maybe:
        notes.append(f"{maybe} more are held until somebody decides who is in them; they may show you.")
    sections = (
        Section("What it is used for", lines=tuple(_purpose_line(each) for each in record["purposes"])),
        Section(
            "What is held",
            ("Every row of the register that is yours, word for word in the file attached.",),
            tuple((words_for(kind), f"{count:,}") for kind, count in sorted(counts.items())),
        ),
        Section("Who was given it", tuple(record["recipients"]) or ("Nobody, as far as is recorded.",)),
        Section("Where it comes from", ("From you, your releases, and whoever photographed you.",)),
        Section("What is decided by software", (DECIDED,)),
        Section("What you may do", lines=RIGHTS),
        Section("Your pictures", tuple(notes)),
    )
    return AnswerPage(
        created=now,
        title="What is held of you",
        for_whom=person.legal_name,
        about=f"On record as {person.id}, as of {stamp(now)}."
        + (f" Who asked: {record['identified']}." if record["identified"] else ""),
        sections=sections,
        pictures=tuple(shown),
        made="Made from what was on record at that moment. Ask again at any time.",
    )


def _purpose_line(purpose: Json) -> Line:
    given = ", ".join(each for each in purpose["granted"] if each not in purpose["withdrawn"]) or "nothing"
    until = purpose["until"] if purpose["until"] != "withdrawn" else "you withdraw it"
    return purpose["controller"], f"{given}; from {purpose['from']} until {until} ({purpose['state']})"


def _below(facts: Json) -> str:
    return str(facts.get("caption") or facts.get("what") or facts.get("name", ""))


def _thumbnail(data: bytes) -> bytes:
    picture = Pillow.fromarray(pixels_of(data))
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
