"""Review: a person decides what the policy held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volenti.clearance.decision import told
from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError
from volenti.core.shown import short_repr
from volenti.workspace.given import signing_key
from volenti.workspace.review_questions import ReviewQuestions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from volenti.clearance.answercheck import Reviewed
    from volenti.clearance.answersheet import Row
    from volenti.clearance.decision import Decision
    from volenti.clearance.image import Image
    from volenti.clearance.question import Question
    from volenti.core.signing import SigningKey


@dataclass(slots=True)
class Answered:
    """What came of many answers: how many were given, of how many pictures what was decided, and every row
    that wasn't taken, with the reason."""

    given: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    __repr__ = short_repr


class Review(ReviewQuestions):
    """What the policy held, for a person to decide."""

    def decide(
        self,
        question: str,
        *,
        clear: bool,
        reviewer: str,
        subjects: Sequence[str] = (),
        nobody: bool = False,
        faces: Mapping[int, str] | None = None,
        others: str | None = None,
        images: Sequence[str] = (),
        purpose: str | None = None,
        key: SigningKey | Path | str | None = None,
        user: str = "",
    ) -> list[Decision]:
        """Decide a question, with every picture that it is about, or one held picture.

        question: an identifier that `list` has, such as img_1.0, or a picture's, such as img_1. clear: let
        it in, or refuse it. reviewer: who decides; the name goes into the decision and the log. subjects:
        whom it shows, or whose the face in question is; those already recognised need not be named. nobody:
        it shows no person, or nobody beside those recognised. faces: whose single faces are, by their number
        on the sheet: a subject, "blur" (the head is made unrecognisable), "no-face" (the detector erred) or
        "too-small" or "too-blurred" (nobody can be recognised by it). others: one of these four, for every
        face that nobody covers and that isn't named otherwise. images: which of the question's pictures are
        decided, by identifier; all where none is named. purpose: for which it is decided, where
        it is held for several. key: a private key, or the path of its file, which signs the decision. user:
        the identifier of the user that the reviewer is, whose two yeses count as one under whatever name.

        A picture that is cleared is sealed under the keys of those it shows. Of each face that nobody covers
        something has to be said. Where the policy asks for two reviewers, it stays held after the first yes.
        Returns a decision of each picture. Raises UsageError where the answer leaves a face out, it isn't
        said whom a cleared picture shows, a picture isn't held, the purpose isn't clear, or a signature is
        missing; NotFoundError where there is no such question; ConflictError where a picture isn't held for
        that purpose, or the reviewers disagree; RefusedError where releases don't cover the use today, the
        policy doesn't let anybody say that of such a face, or a head can't be made unrecognisable.

        Example:
            ws.review.decide("img_1.0", clear=True, subjects=["sub_ada"], reviewer="Pat P.")
        """
        from volenti.clearance.answer import Answer, no_one

        if nobody and subjects:
            raise UsageError(
                "It shows nobody, and somebody.", "Name whom it shows, or say that it is nobody."
            )
        answer = Answer(clear, tuple(subjects), nobody, faces or {}, no_one(others))
        _check(purpose, reviewer)
        signing = None if key is None else signing_key(key)
        review = self._parts.review
        meant, held_for = self._meant(question, purpose)
        among = _named(meant, images, question)
        return review.record(
            review.answered(among, held_for, answer, reviewer=reviewer, user=user, key=signing)
        )

    def flag(self, image: str, code: str, *, reviewer: str, purpose: str | None = None) -> Decision:
        """Add a finding of one's own to a picture: it is held, for every purpose, until somebody decides.

        This is for what no program here looks for, such as a recognisable building or work of art. image: the
        picture's identifier. code: what was seen; one of `volenti.clearance.review.MANUAL`. reviewer: who saw
        it. purpose: of the decision that is returned; by default the first one for which the picture is kept.
        Raises UsageError where it is no such code or purpose, ConflictError where the picture isn't kept.

        Example:
            ws.review.flag("img_1", "property-release", reviewer="Pat P.")
        """
        _check(purpose, reviewer)
        review = self._parts.review
        kept = [each.purpose for each in review.decisions(image) if each.verdict in ("cleared", "held")]
        return review.flag(image, purpose or (kept[0] if kept else ""), code, reviewer=reviewer)

    def undo(self, image: str, *, reviewer: str, purpose: str | None = None) -> Decision:
        """Take a reviewer's clearing back: the picture is held again, and asked about as before.

        Its faces are looked at again, where the models for it are here; a head that was made unrecognisable
        stays so. image: the picture's identifier. reviewer: who takes it back. purpose: for which, where
        reviewers decided the picture for several. Returns the decision that holds it. Raises UsageError where
        no reviewer decided it or the purpose isn't clear, ConflictError where they rejected it: of what was
        rejected nothing is kept.

        Example:
            ws.review.undo("img_1", reviewer="Pat P.")
        """
        _check(purpose, reviewer)
        review = self._parts.review
        if purpose is None:
            review.image(image)
            decided = [each.purpose for each in review.decisions(image) if each.is_decided_by_a_person]
            purpose = _only_one(decided, image, "decided by a reviewer")
        return review.undo(image, purpose, reviewer=reviewer)

    def answer(
        self,
        sheet: Path | str,
        *,
        reviewer: str,
        key: SigningKey | Path | str | None = None,
        encoding: str = "",
        dry_run: bool = False,
    ) -> Answered:
        """Take many answers from a table, as `list` writes it for the command line (`clearance.answersheet`).

        sheet: the path of a CSV file, a workbook (.xlsx) or JSON lines. reviewer: who decides. key: a private
        key, or the path of its file, which signs each decision. encoding: of a CSV file that isn't UTF-8,
        such as cp1252. dry_run: read the sheet and decide nothing. Each question is decided by itself: the
        others are, where one can't be. Returns how many pictures were cleared, rejected or wait for a second
        reviewer, and every row that wasn't taken, with the reason. Raises AnswerSheetError where the sheet
        has faults: then nothing is decided.

        Example:
            ws.review.answer("answers.csv", reviewer="Pat P.").refused
        """
        from volenti.clearance.answersheet import read_answers
        from volenti.workspace.given import bytes_of

        _check(None, reviewer)
        signing = None if key is None else signing_key(key)
        done = Answered()
        for row, decided in self._foreseen(read_answers(bytes_of(sheet), encoding), reviewer, signing):
            done.given += 1
            try:
                if isinstance(decided, VolentiError):
                    raise decided
                review = self._parts.review
                decisions = review.foreseen(decided) if dry_run else review.record(decided)
            except VolentiError as error:
                done.refused.append(f"row {row.number}, {row.question}: {error.message}")
                continue
            for each in decisions:
                done.verdicts[each.verdict] = done.verdicts.get(each.verdict, 0) + 1
        return done

    def _foreseen(
        self, rows: Sequence[Row], reviewer: str, key: SigningKey | None
    ) -> Sequence[tuple[Row, Sequence[Reviewed] | VolentiError]]:
        """What each row makes of its pictures as they are held before any is decided, or why it isn't taken:
        so a dry run names the rows that the run itself does."""
        named: dict[str, Row] = {}
        found: list[tuple[Row, Sequence[Reviewed] | VolentiError]] = []
        for row in rows:
            try:
                images, purpose = self._meant(row.question, None)
                earlier = [named.setdefault(each.id, row) for each in images]
                for image, one in zip(images, earlier, strict=True):
                    if one is not row:
                        raise ConflictError(
                            f"{image.id} is answered in row {one.number}, {one.question}, already.",
                            "Answer it once.",
                        )
                said = self._parts.review.answered(images, purpose, row.answer, reviewer=reviewer, key=key)
                found.append((row, said))
            except VolentiError as error:
                found.append((row, error))
        return found

    def answer_sheet(self, questions: Sequence[Question], answer: str = "") -> str:
        """Write a table with a row for each question, to be filled in and taken by `answer`.

        questions: those that `list` returned. answer: "clear" or "reject", which then stands in every row.
        Returns CSV text. Raises UsageError for another answer.

        Example:
            ws.review.answer_sheet(ws.review.list(below=60), "reject")
        """
        from volenti.clearance.answersheet import to_fill_in

        if answer not in ("", "clear", "reject"):
            raise UsageError(f"{answer!r} isn't an answer.", "Fill in clear or reject.")
        return to_fill_in(questions, answer)

    def answer_workbook(self, questions: Sequence[Question], answer: str = "") -> bytes:
        """Write the same table as a workbook (.xlsx), to be filled in with Excel and taken by `answer`.

        questions, answer: as `answer_sheet` takes them. Raises UsageError for another answer.

        Example:
            Path("answers.xlsx").write_bytes(ws.review.answer_workbook(ws.review.list(), "reject"))
        """
        from volenti.consent.tablefile import as_workbook

        return as_workbook(self.answer_sheet(questions, answer))

    def list(
        self,
        *,
        finding: str | None = None,
        subject: str | None = None,
        shoot: str | None = None,
        folder: str | None = None,
        below: float | None = None,
        above: float | None = None,
    ) -> list[Question]:
        """List what there is to decide, the answer that settles most pictures first.

        One unknown face in many pictures is one question. finding: only questions in which this code was
        found. subject: only those in which somebody is near to this person. shoot: only pictures of this
        shoot. folder: only files whose name begins with this folder. below, above: only those whose nearest
        person comes less near, or at least as near, in per cent of what a match needs. Returns of each its
        pictures, the decision that holds the first one with what was found, whom the face is nearest to and
        what their releases say, and the last day before the pictures are dropped.

        Example:
            ws.review.list(finding="uncertain-match", below=60)
        """
        from volenti.clearance.question import Among

        return self._parts.review.questions(Among(finding, subject, shoot, folder, below, above))

    def _meant(self, question: str, purpose: str | None) -> tuple[Sequence[Image], str]:
        """The pictures that an answer to a question, or about a picture, decides; and for what."""
        review = self._parts.review
        if "." in question:
            asked = review.question(question, purpose)
            return asked.images, asked.purpose
        if purpose is None:
            review.image(question)
            decisions = review.decisions(question)
            held = [each.purpose for each in decisions if each.verdict == "held"]
            if decisions and not held:
                raise UsageError(
                    f"{question} isn't held: it is {told(decisions)}.", "List what is: volenti review list."
                )
            purpose = _only_one(held, question, "held")
        return [review.image(question)], purpose


def _named(among: Sequence[Image], names: Sequence[str], question: str) -> Sequence[Image]:
    """Those pictures of a question that are named, or all of them; NotFoundError where it has no such one."""
    lacking = {*names} - {each.id for each in among}
    if lacking:
        raise NotFoundError(
            f"{', '.join(sorted(lacking))} isn't asked about in {question} (any more).",
            "See which pictures are: volenti review list.",
        )
    return [each for each in among if each.id in names] if names else among


def _check(purpose: str | None, reviewer: str) -> None:
    """Refuse a purpose that there isn't, and a reviewer without a name: the decision bears the name."""
    from volenti.consent.purpose import PURPOSES

    if not reviewer.strip():
        raise UsageError("Nobody decides: the reviewer has no name.", "Say who decides: the reviewer's name.")
    if purpose is not None and purpose not in PURPOSES:
        raise UsageError(f"There is no purpose {purpose!r}.", f"Purposes: {', '.join(PURPOSES)}.")


def _only_one(purposes: Sequence[str], image: str, state: str) -> str:
    """The one purpose for which a picture is in a state; UsageError where there is none, or several."""
    if not purposes:
        raise UsageError(f"{image} isn't {state}.", f"See what it is: volenti picture show {image}")
    if len(purposes) > 1:
        several = ", ".join(purposes)
        raise UsageError(f"{image} is {state} for several purposes: {several}.", "Name the --purpose.")
    return purposes[0]
