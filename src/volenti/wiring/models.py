"""Parts for models: training, forgetting, external runs, and generated works."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.desk import DeskParts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from volenti.catalogue.comparison import Comparison
    from volenti.catalogue.ledger import Ledger
    from volenti.catalogue.service import Catalogue
    from volenti.catalogue.withdrawing import WorkWithdrawals
    from volenti.clearance.amendment import Amendments
    from volenti.deliveries.package.keeping import Keeping
    from volenti.deliveries.package.packing import Packing
    from volenti.deliveries.weights.handing_out import HandingOut
    from volenti.training.attacks import Attacks
    from volenti.training.bases import Bases
    from volenti.training.cost_estimator import TrainingCostEstimator
    from volenti.training.external_runs import ExternalRuns
    from volenti.training.proof import Prover
    from volenti.training.run_removal import RunRemovals
    from volenti.training.service import Training


class ModelParts(DeskParts):
    """Parts that learn from pictures or generate works, on top of those for pictures."""

    @cached_property
    def bases(self) -> Bases:
        """Bases: what runs start from, where each lies, and what is known of whom it learned from."""
        from volenti.training.bases import Bases

        adapters = self.adapters
        return Bases(self.records, self.events, adapters.trainer, self.settings.base, adapters.open_base)

    @cached_property
    def training(self) -> Training:
        """Training: models learn from snapshots in slices; to forget, only some slices are trained again."""
        from volenti.training.service import Training

        return Training(
            records=self.records,
            vault=self.vault,
            datasets=self.datasets,
            access=self.access,
            consent=self.consent,
            gallery=self.gallery,
            events=self.events,
            bases=self.bases,
            jobs=self.adapters.jobs,
            clock=self.clock,
            partition_key=self.partition_key,
            locks=self.adapters.locks,
        )

    @cached_property
    def amendments(self) -> Amendments:
        """Amendments: corrects the caption and the shoot of pictures, learned from or not."""
        from volenti.clearance.amendment import Amendments

        def uncovered(subjects: Collection[str]) -> Mapping[str, int]:
            return self.recalls.uncovered(subjects) if subjects and self.exports.count() else {}

        def shoots_changed(subjects: Collection[str]) -> None:
            if subjects:
                self.ask_recalls_again(subjects)
            if subjects and self.training.runs():
                from volenti.training.amended_shoots import AmendedShoots

                AmendedShoots(self.training, self.datasets, self.access).apply(subjects)

        return Amendments(self.records, self.events, self.folders, uncovered, shoots_changed)

    @cached_property
    def cost_estimator(self) -> TrainingCostEstimator:
        """The cost estimator: measures what a training costs on this machine, for plans."""
        from volenti.training.cost_estimator import TrainingCostEstimator

        return TrainingCostEstimator(self.training, self.access, self.adapters.jobs, self.partition_key)

    @cached_property
    def run_removals(self) -> RunRemovals:
        """Removals of training runs, the project's own and those of scripts."""
        from volenti.training.run_removal import RunRemovals

        def packages(run: str, snapshot: str) -> Sequence[object]:
            from volenti.deliveries.package.outstanding import outstanding

            return outstanding(self.exports, self.feed, run, snapshot)

        return RunRemovals(self.records, self.vault, self.events, self.adapters.locks, packages)

    @cached_property
    def external_runs(self) -> ExternalRuns:
        """External runs: keeps, delivers and forgets what the user's own scripts have trained."""
        from volenti.training.external_runs import ExternalRuns

        return ExternalRuns(self.records, self.vault, self.datasets, self.events, self.clock)

    @cached_property
    def packing(self) -> Packing:
        """Packing: writes parts of external runs for other machines."""
        from volenti.deliveries.package.packing import Packing

        return Packing(
            self.external_runs,
            self.exports,
            self.datasets,
            self.feed_log,
            self._signing,
            self.adapters.locks,
            self.clock,
        )

    @cached_property
    def handing_out(self) -> HandingOut:
        """Handing out: writes constituents for somebody else, each on record as a delivery."""
        from volenti.deliveries.weights.handable import HandableConstituents
        from volenti.deliveries.weights.handing_out import HandingOut

        return HandingOut(
            self.records,
            HandableConstituents(self.training, self.datasets, self.access),
            self.bases,
            self.training.model_store,
            self.datasets,
            self.exports,
            self.feed,
            self.adapters.locks,
            self.clock,
        )

    @cached_property
    def keeping(self) -> Keeping:
        """Keeping: takes in what other machines have trained."""
        from volenti.deliveries.package.keeping import Keeping

        return Keeping(self.external_runs, self.exports)

    @cached_property
    def prover(self) -> Prover:
        """The prover: trains everything again from scratch, and compares it with what is served."""
        from volenti.training.proof import Prover

        return Prover(self.training, self.access, self.adapters.new_jobs, self.partition_key)

    @cached_property
    def attacks(self) -> Attacks:
        """Attacks: test whether a model shows that it learned from somebody."""
        from volenti.training.attacks import Attacks

        return Attacks(
            training=self.training,
            access=self.access,
            gallery=self.gallery,
            detector=self.detector,
            jobs=self.adapters.jobs,
        )

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger: works on record, and the people from whom the models that drew them had learned."""
        from volenti.catalogue.ledger import Ledger

        return Ledger(self.records, self.training.model_store, self.events)

    @cached_property
    def comparison(self) -> Comparison:
        """Comparison: the templates and copy descriptors that works are compared with, by run or person."""
        from volenti.catalogue.comparison import Comparison

        return Comparison(self.training.model_store, self.gallery, self.new_matcher)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue: generates works, and refuses those that come too near to anybody."""
        from volenti.catalogue.service import Catalogue

        return Catalogue(
            records=self.records,
            ledger=self.ledger,
            comparison=self.comparison,
            training=self.training,
            jobs=self.adapters.jobs,
            detector=self.detector,
            clock=self.clock,
        )

    @cached_property
    def withdrawn_works(self) -> WorkWithdrawals:
        """Withdrawals of works: compares works with a person to be erased, and calls back those too near."""
        from volenti.catalogue.withdrawing import WorkWithdrawals

        return WorkWithdrawals(
            ledger=self.ledger,
            comparison=self.comparison,
            training=self.training,
            events=self.events,
            rule=self.settings.withdraw_works,
            clock=self.clock,
        )
