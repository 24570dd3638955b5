"""What can be done without a workspace: applying a feed, reading certificates, fetching models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.http import HttpLogFiles
from volenti.adapters.trainer.opening import trainer_over
from volenti.adapters.typesetter.typst import TypstTypesetter
from volenti.adapters.weights import fetch as weights_fetch
from volenti.adapters.weights.folder import check
from volenti.core.errors import UsageError
from volenti.core.progress import Progress
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey
from volenti.deliveries.apply_deletions import AppliedDeletions, apply_deletions
from volenti.deliveries.package.opened import OpenedPackage
from volenti.deliveries.terms import DeliveryTerms
from volenti.erasure.certificate import reading, verify
from volenti.erasure.certificatepage import certificate_page
from volenti.folder import MARKER
from volenti.generation.bases import shipped_base, size_px
from volenti.perception.sight.weights import WeightState
from volenti.settings import read_settings
from volenti.stores import formats
from volenti.transparency.ports import LogFiles


def log_files(source: str) -> LogFiles:
    """The files of a log or feed. source: a folder or address where it is published, or a workspace."""
    if "://" in source:
        return HttpLogFiles(source)
    folder = Path(source)
    return FileLogStore(folder / "log" if (folder / MARKER).is_file() else folder)


def apply_feed(
    export: Path, source: str, *, key: PublicKey | None, dry_run: bool, progress: Progress | None
) -> AppliedDeletions:
    """Take out of an export what a deletion feed names. source: the feed's folder or address."""
    return apply_deletions(export, log_files(source), formats(), key=key, dry_run=dry_run, progress=progress)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What the feed's deletions did to an opened package, and which of its parts are to be trained again.

    They are those that lost pictures, by this call or an earlier one, and of which no result was made since.
    """

    applied: AppliedDeletions
    shards: tuple[int, ...]

    __repr__ = short_repr


def pull_package(
    folder: Path, source: str, *, key: PublicKey | None, dry_run: bool, progress: Progress | None
) -> Pulled:
    """Take out of an opened package what a deletion feed names. source: the feed's folder or address.

    Without one it is what the package says; raises UsageError where it says nothing.
    """
    OpenedPackage.of(folder)  # refuses a folder that is none
    terms = DeliveryTerms.read(folder)
    source = source or (terms.feed if terms else "")
    if not source:
        raise UsageError(
            "The package doesn't say where its deletion feed is.",
            "Ask whoever packed it, and give --feed PLACE.",
        )
    applied = apply_feed(folder, source, key=key, dry_run=dry_run, progress=progress)
    return Pulled(applied, OpenedPackage.of(folder).to_train_again)


def certificate_pdf(certificate: bytes, key: PublicKey, origin: str = "") -> bytes:
    """A certificate as a page to read, with the file attached; IntegrityError where it doesn't hold."""
    verified = verify(certificate, key, origin)
    with reading("what it states"):
        page = certificate_page(verified, key)
    return TypstTypesetter().certificate(page, certificate)


@dataclass(frozen=True, slots=True)
class CheckedBase:
    """A base that opens: the path of its file or folder, its bytes and digest, and the device it is on."""

    path: Path
    bytes: int
    sha256: str
    device: str

    __repr__ = short_repr


def check_trainer() -> CheckedBase:
    """Open the base that the settings name on the device that they name.

    Raises MissingModelError and IntegrityError about the base, UsageError about the settings and the device.
    """
    settings = read_settings()
    base = settings.base or shipped_base()
    trainer = trainer_over(base, settings.device)
    if settings.base is None and settings.device == "cpu":
        # The shipped base is as the package has it, and importing torch takes longer than all other checks.
        size_px(base)
    else:
        trainer.check()
    files = [each for each in base.rglob("*") if each.is_file()] if base.is_dir() else [base]
    return CheckedBase(base, sum(each.stat().st_size for each in files), trainer.base_sha256, settings.device)


def models_folder() -> Path:
    """Where the settings say the face models' weights lie."""
    return read_settings().models


def model_states(folder: Path) -> dict[str, WeightState]:
    """The state of each of the face models' files, by file name."""
    return check(folder)


def fetch_models(folder: Path, progress: Progress | None = None) -> dict[str, WeightState]:
    """Bring every missing or damaged model file into the folder; raises MissingModelError."""
    return weights_fetch.fetch(folder, progress)
