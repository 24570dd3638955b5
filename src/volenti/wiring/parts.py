"""Parts for requests: what people ask for, how it is carried out, and what is checked afterwards."""

from __future__ import annotations

from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from volenti.wiring.letters import LetterParts

if TYPE_CHECKING:
    from volenti.erasure.audit import Audit
    from volenti.erasure.certification import Certification
    from volenti.erasure.copies import Copies
    from volenti.erasure.plan import Plans
    from volenti.erasure.recollection import Recollection
    from volenti.erasure.restoration import Restoration
    from volenti.erasure.service import Erasure
    from volenti.requests.answer import Answers
    from volenti.requests.deadlines import Deadlines
    from volenti.requests.record_of_processing import RecordOfProcessing
    from volenti.requests.restriction import Restrictions
    from volenti.requests.retention import Retention
    from volenti.requests.runner import RequestRunner
    from volenti.requests.service import Requests
    from volenti.requests.withdrawal import Withdrawals
    from volenti.vault.holder import Holders
    from volenti.vault.reconciliation import Reconciliation

#: Parts that announce a holder when they are made.
ANNOUNCING = (
    *("records", "vault", "jobs", "letters", "folder_erasure", "enforcement", "datasets"),
    *("feed", "training", "external_runs"),
)


class Parts(LetterParts):
    """All parts of a workspace, each made when it is first used."""

    @cached_property
    def holders(self) -> Holders:
        """Every holder of data of people. The services that have one are made here, and announce it."""
        for each in ANNOUNCING:
            assert getattr(self, each) is not None
        return self._announced

    @cached_property
    def requests(self) -> Requests:
        """Requests: opens, keeps and finds what data subjects ask for."""
        from volenti.requests.service import Requests

        return Requests(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            quarantine=self.quarantine,
            events=self.events,
            locks=self.adapters.locks,
            clock=self.clock,
        )

    @cached_property
    def answers(self) -> Answers:
        """Answers: everything that the workspace holds of a person, for them to read and take along."""
        from volenti.requests.answer import Answers

        return Answers(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            quarantine=self.quarantine,
            pictures=self.pictures,
            datasets=self.datasets,
            external_runs=self.external_runs,
            exports=self.exports,
            detector=self.detector,
            typesetter=self.adapters.typesetter,
            clock=self.clock,
        )

    @cached_property
    def known_copies(self) -> Copies:
        """Second copies of the workspace that are on record: backups and the mirror."""
        from volenti.erasure.copies import Copies

        return Copies(self.records)

    @cached_property
    def plans(self) -> Plans:
        """Plans: what carrying out a request would do, and what it would cost in time and money."""
        from volenti.erasure.plan import Plans, Tariff

        given = self.settings
        return Plans(
            requests=self.requests,
            pictures=self.pictures,
            quarantine=self.quarantine,
            copies=self.known_copies,
            training=self.training,
            external_runs=self.external_runs,
            holders=self.holders,
            feed=self.feed,
            works=self.withdrawn_works,
            workers=self.adapters.jobs.workers,
            tariff=Tariff(given.currency, given.price_core_hour, given.price_gpu_hour),
        )

    @cached_property
    def retention(self) -> Retention:
        """Retention: keeps what a law demands of somebody who is erased, until the day it names."""
        from volenti.requests.retention import Retention

        return Retention(self.records, self.consent, self.events, self.clock)

    @cached_property
    def deadlines(self) -> Deadlines:
        """Deadlines: everything that is due, by day."""
        from volenti.requests.deadlines import Deadlines

        return Deadlines(
            requests=self.requests,
            inquiries=self.inquiries,
            retention=self.retention,
            consent=self.consent,
            feed=self.feed,
            quarantine=self.quarantine,
            pictures=self.pictures,
            datasets=self.datasets,
            clock=self.clock,
            origin=self._origin,
            releases=partial(self.directory.releases, self.records, self.consent),
        )

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """Withdrawals, carried out: models forget what they learned under a yes that was withdrawn."""
        from volenti.requests.withdrawal import Withdrawals

        return Withdrawals(
            requests=self.requests,
            consent=self.consent,
            quarantine=self.quarantine,
            datasets=self.datasets,
            access=self.access,
            training=self.training,
            external_runs=self.external_runs,
            feed=self.feed,
            recalls=self.recalls,
        )

    @cached_property
    def restrictions(self) -> Restrictions:
        """Restrictions and objections: somebody's data is kept, and not used until that is lifted."""
        from volenti.requests.restriction import Restrictions

        return Restrictions(self.requests, self.consent, self.training.model_store, self.withdrawals)

    @cached_property
    def erasure(self) -> Erasure:
        """Erasure: removes a person from everything that holds them, and certifies it."""
        from volenti.erasure.service import Erasure

        return Erasure(
            requests=self.requests,
            records=self.records,
            consent=self.consent,
            quarantine=self.quarantine,
            training=self.training,
            external_runs=self.external_runs,
            attacks=lambda: self.attacks,
            holders=self.holders,
            plans=self.plans,
            retention=self.retention,
            works=self.withdrawn_works,
            events=self.events,
            certification=self.certification,
            clock=self.clock,
            watch=self.watch,
        )

    @cached_property
    def certification(self) -> Certification:
        """Certification: the last steps of an erasure, which make its certificate."""
        from volenti.erasure.certification import Certification

        return Certification(
            requests=self.requests,
            records=self.records,
            events=self.events,
            log=self.log,
            key=self._signing,
            clock=self.clock,
            watch=self.watch,
            catch_up=self.adapters.catch_up,
        )

    @cached_property
    def runner(self) -> RequestRunner:
        """Carries out restrictions, withdrawals and erasures to their ends."""
        from volenti.requests.runner import RequestRunner

        return RequestRunner(self.requests, self.restrictions, self.withdrawals, self.erasure)

    @cached_property
    def recollection(self) -> Recollection:
        """After a restore: carries out again what people withdrew, restricted or signed since the backup."""
        from volenti.erasure.recollection import Recollection

        return Recollection(
            records=self.records,
            vault=self.vault,
            ledger=self.ledger,
            events=self.events,
            consent=self.consent,
            quarantine=self.quarantine,
            requests=self.requests,
            withdrawals=self.withdrawals,
            restrictions=self.restrictions,
        )

    @cached_property
    def restoration(self) -> Restoration:
        """After a restore: takes out again whoever was erased since the backup was made."""
        from volenti.erasure.restoration import Restoration

        return Restoration(
            records=self.records,
            vault=self.vault,
            datasets=self.datasets,
            quarantine=self.quarantine,
            model_store=self.training.model_store,
            external_runs=self.external_runs,
            feed=self.feed,
            works=self.withdrawn_works,
            events=self.events,
            folders=self.folder_erasure,
        )

    @cached_property
    def reconciliations(self) -> tuple[Reconciliation, ...]:
        """Comparisons of what the log says with the rows of each package."""
        from volenti.catalogue.reconciliation import CatalogueReconciliation
        from volenti.clearance.reconciliation import ClearanceReconciliation
        from volenti.consent.reconciliation import ConsentReconciliation
        from volenti.deliveries.reconciliation import FeedReconciliation
        from volenti.erasure.reconciliation import ErasureReconciliation
        from volenti.requests.reconciliation import RequestReconciliation
        from volenti.vault.reconciliation import RowsOfEvents

        return (
            RowsOfEvents(self.records, self.events),
            ConsentReconciliation(self.records, self.events),
            ClearanceReconciliation(self.records, self.events),
            CatalogueReconciliation(self.records, self.events),
            FeedReconciliation(self.events, self.feed),
            RequestReconciliation(self.records, self.events),
            ErasureReconciliation(self.records, self.events, self.requests),
        )

    @cached_property
    def auditor(self) -> Audit:
        """Audit: looks for what is left of erased people, and for what is missing or changed of others."""
        from volenti.erasure.audit import Audit
        from volenti.folder import strange_files, wrong_files

        return Audit(
            folder=self.path,
            records=self.records,
            vault=self.vault,
            datasets=self.datasets,
            feed=self.feed,
            retention=self.retention,
            reconciliations=self.reconciliations,
            events=self.events,
            consent=self.consent,
            requests=self.requests,
            quarantine=self.quarantine,
            log=self.log,
            strangers=lambda: chain(strange_files(self.path), self.letters.strays()),
            wrong_files=partial(wrong_files, self.path, self.public_key),
        )

    @cached_property
    def processing(self) -> RecordOfProcessing:
        """The record of processing activities (Art. 30 GDPR), counted from what is stored."""
        from volenti.requests.record_of_processing import RecordOfProcessing

        return RecordOfProcessing(
            folder=self.path,
            records=self.records,
            consent=self.consent,
            pictures=self.pictures,
            requests=self.requests,
            vault=self.vault,
            external_runs=self.external_runs,
            exports=self.exports,
            log=self.log,
            quarantine_days=self.settings.quarantine_days,
            clock=self.clock,
        )
