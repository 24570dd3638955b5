"""Tokens: what other systems show to use the HTTP API, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.users.apitoken import ApiToken
    from volenti.users.repetition import Answer, Work

#: For how many days a token is good where nothing else is said.
DAYS = 90


@dataclass(frozen=True, slots=True)
class AddedToken:
    """A token that was added, and its secret, which nobody can show again."""

    token: ApiToken
    secret: str

    __repr__ = short_repr


class Tokens(Noun):
    """What other systems show to use the HTTP API, and what they may do."""

    def list(self) -> Sequence[ApiToken]:
        """List every token, those that aren't good any more too, oldest first.

        Example:
            [each.name for each in ws.tokens.list()]
        """
        return self._parts.api_tokens.all()

    def add(self, name: str, *, scopes: Sequence[str], days: int = DAYS) -> AddedToken:
        """Add a token, and say its secret once; only its SHA-256 is kept.

        name: which system shows it. scopes: what it may do, of `volenti.users.apitoken.Scope`, such as
        "subjects:read". days: for how long it is good. Returns the token and the secret. Raises UsageError
        where the name, the days or a scope can't be.

        Example:
            ws.tokens.add("booking system", scopes=["subjects:read", "releases:read"]).secret
        """
        return AddedToken(*self._parts.api_tokens.add(name, scopes, days))

    def remove(self, token: str) -> ApiToken:
        """Remove a token: from then on it opens nothing.

        token: the beginning of its identifier. Returns it. Raises NotFoundError where there is no such token,
        or more than one.

        Example:
            ws.tokens.remove("3f9ac2d1")
        """
        return self._parts.api_tokens.remove(token)

    def known(self, secret: str) -> ApiToken:
        """Say which token a secret is, as the HTTP API does with each call; it counts as used today.

        secret: what the caller showed. Raises RefusedError where it opens nothing.

        Example:
            ws.tokens.known(secret).scopes
        """
        return self._parts.api_tokens.known(secret)

    def once(self, token: str, key: str, asked: bytes, work: Work, *, is_repeatable: bool = False) -> Answer:
        """Carry out a call of another system, once: repeated within a day, it gets the same answer.

        All that the work changes is kept together with its answer, or nothing is. token: the caller's, by its
        whole identifier. key: the caller's name for the call; empty where it won't be repeated. asked: what
        is asked for, as bytes. work: does it, and returns a `volenti.users.repetition.Answer`. is_repeatable:
        the work changes nothing when it is done again; then nothing is kept of the answer. Raises UsageError
        where something else was asked for under the key, and whatever the work raises.

        Example:
            ws.tokens.once(token.id, "order-17", b"...", lambda: Answer(200))
        """
        repetition = self._parts.repetition
        once = repetition.once_marked if is_repeatable else repetition.once
        return once(token, key, asked, work)
