"""The trainer's contract, run over every adapter: what exact forgetting rests on."""

import atexit
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from tests.unit.adapters.pipelines import write_pipeline
from tests.unit.generation.autoregression.small import write_base
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.adapters.trainer import measurement
from volenti.adapters.trainer.memory import MemoryTrainer
from volenti.adapters.trainer.pipeline import PipelineTrainer
from volenti.adapters.trainer.torch import TorchTrainer
from volenti.core.errors import IntegrityError, UsageError
from volenti.generation.bases import shipped_base
from volenti.training.partition import Place
from volenti.training.ports import Drawing, SliceTask, StepReport, Trainer
from volenti.training.recipe import Recipe


@cache
def autoregressive_base() -> Path:
    """A small base of the other architecture, in a file that lasts as long as the tests."""
    folder = Path(mkdtemp(prefix="base-"))
    atexit.register(shutil.rmtree, folder)
    return write_base(folder / "small.safetensors")


@cache
def pipeline(family: str) -> Path:
    """A small pipeline of a family, in a folder that lasts as long as the tests."""
    folder = Path(mkdtemp(prefix="pipeline-"))
    atexit.register(shutil.rmtree, folder)
    return write_pipeline(folder / family, family)


ADAPTERS: dict[str, Callable[[], Trainer]] = {
    "memory": MemoryTrainer,
    "torch": lambda: TorchTrainer(shipped_base()),
    "torch, autoregressive": lambda: TorchTrainer(autoregressive_base()),
    "a pipeline of Stable Diffusion": lambda: PipelineTrainer(pipeline("sd")),
    "a pipeline of SDXL": lambda: PipelineTrainer(pipeline("sdxl")),
    "a pipeline of Stable Diffusion 3": lambda: PipelineTrainer(pipeline("sd3")),
}

RECIPE = Recipe(samples_per_image=4, batch=4)


@pytest.fixture(params=ADAPTERS)
def trainer(request: pytest.FixtureRequest) -> Trainer:
    return ADAPTERS[request.param]()


def task(images: int = 3, seed: int = 5) -> SliceTask:
    frames = np.random.default_rng(0).integers(0, 255, (images, 64, 64, 3), dtype=np.uint8)
    captions = tuple(f"a {word} in a red top" for word in ("man", "woman", "person")[:images])
    return SliceTask(Place(0, 0), frames, captions, RECIPE, seed)


def test_the_same_task_gives_the_same_bytes(trainer: Trainer) -> None:
    assert trainer.train(task()).weights == trainer.train(task()).weights


def test_a_fresh_process_gives_the_same_bytes(trainer: Trainer) -> None:
    jobs = LocalJobRunner(1)
    away = dict(jobs.run(trainer.train, [task()]))[0]
    jobs.close()
    assert away.weights == dict(jobs.run(trainer.train, [task()]))[0].weights
    jobs.close()


@pytest.mark.parametrize(
    "other",
    [
        task(images=2),
        task(seed=6),
        replace(task(), captions=("a man", "a woman in a blue top", "a person")),
        replace(task(), frames=255 - task().frames),
        replace(task(), recipe=replace(RECIPE, learning_rate=1e-3)),
    ],
    ids=["a picture less", "another seed", "other captions", "other pixels", "another rate"],
)
def test_anything_else_gives_other_bytes(trainer: Trainer, other: SliceTask) -> None:
    assert trainer.train(task()).weights != trainer.train(other).weights


def test_a_training_reports_losses_and_time(trainer: Trainer) -> None:
    result = trainer.train(task())
    assert all(loss > 0 for loss in result.losses)
    assert result.seconds > 0
    if not isinstance(trainer, MemoryTrainer):
        assert 0 < result.step_seconds < result.seconds
        # More than torch itself takes.
        assert result.memory_bytes > 100_000_000


def test_who_watches_a_training_changes_no_bit(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement, "REPORT_SECONDS", 0.0)
    reports: list[StepReport] = []
    watched = trainer.train(task(), reports.append)
    assert watched.weights == trainer.train(task()).weights
    assert [each.done for each in reports] == list(range(1, reports[-1].steps + 1))
    if not isinstance(trainer, MemoryTrainer):
        # The quarters of so short a training are its steps.
        assert tuple(each.loss for each in reports) == watched.losses


def test_merging_is_repeatable_and_depends_on_every_part(trainer: Trainer) -> None:
    one, two = trainer.train(task()).weights, trainer.train(task(seed=6)).weights
    merged = trainer.merge([(3, one), (2, two)])
    assert merged == trainer.merge([(3, one), (2, two)])
    assert merged != trainer.merge([(3, one)])
    assert merged != trainer.merge([(3, one), (3, two)])


def test_merging_makes_the_mean_change_larger(trainer: Trainer) -> None:
    one, two = trainer.train(task()).weights, trainer.train(task(seed=6)).weights
    parts = [(3, one), (2, two)]
    assert trainer.merge(parts, 1.0) == trainer.merge(parts)
    assert trainer.merge(parts, 1.6) == trainer.merge(parts, 1.6)
    assert len({trainer.merge(parts, scale) for scale in (0.5, 1.0, 1.6)}) == 3


def test_merging_nothing_is_the_base(trainer: Trainer) -> None:
    base = trainer.merge([])
    assert base == trainer.merge([])
    assert base != trainer.merge([(1, trainer.train(task()).weights)])


def test_a_drawing_is_a_function_of_its_seed(trainer: Trainer) -> None:
    weights = trainer.merge([(3, trainer.train(task()).weights)])
    drawings = [Drawing("a man in a red top", 1), Drawing("a man in a red top", 2)]
    first = trainer.draw(weights, drawings, guidance=2.0, steps=2)
    again = trainer.draw(weights, drawings, guidance=2.0, steps=2)
    assert first.shape == (2, 64, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first[0], first[1])


def test_a_drawing_is_the_same_whatever_is_drawn_beside_it(trainer: Trainer) -> None:
    weights = trainer.merge([(3, trainer.train(task()).weights)])
    drawings = [Drawing("a man in a red top", seed) for seed in range(3)]
    together = trainer.draw(weights, drawings, guidance=2.0, steps=2)
    alone = [trainer.draw(weights, [each], guidance=2.0, steps=2)[0] for each in drawings]
    assert np.array_equal(together, np.stack(alone))


def test_nothing_to_draw_gives_no_pictures(trainer: Trainer) -> None:
    pytest.importorskip("torch")
    if isinstance(trainer, TorchTrainer):
        assert trainer.draw(b"", [], guidance=1.0, steps=1).shape == (0, 64, 64, 3)


def test_unknown_words_are_told(trainer: Trainer) -> None:
    if isinstance(trainer, PipelineTrainer):
        # It knows any word, and reads so many.
        assert trainer.unknown_words("a man riding a unicorn" + " a" * 70)[-1:] == ("a",)
        return
    assert trainer.unknown_words("a man riding a unicorn") == ("riding", "unicorn")


def test_the_environment_is_recorded(trainer: Trainer) -> None:
    assert trainer.environment() == trainer.environment()
    assert trainer.environment()


def test_a_trainer_can_be_sent_to_a_worker(trainer: Trainer) -> None:
    assert pickle.loads(pickle.dumps(trainer)).base_sha256 == trainer.base_sha256


def test_damaged_weights_are_refused() -> None:
    with pytest.raises(IntegrityError):
        TorchTrainer(shipped_base()).merge([(1, b"damaged")])
    with pytest.raises(IntegrityError):
        TorchTrainer(shipped_base()).draw(b"damaged", [Drawing("a man", 1)], guidance=1.0, steps=1)


def test_without_a_gpu_asking_for_one_is_refused_with_a_remedy() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    for trainer in (TorchTrainer(shipped_base(), "cuda"), PipelineTrainer(pipeline("sd"), "cuda")):
        for asked in (
            lambda trainer=trainer: trainer.draw(b"", [Drawing("a man", 1)], guidance=1.0, steps=1),
            lambda trainer=trainer: trainer.train(task()),
        ):
            with pytest.raises(UsageError, match="no GPU") as refusal:
                asked()
            assert "VOLENTI_DEVICE" in refusal.value.remedy


def test_weights_do_not_depend_on_the_number_of_threads_outside() -> None:
    torch = pytest.importorskip("torch")
    trainer = TorchTrainer(shipped_base())
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two = trainer.train(task()).weights
        torch.set_num_threads(1)
        assert trainer.train(task()).weights == two
    finally:
        torch.set_num_threads(before)


def test_full_copies_are_merged_and_drawn_from(trainer: Trainer) -> None:
    if isinstance(trainer, PipelineTrainer):
        # A pipeline's slices are adapters.
        with pytest.raises(UsageError, match="rank"):
            trainer.train(replace(task(), recipe=replace(RECIPE, rank=0)))
        return
    whole = replace(task(), recipe=replace(RECIPE, rank=0))
    weights = trainer.train(whole).weights
    assert weights == trainer.train(whole).weights
    drawings = [Drawing("a man", 1)]
    base = trainer.draw(b"", drawings, guidance=1.0, steps=2)
    drawn = trainer.draw(trainer.merge([(3, weights)]), drawings, guidance=1.0, steps=2)
    assert drawn.shape == base.shape
    assert (drawn != base).any()


def losses(trainer: Trainer, weights: bytes, shown: SliceTask, seed: int = 1, draws: int = 4) -> np.ndarray:
    return trainer.losses(weights, shown.frames, shown.captions, seed=seed, draws=draws)


def test_losses_are_a_number_a_chance_of_each_picture_and_the_same_every_time(trainer: Trainer) -> None:
    weights = trainer.merge([(3, trainer.train(task()).weights)])
    found = losses(trainer, weights, task())
    assert found.shape == (3, 4)
    assert found.dtype == np.float32
    assert np.array_equal(found, losses(trainer, weights, task()))
    if trainer != ADAPTERS["torch, autoregressive"]():
        # An autoregressive loss takes no chance.
        assert all(len(set(row)) == 4 for row in found.tolist())


def test_a_pictures_loss_depends_on_no_other_picture(trainer: Trainer) -> None:
    """The same chances for each: else two people's losses couldn't be compared."""
    whole = task()
    twice = replace(whole, frames=whole.frames[[1, 0, 1]], captions=("a man",) * 3)
    found = losses(trainer, b"", twice)
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[0], found[1])
    alone = replace(twice, frames=twice.frames[:1], captions=twice.captions[:1])
    assert np.array_equal(losses(trainer, b"", alone)[0], found[0])


def test_what_was_learned_is_lost_less_than_before(trainer: Trainer) -> None:
    long = replace(task(), recipe=replace(RECIPE, samples_per_image=24, learning_rate=1e-2))
    weights = trainer.merge([(3, trainer.train(long).weights)])
    assert losses(trainer, weights, long).mean() < losses(trainer, b"", long).mean()


def test_no_pictures_have_no_losses(trainer: Trainer) -> None:
    none = replace(task(), frames=task().frames[:0], captions=())
    assert losses(trainer, b"", none).shape == (0, 4)
