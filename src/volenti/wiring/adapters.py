"""One adapter for each port. Those of a workspace in a folder are each made when they are first used."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from volenti.core.errors import VolentiError
    from volenti.core.jobs import JobRunner
    from volenti.core.locks import Locks
    from volenti.deliveries.ports import ExportFormat
    from volenti.letters.ports import Carrier
    from volenti.perception.copies.keypoints import KeypointFinder
    from volenti.perception.rights.credentials import CredentialReader
    from volenti.perception.rights.marks import MarkReader
    from volenti.perception.sight.age import AgeEstimator
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.figures import PersonDetector
    from volenti.perception.sight.matching import Matcher
    from volenti.settings import Settings
    from volenti.training.ports import Trainer
    from volenti.transparency.ports import LogStore
    from volenti.vault.ports import KeyStore, PackStore, Register
    from volenti.webhooks.ports import Sender


class FolderAdapters:
    """Adapters of the embedded workspace in a folder."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._closes: list[Callable[[], None]] = []

    def close(self) -> None:
        """Close every adapter that was made and has to be closed."""
        for each in self._closes:
            each()

    @cached_property
    def register(self) -> Register:
        """The register, `register.db`; where there is a mirror, rows of what people said lie in it, too."""
        from volenti.stores import register_store

        register, close = register_store(self._folder)
        self._closes.append(close)
        return register

    def catch_up(self) -> VolentiError | None:
        """Bring the mirror up to date where it is behind; returns why that isn't possible, or None."""
        from volenti.stores import catch_up

        return catch_up(self._folder)

    @cached_property
    def keys(self) -> KeyStore:
        """People's data keys, as files; in the mirror too, where there is one."""
        from volenti.stores import key_store

        return key_store(self._folder)

    @cached_property
    def packs(self) -> PackStore:
        """Sealed bytes, such as pictures and model weights, in append-only files under `packs`."""
        from volenti.adapters.packs.files import FilePackStore

        return FilePackStore(self._folder / "packs")

    @cached_property
    def log(self) -> LogStore:
        """The transparency log's files under `log`; in the mirror too, where there is one."""
        from volenti.stores import log_store

        return log_store(self._folder, "log")

    @cached_property
    def feed(self) -> LogStore:
        """The deletion feed's files under `feed`; in the mirror too, where there is one."""
        from volenti.stores import log_store

        return log_store(self._folder, "feed")

    @cached_property
    def detector(self) -> FaceDetector:
        """Finds faces and makes their templates, by networks in the folder of models."""
        from volenti.adapters.sight.faces_opencv import OpencvFaces

        return OpencvFaces(self._settings.models)

    @cached_property
    def marks(self) -> MarkReader | None:
        """Reads owners' marks, such as agency names; None where the setting `watermarks` is off."""
        from volenti.adapters.marks.rapidocr import RapidocrMarks

        return RapidocrMarks() if self._settings.watermarks else None

    @cached_property
    def credentials(self) -> CredentialReader | None:
        """Reads content credentials (C2PA); the setting `trust_anchors` says whose signatures count."""
        from volenti.adapters.credentials.c2pa import C2paCredentials

        return C2paCredentials(self._settings.trust_anchors)

    @cached_property
    def keypoints(self) -> KeypointFinder | None:
        """Finds keypoints, by which edited copies of third parties' works are found."""
        from volenti.adapters.keypoints.opencv import OpencvKeypoints

        return OpencvKeypoints()

    @cached_property
    def people(self) -> PersonDetector | None:
        """Finds people however they are turned, also where no face can be seen."""
        from volenti.adapters.sight.people_onnx import OnnxPeople

        return OnnxPeople(self._settings.models)

    @cached_property
    def ages(self) -> AgeEstimator | None:
        """Says how young faces look, so that a person compares birth dates where one looks young."""
        from volenti.adapters.sight.age_onnx import OnnxAges

        return OnnxAges(self._settings.models)

    @cached_property
    def trainer(self) -> Trainer:
        """Trains models and draws with torch, on the base that is set or else the shipped one."""
        from volenti.adapters.trainer.opening import trainer_over
        from volenti.generation.bases import shipped_base

        return trainer_over(self._settings.base or shipped_base(), self._settings.device)

    def open_base(self, path: Path) -> Trainer:
        """The trainer over another base, on the same device; nothing of it is read yet."""
        from volenti.adapters.trainer.opening import trainer_over

        return trainer_over(path, self._settings.device)

    @cached_property
    def jobs(self) -> JobRunner:
        """Runs long work in local processes, as many at once as the setting `workers` says."""
        from volenti.adapters.jobs.local import LocalJobRunner

        jobs = LocalJobRunner(self._settings.workers)
        self._closes.append(jobs.close)
        return jobs

    @cached_property
    def locks(self) -> Locks:
        """Locks as files in the folder `turns`, so that two processes don't do the same thing at once."""
        from volenti.adapters.locks.files import FileLocks

        return FileLocks(self._folder / "turns")

    @cached_property
    def carrier(self) -> Carrier | None:
        """Carries letters to the mail server that is set; None where none is."""
        from volenti.adapters.post.smtp import SmtpCarrier

        said = self._settings
        if not said.smtp_host:
            return None
        return SmtpCarrier(
            said.smtp_host, said.smtp_port, said.smtp_security, said.smtp_user, said.password_for_letters()
        )

    @property
    def new_matcher(self) -> Callable[[], Matcher]:
        """Makes matchers, which compare faces; numpy is imported with the first."""

        def made() -> Matcher:
            from volenti.adapters.matcher.exact import ExactMatcher

            return ExactMatcher()

        return made

    @property
    def new_jobs(self) -> Callable[[], AbstractContextManager[JobRunner]]:
        """Makes job runners whose processes are new, and end when the runner's `with` does."""
        from volenti.adapters.jobs.local import LocalJobRunner

        return lambda: closing(LocalJobRunner(self._settings.workers))

    @cached_property
    def webhook_sender(self) -> Sender:
        """Sends webhooks' messages over HTTPS, to private addresses where the settings allow it."""
        from volenti.adapters.webhooks.https import HttpsSender

        return HttpsSender(to_private=self._settings.webhooks_to_private)

    @cached_property
    def typesetter(self) -> Any:
        """Makes PDF pages: receipts, answers and certificates."""
        from volenti.adapters.typesetter.typst import TypstTypesetter

        return TypstTypesetter()

    @cached_property
    def formats(self) -> Sequence[ExportFormat]:
        """Formats in which datasets are exported: ImageFolder, WebDataset and Parquet."""
        from volenti.stores import formats

        return formats()


def _on_the_cpu(path: Path) -> Trainer:
    from volenti.adapters.trainer.opening import trainer_over

    return trainer_over(path, "cpu")


@dataclass(frozen=True)
class Adapters:
    """Adapters that the caller made: for tests, and for a workspace on other technologies."""

    register: Register
    keys: KeyStore
    packs: PackStore
    log: LogStore
    #: Files of the deletion feed, which are published as they are.
    feed: LogStore
    detector: FaceDetector
    marks: MarkReader | None
    trainer: Trainer
    jobs: JobRunner
    locks: Locks
    new_matcher: Callable[[], Matcher]
    #: Gives the trainer over another base at a path.
    open_base: Callable[[Path], Trainer] = _on_the_cpu
    #: None: files that carry content credentials are held as unread.
    credentials: CredentialReader | None = None
    #: None: edited copies of third parties' works aren't looked for.
    keypoints: KeypointFinder | None = None
    #: None: people whose faces can't be seen aren't looked for.
    people: PersonDetector | None = None
    #: None: pictures aren't held because somebody in them looks young.
    ages: AgeEstimator | None = None
    #: None: letters go into the outbox.
    carrier: Carrier | None = None
    #: Brings second copies of the stores up to date, and returns why that isn't possible.
    catch_up: Callable[[], VolentiError | None] = lambda: None

    @property
    def new_jobs(self) -> Callable[[], AbstractContextManager[JobRunner]]:
        """The given job runner, in place of new processes."""
        return lambda: nullcontext(self.jobs)

    @property
    def webhook_sender(self) -> Sender:
        """The shipped sender, to public addresses alone."""
        from volenti.adapters.webhooks.https import HttpsSender

        return HttpsSender()

    @property
    def typesetter(self) -> Any:
        """The shipped typesetter."""
        from volenti.adapters.typesetter.typst import TypstTypesetter

        return TypstTypesetter()

    @property
    def formats(self) -> Sequence[ExportFormat]:
        """The shipped formats."""
        from volenti.stores import formats

        return formats()
