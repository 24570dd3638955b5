"""Policies: the rules that pictures are judged by, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.clearance.policy import Policy


class Policies(Noun):
    """The rules that pictures are judged by."""

    def for_purpose(self, purpose: str, territory: str | None = None) -> Policy:
        """The shipped policy for a purpose, where the settings (or `territory`) say.

        Raises UsageError where there is no such purpose.

        Example:
            ws.policies.for_purpose("generative-training", "DE")
        """
        from volenti.clearance.policyfile import policy_for

        return policy_for(purpose, territory or self._parts.settings.territory)
