"""Works: drawn from what is served, labelled, and compared with the people behind them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.catalogue.generation_result import seed_of
from volenti.catalogue.grid import grid_png
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.service import choose
from volenti.catalogue.work import DIGITAL_SOURCE_TYPE
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.perception.sight.faces import Face
from volenti.training.recipe import Recipe
from volenti.training.run import Constituent
from volenti.vault.blob import BlobRef
from volenti.vault.ports import Location

REF = BlobRef.at(("s",), "constituent", Location("run", "00", 0, 0))


def constituent(shard: int, images: int) -> Constituent:
    return Constituent(shard, "", "", images, 10, REF)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee")
    studio.trained(RECIPE)
    return studio


def test_a_seed_draws_the_same_picture_again(studio: Studio) -> None:
    first = studio.ws.generate(["a man", "a woman"], seed=5)
    again = studio.ws.generate(["a man", "a woman"], seed=5)
    assert [each.png for each in first.drawn] == [each.png for each in again.drawn]


def test_a_picture_does_not_depend_on_what_else_is_drawn(studio: Studio) -> None:
    alone = studio.ws.generate(["a woman"], seed=6)
    among = studio.ws.generate(["a man", "a woman"], seed=5)
    assert among.drawn[1].png == alone.drawn[0].png


def test_each_prompt_is_drawn_as_often_as_asked_and_what_it_never_learned_is_said(studio: Studio) -> None:
    edition = studio.ws.generate(["a zebra", "a man in a hat"], count=2)
    assert [each.work.prompt for each in edition.drawn] == ["a zebra"] * 2 + ["a man in a hat"] * 2
    assert edition.unknown_words == ("hat", "zebra")
    side = edition.drawn[0].pixels.shape[0]
    assert Image.open(io.BytesIO(edition.grid(2))).height == 2 * side + 2


def test_behind_them_comes_a_picture_a_colour_or_nothing(studio: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (90, 60), (10, 20, 200)).save(tmp_path / "office.png")
    for background, mode in ((tmp_path / "office.png", "RGB"), ("white", "RGB"), ("transparent", "RGBA")):
        (drawn,) = studio.ws.generate(["a man"], background=background).drawn
        assert Image.open(io.BytesIO(drawn.png)).mode == mode
    (tmp_path / "notes.txt").write_text("no picture")
    for background in (tmp_path / "notes.txt", tmp_path / "nowhere.png"):
        with pytest.raises(UsageError):
            studio.ws.generate(["a man"], background=background)


def test_a_work_is_listed_and_drawn_again_to_be_looked_at(studio: Studio) -> None:
    (drawn,) = studio.ws.generate(["a man"], seed=3).drawn
    (listed,) = studio.ws.works.list()
    assert (listed.work, listed.too_near_to) == (drawn.work, ())
    assert list(studio.ws.works.list(refused=True)) == list(studio.ws.works.list(withdrawn=True)) == []
    shown = studio.ws.works.show(drawn.work.id, picture=True)
    assert (shown.picture, shown.same, shown.likeness) == (drawn.png, True, drawn.likeness)
    assert studio.ws.works.show(drawn.work.id).picture is None
    with pytest.raises(UsageError, match="one kind"):
        studio.ws.works.list(refused=True, withdrawn=True)


def test_every_work_is_recorded_with_how_it_was_made(studio: Studio) -> None:
    (drawn,) = studio.ws.generate(["a man"], seed=3).drawn
    (work,) = studio.parts.catalogue.ledger.works()
    assert work == drawn.work == studio.parts.catalogue.ledger.find(work.id)
    assert (work.prompt, work.seed, work.refused) == ("a man", 3, ())


def test_a_work_says_in_its_xmp_that_a_model_made_it(studio: Studio) -> None:
    (drawn,) = studio.ws.generate(['a man & a "woman" <b>'], seed=3).drawn
    xmp = Image.open(io.BytesIO(drawn.png)).getxmp()
    described = xmp["xmpmeta"]["RDF"]["Description"]
    assert described["DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert "trainedAlgorithmicMedia" in DIGITAL_SOURCE_TYPE


def test_labelling_changes_no_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(labelled_png(pixels, "x")))), pixels)


def test_a_missing_picture_leaves_its_place_in_the_grid(studio: Studio) -> None:
    drawn = studio.ws.generate(["a man"] * 4, seed=1).drawn
    all_four = {each.number: each.pixels for each in drawn}
    without_one = {number: pixels for number, pixels in all_four.items() if number != 1}
    whole, lacking = (
        np.asarray(Image.open(io.BytesIO(grid_png(shown, 2, "a man")))) for shown in (all_four, without_one)
    )
    assert whole.shape == lacking.shape
    side = drawn[0].pixels.shape[0]
    assert (lacking[:side, -side:] == 255).all()
    lacking = lacking.copy()
    lacking[:side, -side:] = whole[:side, -side:]
    assert (lacking == whole).all()


def shows(studio: Studio, name: str, *seeds: int) -> None:
    """From now on the works of these seeds show somebody's face."""
    for seed in seeds:
        (drawn,) = studio.ws.generate(["a man"], seed=seed, tries=1).drawn
        face = Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), studio.people[name])
        studio.detector.tell(drawn.pixels, [face])


def test_a_work_that_shows_somebody_is_refused_and_names_them_only_sealed(studio: Studio) -> None:
    shows(studio, "ann", 1)
    edition = studio.ws.generate(["a man"], seed=1, tries=1)
    (refused,) = edition.refused
    assert (edition.drawn, edition.missing) == ((), 1)
    assert refused.likeness.face is not None
    assert refused.likeness.face.subjects == ("ann",)
    ledger = studio.parts.catalogue.ledger
    assert ledger.works(refused=True) == [refused.work]
    assert refused.work.refused == ("face",)
    assert ledger.too_near_to(refused.work.id) == ("ann",)
    for kind in ("work", "portrait"):
        row = studio.parts.records.row(kind, refused.work.id)
        assert row is not None
        assert row.owners == ("ann",)
        assert b"man" not in row.body


def test_another_is_drawn_in_its_place_with_a_further_seed(studio: Studio) -> None:
    shows(studio, "ann", 6, seed_of(6, 1))
    asked = ["a man"] * 3
    edition = studio.ws.generate(asked, seed=5)
    assert [each.work.seed for each in edition.drawn] == [5, seed_of(6, 2), 7]
    assert [each.number for each in edition.drawn] == [0, 1, 2]
    assert [each.work.seed for each in edition.refused] == [6, seed_of(6, 1)]
    assert edition.missing == 0
    again = studio.ws.generate(asked, seed=5)
    assert [each.png for each in again.drawn] == [each.png for each in edition.drawn]


def test_the_tries_end_and_what_is_missing_is_counted(studio: Studio) -> None:
    shows(studio, "ann", 1, seed_of(1, 1))
    edition = studio.ws.generate(["a man", "a man"], seed=1, tries=2)
    assert [each.work.seed for each in edition.drawn] == [2]
    assert (len(edition.refused), edition.missing) == (2, 1)
    with pytest.raises(UsageError):
        studio.ws.generate(["a man"], tries=0)


def test_a_refused_work_can_be_looked_at_by_drawing_it_again(studio: Studio) -> None:
    shows(studio, "ann", 1)
    edition = studio.ws.generate(["a man"], seed=1)
    for work in (edition.refused[0].work, edition.drawn[0].work):
        png, same = studio.parts.catalogue.redraw(work)
        assert same
        assert sha256(png) == work.sha256


def simple_photo(studio: Studio, name: str, caption: str) -> None:
    """A picture of somebody in a few large blots, which even the trainer in memory can remember."""
    path = studio.photo(name, caption=caption)
    blots = np.random.default_rng(studio.photos).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    picture = Image.fromarray(blots).resize((48, 48), Image.Resampling.BICUBIC)
    picture.save(path)
    face = Face((8, 8, 30, 30), 0.9, np.zeros((5, 2), np.float32), studio.people[name])
    studio.detector.tell(np.asarray(picture), [face])


def test_a_copy_of_a_training_picture_is_refused_as_one(tmp_path: Path) -> None:
    # Every person has a word of their own and one picture, looked at until it is known by heart.
    studio = Studio.open(tmp_path)
    for name, colour in (("ann", "red"), ("bob", "green")):
        studio.person(name)
        simple_photo(studio, name, colour)
    studio.trained(Recipe(shards=1, slices=1, samples_per_image=100, min_people=1, learning_rate=0.5))
    edition = studio.ws.generate(["green"], seed=1, guidance=1.0)
    assert edition.missing == 1
    assert {each.work.refused for each in edition.refused} == {("copy",)}
    assert {studio.parts.catalogue.ledger.too_near_to(each.work.id) for each in edition.refused} == {("bob",)}
    barely = studio.ws.train("humans", RECIPE).run
    assert not studio.ws.generate(["green"], seed=1, guidance=1.0, run=barely).refused


def test_sketches_go_with_the_slice_when_anybody_in_it_is_erased(studio: Studio) -> None:
    run = studio.parts.training.run().id
    before = {
        name
        for book in studio.parts.training.model_store.copy_indexes(run)
        if book
        for group in book.groups
        for name in group
    }
    assert before == {"ann", "bob", "cid", "dee"}
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    after = {
        name
        for book in studio.parts.training.model_store.copy_indexes(run)
        if book
        for group in book.groups
        for name in group
    }
    assert after == {"bob", "cid", "dee"}
    assert studio.ws.audit().ok


def test_a_slice_taken_over_keeps_its_sketches(studio: Studio) -> None:
    studio.ws.datasets.cut("humans", PURPOSE)
    report = studio.ws.train("humans@2", RECIPE)
    assert report.slices_taken_over
    books = studio.parts.training.model_store.copy_indexes(report.run)
    assert sum(len(book.rows) for book in books if book) == 8


def faceless(studio: Studio, *seeds: int) -> None:
    """From now on no face is found in the pictures of these seeds."""
    for seed in seeds:
        (drawn,) = studio.ws.generate(["a man"], seed=seed, tries=1).drawn
        studio.detector.tell(drawn.pixels, [])


@pytest.mark.parametrize(
    ("without", "tries", "drawn", "counted"),
    [
        ((), 3, [1, 2], 0),
        ((1,), 3, [seed_of(1, 1), 2], 1),
        ((1, 2), 3, [seed_of(1, 1), seed_of(2, 1)], 2),
        ((1, seed_of(1, 1)), 3, [seed_of(1, 2), 2], 2),
        ((1, seed_of(1, 1), seed_of(1, 2)), 3, [2], 3),
        ((1,), 1, [2], 1),
        ((1, 2), 1, [], 2),
    ],
)
def test_a_picture_without_a_face_is_no_work_and_another_is_drawn(
    studio: Studio, without: tuple[int, ...], tries: int, drawn: list[int], counted: int
) -> None:
    faceless(studio, *without)
    known = {work.id for work in studio.parts.catalogue.ledger.works()}
    result = studio.ws.generate(["a man"] * 2, seed=1, tries=tries)
    assert [each.work.seed for each in result.drawn] == drawn
    assert (result.faceless, result.missing, result.refused) == (counted, 2 - len(drawn), ())
    kept = {work.id for work in studio.parts.catalogue.ledger.works()} - known
    assert kept == {each.work.id for each in result.drawn}, "nothing of it is on record"
    assert all(each.likeness.found_face for each in result.drawn)


def test_a_copy_without_a_face_is_refused_as_a_copy(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    for name, colour in (("ann", "red"), ("bob", "green")):
        studio.person(name)
        simple_photo(studio, name, colour)
    studio.trained(Recipe(shards=1, slices=1, samples_per_image=100, min_people=1, learning_rate=0.5))
    studio.detector.tell_nothing_more()
    result = studio.ws.generate(["green"], seed=1, guidance=1.0)
    assert {each.work.refused for each in result.refused} == {("copy",)}
    assert result.faceless == 0


def test_a_work_drawn_again_as_another_picture_without_a_face_is_not_shown(studio: Studio) -> None:
    (drawn,) = studio.ws.generate(["a man"], seed=3).drawn
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)
    studio.detector.tell_nothing_more()
    with pytest.raises(ConflictError, match="no face"):
        studio.ws.works.show(drawn.work.id, picture=True)


def test_what_was_refused_for_somebody_goes_with_them_and_is_counted_no_more(studio: Studio) -> None:
    shows(studio, "ann", 1)
    shows(studio, "bob", 2)
    edition = studio.ws.generate(["a man"] * 2, seed=1, tries=1)
    ann, bob = (each.work for each in edition.refused)
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ann", identity="in-person").id)
    ledger = studio.parts.catalogue.ledger
    assert ledger.works(refused=True) == [bob]
    with pytest.raises(NotFoundError):
        ledger.find(ann.id)
    told = [each.body for each in studio.parts.records.find("event", state="work-refused")]
    assert [each["event"]["body"]["work"] for each in told] == [bob.id]


def test_nothing_is_generated_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Studio.open(tmp_path).ws.generate(["a man"])


def test_the_mixture_draws_each_constituents_share() -> None:
    served = [constituent(0, 300), constituent(1, 100)]
    chosen = [choose(served, seed).shard for seed in range(4000)]
    assert 0.72 < chosen.count(0) / 4000 < 0.78


def test_the_choice_is_a_function_of_seed_and_mixture() -> None:
    served = [constituent(0, 3), constituent(1, 5)]
    assert [choose(served, s).shard for s in range(50)] == [choose(served, s).shard for s in range(50)]
    assert choose([constituent(4, 1)], 7).shard == 4
