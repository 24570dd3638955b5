"""Opening a workspace: from a folder and Settings to its parts, each of which is made when first used."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volenti.core.clock import Clock, system_clock
from volenti.core.errors import ConflictError, VolentiError
from volenti.core.logs import listen
from volenti.folder import TIME_ZONE, check_secret, secrets_of, workspace_facts, zone_named
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
    """Open the workspace in the folder `path`; returns its parts. A mirror that is behind catches up.

    watch: called after each step of an erasure. given: settings. Raises WorkspaceError where there is none,
    and where something of it is gone.
    """
    from volenti.stores import check_mirror
    from volenti.wholeness import check_whole

    folder = Path(path)
    workspace_facts(folder)
    check_secret(folder)
    parts = open_unchecked(folder, clock=clock, watch=watch, **given)
    try:
        check_whole(folder, parts.records)
        check_mirror(folder, parts.records)
        parts.adapters.catch_up()
    except VolentiError:
        parts.close()
        raise
    return parts


def open_unchecked(
    folder: Path, *, clock: Clock = system_clock, watch: StepCallback = lambda step: None, **given: Any
) -> Parts:
    """As `open_parts`, of a workspace that is being put together, and lacks parts meanwhile."""
    facts = workspace_facts(folder)
    settings = read_settings(**given)
    secret, signing = secrets_of(folder)
    adapters = FolderAdapters(folder, settings)
    ending = ExitStack()
    ending.callback(adapters.close)
    if settings.log_file is not None:
        ending.callback(listen(settings.log_file))
    return wire(
        folder,
        settings,
        adapters,
        secret,
        signing,
        facts["log"],
        clock=clock,
        watch=watch,
        close=ending.close,
        zone=zone_named(facts.get(TIME_ZONE, "UTC")),
        reopen=partial(_access, folder.resolve(), given),
    )


def _access(folder: Path, given: dict[str, Any]) -> Access:
    """The access to a workspace's pictures, for another process that opens the workspace itself."""
    return open_parts(folder, **given).access


def _nowhere_else() -> Access:
    """In place of `_access` for a workspace that no other process can open: raises ConflictError."""
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
    zone: tzinfo = UTC,
) -> Parts:
    """The parts of a workspace that stands on the given adapters. zone: where the controller is."""
    return Parts(folder, settings, adapters, secret, signing, origin, clock, watch, close, reopen, zone)
