"""Bases: which base a run was trained on, where that lies, and the trainer over it.

One base is at hand without being added: the one that the setting `base` names, or else the one that ships.
Any other is added by its path and known by its digest from then on. A run's recipe names it, so that every
command trains, draws and proves with the base that the run was trained on, whichever one is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.codec import decoded, encoded
from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError
from volenti.core.logs import Logger
from volenti.training.base import SHIPPED, Base, BaseCard, People, StartedFrom
from volenti.vault.event_log import EventLog
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Records

if TYPE_CHECKING:
    from volenti.training.ports import Trainer
    from volenti.training.run import Run

BASE = "base"
_log = Logger(__name__)


class Bases:
    """Adds, finds and opens bases."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        at_hand: Trainer,
        path: Path | None,
        open_at: Callable[[Path], Trainer],
    ) -> None:
        """at_hand: trains runs that name no base. path: where its base lies; None: the one that ships.

        open_at: gives the trainer over a base at a path; nothing is read of it yet.
        """
        self._records = records
        self._events = events
        self._at_hand = at_hand
        self._path = path
        self._open_at = open_at
        #: Bases that were opened by their paths, whether they are kept or not.
        self._opened: dict[str, Trainer] = {}
        self._found: dict[str, Base] = {}

    def at_hand(self) -> Base:
        """The base that is trained on where none is named."""
        trainer = self._at_hand
        card = SHIPPED if self._path is None else BaseCard(self._path.name)
        return self._with_card(Base(trainer.base_sha256, str(self._path or ""), trainer.size_px, card))

    def opened(self, path: Path) -> Base:
        """The base at a path, with its card if it has one; nothing is kept. Raises as a trainer does."""
        trainer = self._open_at(path)
        found = Base(trainer.base_sha256, str(path), trainer.size_px, BaseCard(path.name))
        self._opened[found.sha256] = trainer
        self._found[found.sha256] = self._with_card(found)
        return self._found[found.sha256]

    def add(self, path: Path, **said: str | People | None) -> Base:
        """Keep a base, or where it lies now. said: fields of the card that change; the others stay.

        It is opened first. Raises MissingModelError, IntegrityError or UsageError about the base, and
        ConflictError where another one has its name.
        """
        found = self.opened(path.absolute())
        self._opened[found.sha256].check()
        changes = {name: value for name, value in said.items() if value is not None}
        base = replace(found, card=decoded(BaseCard, {**encoded(found.card), **changes}))
        if not base.card.name.strip():
            raise UsageError("A base has a name.", "Give one: --name NAME.")
        if any(each.card.name == base.card.name and each.sha256 != base.sha256 for each in self.every()):
            raise ConflictError(
                f"Another base is called {base.card.name!r}.", "Choose another name: --name NAME."
            )
        self.keep(base)
        return base

    def keep(self, base: Base) -> None:
        """Put a base on record; what was said of it when stays in the log. The same twice changes nothing.

        The one that ships needs no record: it lies in the package.
        """
        if not base.path:
            return
        with self._records.transaction():
            known = self._records.get(BASE, base.sha256)
            body = encoded(base)
            if known is not None and known.body == body:
                return
            self._records.put(BASE, base.sha256, body)
            # Where it lies concerns this machine alone.
            told = {name: value for name, value in body.items() if name != "path"}
            self._events.record("base-described", {"base": base.sha256, **told}, (CONTROLLER,))
        _log.info("base described", people=base.card.people.value)

    def every(self) -> list[Base]:
        """Every base: the one at hand first, then those on record by name."""
        first = self.at_hand()
        kept = [Base.read(each.id, each.body) for each in self._records.find(BASE)]
        others = [each for each in kept if each.sha256 != first.sha256]
        return [first, *sorted(others, key=lambda each: (each.card.name, each.sha256))]

    def find(self, named: str) -> Base:
        """The base of a name, of a digest that begins so, or at a path; nothing is kept.

        Raises NotFoundError where there is none, ConflictError where several are called so, and what a
        trainer raises of a folder or file that isn't a base.
        """
        found = [each for each in self.every() if each.is_called(named)]
        path = Path(named).expanduser()
        if not found and named and path.exists():
            return self.opened(path.absolute())
        if not found:
            raise NotFoundError(
                f"There is no base {named!r}, and no file or folder there.",
                "List those there are, or name a path: volenti base list",
            )
        if len(found) > 1:
            digests = ", ".join(each.sha256[:12] for each in found)
            raise ConflictError(f"Several bases are called {named!r}.", f"Name one of {digests}.")
        return found[0]

    def of(self, sha256: str) -> Base:
        """The base of a run's recipe; of one that nobody added nothing but its digest is known."""
        known = self._records.get(BASE, sha256)
        if known is not None:
            return Base.read(known.id, known.body)
        if sha256 in self._found:
            return self._found[sha256]
        here = self.at_hand()
        return here if here.sha256 == sha256 else Base(sha256, "", 0, BaseCard(f"base {sha256[:12]}"))

    def started_from(self, runs: Iterable[Run], which: Collection[str]) -> tuple[StartedFrom, ...]:
        """What some of the runs started from, as certificates say it: each base once, in order of digests."""
        digests = {run.recipe.base_sha256 for run in runs if run.id in which}
        found = map(self.of, sorted(digests))
        return tuple(StartedFrom(each.sha256, each.card.name, each.card.people.value) for each in found)

    def moved(self, digests: Collection[str]) -> list[Base]:
        """Those of some bases on record that aren't where they were; what lies there isn't read."""
        kept = [Base.read(each.id, each.body) for each in self._records.find(BASE)]
        return [each for each in kept if each.sha256 in digests and not Path(each.path).exists()]

    def is_here(self, sha256: str) -> bool:
        """Whether the base of a run's recipe can be opened."""
        try:
            return self.trainer(sha256) is not None
        except VolentiError:
            return False

    def trainer(self, sha256: str = "") -> Trainer:
        """The trainer over a base by its digest; by default the one at hand.

        Raises ConflictError where that base isn't where it was, or another one lies there now: slices can
        neither be merged with nor draw on another base than their own.
        """
        if not sha256 or self._at_hand.base_sha256 == sha256:
            return self._at_hand
        known = self._records.get(BASE, sha256)
        if sha256 not in self._opened and known is not None:
            self._opened[sha256] = self._open_at(Path(known.body["path"]))
        with suppress(VolentiError):
            # Asked anew each time: somebody may have changed its files.
            if sha256 in self._opened and self._opened[sha256].base_sha256 == sha256:
                return self._opened[sha256]
        self._opened.pop(sha256, None)
        where = ""
        if known is not None:
            there = Path(known.body["path"]).exists()
            where = f" {known.body['path']} was it, and " + ("was changed." if there else "isn't there.")
        raise ConflictError(
            f"The base with SHA-256 {sha256} isn't at hand.{where}",
            "Put it back as it was, or say where it lies now: volenti base add PATH",
        )

    def _with_card(self, found: Base) -> Base:
        known = self._records.get(BASE, found.sha256)
        return found if known is None else replace(found, card=Base.read(known.id, known.body).card)
