"""What requests have been through, by hypothesis: any field that is declared, with any value of its type."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar, get_args, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from volenti.requests.history import AttackFindings, History

H = TypeVar("H", bound=History)

#: Histories have many fields: making one may take long on a slow machine.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
_JSON = st.recursive(
    st.text() | _NUMBERS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=4
)
_OBJECTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.text(), _JSON, max_size=3)
_FINDINGS = st.builds(AttackFindings, st.text(), st.text() | _OBJECTS, st.text() | _OBJECTS)

st.register_type_strategy(int, _NUMBERS)
st.register_type_strategy(float, st.floats(0, 1e9).map(lambda each: round(each, 3)))

#: Strategies of fields whose values may be any JSON.
_ANY = {"environments": st.lists(_OBJECTS, max_size=2).map(tuple), "attacks": _FINDINGS}


def histories(kind: type[H], *, full: bool = False) -> st.SearchStrategy[H]:
    """Any history of that kind. full: every step has said something, so that no field is None."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{each.name: _values(each.name, hints[each.name], full) for each in fields(kind)})


def _values(name: str, hint: Any, full: bool) -> st.SearchStrategy[Any]:
    kinds = [each for each in get_args(hint) if each is not type(None)]
    optional = type(None) in get_args(hint)
    some = _ANY[name] if name in _ANY else st.from_type(kinds[0] if optional else hint)
    return st.none() | some if optional and not full else some
