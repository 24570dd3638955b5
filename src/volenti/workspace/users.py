"""Users: who works with the workspace in the web application, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.errors import NotFoundError
from volenti.core.shown import short_repr
from volenti.users.limit import Period, network_of
from volenti.workspace.given import one_of
from volenti.workspace.user_factors import UserFactors
from volenti.workspace.user_sign_in import UserSignIn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.users.session import Session
    from volenti.users.user import User, UserRole


@dataclass(frozen=True, slots=True)
class AddedUser:
    """A user who was added, and the token of the link with which they choose a password.

    The link is the web application's address, `/welcome/` and the token. It is good once, for a day.
    """

    user: User
    token: str

    __repr__ = short_repr


class Users(UserSignIn, UserFactors):
    """Who works with the workspace in the web application, and as what."""

    def list(self) -> Sequence[User]:
        """List every user, by login.

        Example:
            [each.login for each in ws.users.list()]
        """
        return self._parts.users.all()

    def add(self, login: str, *, name: str, roles: Sequence[str]) -> AddedUser:
        """Add a user, who then chooses a password with a link.

        login: what they sign in with, such as an address; capitals make no difference. name: what their
        decisions are signed with. roles: of `volenti.users.user.UserRole`, such as "officer". Returns the
        user and the link's token. Raises UsageError where the login, the name or a role can't be one,
        ConflictError where there is such a user.

        Example:
            ws.users.add("pat@example.org", name="Pat P.", roles=["officer"]).token
        """
        return AddedUser(*self._parts.users.add(login, name, roles))

    def change(
        self,
        login: str,
        *,
        name: str | None = None,
        roles: Sequence[str] | None = None,
        locked: bool | None = None,
    ) -> User:
        """Change a user's name or roles, or lock them out; what isn't given stays.

        login: theirs, or their identifier. locked: whether nobody may sign in as them. Where roles or the
        lock change, their sessions end. Returns the user. Raises NotFoundError where there is none,
        ConflictError where nobody would be left who may manage users.

        Example:
            ws.users.change("pat@example.org", locked=True)
        """
        return self._parts.users.change(login, name=name, roles=roles, locked=locked)

    def link(self, login: str) -> str:
        """Make a new link with which a user chooses a password; earlier links are good no more.

        login: theirs, or their identifier. Returns the link's token. Raises NotFoundError where there is no
        such user.

        Example:
            token = ws.users.link("pat@example.org")
        """
        return self._parts.users.link(login)

    def remove(self, login: str) -> User:
        """Remove a user. What they decided stays decided, under their name.

        login: theirs, or their identifier. Raises NotFoundError where there is none, ConflictError where
        nobody would be left who may manage users.

        Example:
            ws.users.remove("pat@example.org")
        """
        return self._parts.users.remove(login)

    def linked(self, token: str) -> User:
        """Say whose password a link lets choose.

        token: the link's. Raises RefusedError where it isn't good any more.

        Example:
            ws.users.linked(token).name
        """
        return self._parts.users.linked(token)

    def choose_password(self, token: str, password: str) -> User:
        """Choose a password by a link, which is used up; the user's sessions end.

        token: the link's. Raises RefusedError where the link isn't good any more, UsageError for a password
        that is too short or easily guessed.

        Example:
            ws.users.choose_password(token, "four quiet words here")
        """
        return self._parts.users.choose_password(token, password)

    def change_password(self, login: str, old: str, password: str, *, session: str = "") -> User:
        """Change a password by the one before; the user's other sessions end.

        login: theirs, or their identifier. session: the token of the session that goes on. Raises
        RefusedError where `old` doesn't fit, TooOftenError after too many failures, UsageError for a
        password that is too short or easily guessed.

        Example:
            ws.users.change_password("pat@example.org", "four quiet words here", "five other quiet words")
        """
        found = self._parts.sign_in.signed_in(session)
        kept = found[1].session.form if found else ""
        return self._parts.users.change_password(login, old, password, kept)

    def sessions(self, login: str) -> Sequence[Session]:
        """List the sessions of a user that go on, the latest first.

        login: theirs, or their identifier.

        Example:
            [each.begun for each in ws.users.sessions("pat@example.org")]
        """
        users = self._parts.users
        return users.sessions.of(users.find(login).id)

    def end(self, login: str, session: str | None = None) -> int:
        """End a session of a user, or all of them; returns how many.

        login: theirs, or their identifier. session: its identifier. Raises NotFoundError where there is no
        such user or session.

        Example:
            ws.users.end("pat@example.org")
        """
        users = self._parts.users
        user = users.find(login)
        if session is None:
            return users.sessions.end_all(user.id)
        if not users.sessions.end_one(user.id, session):
            raise NotFoundError("There is no such session.", "List them: volenti user sessions LOGIN")
        return 1

    def demand(self, roles: Sequence[str]) -> Sequence[UserRole]:
        """Say which roles have to have a second factor; those who lack one have to sign in again.

        roles: all of them; empty where none has to. Returns them. Raises UsageError for one that isn't known.

        Example:
            ws.users.demand(["admin", "officer"])
        """
        return self._parts.users.demand(roles)

    def demanded(self) -> Sequence[UserRole]:
        """Say which roles have to have a second factor.

        Example:
            ws.users.demanded()
        """
        return self._parts.users.demanded()

    def limit(self, what: str, who: str, *, times: int, per: str) -> None:
        """Count a try of something, for all processes, and refuse it after too many.

        what: what is tried. who: who tries, such as an address; only a keyed digest of it is kept, until the
        time is over. times: how many are let. per: "minute", "quarter", which is of an hour, "hour" or "day".
        Raises TooOftenError, which says for how long to wait.

        Example:
            ws.users.limit("am-i-in-there", "192.0.2.1", times=5, per="hour")
        """
        self._parts.users.limits.take(what, network_of(who), times, one_of(Period, per).time)
