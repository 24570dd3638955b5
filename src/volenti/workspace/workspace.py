"""The workspace: the only class that Python callers, the command line and every page use.

Its attributes are the command line's nouns, in the plural where one lists several, with the command line's
verbs as methods: `volenti dataset cut` is `ws.datasets.cut`. What is a command by itself, such as `volenti
clear`, is a method of the workspace. Everything below, from the register to the trainer, is in `parts`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.workspace.model_verbs import ModelVerbs
from volenti.workspace.naming import NOUNS
from volenti.workspace.picture_verbs import PictureVerbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey
    from volenti.erasure.report import AuditReport
    from volenti.requests.deadlines import Deadline
    from volenti.requests.record_of_processing import ProcessingRecord
    from volenti.settings import Settings
    from volenti.wiring.parts import Parts
    from volenti.workspace.backups import Backups
    from volenti.workspace.bases import Bases
    from volenti.workspace.certificates import Certificates
    from volenti.workspace.datasets import Datasets
    from volenti.workspace.feed import Feed
    from volenti.workspace.jobs import Jobs
    from volenti.workspace.keys import Keys
    from volenti.workspace.letters import Letters
    from volenti.workspace.log import Log
    from volenti.workspace.models import Models
    from volenti.workspace.notices import Notice
    from volenti.workspace.overview import Overview
    from volenti.workspace.packages import Packages
    from volenti.workspace.pictures import Pictures
    from volenti.workspace.policies import Policies
    from volenti.workspace.releases import Releases
    from volenti.workspace.requests import Requests
    from volenti.workspace.review import Review
    from volenti.workspace.rights import Rights
    from volenti.workspace.runs import Runs
    from volenti.workspace.shoots import Shoots
    from volenti.workspace.signings import Signings
    from volenti.workspace.subjects import Subjects
    from volenti.workspace.tokens import Tokens
    from volenti.workspace.users import Users
    from volenti.workspace.webhooks import Webhooks
    from volenti.workspace.works import Works

#: What a notebook shows of files, and in which state they are; whether what was cleared is covered today,
#: `status` asks for each of them.
_FILES = (("given", None), ("judged cleared", "cleared"), ("held", "held"), ("waiting", "waiting"))


class Workspace(PictureVerbs, ModelVerbs):
    """An open workspace. `volenti.open` opens one, `volenti.init` makes one.

    Use it in a `with`, or close it.
    """

    #: The models that find people and compare faces.
    models: Models
    #: The people in the pictures.
    subjects: Subjects
    #: What each person agreed to, signed.
    releases: Releases
    #: Works of third parties, whose copies aren't let in.
    rights: Rights
    #: The rules that pictures are judged by.
    policies: Policies
    #: The pictures that were given.
    pictures: Pictures
    #: Where pictures come from, and who has releases for it.
    shoots: Shoots
    #: What the policy held, for a person to decide.
    review: Review
    #: Snapshots of what is cleared.
    datasets: Datasets
    #: What runs start from, and what is known of whom it learned from.
    bases: Bases
    #: Training runs, the project's own and those of your scripts.
    runs: Runs
    #: Parts of runs of your scripts, packed for another machine that trains them.
    packages: Packages
    #: Pictures that were drawn, refused, or called back.
    works: Works
    #: What people ask for, by when, and what comes of it.
    requests: Requests
    #: What erasures did, for anybody to check.
    certificates: Certificates
    #: The deletion feed: tells whoever got an export what has to go out of it.
    feed: Feed
    #: The log, in which nothing is ever changed.
    log: Log
    #: Backups without keys, and the way back from them.
    backups: Backups
    #: What people's keys are wrapped under.
    keys: Keys
    #: Who works with the workspace in the web application.
    users: Users
    #: What other systems show to use the HTTP API.
    tokens: Tokens
    #: Other systems that are told what happens.
    webhooks: Webhooks
    #: Long work that somebody asked for, which a worker does.
    jobs: Jobs
    #: Links by which people sign on a page, and what came of each.
    signings: Signings
    #: E-mail to the people in the pictures, and reminders to officers.
    letters: Letters

    def __getattr__(self, name: str) -> Any:
        # A noun's module is imported when the noun is first asked for.
        if name not in NOUNS.values():
            nouns = ", ".join(NOUNS.values())
            # With the name and the object Python itself says which name is near, verbs among them.
            raise AttributeError(f"A workspace has no {name!r}; its nouns are {nouns}.", name=name, obj=self)
        noun = getattr(import_module(f"volenti.workspace.{name}"), name.capitalize())(self._parts)
        self.__dict__[name] = noun
        return noun

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *NOUNS.values()])

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def _repr_html_(self) -> str:
        """What a notebook shows: how much there is of everything, and nobody."""
        from volenti.core.shown import table

        if self.is_closed:
            return table(f"Workspace {self.path}", [("closed", "volenti.open opens it again")])
        parts, files = self._parts, self._parts.pictures.count_files
        rows = [
            ("people", parts.consent.count_subjects()),
            *((f"files {said}", files(state)) for said, state in _FILES),
            ("dataset versions", len(parts.datasets.snapshots())),
            ("training runs", len(parts.training.runs()) + len(parts.external_runs.runs())),
            ("works drawn", parts.ledger.count()),
            ("requests not finished", len(parts.requests.unfinished())),
        ]
        return table(f"Workspace {self.path}", rows)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open. Nothing is lost: every verb has written its results when it returns.

        Example:
            ws.close()
        """
        self._parts.close()

    @property
    def parts(self) -> Parts:
        """Everything below: registers, keys, packs and services. It may change from version to version."""
        return self._parts

    @property
    def path(self) -> Path:
        """The folder that the workspace is."""
        return self._parts.path

    @property
    def settings(self) -> Settings:
        """What the environment and the arguments of `volenti.open` set."""
        return self._parts.settings

    @property
    def public_key(self) -> PublicKey:
        """What the workspace's certificates and checkpoints are verified with."""
        return self._parts.public_key

    def notices(self) -> list[Notice]:
        """Say what wants attention whatever is being done, such as a mirror that lacks something.

        A mirror that was away and is in its place again is brought up to date first. The command line prints
        the notices with every command.

        Example:
            [each.message for each in ws.notices()]
        """
        from volenti.workspace.notices import notices

        return list(notices(self._parts))

    def audit(
        self, canaries: Sequence[bytes] = (), *, deep: bool = False, progress: Progress | None = None
    ) -> AuditReport:
        """Look for what is left of erased people, and for what others lost. Changes nothing.

        Every picture is opened and compared with its digest, every model with its hash, every dataset with
        its root; log and feed are recomputed. canaries: byte strings that no file of the workspace may
        contain. deep: open every row and key, too, and search every byte of every file for the random text
        that lay in the record of each person who was erased. Returns a report, whose `ok` says whether
        nothing is wrong and whose `problems` say what is.

        Example:
            ws.audit(deep=True).ok
        """
        return self._parts.auditor.audit(canaries, progress, deep=deep)

    def due(self, days: int = 30) -> list[Deadline]:
        """List what is due within so many days, and what is overdue, by day.

        That are requests, acknowledgements of recipients, releases that end, minors who come of age, pictures
        that are dropped unless somebody decides, what was kept because a law demands it, and a mirror that is
        behind. `volenti.core.icalendar.calendar` makes a calendar of it. days: from today on.

        Example:
            ws.due(7)
        """
        from volenti.workspace.deadlines import due

        return due(self._parts, days)

    def today(self, days: int = 14) -> Overview:
        """What a day brings: what blocks the next dataset, what is due, what runs, what isn't well.

        Quick also where there is much: of what is held, the reasons of the first pictures are read, and what
        has to be asked of everybody is kept until something happened that may change it. days: how far ahead
        what is due is listed.

        Example:
            ws.today().pictures.held
        """
        from volenti.workspace.overview import overview

        return overview(self._parts, days)

    def register(self) -> ProcessingRecord:
        """Make the record of processing activities (Art. 30 GDPR), counted now from what is stored.

        Returns purposes, categories of people and data, recipients, time limits and security measures; it
        names no data subject. What the workspace can't know is in `missing`, for you to add.

        Example:
            ws.register().purposes
        """
        return self._parts.processing.record()
