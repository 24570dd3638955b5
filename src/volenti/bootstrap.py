"""Opening a workspace: a folder and Settings become its parts, each of which is made when asked for."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.core.clock import Clock, system_clock
from volenti.core.errors import ConflictError
from volenti.core.logs import listen
from volenti.folder import secrets_of, workspace_facts
from volenti.settings import Settings, read_settings
from volenti.wiring.adapters import Adapters as Adapters
from volenti.wiring.adapters import FolderAdapters
from volenti.wiring.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from volenti.clearance.access import Access
    from volenti.core.signing import SigningKey
    from volenti.datasets.reader import OpenAccess
    from volenti.erasure.service import StepCallback


def open_parts(
    path: str | Path, *, clock: Clock = system_clock, watch: StepCallback = lambda step: None, **given: Any
) -> Parts:
    """The parts of the embedded workspace at `path`. Raises WorkspaceError where there is none."""
    from volenti.stores import check_mirror

    folder = Path(path)
    facts = workspace_facts(folder)
    settings = read_settings(**given)
    secret, signing = secrets_of(folder)
    adapters = FolderAdapters(folder, settings)
    ending = ExitStack()
    ending.callback(adapters.close)
    if settings.log_file is not None:
        ending.callback(listen(settings.log_file))
    parts = wire(
        folder,
        settings,
        adapters,
        secret,
        signing,
        facts["log"],
        clock=clock,
        watch=watch,
        close=ending.close,
        reopen=partial(_access, folder.resolve(), given),
    )
    check_mirror(folder, parts.records)
    return parts


def _access(folder: Path, given: dict[str, Any]) -> Access:
    """The way to a workspace's pictures, opened in another process."""
    return open_parts(folder, **given).access


def _nowhere_else() -> Access:
    """For a workspace that no other process can open."""
    raise ConflictError(
        "A workspace in memory can't be read from another process.", "Read it from the one that opened it."
    )


def wire(
    folder: Path,
    settings: Settings,
    adapters: Adapters | FolderAdapters,
    secret: bytes,
    signing: SigningKey,
    origin: str,
    *,
    clock: Clock = system_clock,
    watch: StepCallback = lambda step: None,
    close: Callable[[], None] = lambda: None,
    reopen: OpenAccess = _nowhere_else,
) -> Parts:
    """The parts of a workspace over any adapters."""
    return Parts(folder, settings, adapters, secret, signing, origin, clock, watch, close, reopen)
