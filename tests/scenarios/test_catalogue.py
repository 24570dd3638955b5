"""Works: drawn from what is served, labelled, and compared with the people behind them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.studio import RECIPE, Studio
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.service import choose
from volenti.catalogue.work import DIGITAL_SOURCE_TYPE
from volenti.clearance.sight.faces import Face
from volenti.core.errors import NotFoundError
from volenti.training.run import Constituent
from volenti.vault.blob import BlobRef
from volenti.vault.ports import Location

REF = BlobRef(("s",), "constituent", Location("run", "00", 0, 0))


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
    assert [each.png for each in first] == [each.png for each in again]


def test_a_picture_does_not_depend_on_what_else_is_drawn(studio: Studio) -> None:
    alone = studio.ws.generate(["a woman"], seed=6)
    among = studio.ws.generate(["a man", "a woman"], seed=5)
    assert among[1].png == alone[0].png


def test_every_work_is_recorded_with_how_it_was_made(studio: Studio) -> None:
    drawn = studio.ws.generate(["a man"], seed=3)
    (work,) = studio.ws.catalogue.works()
    assert work == drawn[0].work
    assert (work.prompt, work.seed) == ("a man", 3)


def test_a_work_says_in_its_xmp_that_a_model_made_it(studio: Studio) -> None:
    drawn = studio.ws.generate(['a man & a "woman" <b>'], seed=3)[0]
    xmp = Image.open(io.BytesIO(drawn.png)).getxmp()
    described = xmp["xmpmeta"]["RDF"]["Description"]
    assert described["DigitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert "trainedAlgorithmicMedia" in DIGITAL_SOURCE_TYPE


def test_labelling_changes_no_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(labelled_png(pixels, "x")))), pixels)


def test_a_work_that_shows_somebody_is_too_close_and_names_them_only_sealed(studio: Studio) -> None:
    pixels = studio.ws.generate(["a man"], seed=1)[0].pixels
    face = Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), studio.people["ann"])
    studio.detector.tell(pixels, [face])
    drawn = studio.ws.generate(["a man"], seed=1)[0]
    assert drawn.likeness.subject == "ann"
    assert drawn.likeness.too_close
    row = next(studio.ws.records.rows("likeness"))
    assert row.owners == ("ann",)
    assert b"ann" not in row.body


def test_a_work_without_a_face_has_no_likeness(studio: Studio) -> None:
    drawn = studio.ws.generate(["a man"], seed=2)[0]
    assert drawn.likeness.score is None
    assert not drawn.likeness.found_face


def test_erasing_the_person_erases_their_likeness_and_keeps_the_work(studio: Studio) -> None:
    pixels = studio.ws.generate(["a man"], seed=1)[0].pixels
    studio.detector.tell(
        pixels, [Face((8, 8, 40, 40), 0.9, np.zeros((5, 2), np.float32), studio.people["ann"])]
    )
    studio.ws.generate(["a man"], seed=1)
    works = len(studio.ws.catalogue.works())
    studio.ws.run(studio.ws.request("erasure", "ann").id)
    assert list(studio.ws.records.rows("likeness")) == []
    assert len(studio.ws.catalogue.works()) == works


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
