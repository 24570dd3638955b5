"""Non-interference: whoever was erased leaves nothing that depends on them.

One story is told in two worlds that differ in one person alone, and ends with that person's erasure. What
remains must then be the same in both (tests/worlds/remains.py says what may differ, and why).
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import volenti
from tests.cli.calling import volenti as volenti_prints
from tests.worlds.remains import MAY_DIFFER, differences, kinds_of, remains
from tests.worlds.story import Life, Story, World, stories, told
from volenti.clearance.folder_erasure import FolderErasure, InFolders
from volenti.clearance.folders import Folders
from volenti.clearance.gallery import Gallery
from volenti.clearance.image import Image, SeenFace
from volenti.clearance.service import Clearance
from volenti.core.digest import sha256
from volenti.perception.rights.statement import Rights, joined
from volenti.training.learnable import Learnable
from volenti.training.recipe import Recipe
from volenti.training.slice_spec import SliceSpec

#: Stories of each part, which several processes can test beside each other, and how many parts: 150, and
#: 300 others each night. That is enough to meet every kind of difference that was ever seen many times over.
STORIES, PARTS = 50, 6 if "VOLENTI_NIGHTLY" in os.environ else 3


def compared(folder: Path, story: Story, **given: Any) -> list[str]:
    """What differs, and what is named or found where nothing should be."""
    found = []
    for which in (0, 1):
        # In one place, one after the other: where files lie is in what is kept of them.
        world = told(folder / "world", story, which, **given)
        found.append(remains(world))
        proofs = world.studio.ws.prove_forgetting()
        found[-1]["proofs"] = [each.to_json() for each in proofs if not each.ok]
        shutil.rmtree(folder / "world")
    one, other = found
    alone = [each[part] for each in found for part in ("names", "audit", "proofs")]
    return differences(one, other) + [str(each) for some in alone for each in some]


#: Ben's restriction leaves a part of the model served that X alone is in, where X came before the training.
SERVED_FOR_X_ALONE = Story(
    "aaron",
    (
        *(("enrol", name) for name in ("ben", "cleo", "dora")),
        *(("give", name) for name in ("ben", "cleo", "dora")),
        *(("clear",), ("cut",), ("train",), ("clear",), ("clear",), ("restrict", "ben"), ("draw",)),
    ),
    (
        Life(0, 0, None, "Xena Xu", 1950, ((0, 0, 0),), (), ()),
        Life(7, 0, None, "Xena Xu", 1950, ((7, 0, 0),), (), ()),
    ),
    shards=3,
    slices=1,
)

#: The shoot of a picture of Ben's is corrected after the training, which X was part of in one world alone.
AMENDED_AFTER_TRAINING = replace(
    SERVED_FOR_X_ALONE, acts=(*SERVED_FOR_X_ALONE.acts[:-2], ("amend", "ben")), shards=1
)


#: Parts are packed before and after others withdraw and restrict, with X in pictures alone and beside ben.
PACKED_WITH_X = Story(
    "aaron",
    (
        *(("enrol", name) for name in ("ben", "cleo", "dora")),
        *(("give", name) for name in ("ben", "cleo", "dora")),
        *(("clear",), ("cut",), ("pack",), ("withdraw", "cleo"), ("pack",), ("restrict", "ben"), ("pack",)),
    ),
    (
        Life(0, 0, None, "Xena Xu", 1950, ((0, 0, 0), (0, 3, 1)), ((0, "ben", 5),), ()),
        Life(7, 0, None, "Hyacinth X", 1960, ((7, 0, 0),), (), ()),
    ),
    shards=3,
    slices=1,
)

#: Weights that learned from X too are handed out, called back for others, and their successors handed out.
HANDED_OUT_WITH_X = replace(
    PACKED_WITH_X,
    acts=(
        *PACKED_WITH_X.acts[:8],
        *(("train",), ("hand out",), ("erase", "cleo"), ("hand out",), ("erase", "dora"), ("hand out",)),
    ),
    shards=2,
)


@pytest.mark.parametrize(
    "story",
    [SERVED_FOR_X_ALONE, AMENDED_AFTER_TRAINING, PACKED_WITH_X, HANDED_OUT_WITH_X],
    ids=["served", "amended", "packed", "handed out"],
)
def test_a_story_that_once_left_a_trace_leaves_none(tmp_path: Path, story: Story) -> None:
    assert compared(tmp_path, story) == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_what_remains_is_the_same_whoever_was_erased(
    tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    @settings(
        max_examples=STORIES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(story=stories())
    def told_in_both(story: Story) -> None:
        assert compared(tmp_path_factory.mktemp("worlds"), story) == []

    # The same stories each time; `make nightly` tells others.
    (told_in_both if "VOLENTI_NIGHTLY" in os.environ else seed(part)(told_in_both))()


_COPIED = replace(
    Life(0, 1, None, "Xena Xu", 1970, ((0, 1, 0),), (), ()),
    copies=(("ben", 0, 1, True, False), ("ben", 1, 2, True, True)),
)
_DONE = (("amend", "ben"), ("remove", "ben"))


@pytest.mark.parametrize("before", range(3), ids=["waiting", "judged", "in a dataset"])
@pytest.mark.parametrize("done", [_DONE[:1], _DONE[1:], _DONE], ids=["amended", "removed", "both"])
@pytest.mark.parametrize("near", [None, ("ben", 0.5)], ids=["unlike", "like"])
def test_what_was_done_to_others_pictures_is_the_same_whoever_had_copies_of_them(
    tmp_path: Path, before: int, done: tuple[Any, ...], near: tuple[str, float] | None
) -> None:
    first = (("enrol", "ben"), ("enrol", "cleo"), ("give", "cleo"), ("give", "ben"))
    acts = (
        *first,
        *(("clear",), ("cut",))[:before],
        *done,
        ("clear",),
        ("cut",),
        ("give", "ben"),
        ("clear",),
    )
    lives = (replace(_COPIED, near=near), replace(_COPIED, copies=(), face=5))
    assert compared(tmp_path, Story("xenia", acts, lives, 1, 1)) == []


# -- a leak put back is seen


@pytest.fixture
def margins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cleared picture's row keeps by how much its face led, and before whom."""
    settled = SeenFace.settled

    def kept(self: SeenFace, owners: Any) -> SeenFace:
        made = settled(self, owners)
        return replace(made, margin=self.margin) if self.nearest in owners else made

    monkeypatch.setattr(SeenFace, "settled", kept)


@pytest.fixture
def gallery_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture's row keeps a digest of all who were enrolled when it was looked at."""
    fill, settled = Gallery.fill, Image.settled

    def digested(self: Gallery, *given: Any) -> int:
        fill(self, *given)
        known = [
            row.id + self._records.opened(row).body["vectors"][0] for row in self._records.rows("template")
        ]
        return int(sha256("".join(sorted(known)).encode())[:12], 16) or 1

    monkeypatch.setattr(Gallery, "fill", digested)
    monkeypatch.setattr(
        Image, "settled", lambda self, owners: replace(settled(self, owners), gallery=self.gallery)
    )
    monkeypatch.delitem(MAY_DIFFER, "image.gallery")


@pytest.fixture
def captions_of_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that came first speaks for a picture, whosever folder it came from."""
    monkeypatch.setattr(Folders, "described", lambda self, image, owners: image)
    monkeypatch.setattr(FolderErasure, "forget", lambda self, subject: InFolders(0, ()))
    monkeypatch.setattr(Folders, "beside", lambda self, subject: [])


@pytest.fixture
def rights_beside_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beside any of a picture's files is kept as what the picture says."""
    decide = Clearance._decide

    def kept(self: Clearance, seen: Any, *given: Any) -> None:
        def with_beside(image: Image) -> Image:
            rights = joined([Rights.from_json(image.rights), *self._folders.beside(image)])
            return replace(image, rights=rights.to_json())

        decide(self, [(with_beside(image), preview) for image, preview in seen], *given)

    monkeypatch.setattr(Clearance, "_decide", kept)


@pytest.fixture
def joined_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's wave is the version of the dataset that they, or a picture they are in, first came with."""

    def joined(self: Learnable, subject: str, recipe: Recipe) -> int:
        versions = [
            int(row.parent.partition("@")[2]) for row in self._datasets._records.rows("entry", owner=subject)
        ]
        return min(versions, default=1) - 1

    monkeypatch.setattr(Learnable, "_cohort", joined)


@pytest.fixture
def mean_of_the_gallery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores are taken less the mean of all who are enrolled."""
    from volenti.adapters.matcher.memory import MemoryMatcher

    score = MemoryMatcher._score

    def centred(self: MemoryMatcher, scale: Any, one: Any, other: Any) -> float:
        mean = np.mean([each.template for some in self._gallery.values() for each in some], axis=0)
        return score(self, scale, one, other) + 0.01 * float(np.dot(mean, one.template))

    monkeypatch.setattr(MemoryMatcher, "_score", centred)


@pytest.fixture
def numbered_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice's seed comes from how many pictures there are."""
    seed = SliceSpec.seed.fget  # type: ignore[attr-defined]
    specs = Learnable.specs
    count = [0]

    def counted(self: Learnable, *given: Any, **named: Any) -> Any:
        found = specs(self, *given, **named)
        count[0] = sum(1 for _ in self._datasets._records.rows("entry"))
        return found

    monkeypatch.setattr(Learnable, "specs", counted)
    monkeypatch.setattr(SliceSpec, "seed", property(lambda self: seed(self) ^ count[0]))


_LONE = Life(0, 1, None, "Xena Xu", 1970, ((0, 1, 0),), (), ())
_BEGIN = (("enrol", "ben"), ("enrol", "cleo"), ("enrol", "dora"), ("give", "cleo"), ("give", "dora"))
_FIRST = (*_BEGIN, ("give", "ben"), ("clear",), ("cut",), ("train",))
_TWICE = (*_BEGIN, ("clear",), ("cut",), ("train",), ("give", "ben"), ("clear",), ("cut",), ("train",))

#: Each leak, a story that shows it, and what the difference is then about.
LEAKS = {
    "margins": (Story("xenia", _FIRST, (_LONE, replace(_LONE, near=("cleo", 0.3))), 1, 1), '"margin"'),
    "gallery_digest": (Story("xenia", _FIRST, (_LONE, replace(_LONE, face=2)), 1, 1), '"gallery"'),
    "captions_of_copies": (
        Story("xenia", _FIRST, (_LONE, replace(_LONE, copies=(("cleo", 0, 2, True, False),))), 1, 1),
        '"caption"',
    ),
    "rights_beside_copies": (
        Story("xenia", _FIRST, (_LONE, replace(_LONE, copies=(("cleo", 0, 2, True, True),))), 1, 1),
        '"creators"',
    ),
    "joined_version": (
        Story("aaron", _TWICE, (_LONE, replace(_LONE, together=((0, "ben", 9),))), 3, 3),
        "/proofs",
    ),
    "mean_of_the_gallery": (Story("xenia", _FIRST, (_LONE, replace(_LONE, face=2)), 1, 1), '"score"'),
    "numbered_by_all": (
        Story("xenia", _FIRST, (_LONE, replace(_LONE, pictures=((0, 1, 0), (2, 2, 1)))), 3, 3),
        "/serves/",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_that_is_put_back_is_seen(leak: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    story, about = LEAKS[leak]
    assert compared(tmp_path, story) == []
    request.getfixturevalue(leak)
    assert any(about in each for each in compared(tmp_path, story))


# -- nothing is left out


def test_every_kind_of_row_takes_part(tmp_path: Path) -> None:
    """Each kind that the code writes is met in a story, or it is said here why not."""
    life = Life(
        *(0, 7, ("cleo", 0.8), "Xena Xu", 1970),
        ((0, 1, 0), (2, 3, 1)),
        ((3, "ben", 5),),
        (("ben", 0, 1, True, True),),
    )
    acts = (
        ("enrol", "ben"),
        ("enrol", "cleo"),
        ("enrol", "dora"),
        ("give", "ben"),
        ("give", "cleo"),
        ("give", "dora"),
        ("stranger",),
        ("clear",),
        ("cut",),
        ("train",),
        ("draw",),
        ("export",),
        ("select",),
        ("own model",),
        ("restrict", "ben"),
        ("withdraw", "cleo"),
        ("lift", "ben"),
        ("tell apart", "cleo"),
        ("erase", "dora"),
    )
    story = Story("xenia", acts, (life, life), 1, 1)
    met: set[str] = set()
    for number in range(len(acts) + 1):
        part = replace(story, acts=acts[:number])
        met |= kinds_of(told(tmp_path / str(number), part, 0, erased=False))
    assert _kinds_in_the_code() - met == set(ELSEWHERE)


#: Kinds of rows that no story meets, and where they are looked at instead.
ELSEWHERE = {
    "base": "what runs start from; it is about nobody here: tests/scenarios/test_bases.py",
    "attempts": "how often somebody tried to sign in: tests/unit/users/test_sessions.py",
    "acknowledgement": "a recipient's word about a delivery: tests/scenarios/test_feed.py",
    "backup": "when a backup was made: tests/scenarios/test_backup.py",
    "job": "long work, and what it says about somebody: tests/scenarios/test_jobs.py",
    "letter": "what is sent to somebody: tests/scenarios/test_letters.py",
    "guest-delivery": "who has a part of a model of one's own: tests/scenarios/test_guests.py",
    "api-answer": "what another system was told of somebody: tests/scenarios/test_repetition.py",
    "api-token": "what another system shows to use the API: tests/web/test_api.py",
    "webhook": "another system that is told what happens: tests/scenarios/test_webhooks.py",
    "look": "which user looked at pictures, and why: tests/scenarios/test_looks.py",
    "request-copy": "somebody's own certificate, which their link alone opens: tests/web/test_portal.py",
    "request-link": "with which somebody follows a request: tests/web/test_portal.py",
    "inquiry": "that somebody asked whether they are in there: tests/web/test_inquiring.py",
    "inquiry-link": "with which somebody follows an inquiry: tests/web/test_inquiring.py",
    "inquiry-photo": "of whoever asks whether they are in there: tests/web/test_inquiring.py",
    "portal-code": "that lets somebody in to what is theirs: tests/web/test_portal.py",
    "portal-link": "that lets somebody in to what is theirs: tests/web/test_portal.py",
    "retained": "what a law demands to keep of whoever left: tests/scenarios/test_retention.py",
    "signed-here": "by which link somebody signed: tests/scenarios/test_signings.py",
    "signing": "by which link people sign: tests/scenarios/test_signings.py",
    "signing-draft": "what only a browser can open: tests/scenarios/test_signings.py",
    "third-party-detail": "of others' works: tests/scenarios/test_copysearch.py",
    "third-party-work": "of others' works: tests/scenarios/test_copysearch.py",
    "user": "who works with the workspace: tests/web/test_doors.py",
    "user-challenge": "what a browser was asked to sign: tests/unit/users/test_factors.py",
    "user-factor": "what a user shows besides the password: tests/unit/users/test_factors.py",
    "user-link": "with which a user chooses a password: tests/web/test_doors.py",
    "user-rule": "which roles have to have a second factor: tests/unit/users/test_factors.py",
    "wrong-claim": "as whose a picture of somebody else was given: tests/scenarios/test_expected.py",
}


def _kinds_in_the_code() -> set[str]:
    """Kinds of rows by what the code makes a `Record` or a `put` of: by name, or by a constant's value."""
    texts = [path.read_text() for path in Path(volenti.__file__).parent.rglob("*.py")]
    everywhere: dict[str, str] = {}
    for text in texts:
        everywhere |= _constants(text)
    kinds: set[str] = set()
    for text in texts:
        known = everywhere | _constants(text)
        for named in re.findall(r"(?:\bRecord|records\.put)\(\s*(\"[a-z-]+\"|[A-Z_]+)\s*,", text):
            kinds.add(named.strip('"') if named.startswith('"') else known[named])
    return kinds


def _constants(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for names, values in re.findall(r"^([A-Z_]+(?:, [A-Z_]+)*)(?:: str)? = (\"[^\n]*\")$", text, re.M):
        found |= dict(zip(names.split(", "), re.findall(r'"([^"]*)"', values), strict=False))
    return found


@pytest.mark.skipif("VOLENTI_NIGHTLY" not in os.environ, reason="takes minutes: make nightly")
@settings(
    # A story that shows a difference is told in half a minute: it isn't made shorter.
    max_examples=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(story=stories())
def test_with_the_trainer_that_people_use_too(tmp_path_factory: pytest.TempPathFactory, story: Story) -> None:
    from volenti.adapters.trainer.torch import TorchTrainer
    from volenti.generation.bases import shipped_base

    folder = tmp_path_factory.mktemp("worlds")
    assert compared(folder, story, trainer=TorchTrainer(shipped_base())) == []


#: Commands that only read, and what they print of a workspace that lies on a disk.
READING = (
    ("status",),
    ("review", "list"),
    ("subject", "list"),
    ("picture", "list", "--count", "1000"),
    ("picture", "find", "a"),
    ("shoot", "list"),
    ("due", "--days", "400"),
    ("release", "list"),
    ("release", "verify"),
    ("dataset", "list"),
    ("dataset", "show", "humans"),
    ("dataset", "verify", "humans"),
    ("run", "list"),
    ("work", "list"),
    ("request", "list"),
    ("feed", "list"),
    ("register",),
    ("audit",),
    ("doctor",),
)
PRINTED = (
    Story(
        "xenia",
        (
            ("enrol", "ben"),
            ("enrol", "cleo"),
            ("enrol", "dora"),
            ("give", "ben"),
            ("give", "cleo"),
            ("give", "dora"),
            ("clear",),
            ("cut",),
            ("train",),
            ("export",),
            ("stranger",),
            ("erase", "dora"),
            ("draw",),
            ("restrict", "ben"),
            ("clear",),
        ),
        (
            Life(
                0,
                3,
                ("cleo", 0.62),
                "Xena Xu",
                1970,
                ((0, 5, 0), (2, 6, 1)),
                ((3, "ben", 9),),
                (("ben", 0, 1, True, True), ("cleo", 1, 2, False, False)),
            ),
            Life(4, 4, None, "Hyacinth X", 1955, ((4, 7, 2),), (), ()),
        ),
        2,
        2,
    ),
)


@pytest.mark.parametrize("story", PRINTED, ids=["a busy story"])
def test_what_commands_print_is_the_same(story: Story, tmp_path: Path) -> None:
    printed: list[dict[str, str]] = []
    for which in (0, 1):
        world = told(tmp_path / "world", story, which, on_disk=True)
        world.studio.ws.close()
        printed.append({" ".join(command): _printed(world, command) for command in READING})
        shutil.rmtree(tmp_path / "world")
    assert differences(*printed) == []
    assert not any(
        name in text
        for each in printed
        for text in each.values()
        for name in ("Xena Xu", "Hyacinth X", "rel_xenia", "xenia-")
    )


def _printed(world: World, command: tuple[str, ...]) -> str:
    answer = volenti_prints(*command, workspace=world.studio.ws.path)
    assert answer.status in (0, 1), answer.err
    # Numbers and digests may differ by counts and times; words, names and verdicts may not.
    return re.sub(r"([0-9a-f]{8,}|\d[\d.,:]*)", "#", re.sub(r"\s+", " ", answer.out))
