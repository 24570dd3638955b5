"""The parts that all others need: rows, keys, packs, the log, and consent."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path

    from volenti.consent.directory import Directory
    from volenti.consent.receipts import Receipts
    from volenti.consent.service import Consent
    from volenti.core.clock import Clock
    from volenti.core.signing import PublicKey, SigningKey
    from volenti.datasets.reader import OpenAccess
    from volenti.erasure.service import StepCallback
    from volenti.jobs.service import Jobs
    from volenti.portal.service import Portal
    from volenti.settings import Settings
    from volenti.signings.service import Signings
    from volenti.transparency.log import Log
    from volenti.users.apitoken import ApiTokens
    from volenti.users.oidc import IdentityProvider
    from volenti.users.repetition import Repetition
    from volenti.users.service import Users
    from volenti.users.signing_in import SignIn
    from volenti.vault.event_log import EventLog
    from volenti.vault.holder import Holders
    from volenti.vault.records import Records
    from volenti.vault.service import Vault
    from volenti.webhooks.service import Webhooks
    from volenti.wiring.adapters import Adapters, FolderAdapters


class Foundations:
    """Makes each part once, when it is first used, so that a command imports and opens nothing else."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        adapters: Adapters | FolderAdapters,
        secret: bytes,
        signing: SigningKey,
        origin: str,
        clock: Clock,
        watch: StepCallback,
        close: Callable[[], None],
        reopen: OpenAccess,
        zone: tzinfo,
    ) -> None:
        self.path = path
        self.settings = settings
        self.adapters = adapters
        self.clock = clock
        self.watch = watch
        self._close = close
        self.is_closed = False
        self.reopen = reopen
        self._secret = secret
        self._signing = signing
        self._origin = origin
        self._zone = zone

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open; nothing can be asked of the parts any more. Closing again does nothing."""
        if not self.is_closed:
            self.is_closed = True
            self._close()

    def __repr__(self) -> str:
        return f"<parts of the workspace {str(self.path)!r}>"

    @property
    def public_key(self) -> PublicKey:
        """The key with which the workspace's certificates and checkpoints are verified."""
        return self._signing.public

    @cached_property
    def _announced(self) -> Holders:
        from volenti.vault.holder import Holders

        return Holders()

    @cached_property
    def records(self) -> Records:
        """Records: rows of the register, with bodies sealed under their owners' keys."""
        from volenti.kinds import KINDS
        from volenti.vault.records import Records

        adapters = self.adapters
        return Records(adapters.register, adapters.keys, self._secret, KINDS, self._announced, adapters.packs)

    @cached_property
    def vault(self) -> Vault:
        """The vault: pictures and model weights, sealed under their owners' keys."""
        from volenti.vault.service import Vault

        return Vault(self.adapters.keys, self.adapters.packs, self._secret, self._announced)

    @cached_property
    def log(self) -> Log:
        """The transparency log: entries are added, never changed, and every state is signed."""
        from volenti.transparency.log import Log

        return Log(self.adapters.log, self._origin, self._signing)

    @cached_property
    def events(self) -> EventLog:
        """The event log: what happened, sealed for the people it is about, with commitments in the log."""
        from volenti.vault.event_log import EventLog

        return EventLog(self.log, self.records, self.clock)

    @cached_property
    def users(self) -> Users:
        """Users: who works with the workspace in the web application, and as what."""
        from volenti.users.service import Users

        return Users(self.records, self.events, self.clock, self._secret)

    @cached_property
    def sign_in(self) -> SignIn:
        """Sign-in: lets users in."""
        from volenti.users.signing_in import SignIn

        return SignIn(self.users)

    @cached_property
    def identity_provider(self) -> IdentityProvider | None:
        """The identity provider that users may sign in with; None where none is set."""
        from volenti.users.oidc import IdentityProvider, ProviderSettings

        said = self.settings
        if not (said.oidc_issuer and said.oidc_client):
            return None
        secret = said.oidc_secret.read_text().strip() if said.oidc_secret else ""
        known = ProviderSettings(said.oidc_issuer, said.oidc_client, secret, said.oidc_claim)
        return IdentityProvider(known, self.users.challenges, self.clock)

    @cached_property
    def api_tokens(self) -> ApiTokens:
        """API tokens: what other systems show to use the HTTP API, and what they may do."""
        from volenti.users.apitoken import ApiTokens

        return ApiTokens(self.records, self.events, self.clock)

    @cached_property
    def repetition(self) -> Repetition:
        """Repetition: carries out a call of another system once, however often it is repeated."""
        from volenti.users.repetition import Repetition

        return Repetition(self.records, self.clock, self._secret)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Webhooks: tells other systems what happened."""
        from volenti.webhooks.service import Webhooks

        adapters = self.adapters
        return Webhooks(self.records, self.events, self.clock, adapters.locks, adapters.webhook_sender)

    @cached_property
    def jobs(self) -> Jobs:
        """Jobs: keeps the queue of long work, and does it, one after the other."""
        from volenti.jobs.service import Jobs

        return Jobs(self.records, self.events, self.adapters.locks, self.clock, self._announced)

    @cached_property
    def consent(self) -> Consent:
        """Consent: subjects, the releases they signed, their withdrawals, and what is covered today."""
        from volenti.consent.service import Consent

        return Consent(self.records, self.events, self.vault, self.adapters.detector, self.clock, self._zone)

    @cached_property
    def directory(self) -> Directory:
        """The directory: who is on record, by name, once for all who opened the workspace in this process."""
        from volenti.consent.directory import directory_of

        return directory_of(self.path.resolve())

    @cached_property
    def portal(self) -> Portal:
        """Portal: lets people who were photographed in to what is theirs."""
        from volenti.portal.service import Portal

        return Portal(self.records, self.events, self.consent, self.clock)

    @cached_property
    def signings(self) -> Signings:
        """Signings: sessions in which people sign on a page, and what comes of it."""
        from volenti.signings.service import Signings

        return Signings(self.records, self.events, self.consent, self._signing, self._secret, self.clock)

    @cached_property
    def receipts(self) -> Receipts:
        """Receipts of releases, for subjects to keep: JSON-LD for machines and PDF for people."""
        from volenti.consent.receipts import Receipts

        return Receipts(self.consent, self.adapters.typesetter, self.clock)

    @cached_property
    def partition_key(self) -> bytes:
        """32 bytes, derived from the secret, by which people are assigned to shards and slices."""
        from volenti.core.digest import derive

        return derive(self._secret, "partition")
