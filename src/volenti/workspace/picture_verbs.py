"""The workspace's verbs about pictures: from a folder of files to the account of all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.workspace.noun import Parted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.account import Account
    from volenti.clearance.policy import Policy
    from volenti.clearance.report import DryRun, IntakeReport
    from volenti.clearance.seenreference import SeenReference
    from volenti.clearance.service import Change
    from volenti.core.progress import Progress

#: How a policy that was used is named by decisions: SHA-256.
_DIGEST = re.compile("[0-9a-f]{64}")


class PictureVerbs(Parted):
    """Taking pictures in, judging them, and saying what became of each."""

    def given(
        self,
        paths: Sequence[Path | str],
        *,
        shoot: str = "",
        subjects: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> DryRun:
        """Say what `add` would say, without taking anything in.

        paths, shoot, subjects: as `add` takes them. Returns what `add` would return, and the files' names,
        relative to the folder that was given. Raises as `add` does.

        Example:
            ws.given(["inbox"]).files
        """
        for subject in subjects:
            self._parts.consent.subject(subject)
        return self._parts.intake.foreseen(
            [Path(path) for path in paths], shoot=shoot, subjects=subjects, progress=progress
        )

    def add(
        self,
        paths: Sequence[Path | str],
        *,
        shoot: str = "",
        subjects: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> IntakeReport:
        """Take files and folders in and seal them in quarantine. Nothing is judged yet.

        paths: files, or folders with everything in them; they are only read. shoot: the name of the shoot
        that they come from. subjects: whom they show; that clears nothing, but a face that is nearest to them
        is compared as with few, and where they aren't found the picture is held. Files that were given before
        stay as they are. Returns what became of each, how many captions were found, and what of them wasn't
        used. Raises UsageError where a path doesn't exist, NotFoundError where a subject isn't on record.

        Example:
            ws.add(["inbox"], shoot="spring")
        """
        for subject in subjects:
            self._parts.consent.subject(subject)
        return self._parts.intake.add(
            [Path(path) for path in paths], shoot=shoot, subjects=subjects, progress=progress
        )

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
        the name of one that comes with the project, or the digest of one that was used here before, as
        decisions name it. territory: where the pictures are to be used, a country code or WORLD; by default
        what the policy says, and for a purpose what the settings say.

        What was judged before by another policy is judged again; what a reviewer decided stays decided.
        Returns the account of all files. Raises UsageError unless one of purpose and policy is given, or
        where there is no such purpose or policy; MissingModelError where faces can't be looked for.

        Example:
            ws.clear("generative-training")
        """
        judged_by = self._judged_by(purpose, policy, territory)
        self._parts.events.publish()  # publishes what a killed process recorded last
        self._parts.retention.expire()
        self._parts.recalls.call_back_all()
        self._parts.clearance.clear(judged_by, self._parts.new_matcher(), progress)
        return self._account(judged_by.purpose, progress)

    def _account(self, purpose: str | None, progress: Progress | None) -> Account:
        from volenti.clearance.account import Account, FilesOnRecord

        parts = self._parts
        return Account(
            FilesOnRecord(parts.records, parts.access, parts.consent, parts.enforcement, purpose, progress)
        )

    def changes(
        self,
        purpose: str | None = None,
        *,
        policy: Policy | Path | str | None = None,
        territory: str | None = None,
        most: int | None = None,
    ) -> tuple[list[Change], int]:
        """Say what `clear` would decide differently from what is on record. Changes nothing.

        purpose, policy, territory: as `clear` takes them. most: look at so many pictures that were judged
        before, taken evenly from all; at all of them by default. Returns each picture that would be decided
        differently, and how many pictures would be looked at first, of which nothing can be said yet. Raises
        UsageError as `clear` does.

        Example:
            ws.changes(policy="strict")
        """
        return self._parts.clearance.changes(self._judged_by(purpose, policy, territory), most)

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
            return policy_for(purpose or "", territory or self._parts.settings.territory)
        if isinstance(policy, str) and _DIGEST.fullmatch(policy):
            found = self._parts.enforcement.policy(policy)
        else:
            found = find_policy(str(policy)) if isinstance(policy, Path | str) else policy
        return in_territory(found, territory) if territory else found

    def refused_references(self) -> list[SeenReference]:
        """Name every reference photograph by which nobody is enrolled, because of what is wrong with it.

        They were found when pictures were judged last; earlier versions took photographs that this one
        refuses. `flaws` of each says what is wrong. Give another one: `releases.amend`, with `reference`.

        Example:
            [(each.subject, each.flaws) for each in ws.refused_references()]
        """
        return self._parts.gallery.refused()

    def status(self, *, progress: Progress | None = None) -> Account:
        """What became of every file given, and why; `suspensions` says which parts of models aren't served.

        A picture that was cleared, and that no release covers today, counts as uncovered.

        Example:
            ws.status().totals
        """
        return self._account(None, progress)
