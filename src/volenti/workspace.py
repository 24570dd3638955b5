"""The workspace: Volenti's public face in Python.

The methods are the command line's verbs and take and return the chapters' own
types; the chapters themselves are attributes, for those who need more.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.core.errors import FailedCheckError, IntegrityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from volenti.catalogue.cutout import Backdrop
    from volenti.catalogue.edition import Edition
    from volenti.catalogue.service import Catalogue
    from volenti.clearance.access import Access
    from volenti.clearance.account import Account
    from volenti.clearance.copysearch import CopySearch, FoundCopy
    from volenti.clearance.decision import Decision
    from volenti.clearance.facesearch import FaceSearch
    from volenti.clearance.gallery import Gallery
    from volenti.clearance.intake import Intake, IntakeReport
    from volenti.clearance.pictures import Pictures
    from volenti.clearance.policy import Policy
    from volenti.clearance.question import Question
    from volenti.clearance.review import Review
    from volenti.clearance.service import Change, Clearance
    from volenti.clearance.works import Works
    from volenti.consent.importing import ImportReport
    from volenti.consent.receipts import Receipts
    from volenti.consent.service import Consent
    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey, SigningKey
    from volenti.datasets.reader import Reader
    from volenti.datasets.service import Datasets
    from volenti.datasets.snapshot import Snapshot
    from volenti.deliveries.exports import Exports
    from volenti.deliveries.feed import Feed
    from volenti.erasure.audit import Audit, AuditReport
    from volenti.erasure.plan import Plan, Plans
    from volenti.erasure.recollection import Recollection
    from volenti.erasure.restoration import Restoration
    from volenti.erasure.service import Erasure
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.matching import Matcher
    from volenti.requests.answer import Answers
    from volenti.requests.outcome import Outcome
    from volenti.requests.processing import Processing
    from volenti.requests.request import Request
    from volenti.requests.restriction import Restrictions
    from volenti.requests.retention import Retention
    from volenti.requests.runner import RequestRunner
    from volenti.requests.service import Requests
    from volenti.requests.withdrawal import Withdrawals
    from volenti.settings import Settings
    from volenti.training.guests import Guests, Session
    from volenti.training.planner import TrainingPlan
    from volenti.training.ports import Watch
    from volenti.training.proof import Exactness, Prover
    from volenti.training.recipe import Recipe
    from volenti.training.rehearsal import Rehearsal
    from volenti.training.report import TrainingReport
    from volenti.training.service import Training
    from volenti.training.standing import Suspension
    from volenti.transparency.log import Log
    from volenti.vault.journal import Journal
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


class Workspace:
    """An open workspace. Make one with `volenti.open` or `volenti init`.

    Its parts are made when they are first asked for.
    """

    path: Path
    settings: Settings
    public_key: PublicKey
    records: Records
    vault: Vault
    log: Log
    journal: Journal
    consent: Consent
    receipts: Receipts
    intake: Intake
    detector: FaceDetector
    access: Access
    gallery: Gallery
    faces: FaceSearch
    works: Works
    pictures: Pictures
    copies: CopySearch
    clearance: Clearance
    review: Review
    datasets: Datasets
    exports: Exports
    feed: Feed
    training: Training
    rehearsal: Rehearsal
    guests: Guests
    prover: Prover
    catalogue: Catalogue
    requests: Requests
    answers: Answers
    plans: Plans
    withdrawals: Withdrawals
    restrictions: Restrictions
    erasure: Erasure
    runner: RequestRunner
    restoration: Restoration
    recollection: Recollection
    retention: Retention
    auditor: Audit
    processing: Processing
    new_matcher: Callable[[], Matcher]
    close: Callable[[], None]

    def __init__(self, wiring: Any) -> None:
        """wiring: what has each part as an attribute, and makes it then."""
        self._wiring = wiring

    def __getattr__(self, name: str) -> Any:
        # Asked for what isn't set here: a part. Private names and unknown ones aren't any.
        if name.startswith("_"):
            raise AttributeError(name)
        part = getattr(self._wiring, name)
        self.__dict__[name] = part
        return part

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def import_releases(self, path: Path, *, dry_run: bool = False) -> ImportReport:
        """Subjects with their signed releases and reference photographs, from JSON or CSV."""
        from volenti.consent.importing import import_file

        return import_file(self.consent, path, dry_run=dry_run)

    def add(
        self, paths: Sequence[Path | str], *, shoot: str = "", progress: Progress | None = None
    ) -> IntakeReport:
        """Take files and folders into quarantine. Nothing is judged yet."""
        return self.intake.add([Path(path) for path in paths], shoot=shoot, progress=progress)

    def register_works(self, paths: Sequence[Path | str], *, progress: Progress | None = None) -> int:
        """Register pictures of other owners, so that copies of them are kept out; returns how many are new.

        Raises FailedCheckError that names files that aren't pictures, once the others are registered.
        """
        read = self.works.read([Path(path) for path in paths], progress)
        if read.unreadable:
            named = ", ".join(read.unreadable[:5]) + (" and more" if len(read.unreadable) > 5 else "")
            raise FailedCheckError(
                f"{len(read.unreadable)} files can't be read as pictures: {named}. "
                f"{read.new} others are new.",
                "Give them as ordinary JPEG or PNG, or leave them out.",
            )
        return read.new

    def search_copies(self, *, dry_run: bool = False, progress: Progress | None = None) -> list[FoundCopy]:
        """Look for copies of works registered since among the pictures that were judged before.

        What resembles a work is judged again; dry_run says only what would be decided.
        """
        return list(self.copies.run(progress, dry_run=dry_run))

    def policy(self, purpose: str, territory: str | None = None) -> Policy:
        """The shipped policy for a purpose, where the settings (or `territory`) say."""
        from volenti.clearance.policyfile import policy_for

        return policy_for(purpose, territory or self.settings.territory)

    def clear(
        self,
        purpose: str | None = None,
        *,
        policy: Policy | None = None,
        territory: str | None = None,
        progress: Progress | None = None,
    ) -> Account:
        """Judge every picture by a policy, or by the shipped one for a purpose; returns the account."""
        judged_by = policy or self.policy(purpose or "", territory)
        self.journal.publish()  # what a killed process recorded last
        self.retention.expire()
        self.clearance.clear(judged_by, self.new_matcher(), progress)
        from volenti.clearance.account import Account, FilesOnRecord

        return Account(FilesOnRecord(self.records, judged_by.purpose, progress))

    def changes(self, policy: Policy) -> tuple[list[Change], int]:
        """What another policy would decide differently, and how many pictures wait to be looked at."""
        return self.clearance.changes(policy)

    def status(self, progress: Progress | None = None) -> Account:
        """What became of every file given."""
        from volenti.clearance.account import Account, FilesOnRecord

        return Account(FilesOnRecord(self.records, progress=progress))

    def decide(
        self,
        image: str,
        purpose: str,
        *,
        clear: bool,
        subjects: Sequence[str] = (),
        reviewer: str,
        key: SigningKey | None = None,
    ) -> Decision:
        """A reviewer's decision on a held picture, under the policy that held it."""
        return self.review.decide(image, purpose, clear=clear, subjects=subjects, reviewer=reviewer, key=key)

    def exhibit(self, question: Question, suffix: str = ".jpg") -> bytes:
        """What a reviewer looks at, as one picture: .jpg or .png by `suffix`."""
        return self.review.exhibit(question, suffix)

    def cut(
        self, name: str, purpose: str, *, territory: str | None = None, progress: Progress | None = None
    ) -> Snapshot:
        """A new version of a dataset: everything cleared and covered today."""
        return self.datasets.cut(name, purpose, territory or self.settings.territory, progress)

    def dataset(self, name: str) -> Reader:
        """A snapshot's pictures, for a training script of your own: `name@version`, or the latest."""
        return self.datasets.reader(self.datasets.snapshot(name))

    def train(
        self, dataset: str, recipe: Recipe | None = None, progress: Progress | None = None
    ) -> TrainingReport:
        """Train the generator on a snapshot, or go on with it."""
        self.journal.publish()
        from volenti.training.recipe import Recipe

        return self.training.train(self.datasets.snapshot(dataset), recipe or Recipe(), progress)

    def plan_training(
        self,
        dataset: str,
        recipe: Recipe | None = None,
        *,
        withdrawals_a_year: int | None = None,
        quality_floor: float | None = None,
        core_hour_price: float = 0.0,
        progress: Progress | None = None,
    ) -> TrainingPlan:
        """Into how many shards and slices a training could be cut, and what each costs. Trains nothing."""
        from volenti.training.planner import QUALITY_FLOOR
        from volenti.training.recipe import Recipe

        return self.rehearsal.plan(
            self.datasets.snapshot(dataset),
            recipe or Recipe(),
            withdrawals_a_year=withdrawals_a_year,
            quality_floor=QUALITY_FLOOR if quality_floor is None else quality_floor,
            core_hour_price=core_hour_price,
            progress=progress,
        )

    def training_run(
        self, name: str, *, dataset: str, shards: int = 1, gpus: int = 0, code: Sequence[Path | str] = ()
    ) -> Session:
        """Train a model of your own on a snapshot, ready to forget: see docs/how-to/your-own-trainer.md."""
        return self.guests.begin(name, dataset, shards=shards, gpus=gpus, code=code)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        seed: int = 0,
        guidance: float = 2.5,
        steps: int = 16,
        tries: int | None = None,
        backdrop: Backdrop | None = None,
        size_px: int | None = None,
        run: str | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
    ) -> Edition:
        """Synthetic humans, one a prompt, each checked against the people the model learned from.

        What comes too near to somebody is refused, and another is drawn in its place: `tries` in all.
        """
        from volenti.catalogue.edition import TRIES

        return self.catalogue.generate(
            self.training.run(run),
            prompts,
            seed=seed,
            guidance=guidance,
            steps=steps,
            tries=TRIES if tries is None else tries,
            backdrop=backdrop,
            size_px=size_px,
            watch=watch,
            progress=progress,
        )

    def request(self, kind: str, subject: str, **about: Any) -> Request:
        """Open a data subject's request. about: what a withdrawal is about (`Requests.open`)."""
        return self.requests.open(kind, subject, **about)

    def plan(self, request: str | None = None) -> Plan:
        """What running a request would do and cost."""
        return self.plans.plan(self.requests.find(request))

    def run(
        self, request: str | None = None, progress: Progress | None = None, *, audit: bool = False
    ) -> Outcome:
        """Run a request, whatever its kind, to its end; the latest where none is named.

        audit: attack the model before and after an erasure, as evidence.
        """
        return self.runner.run([self.requests.find(request).id], progress, audit=audit)[0]

    def run_all(self, progress: Progress | None = None, *, audit: bool = False) -> list[Outcome]:
        """Run every request that isn't finished and needs no answer, the model's replays together."""
        return self.runner.run([each.id for each in self.runner.due()], progress, audit=audit)

    def prove_forgetting(
        self,
        request: str | None = None,
        progress: Progress | None = None,
        *,
        copy: bytes | None = None,
    ) -> list[Exactness]:
        """Train every constituent of every run from scratch, on who remains; compare with what serves.

        copy: the person's own copy of a certificate, which says what was served before: that must differ
        from what serves now. request: the erasure it is of, or one that isn't certified yet; what is
        proved doesn't depend on it. Nothing where nothing was ever trained.
        Raises IntegrityError where the copy doesn't hold, or this workspace knows nothing of its request.
        """
        from volenti.erasure.certificate import opened_digests, served_before

        controls: dict[str, str] = {}
        if copy is not None:
            named, controls = served_before(copy, self.public_key)
            if request not in (None, named):
                raise UsageError(f"The copy is of {named}, not of {request}.", "Name one of the two.")
            if self.requests.state_of(named) is None:
                raise IntegrityError(
                    f"This workspace knows nothing of {named}, which the copy says it carried out.",
                    "It was put back to a state from before: bring back a later one.",
                )
        elif request is not None:
            # Before it is certified the request names somebody, and has the digests themselves.
            before = self.requests.find(request).erasure.constituents_before
            controls = opened_digests(before or {}, None)
        return self.prover.prove_all(self.training.runs(), controls, progress)

    def suspensions(self) -> list[Suspension]:
        """Constituents that aren't served because of somebody in them, and why."""
        runs = self.training.runs()
        suspended = [each for run in runs for each in self.training.shelf.suspensions(run.id)]
        return suspended + [each for run in runs for each in self.training.untaught(run)]

    def audit(
        self, canaries: Sequence[bytes] = (), progress: Progress | None = None, *, deep: bool = False
    ) -> AuditReport:
        """Look for residue and for losses; deep: in every row and every byte."""
        return self.auditor.audit(canaries, progress, deep=deep)
