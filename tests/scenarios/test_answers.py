"""What a reviewer may say of a held picture: every answer tried on every kind of question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.studio import PURPOSE, Studio, frontal
from volenti.clearance.policyfile import find_policy
from volenti.consent.purpose import Grant
from volenti.core.errors import ConflictError, RefusedError, UsageError
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.figure import Figure

#: What came of an answer that wasn't taken, and of one with which a second person has to agree.
LEFT_OUT, REFUSED, WAITS = UsageError, RefusedError, "waits"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Ann, Bob and Noa have releases that cover the use, Noa's without face templates; Eve's doesn't."""
    studio = Studio.open(tmp_path)
    studio.person("ann", born=date(2003, 1, 1))
    studio.person("bob")
    studio.person("eve", Grant.BIOMETRIC_TEMPLATES, Grant.REDISTRIBUTION)
    studio.person("noa", *(each for each in Grant if each != Grant.BIOMETRIC_TEMPLATES))
    return studio


def shown(studio: Studio, *faces: dict[str, Any], figures: tuple[Figure, ...] = ()) -> None:
    """A picture with these faces, each a person's (who) with what is given of it."""
    path = studio.photo()
    rgb = np.array(Pillow.open(path).convert("RGB").resize((192 * max(1, len(faces)), 48)))
    for index, given in enumerate(faces):
        if given.get("blurred"):
            # From black to white without an edge.
            rgb[:, 192 * index : 192 * (index + 1)] = np.linspace(0, 255, 192).astype(np.uint8)[None, :, None]
    Pillow.fromarray(rgb).save(path)
    found = []
    for index, given in enumerate(faces):
        height = given.get("height", 30.0)
        vector = studio.people.setdefault(given["who"], _somebody(given["who"]))
        box = (192.0 * index + 80, 8.0, height, height)
        face = Face(box, given.get("score", 0.9), given.get("landmarks", frontal(box)), unit(vector))
        found.append(replace(face, under_25_score=given.get("young", 0.0)))
    studio.detector.tell(rgb, found, figures)


def _somebody(name: str) -> np.ndarray:
    return np.random.default_rng(list(name.encode())).normal(size=128)


def _like(studio: Studio, name: str) -> dict[str, Any]:
    """Somebody who comes near to a person, and not near enough."""
    known, other = unit(studio.people[name]), _somebody(f"somebody like {name}")
    other = unit(other - (other @ known) * known)
    studio.people[f"somebody like {name}"] = 0.47 * known + (1 - 0.47**2) ** 0.5 * other
    return {"who": f"somebody like {name}"}


def _turned() -> np.ndarray:
    """Landmarks of a face whose nose is beside its eyes."""
    points = frontal((80.0, 8.0, 30.0, 30.0))
    points[2, 0] += 15
    return points


def _flagged(studio: Studio) -> None:
    shown(studio, {"who": "ann"})
    studio.clear()
    (image,) = {each.image for each in studio.ws.status().files}
    studio.ws.review.flag(image, "property-release", reviewer="pat")


#: A kind of question, and how a picture of the kind comes about.
KINDS: dict[str, Callable[[Studio], None]] = {
    "a stranger beside ann": lambda s: shown(s, {"who": "ann"}, {"who": "x"}),
    "two strangers beside ann": lambda s: shown(s, {"who": "ann"}, {"who": "x"}, {"who": "y"}),
    "a lone stranger, whom the policy holds": lambda s: shown(s, {"who": "x"}),
    "somebody a little like ann": lambda s: shown(s, _like(s, "ann")),
    "somebody a little like bob, beside ann": lambda s: shown(s, {"who": "ann"}, _like(s, "bob")),
    "a face turned away": lambda s: shown(s, {"who": "x", "landmarks": _turned()}),
    "ann twice": lambda s: shown(s, {"who": "ann"}, {"who": "ann"}),
    "ann, who looks young": lambda s: shown(s, {"who": "ann", "young": 0.9}),
    "no face": lambda s: shown(s),
    "a back beside ann": lambda s: shown(s, {"who": "ann"}, figures=(Figure((50, 0, 20, 40), 0.8),)),
    "a back": lambda s: shown(s, figures=(Figure((5, 0, 20, 40), 0.8),)),
    "a back and a stranger": lambda s: shown(s, {"who": "x"}, figures=(Figure((50, 0, 20, 40), 0.8),)),
    "what is hardly a face beside ann": lambda s: shown(s, {"who": "ann"}, {"who": "x", "score": 0.6}),
    "a tiny face beside ann": lambda s: shown(s, {"who": "ann"}, {"who": "x", "height": 12.0}),
    "a blurred face beside ann": lambda s: shown(s, {"who": "ann"}, {"who": "x", "blurred": True}),
    "a building that pat saw": _flagged,
}
#: The faces that nobody covers, by kind; of the kinds that aren't named there are none.
OPEN = {
    "a stranger beside ann": [1],
    "two strangers beside ann": [1, 2],
    "a lone stranger, whom the policy holds": [0],
    "somebody a little like ann": [0],
    "somebody a little like bob, beside ann": [1],
    "a face turned away": [0],
    "a back and a stranger": [0],
    "ann twice": [0, 1],
    "what is hardly a face beside ann": [1],
    "a tiny face beside ann": [1],
    "a blurred face beside ann": [1],
}
#: Kinds in which a face is weak, small or blurred enough for the policy to let that be said, by answer.
ALLOWED = {
    "no-face": {"what is hardly a face beside ann"},
    "too-small": {"a tiny face beside ann"},
    "too-blurred": {"a blurred face beside ann"},
}
#: Kinds in which somebody may be seen whose face wasn't found.
UNSEEN = {"a back", "a back beside ann", "a back and a stranger"}
#: Kinds in which the face can't be compared with anybody.
INCOMPARABLE = {"a tiny face beside ann", "a blurred face beside ann", "a face turned away"}
#: Whom the face comes near enough to, by kind.
LIKE = {"somebody a little like ann": "ann", "somebody a little like bob, beside ann": "bob"}
#: Whom the picture shows beyond doubt.
KNOWN = {
    "a stranger beside ann",
    "somebody a little like bob, beside ann",
    "two strangers beside ann",
    "ann, who looks young",
    "a back beside ann",
    "what is hardly a face beside ann",
    "a tiny face beside ann",
    "a blurred face beside ann",
    "a building that pat saw",
}


def expected(kind: str, answer: str) -> type[Exception] | str | set[str]:
    """What comes of an answer: whom the picture belongs to then, that a second has to agree, or the error."""
    left, known = OPEN.get(kind, []), {"ann"} if kind in KNOWN else set[str]()
    match answer:
        case "nothing":
            return LEFT_OUT if left or not known or kind in UNSEEN else known
        case "nobody":
            return LEFT_OUT if left else known or {"controller"}
        case "it is ann":
            # Ann was recognised already, so naming her says nothing of another face.
            if len(left) > 1 or (left and known):
                return LEFT_OUT
            return _named(kind, "ann", known) if left else {"ann"}
        case "it is bob" | "it is eve" | "it is noa":
            name = answer.removeprefix("it is ")
            if len(left) > 1:
                return LEFT_OUT
            return _named(kind, name, known) if left else REFUSED if name == "eve" else known | {name}
        case "blur":
            if kind in UNSEEN:
                return LEFT_OUT
            return known or {"controller"} if left else known or LEFT_OUT
        case "no-face" | "too-small" | "too-blurred":
            if left and kind not in ALLOWED[answer]:
                return REFUSED
            return LEFT_OUT if kind in UNSEEN else known or LEFT_OUT
        case _:
            # "each is bob": of every face that is open, by its number.
            if not left:
                return LEFT_OUT if kind in UNSEEN else known or LEFT_OUT
            return _named(kind, "bob", known)


def _named(kind: str, name: str, known: set[str]) -> type[Exception] | str | set[str]:
    """What comes of it where the open faces are said to be somebody's."""
    if kind == "ann twice":
        return REFUSED
    if LIKE.get(kind) != name and name != "noa" and kind not in INCOMPARABLE:
        return REFUSED
    if kind in UNSEEN:
        return LEFT_OUT
    if name == "eve":
        return REFUSED
    return known | {name} if LIKE.get(kind) == name else WAITS


ANSWERS: dict[str, Callable[[list[int]], dict[str, Any]]] = {
    "nothing": lambda left: {},
    "nobody": lambda left: {"nobody": True},
    "it is ann": lambda left: {"subjects": ["ann"]},
    "it is bob": lambda left: {"subjects": ["bob"]},
    "it is eve": lambda left: {"subjects": ["eve"]},
    "it is noa": lambda left: {"subjects": ["noa"]},
    "blur": lambda left: {"others": "blur"},
    "no-face": lambda left: {"others": "no-face"},
    "too-small": lambda left: {"others": "too-small"},
    "too-blurred": lambda left: {"others": "too-blurred"},
    "each is bob": lambda left: {"faces": dict.fromkeys(left, "bob")},
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_of_an_answer(studio: Studio, kind: str, answer: str) -> None:
    image = held(studio, kind)
    want, said = expected(kind, answer), ANSWERS[answer](OPEN.get(kind, []))
    before = studio.parts.log.size
    if isinstance(want, set):
        (decision,) = studio.ws.review.decide(image, clear=True, reviewer="rita", purpose=PURPOSE, **said)
        assert decision.verdict == "cleared"
        row = studio.parts.records.require("image", image)
        assert set(row.owners) == want
        assert not any(face.template for face in studio.parts.pictures.find(image).faces)
    elif isinstance(want, str):
        for name, verdict in (("rita", "held"), ("otto", "cleared")):
            (decision,) = studio.ws.review.decide(image, clear=True, reviewer=name, purpose=PURPOSE, **said)
            assert decision.verdict == verdict
    else:
        with pytest.raises(want):
            studio.ws.review.decide(image, clear=True, reviewer="rita", purpose=PURPOSE, **said)
        assert studio.parts.log.size == before
        assert [row.state for row in studio.parts.records.rows("decision", parent=image)] == ["held"]
    assert studio.ws.audit().ok


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_of_any_kind_can_be_rejected(studio: Studio, kind: str) -> None:
    image = held(studio, kind)
    (decision,) = studio.ws.review.decide(image, clear=False, reviewer="rita", purpose=PURPOSE)
    assert decision.verdict == "rejected"


@pytest.mark.parametrize("kind", sorted(OPEN))
def test_a_face_that_is_blurred_is_filled_in_what_is_kept(studio: Studio, kind: str) -> None:
    image = held(studio, kind)
    given = studio.parts.pictures.find(image)
    said = {"others": "blur", "nobody": kind in UNSEEN}
    studio.ws.review.decide(image, clear=True, reviewer="rita", purpose=PURPOSE, **said)
    kept = studio.parts.pictures.find(image)
    assert "redacted" in {each.code for each in kept.observed}
    pixels = np.asarray(Pillow.open(_file(studio, kept)).convert("RGB"))
    for number in OPEN[kind]:
        left, top, width, height = (int(value) for value in given.faces[number].box)
        inside = pixels[top : top + height, left : left + width].reshape(-1, 3)
        assert len(np.unique(inside, axis=0)) == 1, number


def _file(studio: Studio, image: Any) -> Any:
    import io

    return io.BytesIO(studio.parts.vault.open(image.original, image.sha256))


@pytest.mark.parametrize(
    ("setting", "kind", "answer"),
    [
        ({"no_face_below": 0.5}, "what is hardly a face beside ann", "no-face"),
        ({"too_small_px": 10.0}, "a tiny face beside ann", "too-small"),
        ({"too_blurred_below": 0.0}, "a blurred face beside ann", "too-blurred"),
    ],
)
def test_a_policy_draws_the_limit_closer(
    studio: Studio, setting: dict[str, float], kind: str, answer: Any
) -> None:
    image = held(studio, kind, review=setting)
    with pytest.raises(RefusedError):
        studio.ws.review.decide(image, clear=True, others=answer, reviewer="rita", purpose=PURPOSE)


def test_how_sharp_a_face_is_is_said_where_it_is_not_too_blurred(studio: Studio) -> None:
    image = held(studio, "a stranger beside ann")
    with pytest.raises(RefusedError, match=r"Face 1 is too sharp for that \(\d\.\d{3}\).*limit is 0\.03"):
        studio.ws.review.decide(image, clear=True, others="too-blurred", reviewer="rita", purpose=PURPOSE)


NO = {
    "withdrawn": lambda s: s.parts.consent.withdraw("ann"),
    "restricted": lambda s: s.parts.restrictions.run(s.ws.requests.open("restriction", "ann").id),
}


@pytest.mark.parametrize("no", NO)
@pytest.mark.parametrize("name", ["bob", "noa"])
def test_a_face_that_surely_matches_somebody_who_said_no_is_nobody_elses(
    studio: Studio, no: str, name: str
) -> None:
    image = held(studio, "a stranger beside ann")
    NO[no](studio)
    decide = studio.ws.review.decide
    with pytest.raises(RefusedError, match="Face 0 surely matches ann, so it can't be"):
        decide(image, clear=True, faces={0: name}, others="blur", reviewer="rita", purpose=PURPOSE)
    with pytest.raises(RefusedError, match="ann has no release that covers this"):
        decide(image, clear=True, others="blur", reviewer="rita", purpose=PURPOSE)
    for said in ("no-face", "too-small", "too-blurred"):
        with pytest.raises(RefusedError, match="Face 0 was recognised"):
            decide(image, clear=True, faces={0: said}, others="blur", reviewer="rita", purpose=PURPOSE)


def test_nobody_is_in_a_picture_twice(studio: Studio) -> None:
    decide = studio.ws.review.decide
    image = held(studio, "ann twice")
    with pytest.raises(RefusedError, match="Faces 0 and 1 can't both be ann's"):
        decide(image, clear=True, faces={0: "ann", 1: "ann"}, reviewer="rita", purpose=PURPOSE)
    with pytest.raises(RefusedError, match="Face 0 surely matches ann"):
        decide(image, clear=True, faces={0: "noa", 1: "blur"}, reviewer="rita", purpose=PURPOSE)
    with pytest.raises(RefusedError, match=r"Face 1 isn't like bob's: it comes to \d+ % .* asks for 75 %"):
        decide(image, clear=True, faces={0: "ann", 1: "bob"}, reviewer="rita", purpose=PURPOSE)
    (decision,) = decide(image, clear=True, faces={0: "ann", 1: "blur"}, reviewer="rita", purpose=PURPOSE)
    assert decision.verdict == "cleared"


def test_a_stranger_is_not_somebody_who_was_recognised_beside_them(studio: Studio) -> None:
    image = held(studio, "a stranger beside ann")
    with pytest.raises(RefusedError):
        studio.ws.review.decide(image, clear=True, faces={1: "ann"}, reviewer="rita", purpose=PURPOSE)


def test_a_policy_asks_for_more_likeness(studio: Studio) -> None:
    image = held(studio, "somebody a little like ann", review={"person_min": 95.0})
    with pytest.raises(RefusedError, match=r"comes to 8\d % of a match, and .* 95 %"):
        studio.ws.review.decide(image, clear=True, subjects=["ann"], reviewer="rita", purpose=PURPOSE)


@pytest.mark.parametrize("code", ["person", "bystander"])
def test_whom_a_reviewer_saw_is_answered_too(studio: Studio, code: str) -> None:
    studio.photo("ann")
    studio.clear()
    (image,) = {each.image for each in studio.ws.status().files}
    studio.ws.review.flag(image, code, reviewer="pat")
    with pytest.raises(UsageError, match="whose face wasn't found"):
        studio.ws.review.decide(image, clear=True, reviewer="rita", purpose=PURPOSE)
    (decision,) = studio.ws.review.decide(image, clear=True, nobody=True, reviewer="rita", purpose=PURPOSE)
    assert decision.verdict == "cleared"


def test_whoever_is_older_by_their_birth_date_is_not_asked_about(studio: Studio) -> None:
    shown(studio, {"who": "bob", "young": 0.99})
    assert studio.clear()["cleared"] == 1


def test_a_policy_may_have_everybody_asked_about_who_looks_young(studio: Studio) -> None:
    shown(studio, {"who": "bob", "young": 0.99})
    body = find_policy("generative-training").model_dump(mode="json")
    policy = type(find_policy("generative-training")).model_validate(
        {**body, "minors": {"refer_from": 0.2, "below_age": 200}}
    )
    studio.ws.add([studio.folder / "inbox"])
    assert studio.ws.clear(policy=policy).totals["held"] == 1


def test_what_one_purpose_lets_be_said_another_may_not(studio: Studio) -> None:
    image = held(studio, "what is hardly a face beside ann")
    body = find_policy("redistribution").model_dump(mode="json")
    stricter = type(find_policy("redistribution")).model_validate({**body, "review": {"no_face_below": 0.5}})
    studio.ws.clear(policy=stricter)
    decide = studio.ws.review.decide
    (first,) = decide(image, clear=True, others="no-face", reviewer="rita", purpose=PURPOSE)
    assert first.verdict == "cleared"
    for said, error in (({"nobody": True}, UsageError), ({"others": "no-face"}, RefusedError)):
        with pytest.raises(error):
            decide(image, clear=True, reviewer="rita", purpose="redistribution", **said)


@pytest.mark.parametrize(
    "setting", [{"no_face_below": 0.9}, {"too_small_px": 40.0}, {"too_blurred_below": 0.1}]
)
def test_no_policy_draws_the_limit_wider(setting: dict[str, float]) -> None:
    body = find_policy("generative-training").model_dump(mode="json")
    with pytest.raises(ValueError, match="less than or equal"):
        type(find_policy("generative-training")).model_validate({**body, "review": setting})


def test_two_reviewers_have_to_say_the_same_of_each_face(studio: Studio) -> None:
    image = held(studio, "two strangers beside ann", review={"reviewers": 2})
    decide = studio.ws.review.decide
    (first,) = decide(image, clear=True, faces={1: "noa"}, others="blur", reviewer="rita", purpose=PURPOSE)
    assert (first.verdict, first.approvals[0].answers) == ("held", ("1=noa", "2=blur"))
    with pytest.raises(ConflictError, match="about a face"):
        decide(image, clear=True, faces={2: "noa"}, others="blur", reviewer="otto", purpose=PURPOSE)
    (second,) = decide(image, clear=True, faces={1: "noa"}, others="blur", reviewer="otto", purpose=PURPOSE)
    assert second.verdict == "cleared"
    assert studio.parts.records.require("image", image).owners == ("ann", "noa")


def test_an_answer_to_a_question_about_one_face_needs_no_number(studio: Studio) -> None:
    for _ in range(2):
        shown(studio, {"who": "ann"}, {"who": "x"})
    studio.clear()
    (question,) = studio.ws.review.list()
    with pytest.raises(UsageError, match="another in each picture"):
        studio.ws.review.decide(question.id, clear=True, faces={1: "bob"}, reviewer="rita")
    decided = studio.ws.review.decide(question.id, clear=True, others="blur", reviewer="rita")
    assert [each.verdict for each in decided] == ["cleared", "cleared"]


def test_a_face_that_is_not_there_is_named(studio: Studio) -> None:
    image = held(studio, "a stranger beside ann")
    with pytest.raises(UsageError, match="has no face 7") as error:
        studio.ws.review.decide(image, clear=True, faces={7: "blur"}, reviewer="rita")
    assert error.value.remedy == "Its faces: 0, 1."


def held(studio: Studio, kind: str, **settings: Any) -> str:
    """The identifier of a held picture of the kind."""
    KINDS[kind](studio)
    body = find_policy("generative-training").model_dump(mode="json")
    policy = type(find_policy("generative-training")).model_validate(
        {**body, "findings": {"no-release": "held"}, **settings}
    )
    studio.ws.add([studio.folder / "inbox"])
    studio.ws.clear(policy=policy)
    ((image, _),) = studio.parts.review.queue()
    return str(image.id)
