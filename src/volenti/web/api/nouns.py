"""The nouns of the API, in the order in which its description has them."""

from __future__ import annotations

from volenti.web.api import account, pictures, releases, requests, subjects
from volenti.web.api.operation import Noun, Operation

NOUNS: tuple[Noun, ...] = (subjects.noun, releases.noun, pictures.noun, requests.noun, account.noun)


def operations() -> list[Operation]:
    """Every operation of every noun."""
    return [each for noun in NOUNS for each in noun.operations]
