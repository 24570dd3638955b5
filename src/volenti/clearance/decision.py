"""Decision: what became of one picture for one purpose, by whose word, and why.

A policy decides, or a person in review; no policy changes what a person decided. Where the policy
asks for two people, or for signatures, `approvals` are the yeses so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from volenti.core.canonical import canonical
from volenti.core.codec import ELSEWHERE, OPTIONAL
from volenti.core.errors import ConflictError
from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey, SigningKey
from volenti.perception.finding import Finding, Verdict

#: Verdicts from the mildest to the gravest.
ORDER: tuple[Verdict, ...] = ("cleared", "held", "rejected", "unreadable", "duplicate")
#: States in which bytes are kept. Cleared for one purpose and held for another is cleared: the first counts.
KEPT: tuple[Verdict, ...] = ("cleared", "held")

POLICY = "policy"
DECIDED_BY_A_PERSON = 0
#: In place of a policy's number: something that the decision rested on is gone, or something new is known.
UNDECIDED = -1
#: The field of such a decision's row that names the rows of files beside which something new lies.
UNJUDGED = "unjudged"
#: What stands there where the picture's shoot was amended since. A reviewer may decide all the same, because
#: releases are asked for the new shoot.
AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class Approval:
    """One reviewer's yes: their name, what they saw (subjects), and their signature if they gave one.

    `answers` are what they said of single faces, as NUMBER=ANSWER (`answer.Answered`); `user` is the
    identifier of the user of the web application that they are, whose name may change.
    """

    reviewer: str
    at: str
    subjects: tuple[str, ...]
    public_key: str = ""
    signature: str = ""
    answers: tuple[str, ...] = ()
    user: str = field(default="", metadata=OPTIONAL)

    @classmethod
    def of(
        cls,
        decision: Decision,
        reviewer: str,
        at: str,
        subjects: Iterable[str],
        answers: Iterable[str],
        key: SigningKey | None,
        user: str = "",
    ) -> Approval:
        """One reviewer's yes to a decision, signed with `key`; unsigned where `key` is None."""
        plain = cls(reviewer, at, tuple(sorted(subjects)), answers=tuple(answers), user=user)
        if key is None:
            return plain
        signature = key.sign(plain.signed_bytes(decision))
        return replace(plain, public_key=str(key.public), signature=signature.hex())

    def signed_bytes(self, decision: Decision) -> bytes:
        """What a reviewer signs: whom the picture shows, for what, knowing of which findings."""
        said = {
            "type": "volenti-review",
            "image": decision.image,
            "purpose": decision.purpose,
            "policy": decision.policy,
            "findings": [each.code for each in decision.findings],
            "reviewer": self.reviewer,
            "subjects": list(self.subjects),
            "at": self.at,
        }
        # Left out where nothing was said of single faces: so earlier versions signed, too.
        return canonical({**said, "answers": list(self.answers)} if self.answers else said)

    def verifies(self, decision: Decision) -> bool:
        """Whether the signature fits; False where there is none."""
        if not self.signature:
            return False
        key = PublicKey.read(self.public_key)
        return key.verifies(self.signed_bytes(decision), bytes.fromhex(self.signature))


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one image for one purpose; the latest counts. `by` is "policy" or "review:NAME".

    `methods`: how releases must be signed that cover it, where the policy doesn't take every way.
    """

    image: str = field(metadata=ELSEWHERE)
    purpose: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    policy: str
    by: str
    at: str
    approvals: tuple[Approval, ...] = ()
    methods: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The decision's identifier, IMAGE/PURPOSE."""
        return f"{self.image}/{self.purpose}"

    @property
    def reason(self) -> tuple[Verdict, str, frozenset[str]]:
        """The verdict, by which policy, and for what was found."""
        return self.verdict, self.policy, frozenset(each.code for each in self.findings)

    @property
    def is_decided_by_a_person(self) -> bool:
        """Whether a reviewer cleared or rejected it; about a held picture nobody has decided yet."""
        return self.by != POLICY and self.verdict != "held"

    @property
    def policy_number(self) -> int:
        """The policy as a number that a row can carry in the clear, or DECIDED_BY_A_PERSON.

        It lets a policy pass over what it has decided already without opening the row.
        """
        return DECIDED_BY_A_PERSON if self.is_decided_by_a_person else policy_number(self.policy)


def policy_number(digest: str) -> int:
    """The first 48 bits of a policy's digest, never 0."""
    return int(digest[:12], 16) or 1


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of the verdicts; 'cleared' where there is none."""
    return max(verdicts, key=ORDER.index, default="cleared")


def told(decisions: Iterable[Decision]) -> str:
    """What was decided, for what, by whom and when, in words."""
    return "; ".join(
        f"{each.verdict} for {each.purpose}, by {each.by.removeprefix('review:')}, {each.at}"
        for each in decisions
    )


def agreed(before: Sequence[Approval], approval: Approval) -> tuple[Approval, ...]:
    """The yeses with one more; ConflictError where the same person gave it, or it names other people."""
    if any(
        each.reviewer == approval.reviewer or (each.user and each.user == approval.user) for each in before
    ):
        raise ConflictError(
            f"{approval.reviewer} has said yes already.", "The policy asks for a second person's."
        )
    if any(each.public_key and each.public_key == approval.public_key for each in before):
        raise ConflictError("Both signatures are of one key.", "The second person signs with their own.")
    if any(each.subjects != approval.subjects for each in before):
        raise ConflictError(
            "The first reviewer named other people.", "Look at it together, or reject the picture."
        )
    if any(each.answers != approval.answers for each in before):
        raise ConflictError(
            "The first reviewer answered otherwise about a face.",
            "Look at it together, or reject the picture.",
        )
    return (*before, approval)
