"""The only wiring: a folder and Settings become a Workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from volenti.adapters.age_onnx import OnnxAges
from volenti.adapters.credentials_c2pa import C2paCredentials
from volenti.adapters.faces_opencv import OpencvFaces
from volenti.adapters.jobs_local import LocalJobRunner
from volenti.adapters.keypoints_opencv import OpencvKeypoints
from volenti.adapters.marks_rapidocr import RapidocrMarks
from volenti.adapters.matcher_exact import ExactMatcher
from volenti.adapters.packs_files import FilePackStore
from volenti.adapters.people_onnx import OnnxPeople
from volenti.adapters.trainer_torch import TorchTrainer
from volenti.adapters.turns_files import FileTurns
from volenti.adapters.typesetter_typst import TypstTypesetter
from volenti.catalogue.comparison import Comparison
from volenti.catalogue.ledger import Ledger
from volenti.catalogue.reconciliation import CatalogueReconciliation
from volenti.catalogue.service import Catalogue
from volenti.catalogue.withdrawing import WorkWithdrawals
from volenti.clearance.access import Access
from volenti.clearance.copysearch import CopySearch
from volenti.clearance.facesearch import FaceSearch
from volenti.clearance.folders import Folders
from volenti.clearance.gallery import Gallery
from volenti.clearance.intake import Intake
from volenti.clearance.pictures import Pictures
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.reconciliation import ClearanceReconciliation
from volenti.clearance.review import Review
from volenti.clearance.service import Clearance
from volenti.clearance.settlement import Settlement
from volenti.clearance.works import Works
from volenti.consent.receipts import Receipts
from volenti.consent.reconciliation import ConsentReconciliation
from volenti.consent.service import Consent
from volenti.core.clock import Clock, system_clock
from volenti.core.digest import derive
from volenti.core.jobs import JobRunner
from volenti.core.signing import SigningKey
from volenti.core.turns import Turns
from volenti.datasets.reader import OpenAccess, nowhere_else
from volenti.datasets.service import Datasets
from volenti.deliveries.exports import Exports
from volenti.deliveries.feed import Feed
from volenti.deliveries.ports import ExportFormat
from volenti.deliveries.reconciliation import FeedReconciliation
from volenti.erasure.audit import Audit
from volenti.erasure.copies import Copies
from volenti.erasure.plan import Plans, Tariff
from volenti.erasure.recollection import Recollection
from volenti.erasure.reconciliation import ErasureReconciliation
from volenti.erasure.restoration import Restoration
from volenti.erasure.service import Erasure, Watch
from volenti.folder import secrets_of, strange_files, workspace_facts, wrong_files
from volenti.generation.bases import shipped_base
from volenti.kinds import KINDS
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.perception.perceiver import Perceiver
from volenti.perception.rights.credentials import CredentialReader
from volenti.perception.rights.marks import MarkReader
from volenti.perception.sight.age import AgeEstimator
from volenti.perception.sight.faces import FaceDetector
from volenti.perception.sight.figures import PersonDetector
from volenti.perception.sight.matching import Matcher
from volenti.requests.answer import Answers
from volenti.requests.freezer import Freezer
from volenti.requests.processing import Processing
from volenti.requests.reconciliation import RequestReconciliation
from volenti.requests.restriction import Restrictions
from volenti.requests.retention import Retention
from volenti.requests.runner import RequestRunner
from volenti.requests.service import Requests
from volenti.requests.withdrawal import Withdrawals
from volenti.settings import Settings, read_settings
from volenti.stores import FORMATS, check_mirror, key_store, log_store, register_store
from volenti.training.attacks import Attacks
from volenti.training.guests import Guests
from volenti.training.ports import Trainer
from volenti.training.proof import Prover
from volenti.training.rehearsal import Rehearsal
from volenti.training.service import Training
from volenti.transparency.log import Log
from volenti.transparency.ports import LogStore
from volenti.vault.holder import Holders
from volenti.vault.journal import Journal
from volenti.vault.ports import KeyStore, PackStore, Register
from volenti.vault.reconciliation import RowsOfEvents
from volenti.vault.records import Records
from volenti.vault.service import Vault
from volenti.workspace import Workspace


def open_workspace(
    path: str | Path, *, clock: Clock = system_clock, watch: Watch = lambda step: None, **given: Any
) -> Workspace:
    """Wire the embedded workspace at `path`. Raises WorkspaceError where there is none."""
    folder = Path(path)
    facts = workspace_facts(folder)
    settings = read_settings(**given)
    secret, signing = secrets_of(folder)

    register, close_register = register_store(folder)
    jobs = LocalJobRunner(settings.workers)
    adapters = Adapters(
        register=register,
        keys=key_store(folder),
        packs=FilePackStore(folder / "packs"),
        log=log_store(folder, "log"),
        feed=log_store(folder, "feed"),
        detector=OpencvFaces(settings.models),
        marks=RapidocrMarks() if settings.watermarks else None,
        credentials=C2paCredentials(settings.trust_anchors),
        keypoints=OpencvKeypoints(),
        people=OnnxPeople(settings.models),
        ages=OnnxAges(settings.models),
        trainer=TorchTrainer(settings.base or shipped_base(), settings.device),
        jobs=jobs,
        turns=FileTurns(folder / "turns"),
        new_matcher=ExactMatcher,
        new_jobs=lambda: closing(LocalJobRunner(settings.workers)),
    )

    def close() -> None:
        jobs.close()
        close_register()

    workspace = wire(
        folder, settings, adapters, secret, signing, facts["log"], clock=clock, watch=watch, close=close,
        reopen=partial(_access, folder.resolve(), given),
    )  # fmt: skip
    check_mirror(folder, workspace.records)
    return workspace


def _access(folder: Path, given: dict[str, Any]) -> Access:
    """The way to a workspace's pictures, opened in another process."""
    return open_workspace(folder, **given).access


@dataclass(frozen=True)
class Adapters:
    """One adapter for each port."""

    register: Register
    keys: KeyStore
    packs: PackStore
    log: LogStore
    #: The deletion feed: published as it is.
    feed: LogStore
    detector: FaceDetector
    marks: MarkReader | None
    trainer: Trainer
    jobs: JobRunner
    turns: Turns
    new_matcher: Callable[[], Matcher]
    #: A runner of new processes, for proofs; None: the one there is, where that is this process anyway.
    new_jobs: Callable[[], AbstractContextManager[JobRunner]] | None = None
    #: None: files that carry content credentials are held as unread.
    credentials: CredentialReader | None = None
    #: None: edited copies of third parties' works aren't looked for.
    keypoints: KeypointFinder | None = None
    #: None: nobody without a face is looked for.
    people: PersonDetector | None = None
    #: None: nobody is referred for looking young.
    ages: AgeEstimator | None = None
    typesetter: TypstTypesetter = field(default_factory=TypstTypesetter)
    formats: Sequence[ExportFormat] = FORMATS


def wire(
    folder: Path,
    settings: Settings,
    adapters: Adapters,
    secret: bytes,
    signing: SigningKey,
    origin: str,
    *,
    clock: Clock = system_clock,
    watch: Watch = lambda step: None,
    close: Callable[[], None] = lambda: None,
    reopen: OpenAccess = nowhere_else,
) -> Workspace:
    """A workspace over any adapters: every chapter made once, in the order of the house."""
    detector, trainer, jobs = adapters.detector, adapters.trainer, adapters.jobs
    holders = Holders()
    records = Records(adapters.register, adapters.keys, secret, KINDS, holders)
    vault = Vault(adapters.keys, adapters.packs, secret, holders)
    log = Log(adapters.log, origin, signing)
    journal = Journal(log, records, clock)
    partition_key = derive(secret, "partition")

    consent = Consent(records, journal, vault, clock)
    gallery = Gallery(records, consent, detector, jobs)
    quarantine = Quarantine(records, vault, clock, settings.quarantine_days)
    perceiver = Perceiver(
        detector, adapters.marks, adapters.credentials, adapters.keypoints,
        people=adapters.people, ages=adapters.ages,
    )  # fmt: skip
    works = Works(records, journal, adapters.keypoints, jobs, clock)
    folders = Folders(records, vault, quarantine, journal)
    pictures = Pictures(records)
    settlement = Settlement(records, vault, journal, folders, detector)
    clearance = Clearance(
        records, vault, consent, folders, gallery, quarantine, works, settlement, perceiver, jobs, clock
    )  # fmt: skip
    access = Access(records, vault, consent, clock)
    datasets = Datasets(
        records, vault, access, pictures, folders, journal, clock, partition_key, adapters.turns, reopen
    )  # fmt: skip
    feed_log = Log(adapters.feed, f"{origin}/deletions", signing)
    exports = Exports(records, datasets, access, journal, feed_log, adapters.formats, clock)
    feed = Feed(feed_log, records, vault, datasets, exports, journal, settings.acknowledge_days, clock)
    training = Training(
        records, vault, datasets, access, consent, gallery, journal, trainer, jobs, clock, partition_key,
        adapters.turns,
    )  # fmt: skip
    guests = Guests(records, vault, datasets, journal, clock)
    ledger = Ledger(records, training.shelf, journal)
    comparison = Comparison(training.shelf, gallery, adapters.new_matcher)
    attacks = Attacks(training, access, gallery, detector, trainer, jobs)

    requests = Requests(records, vault, consent, quarantine, journal, adapters.turns, clock)
    tariff = Tariff(settings.currency, settings.price_core_hour, settings.price_gpu_hour)
    withdrawn_works = WorkWithdrawals(
        ledger, comparison, training, journal, settings.withdraw_works, clock
    )  # fmt: skip
    copies = Copies(records)
    plans = Plans(pictures, copies, training, guests, holders, feed, withdrawn_works, jobs.workers, tariff)
    freezer = Freezer(consent, quarantine)
    retention = Retention(records, consent, journal, clock)
    withdrawals = Withdrawals(requests, freezer, datasets, access, training, guests, feed)
    restrictions = Restrictions(requests, consent, training.shelf, withdrawals)
    erasure = Erasure(
        requests, records, consent, freezer, training, guests, attacks, holders, plans, retention,
        withdrawn_works, journal, log, signing, clock, watch,
    )  # fmt: skip
    return Workspace(
        path=folder,
        settings=settings,
        public_key=signing.public,
        records=records,
        vault=vault,
        log=log,
        journal=journal,
        consent=consent,
        receipts=Receipts(consent, adapters.typesetter, clock),
        intake=Intake(records, vault, folders, clock, secret),
        detector=detector,
        access=access,
        gallery=gallery,
        faces=FaceSearch(consent, vault, gallery, quarantine, detector, adapters.new_matcher, clock),
        works=works,
        pictures=pictures,
        copies=CopySearch(records, vault, consent, folders, works, settlement, perceiver, jobs, clock),
        clearance=clearance,
        review=Review(records, vault, consent, settlement, quarantine, clock),
        datasets=datasets,
        exports=exports,
        feed=feed,
        training=training,
        rehearsal=Rehearsal(training, access, trainer, jobs, partition_key),
        guests=guests,
        prover=Prover(
            training, access, trainer, adapters.new_jobs or (lambda: nullcontext(jobs)), partition_key
        ),
        catalogue=Catalogue(records, ledger, comparison, training, trainer, jobs, detector, clock),
        requests=requests,
        answers=Answers(
            records,
            vault,
            consent,
            quarantine,
            pictures,
            datasets,
            guests,
            exports,
            detector,
            adapters.typesetter,
            clock,
        ),
        plans=plans,
        withdrawals=withdrawals,
        restrictions=restrictions,
        erasure=erasure,
        runner=RequestRunner(requests, restrictions, withdrawals, erasure),
        recollection=Recollection(
            records, vault, ledger, journal, consent, quarantine, requests, withdrawals, restrictions
        ),
        restoration=Restoration(
            records,
            vault,
            datasets,
            quarantine,
            training.shelf,
            guests,
            feed,
            withdrawn_works,
            journal,
            folders,
        ),
        retention=retention,
        auditor=Audit(
            folder,
            records,
            vault,
            datasets,
            feed,
            retention,
            (
                RowsOfEvents(records, journal),
                ConsentReconciliation(records, journal),
                ClearanceReconciliation(records, journal),
                CatalogueReconciliation(records, journal),
                FeedReconciliation(journal, feed),
                RequestReconciliation(records, journal),
                ErasureReconciliation(records, journal, requests),
            ),
            journal,
            consent,
            requests,
            quarantine,
            log,
            partial(strange_files, folder),
            partial(wrong_files, folder, signing.public),
        ),
        processing=Processing(
            folder,
            records,
            consent,
            pictures,
            requests,
            vault,
            guests,
            exports,
            log,
            settings.quarantine_days,
            clock,
        ),
        new_matcher=adapters.new_matcher,
        close=close,
    )
