"""Review: a person decides what the policy held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.decision import Decision
    from volenti.clearance.question import Question
    from volenti.core.signing import SigningKey


class Review(Noun):
    """What the policy held, for a person to decide."""

    def show(self, question: Question, suffix: str = ".jpg") -> bytes:
        """What a reviewer looks at, as one picture: .jpg or .png by `suffix`."""
        return self._parts.review.exhibit(question, suffix)

    def decide(
        self,
        image: str,
        purpose: str,
        *,
        clear: bool,
        subjects: Sequence[str] = (),
        reviewer: str,
        key: SigningKey | None = None,
    ) -> Decision:
        """A reviewer's decision on a held picture, under the policy that held it."""
        return self._parts.review.decide(
            image, purpose, clear=clear, subjects=subjects, reviewer=reviewer, key=key
        )
