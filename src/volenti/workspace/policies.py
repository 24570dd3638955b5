"""Policies: the rules that pictures are judged by, as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from pathlib import Path

    from volenti.clearance.policy import Policy
    from volenti.perception.finding import Verdict


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy that can be used, and its verdict on each finding whose usual verdict is another one."""

    policy: Policy
    verdicts: dict[str, Verdict]

    __repr__ = short_repr


class Policies(Noun):
    """The rules that pictures are judged by."""

    @staticmethod
    def list() -> dict[str, Policy]:
        """Read the policies that come with the project; returns each by its name.

        Example:
            volenti.policies.list()
        """
        from volenti.clearance.policyfile import find_policy, shipped_policies

        return {name: find_policy(name) for name in shipped_policies()}

    @staticmethod
    def find(name: Path | str) -> Policy:
        """Read a policy, to judge by it or to look at what it says.

        name: a TOML file, or the name of a policy that comes with the project. Returns the policy. Raises
        UsageError where there is neither, PolicyError, which names every fault, where the file isn't right.

        Example:
            volenti.policies.find("strict")
        """
        from volenti.clearance.policyfile import find_policy

        return find_policy(str(name))

    @staticmethod
    def read(text: str) -> Policy:
        """Read a policy from its text, to try one before it is saved.

        text: what a policy's file says, TOML. Returns the policy. Raises PolicyError, which names every fault
        by its place, where the text isn't right.

        Example:
            volenti.policies.read('purpose = "commercial"').digest
        """
        from volenti.clearance.policyfile import parse_policy

        return parse_policy(text, "The text")

    @staticmethod
    def show(name: Path | str) -> str:
        """Read the text of a policy's file, to read it or to begin one's own with.

        name: a TOML file, or the name of a policy that comes with the project. Returns the text as it stands
        in the file, which isn't checked. Raises UsageError where there is neither.

        Example:
            volenti.policies.show("strict")
        """
        from volenti.clearance.policyfile import policy_text

        return policy_text(str(name))

    @staticmethod
    def check(name: Path | str) -> CheckedPolicy:
        """Check a policy, and compare its verdicts with the usual ones.

        name: a TOML file, or the name of a policy that comes with the project. Returns the policy, with its
        verdict on each finding on which the usual verdict is another one. Raises UsageError where there is
        neither, PolicyError, which names every fault by its place in the file, where the file isn't right.

        Example:
            volenti.policies.check("mine.toml").verdicts
        """
        from volenti.clearance.policyfile import find_policy
        from volenti.perception.finding import TABLE

        policy = find_policy(str(name))
        verdicts = {code: policy.verdict_on(code) for code in TABLE}
        differing = {code: each for code, each in verdicts.items() if each != TABLE[code].verdict}
        return CheckedPolicy(policy, differing)
