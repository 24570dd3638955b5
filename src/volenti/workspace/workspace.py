"""The workspace: what Python, the command line and every page call, and nothing else.

Its attributes are the command line's nouns, in the plural where one lists several, with the command line's
verbs as methods: `volenti dataset cut` is `ws.datasets.cut`. What is a command by itself, such as `volenti
clear`, is a method of the workspace. Everything below, from the register to the trainer, is in `parts`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.catalogue.edition import Edition
    from volenti.clearance.account import Account
    from volenti.clearance.intake import IntakeReport
    from volenti.clearance.policy import Policy
    from volenti.clearance.service import Change
    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey
    from volenti.erasure.report import AuditReport
    from volenti.requests.processing import ProcessingRecord
    from volenti.settings import Settings
    from volenti.training.conclusion import Conclusion
    from volenti.training.planner import TrainingPlan
    from volenti.training.ports import Watch
    from volenti.training.recipe import Recipe
    from volenti.training.report import TrainingReport
    from volenti.training.standing import Suspension
    from volenti.wiring.parts import Parts
    from volenti.workspace.backups import Backups
    from volenti.workspace.certificates import Certificates
    from volenti.workspace.datasets import Datasets
    from volenti.workspace.feed import Feed
    from volenti.workspace.keys import Keys
    from volenti.workspace.log import Log
    from volenti.workspace.models import Models
    from volenti.workspace.policies import Policies
    from volenti.workspace.releases import Releases
    from volenti.workspace.requests import Requests
    from volenti.workspace.review import Review
    from volenti.workspace.rights import Rights
    from volenti.workspace.runs import Runs
    from volenti.workspace.subjects import Subjects
    from volenti.workspace.works import Works


class Workspace:
    """An open workspace. `volenti.open` opens one, `volenti.init` makes one.

    Use it in a `with`, or close it.
    """

    def __init__(self, parts: Parts) -> None:
        """parts: everything below the workspace, each made when it is first asked for."""
        #: Everything below: registers, keys, packs and services. May change from version to version.
        self.parts = parts

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open. Nothing waits to be written: every verb is finished when it returns.

        Example:
            ws.close()
        """
        self.parts.close()

    @property
    def path(self) -> Path:
        """The folder that the workspace is."""
        return self.parts.path

    @property
    def settings(self) -> Settings:
        """What the environment and the arguments of `volenti.open` set."""
        return self.parts.settings

    @property
    def public_key(self) -> PublicKey:
        """What the workspace's certificates and checkpoints are verified with."""
        return self.parts.public_key

    @cached_property
    def subjects(self) -> Subjects:
        """The people in the pictures."""
        from volenti.workspace.subjects import Subjects

        return Subjects(self.parts)

    @cached_property
    def works(self) -> Works:
        """Pictures that were drawn, refused, or called back."""
        from volenti.workspace.works import Works

        return Works(self.parts)

    @cached_property
    def certificates(self) -> Certificates:
        """What erasures did, for anybody to check."""
        from volenti.workspace.certificates import Certificates

        return Certificates(self.parts)

    @cached_property
    def feed(self) -> Feed:
        """The deletion feed: tells whoever got an export what has to go out of it."""
        from volenti.workspace.feed import Feed

        return Feed(self.parts)

    @cached_property
    def log(self) -> Log:
        """The log, in which nothing is ever changed."""
        from volenti.workspace.log import Log

        return Log(self.parts)

    @cached_property
    def backups(self) -> Backups:
        """Backups without keys, and the way back from them."""
        from volenti.workspace.backups import Backups

        return Backups(self.parts)

    @cached_property
    def keys(self) -> Keys:
        """What people's keys are wrapped under."""
        from volenti.workspace.keys import Keys

        return Keys(self.parts)

    @cached_property
    def models(self) -> Models:
        """The models that find people and compare faces."""
        from volenti.workspace.models import Models

        return Models(self.parts)

    @cached_property
    def releases(self) -> Releases:
        """What each person agreed to, signed."""
        from volenti.workspace.releases import Releases

        return Releases(self.parts)

    @cached_property
    def rights(self) -> Rights:
        """Works of third parties, whose copies aren't let in."""
        from volenti.workspace.rights import Rights

        return Rights(self.parts)

    @cached_property
    def policies(self) -> Policies:
        """The rules that pictures are judged by."""
        from volenti.workspace.policies import Policies

        return Policies(self.parts)

    @cached_property
    def review(self) -> Review:
        """What the policy held, for a person to decide."""
        from volenti.workspace.review import Review

        return Review(self.parts)

    @cached_property
    def datasets(self) -> Datasets:
        """Snapshots of what is cleared."""
        from volenti.workspace.datasets import Datasets

        return Datasets(self.parts)

    @cached_property
    def runs(self) -> Runs:
        """Training runs, the project's own and those of your scripts."""
        from volenti.workspace.runs import Runs

        return Runs(self.parts)

    @cached_property
    def requests(self) -> Requests:
        """What people ask for, by when, and what comes of it."""
        from volenti.workspace.requests import Requests

        return Requests(self.parts)

    @staticmethod
    def given(paths: Sequence[Path | str]) -> list[str]:
        """List the files that `add` would look at, without taking them in.

        paths: files, or folders with everything in them. Returns the files' names, relative to the folder
        that was given. Raises UsageError where a path doesn't exist.

        Example:
            volenti.Workspace.given(["inbox"])
        """
        from volenti.clearance.given import given_files

        return [each.name for each in given_files([Path(path) for path in paths])]

    def add(
        self, paths: Sequence[Path | str], *, shoot: str = "", progress: Progress | None = None
    ) -> IntakeReport:
        """Take files and folders in and seal them in quarantine. Nothing is judged yet.

        paths: files, or folders with everything in them; they are only read. shoot: the name of the shoot
        that they come from. Files that were given before stay as they are. Returns what became of each.
        Raises UsageError where a path doesn't exist.

        Example:
            ws.add(["inbox"], shoot="spring")
        """
        return self.parts.intake.add([Path(path) for path in paths], shoot=shoot, progress=progress)

    def clear(
        self,
        purpose: str | None = None,
        *,
        policy: Policy | Path | str | None = None,
        territory: str | None = None,
        progress: Progress | None = None,
    ) -> Account:
        """Judge every picture, by the shipped policy for a purpose or by another policy.

        purpose: one of `volenti.consent.purpose.PURPOSES`. policy: instead of a purpose; a policy, its file,
        or the name of one that comes with the project. territory: where the pictures are to be used, a
        country code or WORLD; by default what the policy says, and for a purpose what the settings say.

        What was judged before by another policy is judged again; what a reviewer settled stays settled.
        Returns the account of all files. Raises UsageError unless one of purpose and policy is given, or
        where there is no such purpose or policy; MissingModelError where faces can't be looked for.

        Example:
            ws.clear("generative-training")
        """
        judged_by = self._judged_by(purpose, policy, territory)
        self.parts.journal.publish()  # what a killed process recorded last
        self.parts.retention.expire()
        self.parts.clearance.clear(judged_by, self.parts.new_matcher(), progress)
        from volenti.clearance.account import Account, FilesOnRecord

        return Account(FilesOnRecord(self.parts.records, judged_by.purpose, progress))

    def changes(
        self,
        purpose: str | None = None,
        *,
        policy: Policy | Path | str | None = None,
        territory: str | None = None,
    ) -> tuple[list[Change], int]:
        """Say what `clear` would decide differently from what is on record. Changes nothing.

        purpose, policy, territory: as `clear` takes them. Returns each picture that would be decided
        differently, and how many pictures would be looked at first, of which nothing can be said yet. Raises
        UsageError as `clear` does.

        Example:
            ws.changes(policy="strict")
        """
        return self.parts.clearance.changes(self._judged_by(purpose, policy, territory))

    def _judged_by(
        self, purpose: str | None, policy: Policy | Path | str | None, territory: str | None
    ) -> Policy:
        from volenti.clearance.policyfile import find_policy, in_territory, policy_for

        if (purpose is None) == (policy is None):
            raise UsageError(
                "Say by what to judge: a purpose, or a policy.",
                "Give --purpose PURPOSE, or --policy with a file or the name of a shipped one.",
            )
        if policy is None:
            return policy_for(purpose or "", territory or self.settings.territory)
        found = find_policy(str(policy)) if isinstance(policy, Path | str) else policy
        return in_territory(found, territory) if territory else found

    def status(self, *, progress: Progress | None = None) -> Account:
        """What became of every file given, and why; `suspensions` says what isn't served of the models.

        Example:
            ws.status().totals
        """
        from volenti.clearance.account import Account, FilesOnRecord

        return Account(FilesOnRecord(self.parts.records, progress=progress))

    def suspensions(self) -> list[Suspension]:
        """Constituents that aren't served because of somebody in them, and why.

        Example:
            ws.suspensions()
        """
        training = self.parts.training
        runs = training.runs()
        suspended = [each for run in runs for each in training.shelf.suspensions(run.id)]
        return suspended + [each for run in runs for each in training.untaught(run)]

    def train(
        self, dataset: str, recipe: Recipe | None = None, *, progress: Progress | None = None
    ) -> TrainingReport:
        """Train the generator on a dataset, or go on with it.

        What an earlier call had finished is kept. The same dataset and recipe give the same bits on the
        same kind of machine.

        dataset: a name for its latest version, or a version such as humans@3. recipe: shards, slices and
        the rest, as a `volenti.training.recipe.Recipe`; its defaults where none is given. Returns what was
        trained and what is served. Raises NotFoundError where there is no such dataset, UsageError where
        its people are too few for so many parts, and MissingModelError without the extra `train`.

        Example:
            ws.train("humans")
        """
        self.parts.journal.publish()
        from volenti.training.recipe import Recipe

        snapshot = self.parts.datasets.snapshot(dataset)
        return self.parts.training.train(snapshot, recipe or Recipe(), progress)

    def plan_training(
        self,
        dataset: str,
        recipe: Recipe | None = None,
        *,
        withdrawals_per_year: int | None = None,
        quality_floor: float | None = None,
        core_hour_price: float = 0.0,
        progress: Progress | None = None,
    ) -> TrainingPlan:
        """Into how many shards and slices a training could be cut, and what each costs. Trains nothing.

        dataset: a name for its latest version, or a version. recipe: everything but shards and slices, which
        are what is compared. withdrawals_per_year: people; one in a hundred by default. quality_floor: how
        well prompts are to be followed beside one model for all, from 0 to 1. core_hour_price: of one core
        an hour, in any currency. Returns every division that may be made, and which is advised. Raises
        NotFoundError where there is no such dataset, and UsageError where nobody is left in it.

        Example:
            ws.plan_training("humans", withdrawals_per_year=12)
        """
        from volenti.training.planner import QUALITY_FLOOR
        from volenti.training.recipe import Recipe

        return self.parts.rehearsal.plan(
            self.parts.datasets.snapshot(dataset),
            recipe or Recipe(),
            withdrawals_a_year=withdrawals_per_year,
            quality_floor=QUALITY_FLOOR if quality_floor is None else quality_floor,
            core_hour_price=core_hour_price,
            progress=progress,
        )

    def generate(
        self,
        prompts: Sequence[str],
        *,
        count: int = 1,
        seed: int = 0,
        guidance: float = 2.5,
        steps: int = 16,
        tries: int | None = None,
        background: Path | str | None = None,
        size_px: int | None = None,
        run: str | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
    ) -> Edition:
        """Draw synthetic humans, each checked against the people the model learned from.

        Each picture says inside the file that a model made it. What comes too near to somebody is refused:
        it is recorded, there is no picture of it, and another is drawn in its place with a further seed.
        The same prompt, seed and model give the same picture.

        prompts: whom to draw, in plain words. count: pictures of each prompt, one after the other. seed: of
        the first picture; the next one's is one higher. guidance: how strictly a prompt is followed; 1 is
        loosely. steps: of drawing; more is finer and slower. tries: how often a picture is drawn until one
        isn't refused; three times by default. background: what comes behind them, the path of a picture, a
        colour such as #d0e0ff, or transparent; what the model draws there by default. size_px: side of the
        pictures; more than the model draws is enlarged. run: a training run or a dataset; the latest by
        default. watch: called with the pictures, uint8 (count, size, size, 3), and the share that is done,
        while they are drawn. Returns what was drawn and what was refused; its `unknown_words` are those of
        the prompts that the model was never taught.

        Raises NotFoundError where nothing was trained, UsageError where the background is no picture and no
        colour, and ConflictError where nothing is served or somebody can't be compared with.

        Example:
            ws.generate(["a smiling woman with brown hair"], count=4, seed=7)
        """
        from volenti.catalogue.cutout import Backdrop
        from volenti.catalogue.edition import TRIES

        backdrop = None if background is None else Backdrop.of(background)
        return self.parts.catalogue.generate(
            self.parts.training.run(run),
            [prompt for prompt in prompts for _ in range(count)],
            seed=seed,
            guidance=guidance,
            steps=steps,
            tries=TRIES if tries is None else tries,
            backdrop=backdrop,
            size_px=size_px,
            watch=watch,
            progress=progress,
        )

    def prove_forgetting(
        self, request: str | None = None, *, copy: bytes | None = None, progress: Progress | None = None
    ) -> Conclusion:
        """Train every constituent of every run from scratch, on who remains; compare with what serves.

        request: an erasure that isn't certified yet; what was served before it must differ from what serves
        now. Once it is certified only the person's own copy says what that was. copy: that copy, as the
        bytes of its file. What is proved doesn't depend on either. Returns what was compared of each
        constituent, and what that comes to: `ok`, or `refuted`, or neither where nothing was proved. Raises
        UsageError where the copy is of another request, and IntegrityError where the copy doesn't hold, or
        this workspace knows nothing of its request.

        Example:
            ws.prove_forgetting().ok
        """
        from volenti.erasure.certificate import opened_digests, served_before
        from volenti.training.conclusion import Conclusion

        controls: dict[str, str] = {}
        requests = self.parts.requests
        if copy is not None:
            named, controls = served_before(copy, self.public_key)
            if request not in (None, named):
                raise UsageError(f"The copy is of {named}, not of {request}.", "Name one of the two.")
            if requests.state_of(named) is None:
                raise IntegrityError(
                    f"This workspace knows nothing of {named}, which the copy says it carried out.",
                    "It was put back to a state from before: bring back a later one.",
                )
        elif request is not None:
            # Before it is certified the request names somebody, and has the digests themselves.
            before = requests.find(request).erasure.constituents_before
            controls = opened_digests(before or {}, None)
        proofs = self.parts.prover.prove_all(self.parts.training.runs(), controls, progress)
        return Conclusion(tuple(proofs))

    def audit(
        self, canaries: Sequence[bytes] = (), *, deep: bool = False, progress: Progress | None = None
    ) -> AuditReport:
        """Look for residue of the erased and losses of the others. Changes nothing.

        Every picture is opened and compared with its digest, every model with its hash, every dataset with
        its root; log and feed are recomputed. canaries: byte strings that no file of the workspace may
        contain. deep: open every row and key, too, and search every byte of every file for the random text
        that lay in the record of each person who was erased. Returns a report, whose `ok` says whether
        nothing is wrong and whose `problems` say what is.

        Example:
            ws.audit(deep=True).ok
        """
        return self.parts.auditor.audit(canaries, progress, deep=deep)

    def register(self) -> ProcessingRecord:
        """Make the record of processing activities (Art. 30 GDPR), counted now from what is stored.

        Returns purposes, categories of people and data, recipients, time limits and security measures; it
        names no data subject. What the workspace can't know is in `missing`, for you to add.

        Example:
            ws.register().purposes
        """
        return self.parts.processing.record()
