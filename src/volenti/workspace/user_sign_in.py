"""Signing users in: by a password and a second factor, by a passkey, by an identity provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import NotFoundError
from volenti.users.passkey import Site
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.users.oidc import Begun, IdentityProvider
    from volenti.users.session import Known
    from volenti.users.user import User


class UserSignIn(Noun):
    """Verbs with which users come in, as the web application calls them."""

    def sign_in(self, login: str, password: str, *, address: str = "") -> str:
        """Begin a session; returns its token.

        Where the user has a second factor, or has to have one, the session waits for it, and nobody is
        signed in with it. address: where the request comes from; failures are counted by it, and by login.
        Raises RefusedError where login and password don't fit, TooOftenError after too many failures.

        Example:
            session = ws.users.sign_in("pat@example.org", "four quiet words here")
        """
        return self._parts.sign_in.by_password(login, password, address)

    def signed_in(self, token: str) -> tuple[User, Known] | None:
        """Say who is signed in with a session's token, which counts as a use of it; None where nobody is.

        Example:
            found = ws.users.signed_in(session)
        """
        return self._parts.sign_in.signed_in(token)

    def waiting(self, token: str) -> tuple[User, Known] | None:
        """Say whose session waits for a second factor; None where none does.

        token: the session's. What it waits for is its session's `lacks`: "code", or "set-up" where the
        user's role has to have a second factor and they have none yet.

        Example:
            found = ws.users.waiting(session)
        """
        return self._parts.sign_in.waiting(token)

    def give_code(self, token: str, code: str) -> str:
        """Go on in a session that waits, with a code of an app or a recovery code; returns the new token.

        token: the session's. code: good once. Raises RefusedError where it isn't good, or the session doesn't
        wait for one, TooOftenError after too many failures.

        Example:
            session = ws.users.give_code(session, "123456")
        """
        return self._parts.sign_in.by_code(token, code)

    def go_on(self, token: str) -> str:
        """Go on in a session that waited for a second factor to be set up; returns the new token.

        token: the session's. Raises ConflictError while none is set up, RefusedError where it doesn't wait
        for that.

        Example:
            session = ws.users.go_on(session)
        """
        return self._parts.sign_in.set_up(token)

    def ask_passkey(self, site: str, *, token: str = "", address: str = "") -> Json:
        """Make what a browser is to sign with a passkey: PublicKeyCredentialRequestOptionsJSON.

        site: the origin, such as "https://volenti.example.org". token: of a session that waits; without it
        any passkey of the site's will do. address: where the request comes from. Raises TooOftenError after
        too many.

        Example:
            options = ws.users.ask_passkey("https://volenti.example.org")
        """
        return self._parts.sign_in.passkey_asked(Site(site), token, address)

    def give_passkey(self, answer: str, site: str, *, token: str = "") -> str:
        """Begin a session with a passkey; returns its token.

        answer: the browser's, AuthenticationResponseJSON. site: the origin. token: of a session that waits,
        which ends. Raises RefusedError where the answer isn't right or was given before.

        Example:
            session = ws.users.give_passkey(answer, "https://volenti.example.org")
        """
        return self._parts.sign_in.by_passkey(answer, Site(site), token)

    def prove(self, token: str, password: str) -> None:
        """Note that whoever is in a session knows the password: for a while they may change their factors.

        token: the session's. Raises RefusedError where the password doesn't fit, TooOftenError after too many
        failures.

        Example:
            ws.users.prove(session, "four quiet words here")
        """
        self._parts.sign_in.prove(token, password)

    def is_proved(self, token: str) -> bool:
        """Say whether whoever is in a session signed in, or typed the password, a short while ago.

        token: the session's. A session that waits counts.

        Example:
            ws.users.is_proved(session)
        """
        found = self.signed_in(token) or self.waiting(token)
        return found is not None and self._parts.users.sessions.is_proved(found[1].session)

    def has_provider(self) -> bool:
        """Say whether users may sign in with an identity provider (docs/reference/settings.md).

        Example:
            ws.users.has_provider()
        """
        return self._parts.identity_provider is not None

    def ask_provider(self, back: str) -> Begun:
        """Begin to sign in with the identity provider; returns its page, and what the browser has to hold.

        back: the address that the provider sends the browser to. Raises NotFoundError where no provider is
        set, StorageError where it can't be reached.

        Example:
            begun = ws.users.ask_provider("https://volenti.example.org/sign-in/back")
        """
        return self._provider().begin(back)

    def give_provider(self, state: str, code: str, token: str, *, issuer: str = "") -> str:
        """Begin a session of the user whom the identity provider names; returns its token.

        state, code, issuer: as the browser brings them from the provider. token: what it holds since
        `ask_provider`. Raises RefusedError where the answer isn't right, isn't this browser's, was given
        before, or names nobody who was added here.

        Example:
            session = ws.users.give_provider(state, code, begun.token)
        """
        found = self._provider().finish(state, code, token, issuer)
        return self._parts.sign_in.by_provider(found.login, has_second=found.has_second)

    def sign_out(self, token: str) -> None:
        """End a session. Where there is none, nothing happens.

        token: the session's.

        Example:
            ws.users.sign_out(session)
        """
        self._parts.users.sessions.end(token)

    def _provider(self) -> IdentityProvider:
        if (provider := self._parts.identity_provider) is None:
            raise NotFoundError(
                "No identity provider is set.", "Set VOLENTI_OIDC_ISSUER and VOLENTI_OIDC_CLIENT."
            )
        return provider
