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
        from volenti.training.rehearsal import Rehearsal

        return Rehearsal(
            self.training, self.access, self.adapters.trainer, self.adapters.jobs, self.partition_key
        )

    @cached_property
    def guests(self) -> Guests:
        from volenti.training.guests import Guests

        return Guests(self.records, self.vault, self.datasets, self.journal, self.clock)

    @cached_property
    def prover(self) -> Prover:
        from volenti.training.proof import Prover

        return Prover(
            self.training, self.access, self.adapters.trainer, self.adapters.new_jobs, self.partition_key
        )

    @cached_property
    def attacks(self) -> Attacks:
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
        from volenti.catalogue.ledger import Ledger

        return Ledger(self.records, self.training.shelf, self.journal)

    @cached_property
    def comparison(self) -> Comparison:
        from volenti.catalogue.comparison import Comparison

        return Comparison(self.training.shelf, self.gallery, self.new_matcher)

    @cached_property
    def catalogue(self) -> Catalogue:
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
        from volenti.catalogue.withdrawing import WorkWithdrawals

        return WorkWithdrawals(
            ledger=self.ledger,
            comparison=self.comparison,
            training=self.training,
            journal=self.journal,
            rule=self.settings.withdraw_works,
            clock=self.clock,
        )
