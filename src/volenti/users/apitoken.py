"""API tokens: what another system shows to use the HTTP API, what it may do with it, and until when.

A token is 256 random bits, shown once. The row has its SHA-256 as its identifier, so that a copy of the
register opens nothing. What was added and removed is an event, which names the token by that digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import ELSEWHERE, decoded, encoded
from volenti.core.errors import NotFoundError, RefusedError, UsageError
from volenti.core.logs import Logger
from volenti.core.shown import short_repr
from volenti.users.token import name_of, new_token
from volenti.users.user import checked_name
from volenti.vault.owner import CONTROLLER
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.vault.event_log import EventLog

API_TOKEN = "api-token"
#: What a token begins with, so that programs that look for secrets in files find it.
PREFIX = "volenti_"
#: For how many days a token is good at most.
DAYS_MAX = 3660
#: Characters of a token's identifier by which people name it.
SHOWN = 12

_log = Logger(__name__)


class Scope(StrEnum):
    """What a token may do. No scope contains another one."""

    SUBJECTS_READ = "subjects:read"
    SUBJECTS_WRITE = "subjects:write"
    RELEASES_READ = "releases:read"
    RELEASES_WRITE = "releases:write"
    PICTURES_READ = "pictures:read"
    PICTURES_WRITE = "pictures:write"
    #: See what pictures show; facts about them alone are `pictures:read`.
    PICTURES_LOOK = "pictures:look"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    #: Have requests carried out, erasures among them.
    REQUESTS_RUN = "requests:run"
    ACCOUNT_READ = "account:read"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token, without the secret.

    `at` is when it was added, `until` when it stops being good, `used` the day on which it was used last,
    empty before that. `id` is the SHA-256 of the token.
    """

    id: str = field(metadata=ELSEWHERE)
    name: str
    scopes: tuple[Scope, ...]
    at: str
    until: str
    used: str = ""

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The token of a row."""
        return decoded(cls, record.body, id=record.id)

    @property
    def shown(self) -> str:
        """By what people name it: the beginning of its identifier."""
        return self.id[:SHOWN]

    def is_over(self, now: str) -> bool:
        """Whether it isn't good any more. now: a `stamp`."""
        return moment(self.until) <= moment(now)


class ApiTokens:
    """The API tokens of a workspace."""

    def __init__(self, records: Records, events: EventLog, clock: Clock) -> None:
        self._records = records
        self._events = events
        self._clock = clock

    def all(self) -> list[ApiToken]:
        """Every token, those that aren't good any more too, in the order in which they were added."""
        found = map(ApiToken.read, self._records.find(API_TOKEN))
        return sorted(found, key=lambda each: (each.at, each.id))

    def add(self, name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
        """Add a token that is good for so many days; returns it, and the secret, which is kept nowhere.

        Raises UsageError for a name that can't be one, a scope that isn't known, and where none is given.
        """
        known = checked_scopes(scopes)
        if not 1 <= days <= DAYS_MAX:
            raise UsageError(f"A token is good for 1 to {DAYS_MAX} days.", "Give a number of days.")
        secret, now = PREFIX + new_token(), self._clock()
        token = ApiToken(
            name_of(secret), checked_name(name), known, stamp(now), stamp(now + timedelta(days=days))
        )
        with self._records.transaction():
            self._keep(token)
            said = {"token": token.id, "scopes": list(token.scopes), "until": token.until}
            self._events.record("api-token-added", said, (CONTROLLER,))
        _log.info("API token added", scopes=len(token.scopes))
        return token, secret

    def find(self, identifier: str) -> ApiToken:
        """The token whose identifier begins so; NotFoundError where there is none, or more than one."""
        found = [each for each in self.all() if identifier and each.id.startswith(identifier)]
        if len(found) != 1:
            raise NotFoundError(
                f"There is no token {identifier!r}, or more than one.", "List them: volenti token list"
            )
        return found[0]

    def remove(self, identifier: str) -> ApiToken:
        """Remove a token: from then on it opens nothing. Raises as `find` does."""
        with self._records.transaction():
            token = self.find(identifier)
            self._records.delete(API_TOKEN, [token.id])
            self._events.record("api-token-removed", {"token": token.id}, (CONTROLLER,))
        return token

    def known(self, secret: str) -> ApiToken:
        """The token of a secret, which counts as used today; RefusedError where it opens nothing."""
        record = self._records.get(API_TOKEN, name_of(secret)) if secret else None
        token = None if record is None else ApiToken.read(record)
        now = self._clock()
        if token is None or token.is_over(stamp(now)):
            raise RefusedError("This token opens nothing.", "Add one: volenti token add NAME --scope SCOPE")
        if token.used != (today := now.date().isoformat()):
            with self._records.transaction():
                # It may have been removed by somebody else meanwhile, and must not come back.
                if self._records.row(API_TOKEN, token.id) is not None:
                    self._keep(token := replace(token, used=today))
        return token

    def _keep(self, token: ApiToken) -> None:
        self._records.put(API_TOKEN, token.id, encoded(token), owners=(CONTROLLER,))


def checked_scopes(scopes: Sequence[str]) -> tuple[Scope, ...]:
    """Scopes, each once, in the order of `Scope`; UsageError for an unknown one, and where there is none."""
    known = [each.value for each in Scope]
    wrong = [each for each in scopes if each not in known]
    if wrong or not scopes:
        said = f"{wrong[0]!r} is no scope." if wrong else "A token needs a scope."
        raise UsageError(said, f"Choose: {', '.join(known)}.")
    return tuple(each for each in Scope if each in scopes)
