"""A story that is told in two worlds, which differ in one person alone.

What the staff and everybody else do is the same in both, act by act. In between the one person, X, lives a
life of their own in each world: another face, other pictures, captions, names, birthday and address, enrolled
at another time, photographed with others or not, other people's files lying in their folder or not. At the
end X is erased in both, and what is held is judged once more.

Chance is taken out, so that nothing can hide behind it: random bytes are always the same ones, and
identifiers are numbered within their act. A salted digest of something of X's is then another one.
"""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.studio import PURPOSE, SIGNED, Studio, frontal
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core import identifiers
from volenti.core.age import AgeKey
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, RefusedError, UsageError, VolentiError
from volenti.core.signing import SigningKey
from volenti.perception.sight.faces import Face, unit
from volenti.training.recipe import Recipe

OTHERS = ("ben", "cleo", "dora", "emil")
CAPTIONS = ("a man in a red top", "a woman in a blue top", "an old man, green background", "a woman")
#: Cosine between two random faces from which on one of them is changed.
ALIKE_BY_CHANCE = 0.15
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: The one key pair of machines: that which is packed for, and each that is made.
_MACHINE = AgeKey("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ8H00W3")


@dataclass(frozen=True)
class Life:
    """What X is and does in one world; acts are counted from 0.

    `near` is whom X resembles, as cosine to them: from unlike to a twin. `pictures` and `together` are
    (act before which it is given, ...): a seed and a caption; with whom and a seed. `copies` are pictures of
    others that lie in X's folder too: of whom, the how manieth, with which caption, whether X's folder
    is taken in before theirs, and whether XMP lies beside it there.
    """

    arrives: int
    face: int
    near: tuple[str, float] | None
    legal_name: str
    born: int
    pictures: tuple[tuple[int, int, int], ...]
    together: tuple[tuple[int, str, int], ...]
    copies: tuple[tuple[str, int, int, bool, bool], ...]


@dataclass(frozen=True)
class Story:
    """`acts` are the staff's and the others'; `x` is what X is called, the same in both worlds."""

    x: str
    acts: tuple[tuple[Any, ...], ...]
    lives: tuple[Life, Life]
    shards: int
    slices: int


@st.composite
def lives(draw: st.DrawFn, acts: int, x: str) -> Life:
    arrives = draw(st.integers(0, acts - 1))
    later = st.integers(arrives, acts - 1)
    others = st.sampled_from(OTHERS)
    # Of those who are never erased, nor restricted: else pictures of theirs would be taken for X's.
    whom = st.sampled_from(["cleo", "emil"])
    near = draw(st.none() | st.tuples(whom, st.sampled_from([0.3, 0.5, 0.62, 0.8])))
    pictures = draw(st.lists(st.tuples(later, st.integers(0, 10**6), st.integers(0, 3)), max_size=2))
    # Whose folder it is, is known by the pictures of theirs that lie there: one does from the beginning.
    pictures.insert(0, (arrives, draw(st.integers(0, 10**6)), draw(st.integers(0, 3))))
    together = draw(st.lists(st.tuples(later, others, st.integers(0, 10**6)), max_size=2))
    copies = draw(
        st.lists(
            st.tuples(others, st.integers(0, 1), st.integers(0, 3), st.booleans(), st.booleans()), max_size=2
        )
    )
    return Life(
        arrives,
        draw(st.integers(0, 10**6)),
        near,
        draw(st.sampled_from(["Xena Xu", "Hyacinth X", "X."])),
        draw(st.integers(1950, 2000)),
        tuple(pictures),
        tuple(together),
        tuple(copies),
    )


#: What may happen between the beginning and the end of a story.
HAPPENS = (
    ("clear",),
    ("cut",),
    ("train",),
    ("draw",),
    ("export",),
    ("select",),
    ("own model",),
    ("pack",),
    ("review",),
    ("restrict", "ben"),
    ("lift", "ben"),
    ("withdraw", "cleo"),
    ("erase", "dora"),
    ("give", "ben"),
    ("give", "emil"),
    ("enrol", "emil"),
    ("access", "ben"),
    ("stranger",),
    ("amend", "ben"),
    ("remove", "emil"),
    ("tell apart", "cleo"),
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    # People come, are cleared, cut and trained in every story; the rest is chance.
    acts: list[tuple[Any, ...]] = [
        ("enrol", "ben"),
        ("enrol", "cleo"),
        ("enrol", "dora"),
        ("give", "ben"),
        ("give", "cleo"),
        ("give", "dora"),
    ]
    for begin in (("clear",), ("cut",), ("train",)):
        before = [each for each in HAPPENS if begin != ("clear",) or each[0] not in ("erase", "restrict")]
        acts += draw(st.lists(st.sampled_from(before), max_size=2))
        acts.append(begin)
    acts += draw(st.lists(st.sampled_from(HAPPENS), max_size=4))
    x = draw(st.sampled_from(["aaron", "xenia", "clara"]))
    two = (draw(lives(len(acts), x)), draw(lives(len(acts), x)))
    return Story(x, tuple(acts), two, draw(st.integers(1, 3)), draw(st.integers(1, 3)))


@dataclass
class World:
    """A studio in which a story is told. `said` is what each act answered, where it answers anything."""

    studio: Studio
    story: Story
    life: Life
    now: list[datetime]
    given: Counter[str] = field(default_factory=Counter)
    said: list[Any] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.studio.folder / "inbox"

    @property
    def out(self) -> Path:
        return self.studio.folder / "out"

    def tell(self, *, erased: bool = True) -> None:
        """All of it, to the end; or without the end, X's erasure."""
        for number, act in enumerate(self.story.acts):
            with step(number):
                self._lives(number)
            with step(number + 100):
                self.now[0] = BEGAN + timedelta(days=number)
                self._happens(act)
        if not erased:
            return
        with step(ERASURE_OF_X):
            self.now[0] = BEGAN + timedelta(days=len(self.story.acts))
            # What waits is brought up to date, as an erasure brings what it touches: whoever is in a picture
            # that nobody has looked at isn't known, and what others said since counts from the next training.
            self._lift("ben")
            self.studio.ws.clear(PURPOSE)
            for run in self.studio.parts.training.runs():
                self.studio.parts.training.replay(run.id)
            self.studio.ws.requests.run(
                self.studio.ws.requests.open("erasure", self.story.x, identity="in-person").id
            )
        with step(400):
            # Whom X kept from being recognised is compared again.
            self.studio.ws.clear(PURPOSE)
            for run in self.studio.parts.external_runs.runs():
                if run.name != "mine":
                    continue
                # A part that had learned from X was destroyed, for the script to train again.
                self._own_model(run.snapshot)

    # -- X

    def _lives(self, number: int) -> None:
        life, x = self.life, self.story.x
        if number == life.arrives:
            own = self._unlike_others(unit(np.random.default_rng(life.face).normal(size=128)))
            if life.near is not None:
                whom, cosine = life.near
                other = self._face(whom)
                across = unit(own - float(own @ other) * other)
                own = unit(cosine * other + np.sqrt(1 - cosine**2) * across)
            self.studio.people[x] = own
            self._enrol(x, life.legal_name, date(life.born, 5, 17))
        for act, seed, caption in life.pictures:
            if act == number:
                self._give(x, (x,), seed, CAPTIONS[caption])
        for act, other, seed in life.together:
            if act == number:
                self._give(x, tuple(sorted((x, other))), seed, "two people")
        if any(number in (each[0] for each in some) for some in (life.pictures, life.together)):
            self.studio.ws.add([self.inbox / x])

    def _unlike_others(self, own: np.ndarray) -> np.ndarray:
        """A face that is near nobody by chance: a held picture that comes nearest to X goes with X."""
        for name in (*OTHERS, "somebody"):
            other = self._face(name)
            if abs(cosine := float(own @ other)) > ALIKE_BY_CHANCE:
                own = unit(own - cosine * other)
        return own

    # -- everybody else

    def _happens(self, act: tuple[Any, ...]) -> None:
        try:
            answer = getattr(self, f"_{act[0].replace(' ', '_')}")(*act[1:])
        except VolentiError as error:
            answer = type(error).__name__
        self.said.append((act, answer))

    def _enrol(self, name: str, legal_name: str = "", born: date = date(1990, 1, 1)) -> None:
        known = {each.id for each in self.studio.parts.consent.subjects()}
        if name in known:
            return
        picture = self._picture((name,), int(sha256(name.encode())[:6], 16), scale=2)
        photo = GivenPhoto(f"{name}.png", picture)
        key = SigningKey(sha256(name.encode()).encode()[:32])
        subject = Subject(
            legal_name or f"Legal {name}",
            born,
            contact=f"{legal_name or name}@example.org",
            public_key=key.public,
            id=name,
        )
        self.studio.parts.consent.add_subject(subject)
        draft = Release(
            id=f"rel_{name}",
            subject=name,
            legal_name=subject.legal_name,
            birth_date=born,
            controller="A test",
            shoot=Shoot("A test", date(2026, 1, 5), date(2026, 1, 5), photo.digest, ""),
            grants=Grants.only(*Grant),
            terms=Terms(territory=("WORLD",), governing_law="DE", valid_from=date(2026, 1, 5)),
            evidence=evidence("test"),
        )
        self.studio.parts.consent.import_signed(
            SignedRelease(draft).signed_by(key, Role.SUBJECT, SIGNED), [photo]
        )

    def _stranger(self) -> None:
        """A picture of ben with somebody whom nobody knows."""
        self._put("street", self._picture(("ben", "somebody"), 4), "two people")
        self.studio.ws.add([self.inbox / "street"])

    def _clear(self) -> None:
        self.studio.ws.clear(PURPOSE)

    def _cut(self) -> None:
        """A version is cut where others have something for it: else there is one because of X alone."""
        cleared = [row.parent for row in self.studio.parts.records.rows("decision", state="cleared")]
        if any(self._is_others(image) for image in cleared):
            self.studio.ws.datasets.cut("humans", PURPOSE)

    def _select(self) -> None:
        """A version of pictures from chosen folders, with words that X's captions have too, without dora."""
        known = {each.id for each in self.studio.parts.consent.subjects()}
        subject = [each for each in ("ben", "cleo", self.story.x) if each in known]
        if self._is_cleared_for_others():
            self.studio.ws.datasets.cut(
                "some",
                PURPOSE,
                subject=subject,
                without=["dora"] if "dora" in known else [],
                word=CAPTIONS,
                min_side=40,
                split={"train": 0.7, "test": 0.3},
            )

    def _is_cleared_for_others(self) -> bool:
        """Whether anything of ben's or cleo's alone is cleared: else there is a version because of X."""
        for image in self.studio.parts.pictures.cleared_for(PURPOSE):
            with suppress(VolentiError):
                _, owners = self.studio.parts.access.image(image, PURPOSE, "WORLD")
                if owners in (("ben",), ("cleo",)):
                    return True
        return False

    def _is_others(self, image: str) -> bool:
        with suppress(VolentiError):
            _, owners = self.studio.parts.access.image(image, PURPOSE, "WORLD")
            return self.story.x not in owners
        return False

    def _train(self) -> None:
        # A wave of three days: whoever is enrolled later in a story learns in slices of a later wave.
        recipe = Recipe(
            shards=self.story.shards,
            slices=self.story.slices,
            samples_per_image=1,
            min_people=1,
            learning_rate=0.05,
            wave_days=3,
        )
        self.studio.ws.train("humans", recipe)

    def _draw(self) -> None:
        """Pictures are drawn where something is served that others are in: else because of X alone."""
        model_store = self.studio.parts.training.model_store
        runs = self.studio.parts.training.runs()[-1:]
        served = [each for run in runs for each in model_store.constituents(run.id)]
        if not any(who != self.story.x for each in served for who, _ in each.uses):
            return
        self.studio.ws.generate(["a man in a red top", "a woman", "an old man"], seed=7, tries=2)

    def _export(self) -> None:
        """The last version is handed out where anything of others' may be: else there is one of X alone."""
        parts, snapshots = self.studio.parts, self.studio.parts.datasets.snapshots()
        if not snapshots:
            return
        purpose, place, conditions, _ = snapshots[-1].asked
        asked = (purpose, place, (*conditions, Grant.REDISTRIBUTION))
        if any(
            self._is_others(each.image) and parts.access.refusal(each.image, *asked) is None
            for each in parts.datasets.entries(snapshots[-1])
            if not each.is_tombstone
        ):
            number = sum(1 for _ in self.out.glob("*")) if self.out.exists() else 0
            self.studio.parts.exports.export(snapshots[-1], self.out / f"{number}", recipient="Example Ltd")

    def _own_model(self, dataset: str = "humans") -> None:
        with self.studio.parts.external_runs.begin(
            "mine", dataset, shards=2, code=[Path(__file__)], min_people=1
        ) as run:
            for part in run.parts():
                weights = self.studio.folder / "mine.safetensors"
                weights.write_text("\n".join(sorted(entry.image for entry in part.dataset.entries)))
                part.keep(weights)

    def _hand_out(self) -> None:
        """What learned from others is handed out, beside X or not."""
        parts = self.studio.parts
        run = parts.training.run()
        shards = [
            each.shard
            for each in parts.training.model_store.constituents(run.id)
            if any(who != self.story.x for who, _ in each.uses)
        ]
        number = sum(1 for _ in self.out.glob("*")) if self.out.exists() else 0
        self.studio.ws.runs.export(to=self.out / f"{number}", recipient="Example Ltd", constituents=shards)

    def _pack(self) -> None:
        """The parts that others are in are packed for another machine."""
        external_runs = self.studio.parts.external_runs
        run = external_runs.begin("elsewhere", "humans", shards=2, code=[Path(__file__)], min_people=1).run
        number = sum(1 for _ in self.out.glob("*")) if self.out.exists() else 0
        parts = [
            shard
            for shard, reader in enumerate(external_runs.readers(run))
            if any(self.story.x not in entry.owners for entry in reader.entries)
        ]
        if parts:
            self.out.mkdir(exist_ok=True)
            to = _MACHINE.public
            self.studio.parts.packing.pack(run, to, self.out / f"{number}", parts=parts)

    def _review(self) -> None:
        """Somebody looks at what is held, and says of the first picture of dora's that it is her."""
        for question in sorted(self.studio.parts.review.questions(), key=lambda each: each.images[0].file):
            if question.images[0].file.startswith("dora-"):
                self.studio.ws.review.decide(
                    question.images[0].id,
                    clear=True,
                    subjects=["dora"],
                    reviewer="rita",
                    purpose=question.purpose,
                )
                return

    def _restrict(self, name: str) -> None:
        self.studio.parts.restrictions.run(self.studio.ws.requests.open("restriction", name).id)

    def _lift(self, name: str) -> None:
        for each in self.studio.parts.requests.unfinished():
            if each.kind == "restriction" and each.subject == name:
                self.studio.parts.restrictions.lift(each.id)

    def _withdraw(self, name: str) -> None:
        self.studio.parts.withdrawals.run(
            self.studio.ws.requests.open("withdrawal", name, grant=Grant.GENERATIVE_TRAINING).id
        )

    def _erase(self, name: str) -> None:
        self.studio.ws.requests.run(self.studio.ws.requests.open("erasure", name, identity="in-person").id)

    def _tell_apart(self, name: str) -> None:
        """Somebody puts down that X and another one are two people."""
        if {name, self.story.x} <= {each.id for each in self.studio.parts.consent.subjects()}:
            self.studio.ws.subjects.distinguish(self.story.x, name)

    def _amend(self, name: str) -> None:
        """The desk corrects what is said of somebody's first picture; X's folder may have said the same."""
        self.studio.ws.pictures.amend([self._image(name, 0)], caption=CAPTIONS[1], shoot="studio")

    def _remove(self, name: str) -> None:
        """Somebody's second picture was given by mistake."""
        self.studio.ws.pictures.remove([self._image(name, 1)])

    def _image(self, name: str, number: int) -> str:
        return self.studio.parts.vault.image_identifier(sha256(self._own(name, number)))

    def _access(self, name: str) -> None:
        self.studio.parts.answers.make(name)

    # -- pictures

    def _give(self, folder: str, names: tuple[str, ...] = (), seed: int = 0, caption: str = "") -> None:
        """Two more pictures in somebody's folder; of X, the one that is said."""
        if names:
            self._put(folder, self._picture(names, seed), caption)
            return
        if folder not in {each.id for each in self.studio.parts.consent.subjects()}:
            return
        numbers = range(self.given[folder], self.given[folder] + 2)
        here = self.story.x in {each.id for each in self.studio.parts.consent.subjects()}
        copies = [each for each in self.life.copies if here and each[0] == folder and each[1] in numbers]
        for first in (True, False):
            for whom, which, caption, before, beside in copies:
                if before == first:
                    xmp = _xmp(self.life.legal_name, f"rel_{self.story.x}") if beside else ""
                    self._put(self.story.x, self._own(whom, which), CAPTIONS[caption], xmp)
                    self.studio.ws.add([self.inbox / self.story.x])
            if first:
                for number in numbers:
                    self._put(folder, self._own(folder, number), CAPTIONS[number % 4])
                self.studio.ws.add([self.inbox / folder])

    def _own(self, name: str, number: int) -> bytes:
        return self._picture((name,), 1000 * len(name) + number)

    def _put(self, folder: str, data: bytes, caption: str, xmp: str = "") -> None:
        path = self.inbox / folder / f"{folder}-{self.given[folder]}.png"
        self.given[folder] += 1
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(caption)
        if xmp:
            path.with_suffix(".xmp").write_text(xmp)

    def _face(self, name: str) -> np.ndarray:
        if name not in self.studio.people:
            seed = int(sha256(f"face of {name}".encode())[:8], 16)
            self.studio.people[name] = unit(np.random.default_rng(seed).normal(size=128))
        return self.studio.people[name]

    def _picture(self, names: tuple[str, ...], seed: int, scale: int = 1) -> bytes:
        """A PNG of these people; the same for the same people and seed."""
        rng = np.random.default_rng([seed, *(ord(letter) for letter in "".join(names))])
        rgb = rng.integers(0, 255, (48 * scale, 48 * scale * len(names), 3), dtype=np.uint8)
        faces = []
        for index, name in enumerate(names):
            noise = rng.normal(size=128) * 0.01
            box = (scale * (48.0 * index + 8), scale * 8.0, scale * (30.0 + index), scale * (30.0 + index))
            faces.append(Face(box, 0.9, frontal(box), unit(self._face(name) + noise)))
        self.studio.detector.tell(rgb, faces)
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "PNG")
        return out.getvalue()


def _xmp(name: str, release: str) -> str:
    """What a program saved beside a picture: by whom it is, where it was taken, whose release it names."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">'
        f"<dc:creator><rdf:Seq><rdf:li>{name}</rdf:li></rdf:Seq></dc:creator>"
        f"<photoshop:City>{name}'s town</photoshop:City>"
        f"<plus:ModelReleaseID>{release}</plus:ModelReleaseID>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def told(folder: Path, story: Story, which: int, *, erased: bool = True, **given: Any) -> World:
    """A world in which the story was told with one of its two lives."""
    now = [BEGAN]
    with no_chance():
        studio = Studio.open(folder, clock=lambda: now[0], **given)
        world = World(studio, story, story.lives[which], now)
        world.tell(erased=erased)
    return world


_ACT = [0]
_COUNTS: Counter[str] = Counter()


@contextmanager
def step(number: int) -> Iterator[None]:
    """Identifiers made in it are numbered from its number on."""
    _ACT[0] = number
    _COUNTS.clear()
    yield


#: The request for X's erasure.
ERASURE_OF_X = 300


def named(prefix: str, act: int, number: int = 1) -> str:
    """The identifier that is made as the number-th of an act."""
    text = f"{act:010d}{number:010d}"
    return f"{prefix}_{text.translate(str.maketrans('0123456789', 'abcdefghij'))}"


def _numbered(prefix: str) -> str:
    _COUNTS[prefix] += 1
    return named(prefix, _ACT[0], _COUNTS[prefix])


@contextmanager
def no_chance() -> Iterator[None]:
    """Random bytes and key pairs are always the same; identifiers are numbered within their act."""
    urandom, key_pair, modules = os.urandom, AgeKey.new, _users_of_new()
    before = {module: module.new for module in modules}
    revisions = iter(range(10**9))

    def known(size: int) -> bytes:
        if sys._getframe(1).f_code.co_name == "together":
            return next(revisions).to_bytes(size, "big")  # the revision of consent, which has to change
        return bytes((11 * n) % 251 for n in range(size))

    os.urandom = known
    AgeKey.new = lambda: _MACHINE
    for module in modules:
        module.new = _numbered
    try:
        yield
    finally:
        os.urandom, AgeKey.new = urandom, key_pair
        for module, new in before.items():
            module.new = new


def _users_of_new() -> list[Any]:
    return [
        module
        for name, module in sys.modules.items()
        if name.startswith("volenti.") and getattr(module, "new", None) is identifiers.new
    ]


#: Answers that an act may give without telling of anything wrong.
EXPECTED = (ConflictError.__name__, RefusedError.__name__, UsageError.__name__)
