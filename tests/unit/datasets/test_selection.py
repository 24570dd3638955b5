"""A selection takes what it says, whoever else is there; nobody is in two splits; a draw is even."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.clearance.image import Image, SeenFace
from volenti.core.codec import decoded, encoded
from volenti.core.errors import NotFoundError, UsageError
from volenti.datasets.draw import drawn
from volenti.datasets.selection import Chooser, Selection, Split, named_texts, splits_of

KEY = b"k" * 32
PEOPLE = [f"sub_{number}" for number in range(12)]
PARTS = splits_of({"train": 0.5, "val": 0.25, "test": 0.25})


def picture(
    shoot: str = "spring",
    caption: str = "a man in a red top",
    size: tuple[int, int] = (800, 600),
    faces: dict[str, float] | None = None,
) -> Image:
    """faces: the side of each person's face."""
    seen = tuple(
        SeenFace((0, 0, side, side + 5), "covered", who)
        for who, side in (faces or {"ann": 90, "bob": 60}).items()
    )
    return Image("img_1", "1.jpg", "", caption, shoot, width=size[0], height=size[1], faces=seen)


def chooses(selection: Selection, image: Image | None = None, *people: str) -> str | None:
    return Chooser(named_texts(selection), KEY).refusal(image or picture(), people or ("ann", "bob"))


#: A selection, and why it doesn't take the picture of ann and bob; None where it does.
ASKED: dict[str, tuple[Selection, str | None]] = {
    "everything": (Selection(), None),
    "its shoot": (Selection(shoot=("spring",)), None),
    "its shoot in capitals, with white space": (Selection(shoot=("  SPRING ",)), None),
    "its shoot or another": (Selection(shoot=("autumn", "spring")), None),
    "another shoot": (Selection(shoot=("autumn",)), "shoot"),
    "a part of its shoot's name": (Selection(shoot=("spri",)), "shoot"),
    "texts that say nothing": (Selection(shoot=(" ", "")), None),
    "one of the two people": (Selection(subject=("bob",)), None),
    "somebody else": (Selection(subject=("cid",)), "subject"),
    "somebody else or one of them": (Selection(subject=("cid", "ann")), None),
    "not one of them": (Selection(without=("bob",)), "without"),
    "not somebody else": (Selection(without=("cid",)), None),
    "one of them without the other": (Selection(subject=("ann",), without=("bob",)), "without"),
    "as large as it is": (Selection(min_side=600), None),
    "larger than it is": (Selection(min_side=601), "min_side"),
    "faces as large as the smallest": (Selection(min_face=60), None),
    "faces larger than the smallest": (Selection(min_face=61), "min_face"),
    "a word": (Selection(word=("red",)), None),
    "a word in capitals": (Selection(word=("MAN",)), None),
    "words in a row": (Selection(word=("red  top",)), None),
    "words that aren't in a row": (Selection(word=("man top",)), "word"),
    "a part of a word": (Selection(word=("ma",)), "word"),
    "one word of two": (Selection(word=("dog", "top")), None),
    "a word with signs in it": (Selection(word=("r.d",)), "word"),
    "all at once": (
        Selection(("spring",), ("ann",), ("cid",), ("top",), min_side=600, min_face=60),
        None,
    ),
    "all but the last": (Selection(("spring",), ("ann",), ("cid",), ("dog",)), "word"),
}


@pytest.mark.parametrize("case", ASKED)
def test_a_selection_takes_what_it_says(case: str) -> None:
    selection, refused = ASKED[case]
    assert chooses(selection) == refused


def test_a_caption_is_compared_however_unicode_writes_it() -> None:
    assert chooses(Selection(word=("cafe\u0301",)), picture(caption="in a CAF\u00c9")) is None
    assert chooses(Selection(shoot=("fru\u0308hling",)), picture(shoot="Fr\u00fchling")) is None


def test_a_person_without_a_face_on_record_has_none_that_is_large_enough() -> None:
    assert chooses(Selection(min_face=1), picture(faces={"ann": 90})) == "min_face"
    assert chooses(Selection(min_face=1), picture(faces={"ann": 90}), "ann") is None


def test_a_face_is_measured_in_pixels_of_the_whole_picture() -> None:
    """A picture of 8192 pixels is judged at a quarter of that: a box of 60 there is a face of 240."""
    large = picture(size=(8192, 4096))
    assert chooses(Selection(min_face=240), large) is None
    assert chooses(Selection(min_face=241), large) == "min_face"


def test_what_chose_a_picture_is_said_with_it() -> None:
    chooser = Chooser(Selection(("Spring", "autumn"), ("bob", "cid"), word=("top", "dog")), KEY)
    assert chooser.chosen_by(picture(), ("ann", "bob")) == ("shoot=spring", "subject=bob", "word=top")
    assert Chooser(Selection(min_side=2), KEY).chosen_by(picture(), ("ann",)) == ()


def test_nobody_is_both_chosen_and_left_out() -> None:
    with pytest.raises(UsageError, match="ann can't be both"):
        named_texts(Selection(subject=("ann", "bob"), without=(" ann",)))


def test_a_snapshot_keeps_numbers_of_texts_and_no_text() -> None:
    asked = Selection(("Ann's birthday",), ("ann",), ("bob",), ("ann's",), 7, 8, 9, 10, PARTS)
    kept = encoded(asked.on_record({"shoot": 3}))
    assert "ann" not in str(kept).lower()
    assert "bob" not in str(kept)
    read = decoded(Selection, kept)
    assert read.named == {"shoot": 1, "subject": 1, "without": 1, "word": 1}
    assert read.of_texts(["shoot=Ann's birthday", "word=ann's", "subject=ann"], ["bob"]).asked == asked


def test_texts_that_went_with_somebody_are_counted() -> None:
    kept = Selection(("a", "b"), word=("x",)).on_record({}).of_texts(["shoot=a"], [])
    assert kept.in_words == [
        ("from the shoots", "a, 1 that nothing in it is of"),
        ("words", "1 that nothing in it is of"),
    ]


def test_a_recipient_is_told_numbers_alone() -> None:
    asked = Selection(("a",), ("b",), ("c",), ("d",), 7, 8, 9, 10, PARTS)
    assert [label for label, _ in asked.in_numbers] == ["shorter side", "faces", "drawn", "splits"]


# -- splits

WRITTEN: dict[str, dict[str, float] | str] = {
    "train=0.8,val=0.1,test=0.1": {"train": 0.8, "val": 0.1, "test": 0.1},
    " train = 0.8 , test=0.2": {"train": 0.8, "test": 0.2},
    "a=1/3,b=1/3,c=1/3": {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3},
    "all=1": {"all": 1.0},
    "train": "isn't a split",
    "train=": "isn't a split",
    "train=lots": "isn't a split",
    "train=1/0": "isn't a split",
    "train=nan": "isn't a split",
    "": "isn't a split",
    "train=0.5,train=0.5": "named twice",
    "train=0.8,test=0.1": "make 0.9, not 1",
    "train=80,test=20": "has the share 80",
    "train=1,test=0": "has the share 0",
    "train=1.5,test=-0.5": "has the share",
    "train=inf": "isn't a split",
    "Train=1": "can't be the name",
    "../train=1": "can't be the name",
    ".volenti=1": "can't be the name",
    "=1": "can't be the name",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_splits_are_taken_as_they_are_written_or_refused_with_a_reason(text: str) -> None:
    expected = WRITTEN[text]
    if isinstance(expected, str):
        with pytest.raises(UsageError, match=expected):
            splits_of(Split.shares_in(text))
    else:
        assert [(each.name, each.share) for each in splits_of(Split.shares_in(text))] == list(
            expected.items()
        )


def test_the_shares_hold_among_many() -> None:
    selection = Selection(splits=PARTS)
    found = Counter(selection.split_of(KEY, [f"sub_{number}"]) for number in range(4000))
    assert all(abs(found[each.name] / 4000 - each.share) < 0.03 for each in PARTS)


def test_another_seed_and_another_workspace_divide_otherwise() -> None:
    def divided(key: bytes, seed: int) -> list[str | None]:
        return [Selection(splits=PARTS, seed=seed).split_of(key, [f"sub_{n}"]) for n in range(60)]

    assert divided(KEY, 0) == divided(KEY, 0)
    assert divided(KEY, 0) != divided(KEY, 1)
    assert divided(KEY, 0) != divided(b"l" * 32, 0)


@given(st.lists(st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=3), max_size=30), st.integers(0, 5))
def test_nobody_is_in_two_splits_and_a_group_is_where_all_of_it_are(
    groups: list[set[str]], seed: int
) -> None:
    selection = Selection(splits=PARTS, seed=seed)
    where: dict[str, set[str]] = {}
    for group in groups:
        split = selection.split_of(KEY, group)
        alone = {selection.split_of(KEY, [person]) for person in group}
        assert split == (alone.pop() if len(alone) == 1 else None)
        for person in group if split else ():
            where.setdefault(person, set()).add(str(split))
    assert all(len(splits) == 1 for splits in where.values())


def test_what_has_no_splits_is_in_none() -> None:
    assert Selection().split_of(KEY, ["ann", "bob"]) == ""
    with pytest.raises(NotFoundError, match="no split 'train'"):
        Selection().require("train")
    assert Selection(splits=PARTS).require("val") == "val"


# -- the draw

OWNERS = st.sets(st.sampled_from(PEOPLE[:6]), min_size=1, max_size=3).map(lambda some: tuple(sorted(some)))
PICTURES = st.dictionaries(st.integers(0, 200).map(lambda n: f"img_{n}"), OWNERS, max_size=40)


@given(PICTURES, st.integers(0, 45), st.integers(0, 3))
def test_a_draw_takes_the_count_or_all_there_is_and_the_same_each_time(
    pictures: dict[str, tuple[str, ...]], count: int, seed: int
) -> None:
    found = drawn(pictures, count, KEY, seed)
    assert found <= set(pictures)
    assert len(found) == min(count, len(pictures))
    assert found == drawn(dict(reversed(pictures.items())), count, KEY, seed)


@given(st.dictionaries(st.sampled_from(PEOPLE), st.integers(1, 9), min_size=1), st.integers(1, 60))
def test_of_pictures_of_one_person_each_nobody_gets_two_more_than_another_who_has_some_left(
    numbers: dict[str, int], count: int
) -> None:
    pictures = {f"{who}-{n}": (who,) for who, number in numbers.items() for n in range(number)}
    got = Counter(pictures[each][0] for each in drawn(pictures, count, KEY, 0))
    for who, number in numbers.items():
        if got[who] < number:
            assert max(got.values()) <= got[who] + 1


@given(PICTURES, st.integers(1, 40))
def test_a_larger_draw_has_all_of_a_smaller_one(pictures: dict[str, tuple[str, ...]], count: int) -> None:
    assert drawn(pictures, count, KEY, 0) <= drawn(pictures, count + 1, KEY, 0)


def test_another_seed_draws_otherwise() -> None:
    pictures = {f"img_{n}": (PEOPLE[n % 5],) for n in range(50)}
    assert drawn(pictures, 10, KEY, 0) != drawn(pictures, 10, KEY, 1)


# -- a selection is a filter

_CRITERIA: dict[str, Callable[[Any, Any], bool]] = {
    "shoot": lambda image, people: image.shoot == "spring",
    "subject": lambda image, people: "sub_1" in people,
    "without": lambda image, people: "sub_2" not in people,
    "min_side": lambda image, people: min(image.width, image.height) >= 300,
    "word": lambda image, people: "red" in image.caption.split(),
}
_VALUES: dict[str, Any] = {
    "shoot": ("spring",),
    "subject": ("sub_1",),
    "without": ("sub_2",),
    "min_side": 300,
    "word": ("red",),
}


@given(
    st.sets(st.sampled_from(sorted(_CRITERIA))),
    st.sampled_from(["spring", "autumn", ""]),
    st.sampled_from(["a red top", "a blue top", "reddish", ""]),
    st.tuples(st.integers(1, 600), st.integers(1, 600)),
    st.sets(st.sampled_from(PEOPLE[:4]), min_size=1, max_size=3),
)
def test_criteria_narrow_each_other_as_filters_do(
    asked: set[str], shoot: str, caption: str, size: tuple[int, int], people: set[str]
) -> None:
    image = picture(shoot, caption, size)
    selection = Selection(**{name: _VALUES[name] for name in asked})
    taken = chooses(selection, image, *people) is None
    assert taken == all(_CRITERIA[name](image, people) for name in asked)
