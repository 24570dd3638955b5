"""Texts: all that pages may say beside what stands in their templates, as the code has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache

from tests.web.sayings import Saying, errors, is_sentence, modules, name_of
from volenti.clearance.answer import NO_ONE
from volenti.clearance.policyfile import _WORDS, find_policy, shipped_policies
from volenti.consent.purpose import Grant
from volenti.consent.reconciliation import _ABOUT
from volenti.consent.reference import ACCEPT
from volenti.consent.signature import Role
from volenti.consent.storedrelease import State
from volenti.kinds import KINDS as ROWS
from volenti.letters.letter import LetterState
from volenti.perception.finding import TABLE
from volenti.perception.sight.reference import Flaw
from volenti.requests.course import COURSES
from volenti.requests.inquiry import Reply
from volenti.training.run_removal import EVENTS
from volenti.webhooks.webhook import TOLD

#: What is called with a sentence that a page may show.
CALLED = errors() | {
    *("Problem", "RowProblem", "CellError", "_TwiceError", "Notice"),
    *("Category", "found", "missing", "wrong", "__init__"),
}
#: Functions that hand out what an audit or a page finds wrong, or holds, by their module; () for all of it.
REPORTING: dict[str, tuple[str, ...]] = {
    "adapters/register/mirrored.py": ("problems",),
    "adapters/register/sql.py": ("problems",),
    "catalogue/reconciliation.py": (),
    "clearance/access.py": ("_asked",),
    "clearance/decision.py": ("told",),
    "clearance/holders.py": ("locate",),
    "clearance/lookalikes.py": ("told",),
    "clearance/policy.py": (
        *("_check_purpose", "_check_place", "_check_settings", "_check_choice", "_check_strictness"),
    ),
    "clearance/policyfile.py": ("_worded",),
    "clearance/quarantine.py": ("problems",),
    "clearance/reconciliation.py": (),
    "consent/doubles.py": ("__str__",),
    "consent/reconciliation.py": (),
    "datasets/verification.py": ("verified", "_problems"),
    "deliveries/feed.py": ("not_called_back",),
    "deliveries/reconciliation.py": (),
    "erasure/audit.py": ("_problem", "_problem_now"),
    "erasure/reconciliation.py": (),
    "folder.py": ("wrong_files",),
    "requests/reconciliation.py": (),
    "requests/course.py": ("why_not",),
    "requests/record_of_processing.py": ("_missing",),
    "training/holders.py": ("locate",),
    "vault/reconciliation.py": (),
    "webhooks/service.py": ("_worded",),
}
#: Modules whose errors no page shows, and why. A path that ends with a slash is a package.
ELSEWHERE = {
    "at the command line alone": (
        *("cli/", "demo/", "clearance/answersheet.py", "clearance/amendmenttable.py"),
        *("clearance/third_party_works.py", "consent/enrolment.py", "consent/papers.py"),
        *("perception/exhibit.py", "perception/rights/marks.py", "workspace/papers.py"),
        *("workspace/rights.py", "workspace/runs.py", "workspace/tables.py", "workspace/works.py"),
        *("workspace/model_verbs.py", "workspace/given.py", "clearance/given.py"),
    ),
    "drawing, external trainings and choosing what to train on, at the command line and in Python": (
        *("catalogue/", "generation/", "training/external_runs.py", "training/run_removal.py"),
        *("training/session.py", "training/recipe.py", "training/cost_estimator.py", "datasets/reader.py"),
    ),
    "what recipients and other machines do": (
        *("deliveries/package/", "deliveries/weights/", "deliveries/apply_deletions.py"),
        *("deliveries/delivery.py",),
        *("deliveries/exports.py", "adapters/exports/", "adapters/log/http.py", "core/age.py"),
        *("standalone.py", "transparency/follower.py", "transparency/witness.py", "core/inside.py"),
    ),
    "backups": ("backup.py", "restore.py"),
    "when the application starts or opens its workspace, before there is a page": (
        *("bootstrap.py", "folder.py", "settings.py", "stores.py", "wholeness.py", "core/logs.py"),
        *("web/serving.py", "adapters/credentials/"),
    ),
    "for programs, in English: the HTTP API and Python": (
        *("web/api/", "users/repetition.py", "workspace/arguments.py"),
    ),
}
#: What is made of other sentences where it is said: with a capital or a full stop, or from a list.
DERIVED = (
    "Somebody of this name and of this birth date is on record: {known}.",
    "Somebody of nearly this name and of this birth date is on record: {known}.",
    "Somebody of this name is on record with another birth date: {known}.",
    "Somebody of nearly this name is on record with another birth date: {known}.",
    "Somebody of this name and birth date was erased on {day} (request {request}).",
    "somebody of this name and birth date was erased on {day} (request {request}).",
    "The file public-key isn't the workspace's key, which is {key}.",
    "{one} and {other} look like one person; {pairs} more such pairs (volenti subject list).",
    "{one} and {other} look like one person.",
    "entry {number} is recorded, but not in the log: the next one adds it",
    "Leave this row out.",
    ACCEPT,
)
#: What is said only together with a sentence from elsewhere, which is looked at there.
COMPOSED = ("The photograph {message}",)
_ELSEWHERE = tuple(path for paths in ELSEWHERE.values() for path in paths)


@cache
def sentences() -> tuple[Saying, ...]:
    """Everything that is said with values in it or without, and may come to a page; each once."""
    found = {each.text: each for each in _sentences() if each.text not in COMPOSED}
    return tuple(found.values())


def _sentences() -> Iterator[Saying]:
    for name, module in modules().items():
        if not name.startswith(_ELSEWHERE):
            yield from module.said_in_calls(lambda call: name_of(call.func) in CALLED, is_sentence)
            yield from module.said_in_calls(lambda call: name_of(call.func) in ("Holding", "Sealed"), bool)
        if name in REPORTING:
            yield from module.said_in(REPORTING[name])
    for code, kind in TABLE.items():
        yield Saying(kind.message, f"finding {code}")
        # What to do about a picture that is held, the desk and the picture's page offer as buttons.
        if kind.verdict in ("unreadable", "duplicate"):
            yield Saying(kind.remedy, f"finding {code}")
    for flaw in Flaw:
        yield Saying(f"{{photo}} {flaw.message}", f"flaw {flaw}")
        yield Saying(f"The photograph {flaw.message}", f"flaw {flaw}")
        yield Saying(flaw.remedy, f"flaw {flaw}")
    yield from (Saying(each, "policies") for each in _of_policies())
    yield from (Saying(each, "rows") for each in _of_rows())
    yield from (Saying(each, "words") for each in _words())
    yield from (Saying(each, "derived") for each in DERIVED)


def _of_policies() -> Iterable[str]:
    yield from (find_policy(name).title for name in shipped_policies())
    yield from (each for each in _WORDS.values() if each != "{error}")


def _of_rows() -> Iterator[str]:
    for kind in ROWS.values():
        yield from filter(None, (kind.words, kind.kept if kind.words else "", kind.called))


def _words() -> Iterator[str]:
    """Words that stand in other sentences: kinds and states of requests, verdicts, answers about a face."""
    yield from COURSES
    yield from (state for course in COURSES.values() for state in course)
    yield from ("cleared", "held", "rejected", "unreadable", "waiting")
    yield from (*NO_ONE, *Grant, *Role, *Reply, *State, *LetterState)
    yield from ("a text", "a list", "true or false")
    yield from ("The scanned paper", "Your key", "releases")


def events() -> set[str]:
    """The kinds of all events that the log may have."""
    begun = {each[0] for kind in ROWS.values() for each in (kind.begun_by, kind.ended_by) if each}
    return {*TOLD, *_ABOUT, *EVENTS.values(), *begun} | {
        each.text
        for module in modules().values()
        for each in module.said_in_calls(
            _makes_event, lambda text: re.fullmatch(r"[a-z]+(-[a-z]+)*", text) is not None
        )
    }


def _makes_event(call: ast.Call) -> bool:
    owner = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return name_of(call.func) == "Event" or (owner, name_of(call.func)) == ("_events", "record")
