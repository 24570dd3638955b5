"""Signing in: by a password and, where there is one, a second factor; by a passkey; by an identity provider.

A password alone begins a session that waits: it opens nothing but the page that asks for the second factor,
or the one that sets it up where the user's role has to have one. The session that follows has another token.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from volenti.core.canonical import Json
from volenti.core.errors import ConflictError, RefusedError
from volenti.users.limit import SIGN_IN, TRIES, TRIES_FROM, WITHIN, network_of
from volenti.users.passkey import Site
from volenti.users.password import fits
from volenti.users.session import CODE, SET_UP, Known
from volenti.users.user import User, login_of

if TYPE_CHECKING:
    from volenti.users.service import Users

#: Codes that may be wrong, of one user, within that time and within a day: a code has six digits.
CODES, CODES_A_DAY, DAY = 5, 30, timedelta(days=1)
#: How many passkeys may be asked for from one address within that time.
ASKED_FROM = 60
_ADDRESS, _CODE, _CODE_DAY, _ASKED = "address", "second factor", "second factor a day", "passkey asked"


class SignIn:
    """Lets users in."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._sessions = users.sessions
        self._limits = users.limits
        self._factors = users.factors

    def by_password(self, login: str, password: str, address: str = "") -> str:
        """Begin a session; returns its token. address: where the request comes from, to count failures by.

        Raises RefusedError, which doesn't say which of the two is wrong, and TooOftenError after too many
        failures.
        """
        sought, network = login_of(login), network_of(address)
        if network:
            self._limits.take(_ADDRESS, network, TRIES_FROM, WITHIN)
        self._limits.take(SIGN_IN, sought, TRIES, WITHIN)
        user = next((each for each in self._users.all() if each.login == sought), None)
        if not fits(password, user.password if user else "") or user is None or user.is_locked:
            raise RefusedError("Login and password don't fit.", "Try again, or ask for a new link.")
        self._limits.forget(SIGN_IN, sought)
        if network:
            self._limits.give_back(_ADDRESS, network, WITHIN)
        return self._sessions.begin(user.id, self.lacking(user))

    def lacking(self, user: User) -> str:
        """What somebody who showed one factor lacks: `CODE`, `SET_UP`, or nothing."""
        if self._factors.has_second(user.id):
            return CODE
        return SET_UP if self._users.has_to_have_second(user) else ""

    def signed_in(self, token: str) -> tuple[User, Known] | None:
        """Who is signed in with a session's token; None where nobody is, or the session waits."""
        found = self._found(token)
        return None if found is None or found[1].session.lacks else found

    def waiting(self, token: str) -> tuple[User, Known] | None:
        """Whose session waits for a second factor; None where none does."""
        found = self._found(token)
        return found if found and found[1].session.lacks else None

    def by_code(self, token: str, code: str) -> str:
        """Go on in a session that waits, with a code of an app or a recovery code; returns the new token.

        Raises RefusedError where the code isn't good, or the session doesn't wait for one, TooOftenError
        after too many failures.
        """
        user = self._who_waits(token, CODE)
        self._limits.take(_CODE_DAY, user.id, CODES_A_DAY, DAY)
        self._limits.take(_CODE, user.id, CODES, WITHIN)
        if not self._factors.takes_code(user.id, code):
            raise RefusedError(
                "This code isn't good.", "Type the one that the app shows now; none is good twice."
            )
        self._limits.forget(_CODE, user.id)
        self._limits.forget(_CODE_DAY, user.id)
        return self._go_on(token, user)

    def passkey_asked(self, site: Site, token: str = "", address: str = "") -> Json:
        """What a browser is to sign, as JSON. token: of a session that waits, for its user's passkeys."""
        self._limits.take(_ASKED, network_of(address), ASKED_FROM, WITHIN)
        waiting = self.waiting(token)
        return self._factors.passkey_asked(site, waiting[0].id if waiting else "")

    def by_passkey(self, answer: str, site: Site, token: str = "") -> str:
        """Begin a session with a passkey, which one has, and which asked for a finger, a face or a PIN.

        token: of a session that waits, which ends. Returns the new token. Raises RefusedError where the
        browser's answer isn't right, or the user is locked.
        """
        user = self._users.find(self._factors.signed(answer, site))
        waiting = self.waiting(token)
        if user.is_locked or (waiting and waiting[0].id != user.id):
            raise RefusedError("This passkey isn't known here.", "Use another way to sign in.")
        return self._go_on(token, user)

    def by_provider(self, login: str, *, has_second: bool) -> str:
        """Begin a session of the user that an identity provider names.

        has_second: whether the provider says that it asked for a second factor. Raises RefusedError where no
        such user was added, or they are locked.
        """
        sought = login_of(login)
        user = next((each for each in self._users.all() if each.login == sought), None)
        if user is None or user.is_locked:
            raise RefusedError(
                "Nobody with your login at the identity provider was added here.",
                "Ask whoever manages the users to add you.",
            )
        return self._sessions.begin(user.id, "" if has_second else self.lacking(user))

    def set_up(self, token: str) -> str:
        """Go on in a session that waited for a second factor to be set up; returns the new token.

        Raises ConflictError while none is.
        """
        user = self._who_waits(token, SET_UP)
        if not self._factors.has_second(user.id):
            raise ConflictError("No second factor is set up.", "Set up an app or a passkey.")
        return self._go_on(token, user)

    def prove(self, token: str, password: str) -> None:
        """Note that whoever is in a session knows the password, now.

        Raises RefusedError where it doesn't fit, TooOftenError after too many failures.
        """
        found = self.signed_in(token)
        if found is None:
            raise RefusedError("Nobody is signed in.", "Sign in.")
        self._users.check_password_of(found[0], password)
        self._sessions.proved(found[1].session)

    def _go_on(self, token: str, user: User) -> str:
        """Begin a session in place of another, and end those that wait: whoever is in them knows less."""
        if token:
            self._sessions.end(token)
        self._sessions.end_waiting(user.id)
        return self._sessions.begin(user.id)

    def _who_waits(self, token: str, lacks: str) -> User:
        found = self.waiting(token)
        if found is None or found[1].session.lacks != lacks:
            raise RefusedError("This took too long.", "Sign in again.")
        return found[0]

    def _found(self, token: str) -> tuple[User, Known] | None:
        known = self._sessions.find(token)
        user = None if known is None else self._users.by_id(known.session.user)
        return None if known is None or user is None or user.is_locked else (user, known)
