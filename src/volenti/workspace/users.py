"""Users: who works with the workspace in the web application, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.users.session import Known
    from volenti.users.user import User


@dataclass(frozen=True, slots=True)
class AddedUser:
    """A user who was added, and the token of the link with which they choose a password.

    The link is the web application's address, `/welcome/` and the token. It is good once, for a day.
    """

    user: User
    token: str

    __repr__ = short_repr


class Users(Noun):
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

    def sign_in(self, login: str, password: str, *, address: str = "") -> str:
        """Begin a session, as the web application does; returns its token.

        address: where the request comes from; failures are counted by it, and by login. Raises RefusedError
        where login and password don't fit, ConflictError after too many failures.

        Example:
            session = ws.users.sign_in("pat@example.org", "four quiet words here")
        """
        return self._parts.users.sign_in(login, password, address)

    def signed_in(self, token: str) -> tuple[User, Known] | None:
        """Say who is signed in with a session's token, which counts as a use of it; None where nobody is.

        Example:
            found = ws.users.signed_in(session)
        """
        return self._parts.users.signed_in(token)

    def sign_out(self, token: str) -> None:
        """End a session. Where there is none, nothing happens.

        token: the session's.

        Example:
            ws.users.sign_out(session)
        """
        self._parts.users.sessions.end(token)
