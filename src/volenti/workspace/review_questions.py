"""Questions of the review: what there is to see of one, what may be answered, and which comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.decision import Decision
    from volenti.clearance.offers import Offer
    from volenti.clearance.place import Place
    from volenti.clearance.question import Question
    from volenti.clearance.question_people import PersonInQuestion


class ReviewQuestions(Noun):
    """One question at a time; however many there are, only what belongs to it is opened."""

    def show(self, question: str, suffix: str = ".jpg") -> bytes:
        """Draw what there is to see of a question on one sheet: the face, and the people it is nearest to.

        question: its identifier, as `list` has it. suffix: .jpg or .png. Returns the sheet as a file's
        bytes. It shows people and isn't erased with them: whoever writes it down deletes it after deciding.
        Raises NotFoundError where there is no such question, or it was decided meanwhile.

        Example:
            ws.review.show("img_1.0", ".png")
        """
        review = self._parts.review
        return review.sheet(review.question(question), suffix)

    def question(self, question: str, *, purpose: str | None = None) -> Question:
        """One question with its pictures, what was found, who comes near and what their releases say.

        question: its identifier, as `list` has it. purpose: for which it is asked, where pictures are held
        for several. Raises NotFoundError where there is no such question, or it was decided meanwhile.

        Example:
            ws.review.question("img_1.0").candidates
        """
        return self._parts.review.question(question, purpose)

    def decisions(self, image: str) -> list[Decision]:
        """What was decided of a picture, the latest for each purpose; with who said what, where people did.

        image: the picture's identifier. Nothing is returned of one that was never judged.

        Example:
            [each.approvals for each in ws.review.decisions("img_1")]
        """
        return self._parts.review.decisions(image)

    def choices(
        self,
        question: Question | str,
        *,
        reviewer: str,
        people: Sequence[str] = (),
        purpose: str | None = None,
        user: str = "",
    ) -> list[Offer]:
        """Every answer to a question that the policy would take from a reviewer today; nothing is decided.

        question: its identifier, as `list` has it, or what `question` returned. reviewer: who would decide.
        people: whose the face may be, beside those whom it comes near to. purpose: for which it is asked,
        where pictures are held for several. user: the identifier of the user that the reviewer is. Nothing is
        returned where the policy asks for signed decisions: then `decide` takes each with a key. How sharp a
        face is seen is measured in the first three pictures alone, so that a later one may still refuse the
        answer. Raises NotFoundError where there is no such question.

        Example:
            [each.answer for each in ws.review.choices("img_1.0", reviewer="Pat P.")]
        """
        from volenti.clearance.offers import Reviewer

        return self._parts.review.offers(self._asked(question, purpose), people, Reviewer(reviewer, user))

    def people(
        self, question: Question | str, *, also: Sequence[str] = (), purpose: str | None = None
    ) -> dict[str, PersonInQuestion]:
        """Who a question may be about, by identifier: names, and whether releases cover the use today.

        question: its identifier, or what `question` returned. also: others who may be meant; whoever isn't on
        record is left out. purpose: for which it is asked, where pictures are held for several. Returns those
        whom the face comes near to and everybody recognised in the first picture. Raises NotFoundError where
        there is no such question.

        Example:
            ws.review.people("img_1.0")["sub_ada"].coverage
        """
        from volenti.clearance.question_people import people_of

        parts = self._parts
        asked = self._asked(question, purpose)
        policy = parts.enforcement.policy(asked.decision.policy)
        use = policy.use(parts.consent.today, asked.images[0].shoot)
        return people_of(asked, also, parts.consent, use)

    def next(
        self,
        question: str = "",
        *,
        count: int = 1,
        reviewer: str = "",
        purpose: str | None = None,
        user: str = "",
    ) -> Place:
        """Where a question stands in the queue, and which come after it; no picture is opened for it.

        question: its identifier; the first ones come after none. count: how many of those after it.
        reviewer, user: who answers; what waits for somebody else's second yes isn't among those after it.
        purpose: for which it is asked, where pictures are held for several. The order is that of `list`.

        Example:
            ws.review.next("img_1.0", count=3).after
        """
        from volenti.clearance.offers import Reviewer

        return self._parts.review.place(question, purpose, count, Reviewer(reviewer, user))

    def picture(
        self,
        question: Question | str,
        *,
        part: str = "picture",
        number: int = 0,
        subject: str = "",
        side: int | None = None,
        purpose: str | None = None,
    ) -> bytes:
        """One picture of what there is to see of a question, sized for a screen, as a JPEG's bytes.

        question: its identifier, or what `question` returned. part: "picture", a whole one; "face", enlarged;
        or "reference", a photograph by which somebody is enrolled. number: which, from 0; of a question about
        one face, that of the picture in which it is seen. subject: whose reference. side: how large the
        longer side is at most, in pixels. purpose: for which it is asked, where pictures are held for
        several. It shows people and isn't erased with them: whoever writes it down deletes it after deciding.
        Raises NotFoundError where the question has no such picture.

        Example:
            ws.review.picture("img_1.0", part="reference", subject="sub_ada")
        """
        asked = self._asked(question, purpose)
        return self._parts.review.picture(asked, part, number, subject, side, self._parts.gallery)

    def _asked(self, question: Question | str, purpose: str | None) -> Question:
        """A question, opened unless it is."""
        return self._parts.review.question(question, purpose) if isinstance(question, str) else question
