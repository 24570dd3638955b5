"""Second factors of users: apps that show codes, passkeys, recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.users.passkey import Site
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.core.canonical import Json
    from volenti.users.factor import Factor
    from volenti.users.factors import NewApp
    from volenti.users.user import User


class UserFactors(Noun):
    """Verbs about what users show besides their password."""

    def factors(self, login: str) -> Sequence[Factor]:
        """List a user's second factors, by kind.

        login: theirs, or their identifier. Raises NotFoundError where there is no such user.

        Example:
            [each.kind for each in ws.users.factors("pat@example.org")]
        """
        return self._parts.users.factors.of(self._user(login).id)

    def offer_app(self, login: str) -> NewApp:
        """Begin to set up an app that shows codes (RFC 6238); one that was begun before is forgotten.

        login: theirs, or their identifier. Returns its secret, and what its QR code says.

        Example:
            new = ws.users.offer_app("pat@example.org")
        """
        return self._parts.users.factors.offer_app(self._user(login))

    def offered_app(self, login: str) -> NewApp | None:
        """Return the app that is being set up; None where none is.

        login: theirs, or their identifier.

        Example:
            new = ws.users.offered_app("pat@example.org")
        """
        return self._parts.users.factors.offered_app(self._user(login))

    def confirm_app(self, login: str, code: str, *, name: str = "") -> Sequence[str]:
        """Finish setting up an app; returns recovery codes, each good once, where the user had none.

        login: theirs, or their identifier. code: what the app shows. name: what they call it. Raises
        RefusedError where the code doesn't fit, NotFoundError where none is being set up.

        Example:
            codes = ws.users.confirm_app("pat@example.org", "123456", name="Phone")
        """
        return self._parts.users.factors.confirm_app(self._user(login).id, code, name)

    def new_codes(self, login: str) -> Sequence[str]:
        """Make new recovery codes, each good once; earlier ones are good no more.

        login: theirs, or their identifier. Raises ConflictError where they have no second factor.

        Example:
            codes = ws.users.new_codes("pat@example.org")
        """
        return self._parts.users.factors.new_codes(self._user(login).id)

    def want_passkey(self, login: str, site: str) -> Json:
        """Make what a browser is to make a passkey by: PublicKeyCredentialCreationOptionsJSON.

        login: theirs, or their identifier. site: the origin, such as "https://volenti.example.org".

        Example:
            options = ws.users.want_passkey("pat@example.org", "https://volenti.example.org")
        """
        return self._parts.users.factors.passkey_wanted(self._user(login), Site(site))

    def add_passkey(self, login: str, answer: str, site: str, *, name: str = "") -> Sequence[str]:
        """Add a passkey that a browser made; returns recovery codes where the user had none.

        login: theirs, or their identifier. answer: the browser's, RegistrationResponseJSON. site: the origin.
        name: what they call it. Raises RefusedError where the answer isn't right or was given before.

        Example:
            codes = ws.users.add_passkey("pat@example.org", answer, "https://volenti.example.org")
        """
        return self._parts.users.factors.add_passkey(self._user(login).id, answer, Site(site), name)

    def rename_factor(self, login: str, factor: str, name: str) -> Factor:
        """Give a second factor another name.

        login: whose. factor: its identifier. name: the new one. Raises NotFoundError where there is no such
        factor of theirs.

        Example:
            ws.users.rename_factor("pat@example.org", factor, "Blue key")
        """
        return self._parts.users.factors.rename(self._user(login).id, factor, name)

    def remove_factor(self, login: str, factor: str) -> Factor:
        """Take a second factor away; with the last app or passkey the recovery codes go, too.

        login: whose. factor: its identifier. Raises NotFoundError where there is no such factor of theirs,
        ConflictError where their role has to have one, and none would be left.

        Example:
            ws.users.remove_factor("pat@example.org", factor)
        """
        users, user = self._parts.users, self._user(login)
        return users.factors.remove(user.id, factor, is_demanded=users.has_to_have_second(user))

    def reset(self, login: str) -> User:
        """Take away all second factors of somebody who lost them; their sessions end.

        login: theirs, or their identifier. Then they sign in with the password alone; where their role has to
        have a second factor, they set up another one.

        Example:
            ws.users.reset("pat@example.org")
        """
        return self._parts.users.reset_factors(login)

    def _user(self, login: str) -> User:
        return self._parts.users.find(login)
