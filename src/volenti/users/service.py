"""Users: adds and removes them, and keeps what they sign in with.

Nobody is told anybody's password: whoever adds a user gets a link, good once and for a day, with which the
user chooses their own. What was done is an event, which names the user by identifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import decoded, encoded
from volenti.core.errors import ConflictError, NotFoundError, RefusedError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.users.challenge import Challenges
from volenti.users.factors import Factors
from volenti.users.limit import SIGN_IN, TRIES, WITHIN, Limits
from volenti.users.password import check_password, fits, hash_of
from volenti.users.session import Sessions
from volenti.users.token import name_of, new_token
from volenti.users.user import User, UserRole, checked_login, checked_name, checked_roles, login_of
from volenti.vault.owner import CONTROLLER

if TYPE_CHECKING:
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records

USER, LINK = "user", "user-link"
#: The row that says which roles have to have a second factor.
RULE = "user-rule"
_RULE = "rule"
_PASSWORD = "own password"
#: For how long a link is good with which a password is chosen.
LINK_GOOD = timedelta(days=1)

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class _Link:
    user: str
    until: str


@dataclass(frozen=True, slots=True)
class _Rule:
    second_factor: tuple[UserRole, ...] = ()


class Users:
    """The users of a workspace."""

    def __init__(self, records: Records, events: EventLog, clock: Clock, secret: bytes) -> None:
        """secret: the workspace's; tries are counted under names that are made with it."""
        self._records = records
        self._events = events
        self._clock = clock
        self.sessions = Sessions(records, clock)
        self.limits = Limits(records, secret, clock)
        self.challenges = Challenges(records, clock)
        self.factors = Factors(records, events, clock, self.challenges)

    def all(self) -> list[User]:
        """Every user, by login."""
        return sorted(map(User.read, self._records.find(USER)), key=lambda each: each.login)

    def find(self, login: str) -> User:
        """The user of a login or an identifier; NotFoundError where there is none."""
        sought = login_of(login)
        for each in self.all():
            if sought in (each.login, each.id):
                return each
        raise NotFoundError(f"There is no user {login!r}.", "List them: volenti user list")

    def add(self, login: str, name: str, roles: Sequence[str]) -> tuple[User, str]:
        """Add a user; returns them, and the token of a link with which they choose a password.

        Raises UsageError where the login, the name or a role can't be one, ConflictError where there is such
        a user.
        """
        user = User(
            new("usr"),
            checked_login(login),
            checked_name(name),
            checked_roles(roles),
            stamp(self._clock()),
        )
        with self._records.transaction():
            if any(each.login == user.login for each in self.all()):
                raise ConflictError(
                    f"There is a user {user.login!r} already.",
                    "Give another login, or a new link: volenti user link LOGIN",
                )
            self._keep(user)
            self._events.record("user-added", {"user": user.id, "roles": list(user.roles)}, (CONTROLLER,))
        _log.info("user added", roles=len(user.roles))
        return user, self.link(user.id)

    def change(
        self,
        login: str,
        *,
        name: str | None = None,
        roles: Sequence[str] | None = None,
        locked: bool | None = None,
    ) -> User:
        """Change a user; what isn't given stays. Whoever is locked, or has other roles, has to sign in again.

        Raises ConflictError where nobody would be left who may manage users.
        """
        with self._records.transaction():
            user = self.find(login)
            changed = replace(
                user,
                name=user.name if name is None else checked_name(name),
                roles=user.roles if roles is None else checked_roles(roles),
                is_locked=user.is_locked if locked is None else locked,
            )
            if changed == user:
                return user
            self._check_left(user, changed)
            self._keep(changed)
            if (changed.roles, changed.is_locked) != (user.roles, user.is_locked):
                self.sessions.end_all(user.id)
            said = {"user": user.id, "roles": list(changed.roles), "locked": changed.is_locked}
            self._events.record("user-changed", said, (CONTROLLER,))
        return changed

    def remove(self, login: str) -> User:
        """Remove a user, their sessions and links. What they decided stays decided, under their name.

        Raises ConflictError where nobody would be left who may manage users.
        """
        with self._records.transaction():
            user = self.find(login)
            self._check_left(user, None)
            self.sessions.end_all(user.id)
            self.factors.drop(user.id)
            self.challenges.drop(user.id)
            self._drop_links(user.id)
            self._records.delete(USER, [user.id])
            self._events.record("user-removed", {"user": user.id}, (CONTROLLER,))
        return user

    def link(self, login: str) -> str:
        """The token of a new link with which a user chooses a password; earlier links are good no more."""
        with self._records.transaction():
            user = self.find(login)
            self._drop_links(user.id)
            token = new_token()
            until = stamp(self._clock() + LINK_GOOD)
            self._records.put(LINK, name_of(token), encoded(_Link(user.id, until)), owners=(CONTROLLER,))
        return token

    def linked(self, token: str) -> User:
        """Whose password a link's token lets choose; RefusedError where it isn't good any more."""
        record = self._records.get(LINK, name_of(token)) if token else None
        link = None if record is None else decoded(_Link, record.body)
        if link is None or moment(link.until) <= self._clock():
            raise RefusedError("This link isn't good any more.", "Ask for a new one: volenti user link LOGIN")
        return self.find(link.user)

    def choose_password(self, token: str, password: str) -> User:
        """Choose a password by a link, which is used up. The user's sessions end.

        Raises RefusedError where the link isn't good any more, UsageError for a password that is too short or
        easily guessed.
        """
        user = self.linked(token)
        check_password(password, user.login, user.name)
        hashed = hash_of(password)
        with self._records.transaction():
            user = replace(self.linked(token), password=hashed)
            self._keep(user)
            self._drop_links(user.id)
            self.sessions.end_all(user.id)
            self._events.record("user-password-chosen", {"user": user.id}, (CONTROLLER,))
            self.limits.forget(SIGN_IN, user.login)
        return user

    def change_password(self, login: str, old: str, password: str, kept: str = "") -> User:
        """Change a password by the one before; sessions end but the one whose form token is `kept`.

        Raises RefusedError where the old one doesn't fit, TooOftenError after too many failures, UsageError
        for a password that is too short or easily guessed.
        """
        user = self.find(login)
        self.check_password_of(user, old)
        check_password(password, user.login, user.name)
        hashed = hash_of(password)
        with self._records.transaction():
            user = replace(self.find(user.id), password=hashed)
            self._keep(user)
            self._drop_links(user.id)
            self.sessions.end_others(user.id, kept)
            self._events.record("user-password-chosen", {"user": user.id}, (CONTROLLER,))
        return user

    def check_password_of(self, user: User, password: str) -> None:
        """Raise RefusedError where a password isn't the user's, TooOftenError after too many failures."""
        self.limits.take(_PASSWORD, user.id, TRIES, WITHIN)
        if not fits(password, user.password):
            raise RefusedError("This isn't your password.", "Try again, or ask for a new link.")
        self.limits.forget(_PASSWORD, user.id)

    def demanded(self) -> tuple[UserRole, ...]:
        """Roles that have to have a second factor."""
        record = self._records.get(RULE, _RULE)
        return () if record is None else decoded(_Rule, record.body).second_factor

    def demand(self, roles: Sequence[str]) -> tuple[UserRole, ...]:
        """Say which roles have to have a second factor; those who lack one have to sign in again."""
        demanded = checked_roles(roles) if roles else ()
        with self._records.transaction():
            self._records.put(RULE, _RULE, encoded(_Rule(demanded)), owners=(CONTROLLER,))
            for user in self.all():
                if not set(user.roles).isdisjoint(demanded) and not self.factors.has_second(user.id):
                    self.sessions.end_all(user.id)
            self._events.record("second-factor-demanded", {"roles": list(demanded)}, (CONTROLLER,))
        return demanded

    def has_to_have_second(self, user: User) -> bool:
        """Whether one of a user's roles has to have a second factor."""
        return not set(user.roles).isdisjoint(self.demanded())

    def reset_factors(self, login: str) -> User:
        """Take away a user's second factors, for somebody who lost them; their sessions end."""
        with self._records.transaction():
            user = self.find(login)
            self.sessions.end_all(user.id)
            self.challenges.drop(user.id)
            count = self.factors.drop(user.id)
            self._events.record("user-factors-reset", {"user": user.id, "factors": count}, (CONTROLLER,))
        return user

    def by_id(self, identifier: str) -> User | None:
        """The user of an identifier."""
        record = self._records.get(USER, identifier)
        return None if record is None else User.read(record)

    def _check_left(self, user: User, changed: User | None) -> None:
        after = [each for each in self.all() if each.id != user.id] + ([changed] if changed else [])
        if _manages(user) and not any(map(_manages, after)):
            raise ConflictError(
                "Nobody would be left who may manage users.", "Make somebody else an admin before."
            )

    def _drop_links(self, user: str) -> None:
        every = self._records.find(LINK)
        self._records.delete(LINK, [each.id for each in every if decoded(_Link, each.body).user == user])

    def _keep(self, user: User) -> None:
        self._records.put(USER, user.id, encoded(user), owners=(CONTROLLER,))


def _manages(user: User) -> bool:
    return UserRole.ADMIN in user.roles and not user.is_locked
