"""Doctor: checks what is installed and intact, and what waits for somebody."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from volenti.core.amounts import counted, size
from volenti.core.errors import VolentiError
from volenti.core.version import VERSION
from volenti.workspace import unsound
from volenti.workspace.notices import PUBLISH, waits_for
from volenti.workspace.suspended import summary

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.workspace.workspace import Workspace

#: A held picture is reported this many days before it is dropped.
NOTICE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked. A 'problem' keeps something from working; a 'notice' wants attention."""

    what: str
    state: Literal["ok", "notice", "problem"]
    detail: str
    remedy: str = ""


def checks(folder: Path) -> list[Check]:
    """Every check: of what is installed, of the models, and of the workspace in the folder."""
    return [*_software(), *_models(), *_workspace(folder)]


def _software() -> Iterator[Check]:
    yield Check("volenti", "ok", VERSION)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Check("python", "ok", f"{platform.python_version()} on {sys.platform}, {cores} cores")
    for extra, serves in (("faces", "judging pictures"), ("train", "training and drawing")):
        for name, pinned in _requirements(extra):
            yield _installed(name, pinned, extra, serves)
    for name, _ in _requirements("credentials"):
        yield _installed_or_held(name)


def _requirements(extra: str) -> Iterator[tuple[str, str]]:
    """Distributions that an extra asks for, with the exact version where one is pinned."""
    from importlib import metadata

    for line in metadata.requires("volenti") or []:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name and re.search(rf"extra\s*==\s*['\"]{extra}['\"]", line):
            pin = re.search(r"==\s*([0-9][^,;\s]*)", line.partition(";")[0])
            yield name.group(), pin.group(1) if pin else ""


def _installed(name: str, pinned: str, extra: str, serves: str) -> Check:
    from importlib import metadata

    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(
            name, "problem", f"not installed; needed for {serves}", f"pip install 'volenti[{extra}]'"
        )
    if pinned and version.partition("+")[0] != pinned:
        detail = f"{version}, but trained weights are compared bit for bit with {pinned}'s"
        return Check(name, "problem", detail, f"pip install '{name}=={pinned}'")
    return Check(name, "ok", version)


def _installed_or_held(name: str) -> Check:
    """The check of the reader of content credentials: without it nothing breaks, but more is held."""
    check = _installed(name, "", "credentials", "content credentials (C2PA)")
    if check.state == "ok":
        return check
    return replace(check, state="notice", detail="not installed; files with content credentials are held")


def _models() -> Iterator[Check]:
    from volenti.settings import read_settings
    from volenti.workspace.models import Models

    try:
        read_settings()
    except VolentiError as error:
        # Without settings nothing else can be looked at.
        yield Check("settings", "problem", error.message, error.remedy)
        return
    for each in Models.list():
        if each.state == "present":
            yield Check(each.path.name, "ok", "intact")
        else:
            yield Check(each.path.name, "problem", each.state, "volenti models fetch")
    yield _trainer()


def _trainer() -> Check:
    """The check of the base and the device that slices are trained on."""
    from volenti.standalone import check_trainer

    try:
        base = check_trainer()
        detail = f"{size(base.bytes)}, SHA-256 {base.sha256[:16]}..., on {base.device}"
        return Check(base.path.name, "ok", detail)
    except VolentiError as error:
        return Check("trainer", "problem", error.message, error.remedy)
    except ModuleNotFoundError as error:
        return Check("trainer", "problem", f"{error.name} isn't installed", "pip install 'volenti[train]'")


def _workspace(folder: Path) -> Iterator[Check]:
    from volenti.bootstrap import open_parts
    from volenti.folder import MARKER, is_left, workspace_facts, wrong_files
    from volenti.workspace.workspace import Workspace

    if not (folder / MARKER).is_file() and not is_left(folder):
        yield Check(
            "workspace", "notice", f"none in {folder.resolve()}", "volenti init, or volenti -C DIR doctor"
        )
        return
    try:
        facts = workspace_facts(folder)
        with Workspace(open_parts(folder)) as ws:
            yield Check("workspace", "ok", f"{folder.resolve()}, made {facts['created']}")
            yield from _keys(folder, facts)
            for each in wrong_files(folder, ws.public_key):
                yield Check("public-key", "problem", each, PUBLISH)
            yield _mirror(folder)
            for look in LOOKS:
                try:
                    yield look(ws)
                except VolentiError as error:
                    yield Check(look.__name__.strip("_"), "problem", error.message, "volenti audit --deep")
    except VolentiError as error:
        yield Check("workspace", "problem", error.message, error.remedy)


def _keys(folder: Path, facts: Json) -> Iterator[Check]:
    if facts.get("seeded"):
        detail = "made from a number anybody can try: they protect nothing"
        yield Check("keys", "notice", detail, "For real people make another workspace: volenti init DIR")
    secret = folder / "secret"
    loose = [path for path in (secret, *secret.iterdir()) if path.stat().st_mode & 0o077]
    if loose:
        detail = f"{loose[0].relative_to(folder)} can be read by other users of this machine"
        yield Check("secrets", "problem", detail, f"chmod -R go= {secret}")
    else:
        yield Check("secrets", "ok", "readable by you alone")


def _mirror(folder: Path) -> Check:
    """The check of the second copy of keys, logs and rows of what people said: can it be reached?"""
    from volenti.stores import catch_up, mirror_of

    mirror = mirror_of(folder)
    if mirror is None:
        detail = "none: if this disk breaks, nobody can open a backup, nor tell what people took back"
        return Check("mirror", "notice", detail, "volenti backup mirror DIR, on another disk")
    lag = catch_up(folder)
    if lag is not None:
        detail = f"{lag.message} No erasure is certified until it has everything"
        return Check("mirror", "problem", detail, lag.remedy)
    return Check("mirror", "ok", str(mirror.place))


def _log(ws: Workspace) -> Check:
    entries = counted(ws.parts.log.size, "entry", "entries")
    return Check("log", "ok", f"{entries}, signed; volenti log verify recomputes it")


def _releases(ws: Workspace) -> Check:
    people = ws.subjects.list()
    today = Counter(each.value for person in people for each in person.releases.values())
    detail = f"{counted(today.total(), 'release')} of {counted(len(people), 'person', 'people')}"
    if set(today) - {"signed"}:
        detail += f": {', '.join(f'{count} {what}' for what, count in sorted(today.items()))}"
    if today["defective"]:
        return Check("releases", "notice", detail, "volenti release verify")
    if today["lacks its photograph"]:
        remedy = "volenti release list; give it: volenti release sign RELEASE --key KEY --reference PHOTO"
        return Check("releases", "notice", detail, remedy)
    return Check("releases", "ok", detail)


def _references(ws: Workspace) -> Check:
    """The check of photographs that earlier versions took: nobody is enrolled by one that isn't sound."""
    if refused := ws.refused_references():
        return Check("references", "notice", *unsound.summary(refused))
    if not (count := ws.parts.gallery.count()):
        return Check("references", "ok", "nobody was compared with pictures yet")
    return Check("references", "ok", f"{counted(count, 'person', 'people')} enrolled by sound photographs")


def _look_alikes(ws: Workspace) -> Check:
    """The check whether two people on record look like one."""
    from volenti.clearance.lookalikes import LookAlikes, told

    if pairs := LookAlikes(ws.parts.records, ws.parts.consent).all():
        return Check("look-alikes", "notice", *told(pairs))
    return Check("look-alikes", "ok", "no two people who were compared look like one")


def _identifiers(ws: Workspace) -> Check:
    """The check whether an earlier version recorded somebody under a name that the workspace itself uses."""
    from volenti.vault.owner import is_chosen

    taken = [each.id for each in ws.parts.consent.subjects() if not is_chosen(each.id)]
    if taken:
        detail = f"{', '.join(taken)}: names that the workspace itself uses, so nothing covers them"
        remedy = "Record them anew under another one: volenti subject add --help"
        return Check("identifiers", "problem", detail, remedy)
    return Check("identifiers", "ok", "nobody is recorded under a name that the workspace itself uses")


def _pictures(ws: Workspace) -> Check:
    totals = ws.status().totals
    waiting, uncovered = totals.get("waiting"), totals.get("uncovered")
    detail = f"{totals['cleared']:,} cleared of {totals['given']:,} given"
    if uncovered:
        detail = f"{detail}; {uncovered:,} no release covers any more"
    if waiting:
        return Check("pictures", "notice", f"{detail}; {waiting:,} wait", "volenti clear --purpose PURPOSE")
    if uncovered:
        return Check("pictures", "notice", detail, "volenti status says why")
    return Check("pictures", "ok", detail)


def _review(ws: Workspace) -> Check:
    held = [image for image, _ in ws.parts.review.queue() if image.original is not None]
    days = [
        date.fromisoformat(i.original.owners[0].partition("-")[2]) for i in held if i.original is not None
    ]
    last = timedelta(days=ws.settings.quarantine_days)
    soon = sum(day + last < date.today() + timedelta(days=NOTICE_DAYS) for day in days)
    if soon:
        detail = f"{soon:,} of {len(held):,} held pictures are dropped within {NOTICE_DAYS} days"
        return Check("review", "notice", detail, "volenti review list")
    return Check("review", "ok", f"{counted(len(held), 'picture')} held")


def _serving(ws: Workspace) -> Check:
    runs, store = ws.parts.training.runs(), ws.parts.training.model_store
    for base in ws.parts.bases.moved({run.recipe.base_sha256 for run in runs}):
        detail = f"{base.card.name} isn't in {base.path}: models on it can't forget"
        return Check("serving", "problem", detail, "volenti base add PATH says where it is")
    if suspended := ws.suspensions():
        return Check("serving", "notice", *summary(suspended))
    served = sum(len(store.constituents(run.id)) for run in runs)
    return Check("serving", "ok", f"{counted(served, 'constituent')} served" if served else "nothing trained")


def _deliveries(ws: Workspace) -> Check:
    """The check whether recipients have samples that no release covers any more, and weren't told."""
    given, due = ws.parts.exports.count(), len(ws.parts.recalls.due())
    if due:
        detail = f"{counted(due, 'delivered sample')} that no release covers any more, not called back yet"
        return Check("deliveries", "notice", detail, "volenti feed list calls them back")
    return Check("deliveries", "ok", counted(given, "delivery", "deliveries") if given else "none")


def _requests(ws: Workspace) -> Check:
    overdue, unfinished = ws.parts.requests.overdue(), ws.parts.requests.unfinished()
    if overdue:
        detail = f"{counted(len(overdue), 'request')} overdue; {overdue[0].id} was due {overdue[0].due}"
        return Check("requests", "problem", detail, "volenti request list --overdue")
    if unfinished:
        return Check("requests", "notice", *waits_for(unfinished[0]))
    known = len(ws.parts.requests.all())
    return Check("requests", "ok", f"{counted(known, 'request')}, all finished" if known else "none")


#: The checks of an open workspace.
LOOKS: tuple[Callable[[Workspace], Check], ...] = (
    _log,
    _identifiers,
    _releases,
    _references,
    _look_alikes,
    _pictures,
    _review,
    _serving,
    _deliveries,
    _requests,
)
