"""Arguments of verbs, held against the verb's signature before it does anything.

What is given in another form is converted where there is only one meaning: one text where several are taken,
an object that another verb returned where its identifier is taken, a day or a choice as text. Everything else
that isn't of a declared type, or isn't within LIMITS, is a UsageError that names the argument. So a wrong
call never reaches the register, where it would look like damage.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from volenti.core.clock import day
from volenti.core.errors import ConflictError, UsageError
from volenti.workspace.given import one_of

P = ParamSpec("P")
R = TypeVar("R")

#: The least and the most that numbers may be, by the names that arguments have everywhere.
LIMITS: dict[str, tuple[float, float]] = {
    "core_hour_price": (0, math.inf),
    "count": (1, 10_000_000),
    "days": (0, 36_600),
    "entry": (0, math.inf),
    "gpus": (0, 1_000_000),
    "guidance": (0, 1_000),
    "last": (0, math.inf),
    "min_face": (0, 100_000),
    "min_people": (1, math.inf),
    "min_side": (0, 100_000),
    "page": (1, 1_000_000),
    "part": (0, math.inf),
    "quality_floor": (0, 1),
    "seed": (-(2**63), 2**63 - 1),
    "shards": (1, 100_000),
    "size_px": (16, 4096),
    "steps": (1, 10_000),
    "tries": (1, 10_000),
    "withdrawals_per_year": (1, math.inf),
}
#: Types that anything may be: what is called, and JSON of any shape.
_UNCHECKED = {"Work", "JobCallback", "Progress", "PreviewCallback", "ForecastCallback"}
_SIMPLE: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "bytes": bytes,
    "date": date,
    "Path": Path,
    "Json": dict,
}


def checked(verb: Callable[P, R]) -> Callable[P, R]:
    """The verb, which refuses wrong arguments and a workspace that was closed."""
    signature = inspect.signature(verb)

    @wraps(verb)
    def call(*given: P.args, **named: P.kwargs) -> R:
        bound = signature.bind(*given, **named)
        if "self" in bound.arguments and bound.arguments["self"].is_closed:
            raise ConflictError("The workspace was closed.", "Open it again: volenti.open(...)")
        for name, value in bound.arguments.items():
            parameter = signature.parameters[name]
            if name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
                bound.arguments[name] = as_declared(name, value, parameter)
        return verb(*bound.args, **bound.kwargs)

    return call


def as_declared(name: str, value: Any, parameter: inspect.Parameter) -> Any:
    """The value of the type that the parameter's annotation names. Raises UsageError where it can't be."""
    kinds = [each.strip() for each in str(parameter.annotation).split(" | ")]
    if value is None and "None" in kinds:
        return None
    mapped = next((each for each in kinds if each.startswith("Mapping[")), None)
    if mapped is not None:
        if not isinstance(value, Mapping):
            raise UsageError(
                f"The argument {name} is a dict, and got {type(value).__name__}.",
                "See docs/reference/python.md.",
            )
        one, other = mapped.partition("[")[2].rstrip("]").split(", ")
        pairs = value.items()
        return {_one(name, k, [one], parameter): _one(name, v, [other], parameter) for k, v in pairs}
    listed = next((each for each in kinds if each.startswith(("Sequence[", "Iterable["))), None)
    if listed is None:
        return _one(name, value, kinds, parameter)
    # "Sequence[Path | str]" was cut in two at the bar.
    inner = str(parameter.annotation).partition(listed.partition("[")[0] + "[")[2].partition("]")[0]
    if isinstance(value, str | bytes | Path) or not isinstance(value, Iterable):
        value = [value]
    return [_one(name, each, [kind.strip() for kind in inner.split("|")], parameter) for each in value]


def _one(name: str, value: Any, kinds: list[str], parameter: inspect.Parameter) -> Any:
    own = {each.__name__ for each in type(value).__mro__}
    for kind in kinds:
        simple = _SIMPLE.get(kind)
        # True is an int to Python, and no number to whoever wrote it.
        is_it = isinstance(value, simple) if simple else kind in own or kind in _UNCHECKED
        if is_it and not (isinstance(value, bool) and kind in ("int", "float")):
            return _within(name, value)
    converted = _converted(value, kinds, parameter)
    if converted is not None:
        return converted
    wanted = " or ".join(_WORDS.get(kind, kind) for kind in kinds if kind != "None")
    raise UsageError(
        f"The argument {name} is {wanted}, and got {type(value).__name__}.", "See docs/reference/python.md."
    )


def _converted(value: Any, kinds: list[str], parameter: inspect.Parameter) -> Any:
    """The value in a declared form, where there is only one that it can mean; None where there is none."""
    if isinstance(parameter.default, Enum) and isinstance(value, str):
        return one_of(type(parameter.default), value)
    if "date" in kinds and isinstance(value, str):
        try:
            return day(value)
        except ValueError:
            raise UsageError(f"{value!r} isn't a day.", "Write it like 2026-11-22.") from None
    identifier = getattr(value, "id", None)
    if "str" in kinds and isinstance(identifier, str):
        return identifier
    return str(value) if "str" in kinds and isinstance(value, Path) else None


def _within(name: str, value: Any) -> Any:
    if name in LIMITS and isinstance(value, int | float):
        least, most = LIMITS[name]
        if not least <= value <= most:
            said = f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
            raise UsageError(f"The argument {name} is {said}, and got {value}.", "Give another number.")
    return value


_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "True or False",
    "bytes": "bytes",
    "date": "a day",
    "Path": "a path",
    "Json": "a JSON object",
}
