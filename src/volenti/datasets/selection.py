"""Selection: which of the cleared pictures a dataset is cut from, and which split each person belongs to.

Whether a picture is chosen depends on that picture and the people in it alone, so nobody else's pictures
come or go when somebody is erased. A count is the exception: how many pictures each person gets depends on
how many people there are. It is drawn once, when the dataset is cut. After an erasure the others' pictures
stay as they were drawn; nothing is drawn again.

The row of a snapshot is nobody's, and has to stay when somebody is erased. So it has numbers alone. Shoots,
people and words stand in the entries that they chose, which are erased with the people in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from volenti.consent.names import plain_name
from volenti.core.codec import ELSEWHERE, OPTIONAL
from volenti.core.digest import commitment
from volenti.core.errors import NotFoundError, UsageError
from volenti.core.shown import short_repr
from volenti.datasets.shard import numbers_of

if TYPE_CHECKING:
    from volenti.clearance.image import Image

#: What texts of a selection are about, each the name of its field.
TEXTS = ("shoot", "subject", "without", "word")
#: Why a picture wasn't chosen: the name of the reason, and it in words.
REASONS = {
    "shoot": "from another shoot",
    "subject": "of other people",
    "without": "of somebody who is left out",
    "min_side": "too small",
    "min_face": "with a face that is too small, or none on record",
    "word": "with none of the words in the caption",
    "split": "of people who are in different splits",
    "count": "more than the count",
}
#: A split's name has to be one that readers of datasets take, and a file's on every system.
_SPLIT = re.compile(r"[a-z][a-z0-9_]{0,30}")
#: By how much the shares of all splits may miss 1: three times a third.
_ROUNDING = Fraction(1, 10**6)


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a dataset with people of its own: its name, and the share of the people that it gets."""

    name: str
    share: float

    @staticmethod
    def shares_in(text: str) -> dict[str, float]:
        """Shares as they are written, `train=0.8,val=0.1,test=0.1`; UsageError where they aren't."""
        found: dict[str, float] = {}
        for each in text.split(","):
            name, equals, share = (part.strip() for part in each.partition("="))
            try:
                number = float(Fraction(share)) if equals else float("nan")
            except (ValueError, ZeroDivisionError, OverflowError):
                number = float("nan")
            if number != number:
                raise UsageError(
                    f"{each.strip()!r} isn't a split.", "Write names and shares: train=0.8,val=0.1,test=0.1"
                )
            if name in found:
                raise UsageError(f"The split {name} is named twice.", "Give each split one share.")
            found[name] = number
        return found


@dataclass(frozen=True, slots=True)
class Selection:
    """Which pictures a dataset is cut from; as it is by default, all.

    A picture is chosen if it is from one of the shoots, shows one of the subjects and nobody of `without`,
    has at least `min_side` pixels on its shorter side and at least `min_face` on the shorter side of each
    face, and has one of the words in its caption; what is empty or 0 isn't asked. Of these, `count` are
    drawn. `named` says how many texts there were of each kind when the dataset was cut, and `passed_over` how
    many cleared pictures weren't chosen, by reason.
    """

    shoot: tuple[str, ...] = field(default=(), metadata=ELSEWHERE)
    subject: tuple[str, ...] = field(default=(), metadata=ELSEWHERE)
    without: tuple[str, ...] = field(default=(), metadata=ELSEWHERE)
    word: tuple[str, ...] = field(default=(), metadata=ELSEWHERE)
    min_side: int = field(default=0, metadata=OPTIONAL)
    min_face: int = field(default=0, metadata=OPTIONAL)
    count: int = field(default=0, metadata=OPTIONAL)
    seed: int = field(default=0, metadata=OPTIONAL)
    splits: tuple[Split, ...] = field(default=(), metadata=OPTIONAL)
    named: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)

    __repr__ = short_repr

    @property
    def is_everything(self) -> bool:
        """Whether it takes every picture, undivided."""
        return replace(self.asked, seed=0) == Selection()

    @property
    def asked(self) -> Selection:
        """What was asked for, without what came of it."""
        return replace(self, named={}, passed_over={})

    def on_record(self, passed_over: Mapping[str, int]) -> Selection:
        """The selection as a snapshot keeps it: with the numbers of its texts, and what it passed over."""
        named = {name: len(getattr(self, name)) for name in TEXTS if getattr(self, name)}
        return replace(self, named=named, passed_over=dict(passed_over))

    def of_texts(self, chosen: Iterable[str], without: Iterable[str]) -> Selection:
        """The selection that a snapshot keeps, with the texts that entries say they were chosen by."""
        texts: dict[str, set[str]] = {}
        for each in chosen:
            kind, _, text = each.partition("=")
            texts.setdefault(kind, set()).add(text)
        return replace(
            self,
            shoot=tuple(sorted(texts.get("shoot", ()))),
            subject=tuple(sorted(texts.get("subject", ()))),
            without=tuple(sorted(without)),
            word=tuple(sorted(texts.get("word", ()))),
        )

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """What it asks for, for a person who reads it: labels and texts."""
        said = [
            ("from the shoots", self._texts("shoot")),
            ("people", self._texts("subject")),
            ("without", self._texts("without")),
            ("words", self._texts("word")),
            *self.in_numbers,
        ]
        return [(label, text) for label, text in said if text]

    @property
    def in_numbers(self) -> list[tuple[str, str]]:
        """What it asks for but people, shoots and words: the rest names nobody."""
        said = [
            ("shorter side", f"at least {self.min_side} pixels" if self.min_side else ""),
            ("faces", f"at least {self.min_face} pixels" if self.min_face else ""),
            (
                "drawn",
                f"{self.count:,}, evenly over the people, with the seed {self.seed}" if self.count else "",
            ),
            ("splits", ", ".join(f"{each.name} {each.share:.4g}" for each in self.splits)),
        ]
        return [(label, text) for label, text in said if text]

    def lacking(self, kind: str, texts: Iterable[str]) -> list[str]:
        """Which of these texts of a kind chose nothing."""
        known = set(map(plain_name, getattr(self, kind)))
        return [each for each in texts if plain_name(each) not in known]

    def _texts(self, kind: str) -> str:
        """The texts of one kind; where nothing says some of them any more, how many those are."""
        texts = getattr(self, kind)
        lost = self.named.get(kind, 0) - len(texts)
        return ", ".join([*texts, f"{lost} that nothing in it is of"] if lost > 0 else texts)

    def split_of(self, key: bytes, people: Iterable[str]) -> str | None:
        """The split of a picture of these people; None where they belong to different ones.

        Everybody's split is a keyed function of them and the seed, and depends on nobody else.
        """
        found = {self._split_of(key, each) for each in people}
        return found.pop() if len(found) == 1 else None

    def _split_of(self, key: bytes, person: str) -> str:
        number, _ = numbers_of(commitment(key, f"splits/{self.seed}".encode()), person)
        ends = accumulate(Fraction(str(each.share)) for each in self.splits)
        inside = (each.name for each, end in zip(self.splits, ends, strict=True) if number < end * 2**128)
        return next(inside, self.splits[-1].name if self.splits else "")

    def require(self, split: str) -> str:
        """The split's own name; NotFoundError where the dataset has none of that name."""
        names = [each.name for each in self.splits]
        if split in names:
            return split
        said = f"Its splits: {', '.join(names)}." if names else "Divide it: volenti dataset cut --split ..."
        raise NotFoundError(f"There is no split {split!r} in the dataset.", said)


def splits_of(shares: Mapping[str, float]) -> tuple[Split, ...]:
    """Splits of these shares, in their order; UsageError where they don't make up the whole."""
    for name, share in shares.items():
        if not _SPLIT.fullmatch(name):
            raise UsageError(
                f"{name!r} can't be the name of a split.", "Use small letters, digits and '_', as in train."
            )
        if not 0 < share <= 1:
            raise UsageError(f"The split {name} has the share {share}.", "A share is more than 0, up to 1.")
    whole = sum((Fraction(str(each)) for each in shares.values()), Fraction(0))
    if shares and abs(whole - 1) > _ROUNDING:
        raise UsageError(
            f"The shares of the splits make {float(whole):g}, not 1.",
            "Write shares that make 1: train=0.8,val=0.1,test=0.1",
        )
    return tuple(Split(name, float(share)) for name, share in shares.items())


def named_texts(asked: Selection) -> Selection:
    """The selection without texts that say nothing, and each text once; UsageError where it contradicts."""
    both = set(_once(asked.subject)).intersection(_once(asked.without))
    if both:
        raise UsageError(
            f"{', '.join(sorted(both))} can't be both chosen and left out.", "Name each person once."
        )
    return replace(
        asked,
        shoot=_once(asked.shoot),
        subject=_once(asked.subject),
        without=_once(asked.without),
        word=_once(asked.word),
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in texts if (text := each.strip())))


class Chooser:
    """Asks of one picture after the other whether a selection takes it."""

    def __init__(self, selection: Selection, key: bytes) -> None:
        """key: the workspace's partition key, by which people are put into splits."""
        self._asked = selection
        self._shoots = frozenset(map(plain_name, selection.shoot))
        self._words = [(word, _pattern(word)) for word in selection.word]
        self._split_of = cache(lambda people: selection.split_of(key, people))

    def refusal(self, image: Image, people: tuple[str, ...]) -> str | None:
        """Why the picture isn't chosen, one of REASONS; None where it is."""
        asked = self._asked
        tests = {
            "shoot": not self._shoots or plain_name(image.shoot) in self._shoots,
            "subject": not asked.subject or not set(people).isdisjoint(asked.subject),
            "without": set(people).isdisjoint(asked.without),
            "min_side": not asked.min_side or min(image.width, image.height) >= asked.min_side,
            "min_face": not asked.min_face or smallest_face(image, people) >= asked.min_face,
            "word": not self._words or any(self._words_of(image)),
            "split": not asked.splits or self._split_of(people) is not None,
        }
        return next((reason for reason, holds in tests.items() if not holds), None)

    def chosen_by(self, image: Image, people: Sequence[str]) -> tuple[str, ...]:
        """By which texts a picture was chosen, as its entry says it."""
        shoots = [image.shoot] if self._shoots else []
        subjects = [each for each in people if each in self._asked.subject]
        found = {"shoot": shoots, "subject": subjects, "word": self._words_of(image)}
        return tuple(f"{kind}={text}" for kind, texts in found.items() for text in texts)

    def _words_of(self, image: Image) -> list[str]:
        caption = plain_name(image.caption)
        return [word for word, pattern in self._words if pattern.search(caption)]


def smallest_face(image: Image, people: Collection[str]) -> float:
    """Pixels of the shorter side of the smallest face of these people; 0 where one has none on record."""
    faces = [each for each in image.faces if each.subject in people]
    if not faces or {each.subject for each in faces} != set(people):
        return 0.0
    return min(min(each.box[2:]) for each in faces) * image.scale


def _pattern(word: str) -> re.Pattern[str]:
    """A word, or several in a row, with no letter or digit before or after it."""
    return re.compile(rf"(?<!\w){re.escape(plain_name(word))}(?!\w)")
