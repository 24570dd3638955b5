"""Webhooks: other systems that are told what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.webhooks.service import Delivered
    from volenti.webhooks.webhook import Webhook


class Webhooks(Noun):
    """Other systems that are told what happens."""

    def list(self) -> Sequence[Webhook]:
        """List every webhook with how far it was told, oldest first.

        Example:
            [each.address for each in ws.webhooks.list() if each.is_dead]
        """
        return self._parts.webhooks.all()

    def add(self, address: str, *, kinds: Sequence[str] = ()) -> Webhook:
        """Add an address that is told what happens from now on, by messages with identifiers alone.

        address: https://..., on the public network unless the setting `webhooks_to_private` allows another.
        kinds: of `volenti.webhooks.webhook.Happened`, such as "release.signed"; all by default. Returns the
        webhook; the receiver checks messages with its `secret` (Standard Webhooks). Raises UsageError where
        nothing may be sent to the address, or a kind isn't known.

        Example:
            ws.webhooks.add("https://example.org/hook", kinds=["release.signed"]).secret
        """
        return self._parts.webhooks.add(address, kinds)

    def remove(self, webhook: str) -> Webhook:
        """Remove a webhook: it is told nothing more.

        webhook: its identifier. Returns it. Raises NotFoundError where there is none.

        Example:
            ws.webhooks.remove("whk_1")
        """
        return self._parts.webhooks.remove(webhook)

    def test(self, webhook: str) -> Webhook:
        """Send a message that says nothing; where it is taken, a dead webhook is told again what happened.

        webhook: its identifier. Returns it. Raises NotFoundError where there is none, FailedCheckError where
        the receiver doesn't take the message.

        Example:
            ws.webhooks.test("whk_1")
        """
        return self._parts.webhooks.test(webhook)

    def deliver(self) -> Delivered:
        """Deliver to each webhook what it wasn't told and is due now, in order, at least once.

        A message that isn't taken is sent again after longer and longer pauses, up to ten hours; after three
        days the webhook is dead. Returns how many messages were taken, how many weren't, and how many
        webhooks died.

        Example:
            ws.webhooks.deliver().taken
        """
        return self._parts.webhooks.deliver()
