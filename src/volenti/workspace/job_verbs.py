"""Which verbs a job may do, with which arguments, and which figures of what they return are kept."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from volenti.core.canonical import Json
from volenti.core.codec import decoded
from volenti.core.errors import UsageError
from volenti.workspace.naming import counterpart

if TYPE_CHECKING:
    from volenti.core.progress import Progress
    from volenti.workspace.workspace import Workspace

#: What arguments may be made of: values that JSON has.
_PLAIN = (str, int, float, bool, type(None))
_LISTS = (list, tuple)
#: The argument that isn't the verb's: whether to write to whoever asked.
TELL = "tell"


@dataclass(frozen=True, slots=True)
class JobVerb:
    """One verb that a job may do.

    takes: arguments that may be given. keeps: those of them that stay on record once it is over, because they
    name nobody. figures: what is kept of what it returns: plain values, few of them. resumes: whether a
    worker that finds it begun and not ended may do it once more, without anything being there twice. tells:
    whether `tell` may be given: then whoever asked for the request is written to once it is done.
    """

    takes: tuple[str, ...]
    keeps: tuple[str, ...]
    figures: Callable[[Any], Json]
    resumes: bool = True
    tells: bool = False


def _intake(report: Any) -> Json:
    counts = ("given", "new", "known", "duplicate")
    return {**{name: getattr(report, name) for name in counts}, "unreadable": len(report.unreadable)}


def _account(account: Any) -> Json:
    return dict(account.totals)


def _imported(report: Any) -> Json:
    return {
        "rows": report.rows,
        "imported": len(report.imported),
        "unchanged": len(report.unchanged),
        "problems": len(report.problems),
    }


def _trained(report: Any) -> Json:
    names = ("run", "slices_trained", "slices_kept", "constituents", "too_few")
    return {name: getattr(report, name) for name in names}


def _certified(outcome: Any) -> Json:
    return {"state": str(outcome.request.state), "certified": outcome.certificate is not None}


_TABLE = JobVerb(("file", "columns", "fill", "dates", "encoding", "accept_reference"), (), _imported)
#: The verbs, by the commands that do the same.
VERBS: Mapping[str, JobVerb] = {
    "add": JobVerb(("paths", "shoot", "subjects"), (), _intake),
    "clear": JobVerb(("purpose", "policy", "territory"), ("purpose", "policy", "territory"), _account),
    "rights search": JobVerb((), (), lambda done: {"searched": done.searched, "found": len(done.found)}),
    "subject import": _TABLE,
    "release import": _TABLE,
    "dataset cut": JobVerb(
        (
            *("name", "purpose", "territory", "condition", "shoot", "subject", "without", "word"),
            *("min_side", "min_face", "count", "seed", "split"),
        ),
        ("name", "purpose", "territory"),
        lambda snapshot: {"dataset": snapshot.id, "pictures": snapshot.entries},
        # Cut once more, there would be two versions.
        resumes=False,
    ),
    "train": JobVerb(
        ("dataset", "recipe", "split", "fewer_shards"), ("dataset", "recipe", "split"), _trained
    ),
    "request run": JobVerb(
        ("request", "identity", "audit", "overtake", TELL),
        ("request", "audit", "overtake"),
        _certified,
        tells=True,
    ),
    "request uphold": JobVerb(("request",), ("request",), lambda done: {"state": str(done.state)}),
    "prove-forgetting": JobVerb(("request",), ("request",), lambda found: {"ok": found.ok}),
    "audit": JobVerb(("deep",), ("deep",), lambda report: report.to_json()),
    # What another one began lies in the folder, which isn't empty any more.
    "backup create": JobVerb(("out", "since"), (), lambda made: made.to_json(), resumes=False),
}


def verb_of(name: str) -> JobVerb:
    """The verb of a command; UsageError where no job does it."""
    if name not in VERBS:
        raise UsageError(f"No job does {name!r}.", f"Jobs do one of: {', '.join(VERBS)}.")
    return VERBS[name]


def check_arguments(ws: Workspace, name: str, given: Mapping[str, Any]) -> Json:
    """The arguments as JSON has them. Raises UsageError where one is unknown or lacking, or isn't plain."""
    verb = verb_of(name)
    for argument, value in given.items():
        if argument not in verb.takes or not _is_plain(value):
            raise UsageError(
                f"A job that does {name} takes no {argument!r} like this.",
                f"Give plain values: {', '.join(verb.takes) or 'it takes none'}.",
            )
    try:
        inspect.signature(_method(ws, name)).bind(**_own(given))
    except TypeError as error:
        raise UsageError(f"A job that does {name} lacks something: {error}.", "Give that, too.") from error
    return {argument: _as_json(value) for argument, value in given.items()}


def do(ws: Workspace, name: str, arguments: Json, progress: Progress) -> Any:
    """Call a verb of the workspace with a job's arguments; returns what the verb returns."""
    from volenti.workspace.telling import prepare, tell

    given = _own(arguments)
    if given.get("recipe") is not None:
        from volenti.training.recipe import Recipe

        given["recipe"] = decoded(Recipe, given["recipe"])
    tells = verb_of(name).tells and bool(arguments.get(TELL))
    if tells:
        prepare(ws.parts, str(arguments["request"]))
    returned = _method(ws, name)(**given, progress=progress)
    if tells:
        tell(ws.parts, returned)
    return returned


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are the verb's."""
    return {name: value for name, value in given.items() if name != TELL}


def _method(ws: Workspace, name: str) -> Callable[..., Any]:
    found: Any = ws
    for part in counterpart(name).split(".")[1:]:
        found = getattr(found, part)
    method: Callable[..., Any] = found
    return method


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _is_plain(each) for name, each in value.items())
    return all(map(_is_plain, value)) if isinstance(value, _LISTS) else isinstance(value, _PLAIN)


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_json(each) for each in value]
    return value
