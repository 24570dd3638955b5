"""Models: training, forgetting, scripts of the user's own, and what is drawn."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.pictures import PictureParts

if TYPE_CHECKING:
    from volenti.catalogue.comparison import Comparison
    from volenti.catalogue.ledger import Ledger
    from volenti.catalogue.service import Catalogue
    from volenti.catalogue.withdrawing import WorkWithdrawals
    from volenti.training.attacks import Attacks
    from volenti.training.guests import Guests
    from volenti.training.proof import Prover
    from volenti.training.rehearsal import Rehearsal
    from volenti.training.service import Training


class ModelParts(PictureParts):
    """Whatever learns from pictures, and whatever draws."""

    @cached_property
    def training(self) -> Training:
        """Training: models learn from snapshots in slices, and forget by training only some slices again."""
        from volenti.training.service import Training

        return Training(
            records=self.records,
            vault=self.vault,
            datasets=self.datasets,
            access=self.access,
            consent=self.consent,
            gallery=self.gallery,
            journal=self.journal,
            trainer=self.adapters.trainer,
            jobs=self.adapters.jobs,
            clock=self.clock,
            partition_key=self.partition_key,
            turns=self.adapters.turns,
        )

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """Rehearsal: measures what a training costs on this machine, for plans."""
        from volenti.training.rehearsal import Rehearsal

        return Rehearsal(
            self.training, self.access, self.adapters.trainer, self.adapters.jobs, self.partition_key
        )

    @cached_property
    def guests(self) -> Guests:
        """Guests: what the user's own scripts trained, kept, handed out and forgotten."""
        from volenti.training.guests import Guests

        return Guests(self.records, self.vault, self.datasets, self.journal, self.clock)

    @cached_property
    def prover(self) -> Prover:
        """Proof of exactness: trains again from nothing, and compares with what is served."""
        from volenti.training.proof import Prover

        return Prover(
            self.training, self.access, self.adapters.trainer, self.adapters.new_jobs, self.partition_key
        )

    @cached_property
    def attacks(self) -> Attacks:
        """Attacks on models, which test whether a model shows that it learned from somebody."""
        from volenti.training.attacks import Attacks

        return Attacks(
            training=self.training,
            access=self.access,
            gallery=self.gallery,
            detector=self.detector,
            trainer=self.adapters.trainer,
            jobs=self.adapters.jobs,
        )

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger: works on record, and whom the models that drew them had learned from."""
        from volenti.catalogue.ledger import Ledger

        return Ledger(self.records, self.training.shelf, self.journal)

    @cached_property
    def comparison(self) -> Comparison:
        """Comparison: what works are compared with, of everybody behind a run or of one person."""
        from volenti.catalogue.comparison import Comparison

        return Comparison(self.training.shelf, self.gallery, self.new_matcher)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue: draws works from models, and refuses those that come too near to anybody."""
        from volenti.catalogue.service import Catalogue

        return Catalogue(
            records=self.records,
            ledger=self.ledger,
            comparison=self.comparison,
            training=self.training,
            trainer=self.adapters.trainer,
            jobs=self.adapters.jobs,
            detector=self.detector,
            clock=self.clock,
        )

    @cached_property
    def withdrawn_works(self) -> WorkWithdrawals:
        """Withdrawing works: compares them with whoever leaves, and calls back what has to be."""
        from volenti.catalogue.withdrawing import WorkWithdrawals

        return WorkWithdrawals(
            ledger=self.ledger,
            comparison=self.comparison,
            training=self.training,
            journal=self.journal,
            rule=self.settings.withdraw_works,
            clock=self.clock,
        )
