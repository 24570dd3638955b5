"""Course: through which states a request of each kind goes, and what is to be done next in each of them."""

from __future__ import annotations

#: The state of a request whose subject was erased before it was carried out: nobody can do that any more.
OVERTAKEN = "overtaken"
#: States in which nothing is left to do.
FINISHED = ("done", "refused", OVERTAKEN)


def _course(going: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """A course from its states in which something is left to do: an erasure may overtake each of these.

    One that is certified has overtaken others, and can't be overtaken itself.
    """
    overtaken = {
        state: after if state == "certified" else (*after, OVERTAKEN) for state, after in going.items()
    }
    return {**overtaken, **dict.fromkeys(FINISHED, ())}


#: Which state of an erasure may follow which.
NEXT = _course(
    {
        "opened": ("frozen", "refused"),
        "frozen": ("erasing",),
        "erasing": ("replaying",),
        "replaying": ("waiting", "certified"),
        "waiting": ("certified",),
        "certified": ("done",),
    }
)

#: Which state may follow which, of requests that are answered and change nothing.
ANSWERED = _course({"opened": ("done", "refused")})

#: The same of a withdrawal: nothing is erased, and slices that learned from what was withdrawn are replayed.
WITHDRAWN = _course(
    {"opened": ("frozen", "refused"), "frozen": ("replaying",), "replaying": ("done",)},
)

#: The same of a restriction: it is in force until it is lifted.
RESTRICTED = _course({"opened": ("in-force", "refused"), "in-force": ("done",)})

#: The same of an objection: it restricts until it is decided (Art. 18(1)(d) GDPR), upheld or refused.
OBJECTED = _course({"opened": ("in-force", "refused"), "in-force": ("done", "refused")})

#: Which state may follow which, by what is asked for (Art. 17, 15, 20, 7(3), 18 and 21 GDPR).
COURSES = {
    "erasure": NEXT,
    "access": ANSWERED,
    "portability": ANSWERED,
    "withdrawal": WITHDRAWN,
    "restriction": RESTRICTED,
    "objection": OBJECTED,
}
KINDS = tuple(COURSES)
#: States in which something is yet to be done.
UNFINISHED = sorted({state for course in COURSES.values() for state in course} - set(FINISHED))


def next_steps(identifier: str, kind: str, state: str, *, is_identified: bool) -> tuple[str, ...]:
    """The commands that are to be called next for a request; of several, each is one way to go on.

    Words in capitals stand for what only its reader knows. Empty where nothing is left to do.
    """
    if state in FINISHED:
        return ()
    if COURSES[kind] is ANSWERED:
        return (_unless(is_identified, f"volenti request answer {identifier} --folder DIR"),)
    if state == "in-force" and kind == "restriction":
        return (f"volenti request lift {identifier}",)
    if state == "in-force":
        ground = "overriding-grounds"
        return (
            f"volenti request uphold {identifier}",
            f"volenti request refuse {identifier} --ground {ground}",
        )
    is_sure = is_identified or kind != "erasure" or state != "opened"
    return (_unless(is_sure, f"volenti request run {identifier}"),)


def why_not(state: str, wanted: str) -> str:
    """Why a request that is in one state can't be brought to another, in words."""
    if state in FINISHED:
        return "nothing more is done for it"
    if wanted == "refused":
        return "it was begun, and can't be refused any more"
    return f"it can't be {wanted} before it was carried out"


def _unless(is_identified: bool, command: str) -> str:
    """The command, with how whoever asks was identified, unless that is on record or doesn't matter."""
    return command if is_identified else f"{command} --identity WAY"
