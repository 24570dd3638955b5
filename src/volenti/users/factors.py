"""Second factors of users: sets them up, checks what somebody shows, and takes them away."""

from __future__ import annotations

import base64
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError
from volenti.core.identifiers import new
from volenti.core.shown import short_repr
from volenti.users import passkey, totp
from volenti.users.challenge import Challenges
from volenti.users.factor import Factor, FactorKind
from volenti.users.passkey import Site
from volenti.vault.owner import CONTROLLER

if TYPE_CHECKING:
    from volenti.users.user import User
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records

FACTOR = "user-factor"
#: Recovery codes that are made at a time, and random bytes of one: 80 bits, so a hash of one tells nobody.
CODES, _CODE_BYTES = 10, 10
#: Factors of one kind that a user may have.
MOST = 10
NAME_MAX = 60
MAKE, SIGN = "make a passkey", "sign with a passkey"


@dataclass(frozen=True, slots=True)
class NewApp:
    """An app that is being set up: its secret, in base32, and what its QR code says."""

    id: str
    secret: str
    address: str

    __repr__ = short_repr


class Factors:
    """The second factors of a workspace's users."""

    def __init__(self, records: Records, events: EventLog, clock: Clock, challenges: Challenges) -> None:
        self._records = records
        self._events = events
        self._clock = clock
        self._challenges = challenges

    def of(self, user: str) -> list[Factor]:
        """What a user has set up, by kind and since when."""
        every = [each for each in self._all(user) if each.is_confirmed]
        return sorted(every, key=lambda each: (each.kind, each.at, each.id))

    def has_second(self, user: str) -> bool:
        """Whether a user has an app or a passkey. Recovery codes only stand in for one."""
        return any(each.kind is not FactorKind.RECOVERY for each in self.of(user))

    def offer_app(self, user: User) -> NewApp:
        """Begin to set up an app; one that was begun before is forgotten."""
        made = Factor(
            new("fac"), user.id, FactorKind.APP, "", self._now(), is_confirmed=False, secret=totp.new_secret()
        )
        with self._records.transaction():
            self._check_room(user.id, FactorKind.APP)
            begun = [each.id for each in self._all(user.id) if not each.is_confirmed]
            self._records.delete(FACTOR, begun)
            self._keep(made)
        return self._offered(made, user)

    def offered_app(self, user: User) -> NewApp | None:
        """The app that is being set up; None where none is."""
        begun = next((each for each in self._all(user.id) if not each.is_confirmed), None)
        return None if begun is None else self._offered(begun, user)

    def confirm_app(self, user: str, code: str, name: str) -> tuple[str, ...]:
        """Finish setting up an app, by a code of it; returns new recovery codes where there were none.

        Raises NotFoundError where none is being set up, RefusedError where the code doesn't fit.
        """
        name = checked_name(name or "App")
        with self._records.transaction():
            begun = next((each for each in self._all(user) if not each.is_confirmed), None)
            if begun is None:
                raise NotFoundError("No app is being set up.", "Begin to set one up, and scan its code.")
            step = totp.step_of(code, begun.secret, self._clock().timestamp(), begun.step)
            if step is None:
                raise RefusedError(
                    "This isn't the code that the app shows now.",
                    "Type the one that it shows now; if it never fits, set the device's clock.",
                )
            self._keep(replace(begun, is_confirmed=True, step=step, name=name))
            self._record("user-factor-added", user, FactorKind.APP)
            return self._first_codes(user)

    def passkey_wanted(self, user: User, site: Site) -> Json:
        """What a browser is to make a passkey by, as JSON."""
        self._check_room(user.id, FactorKind.PASSKEY)
        known = [each.credential for each in self._of_kind(user.id, FactorKind.PASSKEY)]
        return passkey.wanted(
            site, user.id, user.login, user.name, self._challenges.ask(MAKE, user.id), known
        )

    def add_passkey(self, user: str, answer: str, site: Site, name: str) -> tuple[str, ...]:
        """Add the passkey of a browser's answer; returns new recovery codes where there were none.

        Raises RefusedError where the answer isn't right, or was given before.
        """
        name = checked_name(name or "Passkey")
        challenge = passkey.challenge_of(answer)
        if self._challenges.answered(challenge, MAKE).user != user:
            raise RefusedError("This passkey was asked of somebody else.", "Open the page again, and repeat.")
        made = passkey.made(site, answer, challenge)
        kept = Factor(
            name_of_credential(made.credential),
            user,
            FactorKind.PASSKEY,
            name,
            self._now(),
            credential=made.credential,
            key=made.key,
            count=made.count,
        )
        with self._records.transaction():
            self._check_room(user, FactorKind.PASSKEY)
            if self._records.row(FACTOR, kept.id):
                raise ConflictError("This passkey is known already.", "Use it, or make another.")
            self._keep(kept)
            self._record("user-factor-added", user, FactorKind.PASSKEY)
            return self._first_codes(user)

    def new_codes(self, user: str) -> tuple[str, ...]:
        """Make new recovery codes; earlier ones are good no more. Raises ConflictError without a factor."""
        with self._records.transaction():
            if not self.has_second(user):
                raise ConflictError(
                    "Recovery codes stand in for an app or a passkey, and there is none.", "Set one up first."
                )
            codes = tuple(_new_code() for _ in range(CODES))
            kept = [each.id for each in self._of_kind(user, FactorKind.RECOVERY)]
            self._records.delete(FACTOR, kept)
            hashed = tuple(_hashed(each) for each in codes)
            self._keep(Factor(new("fac"), user, FactorKind.RECOVERY, "", self._now(), codes=hashed))
            self._record("user-factor-added", user, FactorKind.RECOVERY)
        return codes

    def takes_code(self, user: str, code: str) -> bool:
        """Whether a code of an app or a recovery code is good; then it isn't any more."""
        with self._records.transaction():
            for each in self._of_kind(user, FactorKind.APP):
                step = totp.step_of(code, each.secret, self._clock().timestamp(), each.step)
                if step is not None:
                    self._keep(replace(each, step=step, used=self._now()))
                    return True
            hashed = _hashed(code)
            for each in self._of_kind(user, FactorKind.RECOVERY):
                if hashed in each.codes:
                    left = tuple(one for one in each.codes if one != hashed)
                    self._keep(replace(each, codes=left, used=self._now()))
                    self._record("user-recovery-code-used", user, FactorKind.RECOVERY)
                    return True
        return False

    def passkey_asked(self, site: Site, user: str = "") -> Json:
        """What a browser is to sign, as JSON. user: whose passkeys; empty where anybody's will do."""
        known = [each.credential for each in self._of_kind(user, FactorKind.PASSKEY)] if user else []
        return passkey.asked(site, self._challenges.ask(SIGN, user), known)

    def signed(self, answer: str, site: Site) -> str:
        """The user whose passkey signed, by a browser's answer. Raises RefusedError where it isn't right."""
        challenge = passkey.challenge_of(answer)
        asked = self._challenges.answered(challenge, SIGN)
        with self._records.transaction():
            record = self._records.get(FACTOR, name_of_credential(passkey.credential_of(answer)))
            if record is None or (asked.user and asked.user != record.parent):
                raise RefusedError("This passkey isn't known here.", "Use another way to sign in.")
            found = Factor.read(record)
            count = passkey.signed(site, answer, challenge, found.key, found.count)
            self._keep(replace(found, count=count, used=self._now()))
        return found.user

    def rename(self, user: str, factor: str, name: str) -> Factor:
        """Give a factor another name."""
        name = checked_name(name)
        with self._records.transaction():
            changed = replace(self._find(user, factor), name=name)
            self._keep(changed)
        return changed

    def remove(self, user: str, factor: str, *, is_demanded: bool) -> Factor:
        """Take a factor away; with the last app or passkey the recovery codes go, too.

        is_demanded: whether the user has to have one; then ConflictError where none would be left.
        """
        with self._records.transaction():
            gone = self._find(user, factor)
            rest = [each for each in self.of(user) if each.id != gone.id]
            others = [each for each in rest if each.kind is not FactorKind.RECOVERY]
            if is_demanded and not others:
                raise ConflictError(
                    "Your role has to have a second factor, and none would be left.", "Set up another before."
                )
            self._records.delete(FACTOR, [gone.id, *(each.id for each in rest if not others)])
            self._record("user-factor-removed", user, gone.kind)
        return gone

    def drop(self, user: str) -> int:
        """Take away all factors of a user; returns how many there were."""
        gone = [each.id for each in self._all(user)]
        self._records.delete(FACTOR, gone)
        return len(gone)

    def _first_codes(self, user: str) -> tuple[str, ...]:
        return () if self._of_kind(user, FactorKind.RECOVERY) else self.new_codes(user)

    def _find(self, user: str, factor: str) -> Factor:
        found = next((each for each in self.of(user) if each.id == factor), None)
        if found is None:
            raise NotFoundError(
                f"There is no such factor {factor!r}.", "List them: volenti user factors LOGIN"
            )
        return found

    def _check_room(self, user: str, kind: FactorKind) -> None:
        if len(self._of_kind(user, kind)) >= MOST:
            raise ConflictError(f"There are {MOST} of these already.", "Remove one that isn't used any more.")

    def _of_kind(self, user: str, kind: FactorKind) -> list[Factor]:
        return [each for each in self.of(user) if each.kind is kind]

    def _all(self, user: str) -> Sequence[Factor]:
        return list(map(Factor.read, self._records.find(FACTOR, parent=user)))

    def _offered(self, app: Factor, user: User) -> NewApp:
        return NewApp(app.id, app.secret, totp.address_of(app.secret, user.login))

    def _record(self, kind: str, user: str, of: FactorKind) -> None:
        self._events.record(kind, {"user": user, "factor": of.value}, (CONTROLLER,))

    def _now(self) -> str:
        return stamp(self._clock())

    def _keep(self, factor: Factor) -> None:
        self._records.put(
            FACTOR,
            factor.id,
            encoded(factor),
            owners=(CONTROLLER,),
            state=factor.kind.value,
            parent=factor.user,
        )


def name_of_credential(credential: str) -> str:
    """The identifier of the row that is kept for a passkey, by its credential's."""
    return sha256(credential.encode())


def checked_name(text: str) -> str:
    """A factor's name as it is kept; raises UsageError where it can't be one."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise UsageError("This can't be a name.", f"Use 1 to {NAME_MAX} letters and spaces.")
    return name


def _new_code() -> str:
    text = base64.b32encode(os.urandom(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _hashed(code: str) -> str:
    typed = "".join(each for each in code.lower() if each.isalnum())
    return sha256(typed.encode())
