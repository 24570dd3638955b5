"""A studio in memory: real chapters on the memory adapters, for tests of services.

People are unit vectors instead of faces, pictures are small PNGs of noise, and the
detector is told which faces lie in which picture. Everything else is the real thing.
"""

from __future__ import annotations

import io
import shutil
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.locks.files import FileLocks
from volenti.adapters.locks.memory import MemoryLocks
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.matcher.memory import MemoryMatcher
from volenti.adapters.packs.files import FilePackStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.bootstrap import Adapters, wire
from volenti.consent.purpose import Grant, Grants
from volenti.consent.reference import GivenPhoto
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.clock import Clock, system_clock
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey
from volenti.erasure.service import StepCallback
from volenti.folder import init_workspace, secrets_of, workspace_facts
from volenti.perception.sight.faces import Face, unit
from volenti.settings import Settings
from volenti.stores import begin_mirror, catch_up, key_store, log_store, register_store
from volenti.training.ports import Trainer
from volenti.training.recipe import Recipe
from volenti.wiring.parts import Parts
from volenti.workspace.workspace import Workspace

PURPOSE = "generative-training"
SIGNED = datetime(2026, 1, 5, 12, tzinfo=UTC)
RECIPE = Recipe(shards=2, slices=2, samples_per_image=2, min_people=1, learning_rate=0.05)
#: Side of what the trainer in memory draws.
DRAWN_PX = MemoryTrainer().size_px


@dataclass
class Studio:
    """A workspace, a folder of pictures given to it, and the people it may meet."""

    folder: Path
    ws: Workspace
    detector: MemoryFaces
    people: dict[str, np.ndarray] = field(default_factory=dict)
    photos: int = 0
    #: What people sign with.
    keys: dict[str, SigningKey] = field(default_factory=dict)

    @property
    def parts(self) -> Parts:
        """Everything below the workspace."""
        return self.ws.parts

    @classmethod
    def open(
        cls,
        folder: Path,
        watch: StepCallback = lambda step: None,
        clock: Clock = system_clock,
        on_disk: bool = False,
        trainer: Trainer | None = None,
        mirror: Path | None = None,
    ) -> Studio:
        """trainer: instead of the one in memory.

        on_disk: everything at rest lies in files of the workspace's folder, for who searches them or
        opens it as it would be opened. mirror: where keys and log have a second copy.
        """
        detector = MemoryFaces(nobodys)
        (folder / "inbox").mkdir(parents=True)
        at = folder / "workspace"
        if on_disk:
            init_workspace(at, seed=1)
            if mirror is not None:
                begin_mirror(at, mirror)
            ws = reopened(at, watch, clock, detector, trainer)
            return cls(folder, ws, detector)
        at.mkdir()
        adapters = Adapters(
            register=MemoryRegister(),
            keys=MemoryKeyStore(),
            packs=MemoryPackStore(),
            log=MemoryLogStore(),
            feed=MemoryLogStore(),
            detector=detector,
            marks=None,
            trainer=trainer or MemoryTrainer(),
            jobs=InlineJobRunner(),
            locks=MemoryLocks(),
            new_matcher=MemoryMatcher,
        )
        parts = wire(
            at,
            Settings(),
            adapters,
            b"s" * 32,
            SigningKey(bytes(32)),
            "test.example/log",
            clock=clock,
            watch=watch,
        )
        return cls(folder, Workspace(parts), detector)

    def copied(self, folder: Path) -> Studio:
        """A copy of a studio on disk that is closed; opened, with people and pictures of its own."""
        shutil.copytree(self.folder, folder)
        detector = deepcopy(self.detector)
        ws = reopened(folder / self.ws.path.relative_to(self.folder), detector=detector)
        return replace(
            self, folder=folder, ws=ws, detector=detector, people={**self.people}, keys={**self.keys}
        )

    def person(
        self,
        name: str,
        *granted: Grant,
        flaw: str = "",
        at: str = "",
        born: date = date(1990, 1, 1),
        called: str = "",
        in_return: str = "none",
    ) -> str:
        """Enrol somebody with a signed release; all grants unless some are named. at: a shoot's name.

        called: their legal name. in_return: what the release says they get.
        """
        photo = GivenPhoto(f"{name}.png", self._picture([name], scale=2))
        key = self.keys[name] = SigningKey.new()
        subject = Subject(
            called or f"Legal {name}", born, contact=f"{name}@example.org", public_key=key.public, id=name
        )
        self.ws.parts.consent.add_subject(subject)
        draft = Release(
            id=f"rel_{name}",
            subject=name,
            legal_name=subject.legal_name,
            birth_date=subject.birth_date,
            controller="A test",
            shoot=Shoot("A test", date(2026, 1, 5), date(2026, 1, 5), photo.digest, at),
            grants=Grants.only(*(granted or tuple(Grant))),
            terms=Terms(
                territory=("WORLD",),
                governing_law="DE",
                valid_from=date(2026, 1, 5),
                valid_until=date(2026, 2, 1) if flaw == "expired" else None,
                compensation=in_return,
            ),
            evidence=evidence("test"),
        )
        signed = SignedRelease(draft).signed_by(key, Role.SUBJECT, SIGNED)
        self.ws.parts.consent.import_signed(signed, [photo])
        return name

    def photo(self, *names: str, caption: str = "a man in a red top") -> Path:
        """A picture of these people in the inbox, side by side; strangers may be named, "_" is a gap."""
        path = self.folder / "inbox" / f"{self.photos:03d}.png"
        path.write_bytes(self._picture(names))
        path.with_suffix(".txt").write_text(caption)
        return path

    def shoot(self, *names: str, photos: int = 2) -> None:
        """Enrol people and put pictures of each into the inbox."""
        for name in names:
            self.person(name)
            for number in range(photos):
                self.photo(name, caption=f"a {'woman' if number % 2 else 'man'} in a blue top")

    def clear(self) -> dict[str, int]:
        """Take in the inbox and judge it; returns the totals."""
        self.ws.add([self.folder / "inbox"])
        return self.ws.clear(PURPOSE).totals

    def trained(self, recipe: Recipe = RECIPE) -> str:
        """Clear, cut and train; returns the run."""
        self.clear()
        self.ws.datasets.cut("humans", PURPOSE)
        return self.ws.train("humans", recipe).run

    def hashes(self, run: str) -> dict[int, str]:
        """Hash of every constituent that is served."""
        return {each.shard: each.sha256 for each in self.ws.parts.training.model_store.constituents(run)}

    def _picture(self, names: tuple[str, ...] | list[str], scale: int = 1) -> bytes:
        """A picture of these people; scale 2: with faces large enough for a reference photograph."""
        self.photos += 1
        rng = np.random.default_rng([self.photos, len(names)])
        rgb = rng.integers(0, 255, (48 * scale, 48 * scale * max(1, len(names)), 3), dtype=np.uint8)
        faces = []
        for index, name in enumerate(names):
            if name == "_":
                continue  # an empty place between two people
            self.people.setdefault(name, likeness(name))
            noise = rng.normal(size=128) * 0.01
            box = (scale * (48.0 * index + 8), scale * 8.0, scale * (30.0 + index), scale * (30.0 + index))
            faces.append(Face(box, 0.9, frontal(box), unit(self.people[name] + noise)))
        self.detector.tell(rgb, faces)
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "PNG")
        return out.getvalue()


def reopened(
    at: Path,
    watch: StepCallback = lambda step: None,
    clock: Clock = system_clock,
    detector: MemoryFaces | None = None,
    trainer: Trainer | None = None,
) -> Workspace:
    """The workspace of a studio on disk, as another process opens it."""
    facts = workspace_facts(at)
    secret, signing = secrets_of(at)
    register, close = register_store(at)
    adapters = Adapters(
        register=register,
        keys=key_store(at),
        packs=FilePackStore(at / "packs"),
        log=log_store(at, "log"),
        feed=log_store(at, "feed"),
        detector=detector or MemoryFaces(nobodys),
        marks=None,
        trainer=trainer or MemoryTrainer(),
        jobs=InlineJobRunner(),
        locks=FileLocks(at / "turns"),
        catch_up=partial(catch_up, at),
        new_matcher=MemoryMatcher,
    )
    parts = wire(
        at, Settings(), adapters, secret, signing, facts["log"], clock=clock, watch=watch, close=close
    )
    return Workspace(parts)


def frontal(box: tuple[float, float, float, float]) -> np.ndarray:
    """The landmarks of a face that looks straight out of its box."""
    left, top, width, height = box
    places = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return np.array([(left + width * x, top + height * y) for x, y in places], np.float32)


def nobodys(rgb: np.ndarray) -> list[Face]:
    """The face in a picture of the size of works, which is like nobody's; none in any other picture."""
    if rgb.shape[:2] != (DRAWN_PX, DRAWN_PX):
        return []
    template = likeness(sha256(rgb.tobytes()))
    return [Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), template)]


def likeness(name: str) -> np.ndarray:
    """The unit vector that stands for somebody's face: the same for the same name."""
    return unit(np.random.default_rng(int(sha256(name.encode())[:8], 16)).normal(size=128))
