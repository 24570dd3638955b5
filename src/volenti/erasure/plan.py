"""Plan: what an erasure will do and what it will cost. It changes nothing; running the request does.

Prices are seconds of waiting and of work, measured when the slices were trained,
never guessed from their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from volenti.catalogue.withdrawing import WorkWithdrawals
from volenti.catalogue.work import Tally
from volenti.clearance.holders import QuarantineHolder
from volenti.clearance.pictures import Pictures
from volenti.clearance.quarantine import Quarantine
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError
from volenti.core.shown import short_repr
from volenti.deliveries.delivery import Delivery
from volenti.deliveries.feed import Feed
from volenti.erasure.copies import Copies
from volenti.requests.course import OVERTAKEN
from volenti.requests.history import ModelToTrainAgain
from volenti.requests.request import Request
from volenti.requests.service import Requests
from volenti.training.external_run import Retraining
from volenti.training.external_runs import ExternalRuns
from volenti.training.forgetting import Price, price
from volenti.training.service import Training
from volenti.vault.holder import Holders, Holding
from volenti.vault.holders import KeyHolder


@dataclass(frozen=True, slots=True)
class Tariff:
    """What an hour of computing costs."""

    currency: str = "EUR"
    core_hour: float = 0.0
    gpu_hour: float = 0.0

    def of(self, seconds: float, *, on_gpu: bool) -> float:
        """What that many seconds of one core, or of one GPU, cost."""
        return seconds / 3600 * (self.gpu_hour if on_gpu else self.core_hour)


@dataclass(frozen=True, slots=True)
class Notified:
    """Somebody who got pictures of the subject, or what learned from them, and will be told."""

    recipient: str
    dataset: str
    delivery: str
    samples: int


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another request of the subject's, not finished: once they are erased, nobody can carry it out.

    `remedy` is what carries it out before.
    """

    request: str
    kind: str
    state: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What every holder has of the subject, and what training the model again will take.

    `backups` are the times at which backups were made: they hold ciphertext, which nobody can read once the
    subject's key is destroyed.
    """

    request: str
    holdings: tuple[Holding, ...]
    prices: tuple[Price, ...]
    #: What has to be trained again of models that the user's own scripts trained: only those scripts can.
    retrainings: tuple[Retraining, ...] = ()
    tariff: Tariff = Tariff()
    notified: tuple[Notified, ...] = ()
    backups: tuple[str, ...] = ()
    #: How many pictures were drawn by constituents that had learned from the subject, and how many of
    #: these would be called back.
    works: Tally | None = None
    #: How many pictures wait to be judged: whether the subject is in them isn't known.
    waiting: int = 0
    #: Other requests of the subject's that aren't finished, and would end as overtaken.
    overtakes: tuple[Overtaken, ...] = ()

    __repr__ = short_repr

    @property
    def money(self) -> float:
        """What training again without the subject costs by the tariff, external runs included."""
        own = sum(self.tariff.of(each.core_seconds, on_gpu=each.on_gpu) for each in self.prices)
        others = sum(self.tariff.of(3600 * each.hours, on_gpu=each.gpus > 0) for each in self.retrainings)
        return own + others

    @property
    def full_money(self) -> float:
        """What training everything again would cost by the tariff, of the models trained in slices."""
        return sum(self.tariff.of(each.full_core_seconds, on_gpu=each.on_gpu) for each in self.prices)

    @property
    def seconds(self) -> float:
        """Seconds of waiting until the slices that learned from the subject are trained again."""
        return sum(price.seconds for price in self.prices)

    @property
    def full_seconds(self) -> float:
        """Seconds of waiting for whole trainings of the runs that learned from the subject."""
        return sum(price.full_seconds for price in self.prices)

    def to_json(self) -> Json:
        """The plan as a JSON object; `cost_ratio` is 0 where there is no model to train again."""
        full = self.full_seconds
        return {
            "request": self.request,
            "holders": [encoded(holding) for holding in self.holdings],
            "constituents": sorted({each for price in self.prices for each in price.constituents}),
            "slices": sorted({each for price in self.prices for each in price.slices}),
            "items": sum(holding.items for holding in self.holdings),
            "bytes": sum(holding.bytes for holding in self.holdings),
            "seconds": round(self.seconds, 3),
            "full_seconds": round(full, 3),
            "cost_ratio": round(self.seconds / full, 6) if full else 0.0,
            "money": {
                "currency": self.tariff.currency,
                "cost": round(self.money, 4),
                "full_cost": round(self.full_money, 4),
            },
            "retrainings": [each.to_json() for each in self.retrainings],
            "notified": [encoded(each) for each in self.notified],
            "backups": list(self.backups),
            "waiting": self.waiting,
            "overtakes": [encoded(each) for each in self.overtakes],
            "works": None if self.works is None else encoded(self.works),
        }


class Plans:
    """Works out what carrying a request out would do, and cost."""

    def __init__(
        self,
        requests: Requests,
        pictures: Pictures,
        quarantine: Quarantine,
        copies: Copies,
        training: Training,
        external_runs: ExternalRuns,
        holders: Holders,
        feed: Feed,
        works: WorkWithdrawals,
        workers: int,
        tariff: Tariff,
    ) -> None:
        self._requests = requests
        self._pictures = pictures
        self._quarantine = quarantine
        self._copies = copies
        self._training = training
        self._external_runs = external_runs
        self._holders = holders
        self._feed = feed
        self._works = works
        self._workers = workers
        self._tariff = tariff

    def plan(self, request: Request) -> Plan:
        """The plan of an erasure that isn't certified yet; ConflictError for any other request."""
        if request.kind in ("withdrawal", "restriction", "objection") and not request.is_finished:
            raise ConflictError(
                f"{request.id} is a request for {request.kind}, not for erasure: it has no plan.",
                f"See what it would do: volenti request run {request.id} --dry-run",
            )
        require_erasure(request)
        if request.is_certified:
            raise ConflictError(
                f"{request.id} is {request.state}; there is nothing left to plan.", "Show it instead."
            )
        who = request.subject
        prices = tuple(each for each in self.prices(who) if each.slices)
        retrainings = tuple(self._external_runs.retrainings(who))
        return Plan(
            request.id,
            tuple(self._foreseen(request)),
            prices,
            retrainings,
            self._tariff,
            tuple(self._notified(who)),
            tuple(self.backups()),
            self._works.foreseen(who),
            self._pictures.count("waiting"),
            tuple(
                Overtaken(each.id, each.kind, each.state, each.remedy)
                for each in self._requests.beside(request)
            ),
        )

    def _foreseen(self, request: Request) -> list[Holding]:
        """What running the request will find to erase.

        Faces of somebody never enrolled become theirs, under a key made for it, only once the request is run:
        until then no holder knows of them.
        """
        if request.faces is None or request.state != "opened":
            return self.holdings(request.subject)
        held = self._quarantine.with_faces(request.faces)
        return [*QuarantineHolder.holdings(held), KeyHolder.holding()] if held else []

    def backups(self) -> list[str]:
        """When the backups on record were made."""
        return self._copies.backups()

    def _notified(self, subject: str) -> Iterator[Notified]:
        samples: dict[str, list[Delivery]] = {}
        for delivery, _ in self._feed.untold(subject):
            samples.setdefault(delivery.id, []).append(delivery)
        for identifier, each in samples.items():
            yield Notified(each[0].to, each[0].what, identifier, len(each))

    def holdings(self, subject: str) -> list[Holding]:
        """Everything that is held of a subject, holder by holder."""
        return [held for holder in self._holders for held in holder.locate(subject)]

    def prices(self, subject: str) -> list[Price]:
        """What forgetting a subject costs, run by run."""
        prices = []
        for run in self._training.runs():
            slices = self._training.model_store.slices(run.id)
            mine = self._training.model_store.slices_of(subject, run.id)
            affected = [
                (f"{run.id}/{each.place}", each.seconds)
                for each in slices
                if f"{run.id}/{each.place}" in mine
            ]
            gone = [each for each in self._training.model_store.affected(subject) if each.startswith(run.id)]
            everything = [each.seconds for each in slices]
            on_gpu = "device" in run.environment
            prices.append(price(affected, everything, gone, self._workers, run.seconds, on_gpu))
        return prices


def to_train_again(each: Retraining) -> ModelToTrainAgain:
    """What a certificate says of a part: recipients are counted, not named, as anybody may read it."""
    seconds, hours = round(each.seconds, 3), round(each.hours, 4)
    return ModelToTrainAgain(
        each.part, each.name, each.whole, each.gpus, seconds, hours, len(each.recipients)
    )


def require_erasure(request: Request) -> None:
    """Raise ConflictError where a request asks for something else, or was refused or overtaken."""
    if request.state in ("refused", OVERTAKEN):
        raise ConflictError(
            f"{request.id} was {request.state}; nothing is done for it.",
            "Open a new one: volenti request open.",
        )
    if request.kind != "erasure":
        raise ConflictError(f"{request.id} is a request for {request.kind}, not for erasure.", request.remedy)
