"""Policies, told as scenarios: what another purpose, another policy or a new release changes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.studio import PURPOSE, Studio, likeness
from volenti.clearance.image import Image
from volenti.clearance.policy import Policy
from volenti.clearance.policyfile import find_policy, parsed
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.reference import GivenPhoto
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.codec import decoded, encoded
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, IntegrityError, UsageError
from volenti.core.signing import SigningKey
from volenti.perception.files.kept import pixels_of
from volenti.perception.sight.faces import unit


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio.open(tmp_path)


def cleared_by(studio: Studio, name: str = "", **settings: object) -> dict[str, int]:
    """Take in the inbox and judge it by a policy; the totals."""
    policy = find_policy(name) if name else parsed({"purpose": PURPOSE, **settings}, "the test's policy")
    studio.ws.add([studio.folder / "inbox"])
    return studio.ws.clear(policy=policy).totals


def codes(studio: Studio, purpose: str = PURPOSE) -> set[str]:
    rows = list(studio.parts.records.rows("image"))
    return {
        each.code
        for row in rows
        for decision in studio.parts.review.decisions(row.id)
        if decision.purpose == purpose
        for each in decision.findings
    }


def test_a_picture_cleared_for_one_purpose_is_judged_for_a_second_without_another_look(
    studio: Studio,
) -> None:
    studio.person("ann", Grant.BIOMETRIC_TEMPLATES, Grant.GENERATIVE_TRAINING)
    studio.person("bob")
    studio.photo("ann")
    studio.photo("bob")
    assert studio.clear()["cleared"] == 2
    studio.detector._known.clear()
    found = studio.ws.clear("redistribution")
    assert found.totals["cleared"] == 1
    assert {each.code for file in found.files for each in file.findings} == {"purpose-not-granted"}
    assert studio.ws.status().totals["cleared"] == 2
    assert studio.ws.datasets.cut("humans", PURPOSE).entries == 2
    assert studio.ws.datasets.cut("handed-on", "redistribution").entries == 1


def test_a_policy_that_is_stricter_takes_back_what_it_refuses_and_leaves_the_rest(studio: Studio) -> None:
    studio.person("ann")
    studio.person("bob")
    studio.photo("ann")
    studio.photo("ann", "a stranger")
    assert cleared_by(studio)["held"] == 1
    before = {row.id: row.body for row in studio.parts.records.rows("image", state="cleared")}
    totals = cleared_by(studio, bystanders={"do": "reject"})
    assert (totals["cleared"], totals["held"], totals["rejected"]) == (1, 0, 1)
    assert studio.parts.vault.packs("quarantine") == []
    after = {row.id for row in studio.parts.records.rows("image", state="cleared")}
    assert after == set(before)


def test_what_a_policy_now_refuses_is_overwritten_in_its_owners_pack(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann")
    studio.photo("ann")
    assert cleared_by(studio)["cleared"] == 2
    blobs = [each.body["original"] for each in studio.parts.records.find("image", state="cleared")]
    assert cleared_by(studio, people={"admitted": False})["rejected"] == 2
    packs = studio.parts.vault._packs._packs  # type: ignore[attr-defined]
    for blob in blobs:
        content = packs[blob["prefix"], blob["pack"]]
        assert not any(content[blob["offset"] : blob["offset"] + blob["length"]])
    assert studio.ws.audit().ok


def test_a_dry_run_says_what_would_change_and_changes_nothing(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann")
    studio.photo("ann", "a stranger")
    cleared_by(studio)
    rows = [(row.id, row.state, row.body) for row in studio.parts.records.rows("decision")]
    studio.photo("ann")
    studio.ws.add([studio.folder / "inbox"])
    changes, waiting = studio.ws.changes(policy="strict")
    assert [(each.before, each.after) for each in changes] == [("held", "rejected")]
    assert waiting == 2, "one new, and one whose lead the strict policy wants to be larger than is on record"
    assert [(row.id, row.state, row.body) for row in studio.parts.records.rows("decision")] == rows


def test_what_the_dry_run_says_is_what_clearing_then_does(studio: Studio) -> None:
    for name in ("ann", "bob"):
        studio.person(name)
    for names in (("ann",), ("bob", "ann"), ("ann", "x"), ("y", "bob"), ()):
        studio.photo(*names)
    cleared_by(studio)
    changes, _ = studio.ws.changes(policy="strict")
    found = studio.ws.clear(policy="strict")
    now = {each.image: each.verdict for each in found.files}
    assert changes
    assert {each.image: now[each.image] for each in changes} == {each.image: each.after for each in changes}


def test_judging_again_by_the_same_policy_decides_nothing_anew(studio: Studio) -> None:
    studio.person("ann")
    for names in (("ann",), ("ann", "x")):
        studio.photo(*names)
    cleared_by(studio)
    leaves = studio.parts.log.size
    cleared_by(studio)
    assert studio.parts.log.size == leaves


def test_a_held_picture_is_compared_again_once_the_stranger_has_a_release(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann", "bob")
    assert studio.clear()["held"] == 1
    studio.person("bob")
    assert studio.clear()["cleared"] == 1
    assert next(studio.parts.records.find("image", state="cleared")).owners == ("ann", "bob")


def test_what_a_reviewer_settled_no_policy_unsettles(studio: Studio) -> None:
    studio.person("ann")
    studio.photo()
    cleared_by(studio)
    ((image, _),) = studio.parts.review.queue()
    studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")
    assert cleared_by(studio, "strict")["cleared"] == 1


def test_without_people_only_pictures_without_anybody_come_through(studio: Studio) -> None:
    studio.person("ann")
    for names in (("ann",), ("x",), (), ("ann", "x")):
        studio.photo(*names)
    totals = cleared_by(studio, "no-people")
    assert (totals["cleared"], totals["rejected"]) == (1, 3)
    assert codes(studio) == {"people"}
    assert next(studio.parts.records.find("image", state="cleared")).owners == ("controller",)


def test_somebody_who_was_not_at_the_shoot_is_asked_about(studio: Studio) -> None:
    studio.person("ann", at="spring")
    studio.person("bob")
    studio.photo("ann")
    studio.photo("bob")
    studio.ws.add([studio.folder / "inbox"], shoot="spring")
    totals = studio.ws.clear(PURPOSE).totals
    assert (totals["cleared"], totals["held"]) == (1, 1)
    assert codes(studio) == {"uncertain-match"}


def test_two_people_have_to_say_yes_where_the_policy_asks_for_two(studio: Studio) -> None:
    studio.person("ann")
    studio.photo()
    cleared_by(studio, review={"reviewers": 2})
    ((image, _),) = studio.parts.review.queue()
    (first,) = studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")
    assert first.verdict == "held"
    with pytest.raises(ConflictError, match="said yes already"):
        studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")
    with pytest.raises(ConflictError, match="other people"):
        studio.ws.review.decide(image.id, clear=True, nobody=True, reviewer="otto")
    (second,) = studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="otto")
    assert (second.verdict, [each.reviewer for each in second.approvals]) == ("cleared", ["rita", "otto"])


def test_one_no_is_enough(studio: Studio) -> None:
    studio.photo()
    cleared_by(studio, review={"reviewers": 2})
    ((image, _),) = studio.parts.review.queue()
    studio.ws.review.decide(image.id, clear=True, nobody=True, reviewer="rita")
    (decision,) = studio.ws.review.decide(image.id, clear=False, reviewer="otto")
    assert decision.verdict == "rejected"
    assert studio.parts.vault.packs("quarantine") == []


def test_a_signed_decision_can_be_checked_and_an_unsigned_one_is_not_taken(studio: Studio) -> None:
    studio.photo()
    cleared_by(studio, review={"signed": True})
    ((image, (held,)),) = studio.parts.review.queue()
    with pytest.raises(UsageError, match="signed decisions"):
        studio.ws.review.decide(image.id, clear=True, nobody=True, reviewer="rita")
    key = SigningKey.new()
    (decision,) = studio.ws.review.decide(image.id, clear=True, nobody=True, reviewer="rita", key=key)
    (approval,) = decision.approvals
    assert approval.verifies(decision)
    assert approval.public_key == str(key.public)
    assert not approval.verifies(decoded(held.__class__, encoded(decision), image="img_other"))


def test_a_clearing_can_be_taken_back_and_goes_back_into_quarantine(studio: Studio) -> None:
    studio.person("ann")
    studio.photo()
    cleared_by(studio)
    ((image, _),) = studio.parts.review.queue()
    data = studio.parts.vault.open(image.original)
    studio.ws.review.decide(image.id, clear=True, subjects=["ann"], reviewer="rita")
    studio.parts.review.undo(image.id, PURPOSE, reviewer="rita")
    ((again, (decision,)),) = studio.parts.review.queue()
    assert again.original.location.prefix == "quarantine"
    assert studio.parts.vault.open(again.original) == data
    assert decision.by == "review:rita"
    assert studio.ws.status().totals["held"] == 1
    assert studio.ws.audit().ok


def test_a_rejection_cannot_be_taken_back(studio: Studio) -> None:
    studio.photo()
    cleared_by(studio)
    ((image, _),) = studio.parts.review.queue()
    studio.ws.review.decide(image.id, clear=False, reviewer="rita")
    with pytest.raises(ConflictError) as error:
        studio.parts.review.undo(image.id, PURPOSE, reviewer="rita")
    assert "give the picture again" in error.value.remedy


def test_one_stranger_in_many_pictures_is_one_question(studio: Studio) -> None:
    studio.person("ann")
    for _ in range(3):
        studio.photo("ann", "the stranger")
    studio.photo("ann", "another")
    studio.photo()
    cleared_by(studio)
    questions = studio.parts.review.questions()
    assert [len(each.images) for each in questions] == [3, 1, 1]
    assert [each.face is not None for each in questions].count(True) == 2
    studio.ws.review.decide(questions[0].id, clear=False, reviewer="rita")
    assert [len(each.images) for each in studio.parts.review.questions()] == [1, 1]
    assert studio.ws.status().totals["rejected"] == 3


def test_an_answer_names_the_stranger_beside_those_already_known(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann", "bob from behind his beard")
    studio.photo("ann", "bob from behind his beard")
    cleared_by(studio)
    studio.person("bob")
    (question,) = studio.parts.review.questions()
    for name in ("rita", "otto"):  # bob was enrolled since, so the face wasn't compared with him
        studio.ws.review.decide(question.id, clear=True, subjects=["bob"], reviewer=name)
    assert {each.owners for each in studio.parts.records.find("image", state="cleared")} == {("ann", "bob")}


def test_templates_of_strangers_lie_in_quarantine_only(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann", "x")
    cleared_by(studio)
    ((held, _),) = studio.parts.review.queue()
    assert all(face.template for face in held.faces)
    studio.person("cleo")
    for name in ("rita", "otto"):
        studio.ws.review.decide(held.id, clear=True, subjects=["cleo"], reviewer=name)
    (cleared,) = studio.parts.records.find("image", state="cleared")
    assert [face["template"] for face in cleared.body["faces"]] == ["", ""]


def test_who_leaves_is_struck_from_the_candidates_of_strangers(studio: Studio) -> None:
    for name in ("ann", "bob", "cleo"):
        studio.person(name)
    studio.photo("ann", "x")
    studio.clear()
    ((held, _),) = studio.parts.review.queue()
    named = {face.nearest for face in held.faces} | {face.second for face in held.faces}
    leaver = next(iter(named & {"bob", "cleo"}))
    request = studio.ws.requests.open("erasure", leaver, identity="in-person")
    studio.ws.requests.run(request.id)
    ((still, _),) = studio.parts.review.queue()
    assert leaver not in {face.nearest for face in still.faces} | {face.second for face in still.faces}


REDACT = {"do": "redact"}


def test_a_stranger_is_redacted_and_the_copy_is_what_is_kept(studio: Studio) -> None:
    studio.person("ann")
    given = studio.photo("ann", "_", "a stranger")
    assert cleared_by(studio, bystanders=REDACT)["cleared"] == 1
    assert codes(studio) == {"redacted"}
    (record,) = studio.parts.records.find("image", state="cleared")
    image = Image.read(record.id, record.body)
    data = studio.parts.vault.open(image.original)
    assert record.owners == ("ann",)
    assert image.sha256 == sha256(data)
    before, after = pixels_of(given.read_bytes()), pixels_of(data)
    (ann,) = (face.box for face in image.faces)
    everybody = sorted(face.box for face in studio.parts.detector.faces(before))
    assert np.allclose(everybody[0], ann, atol=1)
    stranger = everybody[1]
    assert (inside(before, ann) == inside(after, ann)).all()
    assert len(np.unique(inside(after, stranger).reshape(-1, 3), axis=0)) == 1
    assert studio.parts.vault.packs("quarantine") == []
    assert studio.ws.datasets.cut("humans", PURPOSE).entries == 1
    assert studio.parts.datasets.verify(studio.parts.datasets.snapshot("humans")).ok


def test_a_redacted_picture_is_judged_for_another_purpose_as_it_is_now(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann", "_", "a stranger")
    assert cleared_by(studio, bystanders=REDACT)["cleared"] == 1
    other = "non-generative-training"
    assert cleared_by(studio, purpose=other)["cleared"] == 1
    assert codes(studio, other) == {"redacted"}


def test_a_cleared_picture_names_nobody_but_those_it_is_kept_for(studio: Studio) -> None:
    studio.person("ann")
    studio.person("bob")
    studio.photo("ann", "_", "a stranger")
    studio.photo("ann", "_", "bob")
    assert cleared_by(studio, bystanders=REDACT)["cleared"] == 2
    for record in studio.parts.records.find("image", state="cleared"):
        for face in Image.read(record.id, record.body).faces:
            assert {face.subject, face.nearest, face.second} - {None} <= set(record.owners)


def test_an_original_that_a_policy_keeps_waits_in_quarantine_and_goes_with_its_day(
    tmp_path: Path,
) -> None:
    days = [datetime(2026, 5, 1, tzinfo=UTC)]
    studio = Studio.open(tmp_path, clock=lambda: days[-1])
    studio.person("ann")
    given = studio.photo("ann", "_", "a stranger")
    cleared_by(studio, bystanders={**REDACT, "keep_original": True})
    (record,) = studio.parts.records.find("image", state="cleared")
    unredacted = Image.read(record.id, record.body).unredacted
    assert studio.parts.vault.open(unredacted) == given.read_bytes()
    cleared_by(studio, bystanders={**REDACT, "keep_original": True})
    assert studio.parts.vault.packs("quarantine") == [record.id]
    days.append(datetime(2026, 7, 1, tzinfo=UTC))
    cleared_by(studio, bystanders={**REDACT, "keep_original": True})
    assert studio.parts.vault.packs("quarantine") == []
    (record,) = studio.parts.records.find("image", state="cleared")
    assert record.body["unredacted"] is None
    assert studio.ws.audit().ok


def test_an_original_that_a_policy_keeps_goes_with_whoever_is_in_it(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann", "_", "a stranger")
    cleared_by(studio, bystanders={**REDACT, "keep_original": True})
    (record,) = studio.parts.records.find("image", state="cleared")
    unredacted = Image.read(record.id, record.body).unredacted
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    (held,) = [
        each for each in studio.ws.requests.plan(request.id).holdings if each.holder == "group pictures"
    ]
    assert (held.what, held.items) == ("pictures as they were given, with strangers", 1)
    studio.ws.requests.run(request.id)
    assert studio.parts.vault.packs("quarantine") == []
    with pytest.raises(IntegrityError):
        studio.parts.vault.open(unredacted)
    assert studio.ws.audit(deep=True).problems == []


def test_a_stranger_who_stands_too_near_holds_the_picture(studio: Studio) -> None:
    studio.person("ann")
    path = studio.photo("ann", "a stranger")
    rgb = np.asarray(Pillow.open(path).convert("RGB"))
    one, other = studio.detector.faces(rgb)
    # The stranger's face lies over the other's.
    over = replace(one, box=(other.box[0] + 6, other.box[1] + 4, 26.0, 26.0))
    studio.detector.tell(rgb, [over, other])
    assert cleared_by(studio, bystanders=REDACT)["held"] == 1
    assert codes(studio) == {"bystander"}


def test_who_comes_near_to_somebody_is_not_redacted_but_asked_about(studio: Studio) -> None:
    studio.person("ann")
    studio.person("bob")
    studio.people["bob's brother"] = unit(studio.people["bob"] + 2 * likeness("another"))
    studio.photo("ann", "_", "bob's brother")
    assert cleared_by(studio, bystanders=REDACT)["held"] == 1
    assert codes(studio) == {"uncertain-match"}


def inside(rgb: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, width, height = (int(value) for value in box)
    return rgb[top : top + height, left : left + width]


def test_what_a_person_sees_holds_a_cleared_picture_for_every_purpose(studio: Studio) -> None:
    studio.person("ann")
    studio.photo("ann")
    studio.clear()
    studio.ws.clear("redistribution")
    (record,) = studio.parts.records.find("image", state="cleared")
    studio.parts.review.flag(record.id, PURPOSE, "property-release", reviewer="rita")
    assert studio.ws.status().totals["held"] == 1
    assert {each.verdict for each in studio.parts.review.decisions(record.id)} == {"held"}
    assert cleared_by(studio, "strict")["held"] == 1
    assert "property-release" in codes(studio)
    with pytest.raises(UsageError, match="isn't for a reviewer"):
        studio.parts.review.flag(record.id, PURPOSE, "no-release", reviewer="rita")


def on_paper(studio: Studio, name: str) -> str:
    """Enrol somebody who signed on paper alone, which an officer attests."""
    photo, consent = GivenPhoto(f"{name}.png", studio._picture([name], scale=2)), studio.parts.consent
    consent.add_subject(Subject(f"Legal {name}", date(1990, 1, 1), id=name))
    release = consent.issue(
        name,
        controller="A test",
        shoot=Shoot("A test", date(2026, 1, 5), date(2026, 1, 5), photo.digest),
        grants=Grants.only(*Grant),
        terms=Terms(("WORLD",), date(2026, 1, 5), "DE"),
    )
    consent.attest(release.id, b"%PDF-1.7 paper", SigningKey(b"\x0f" * 32), signed_on=date(2026, 1, 5))
    consent.set_references(release.id, [photo])
    return release.id


@pytest.mark.parametrize(
    ("methods", "cleared"),
    [(["signed", "attested"], {"ann", "bob"}), (["signed"], {"ann"}), (["attested"], {"bob"})],
)
def test_a_policy_says_which_methods_suffice(tmp_path: Path, methods: list[str], cleared: set[str]) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    on_paper(studio, "bob")
    for name in ("ann", "bob"):
        studio.photo(name)
    studio.ws.add([studio.folder / "inbox"])
    policy = Policy.model_validate({"purpose": PURPOSE, "release": {"methods": methods}})
    account = studio.ws.clear(policy=policy)
    decided = list(studio.parts.records.find("decision"))
    assert {owner for each in decided if each.state == "cleared" for owner in each.owners} == cleared
    assert account.totals["cleared"] == len(cleared)
    codes = {one["code"] for each in decided if each.state == "held" for one in each.body["findings"]}
    assert codes == ({"method"} if len(cleared) == 1 else set())


def test_reading_asks_for_the_methods_that_the_policy_asked_for(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    studio.photo("ann")
    studio.ws.add([studio.folder / "inbox"])
    studio.ws.clear(policy=Policy.model_validate({"purpose": PURPOSE, "release": {"methods": ["signed"]}}))
    (decision,) = studio.parts.records.find("decision")
    image = decision.id.partition("/")[0]
    assert studio.parts.access.refusal(image, PURPOSE, "WORLD") is None
    old = studio.parts.consent.release("rel_ann").release
    beside = studio.parts.consent.issue(
        "ann", controller="A test", shoot=old.shoot, grants=old.grants, terms=old.terms
    )
    officer = SigningKey(b"\x0f" * 32)
    studio.parts.consent.attest(beside.id, b"%PDF-1.7", officer, signed_on=date(2026, 1, 6))
    studio.parts.consent.withdraw("ann", release_id="rel_ann")
    assert studio.parts.consent.coverage_for("ann", Use(Grant(PURPOSE), "WORLD", date(2026, 6, 1))).covered
    assert studio.parts.access.refusal(image, PURPOSE, "WORLD") is not None
