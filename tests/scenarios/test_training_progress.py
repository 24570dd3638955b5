"""While a slice is trained, it is said how far it is and what it loses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.studio import PURPOSE, RECIPE, Studio
from volenti.core.progress import Silent


class Notes(Silent):
    """Keeps what is told of the work."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str]] = []

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Keep it."""
        self.kept.append((steps, note))


def test_every_slice_tells_its_steps_before_it_counts_as_done(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee", "eve")
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    notes = Notes()
    report = studio.ws.train("humans", replace(RECIPE, samples_per_image=3), progress=notes)
    told = [note for steps, note in notes.kept if steps == 0]
    places = [str(each.place) for each in studio.parts.training.model_store.slices(report.run)]
    assert [note.rpartition(",")[0] for note in told] == [
        f"slice {place}: step {step} of 3" for place in places for step in (1, 2, 3)
    ]
    assert sum(steps for steps, note in notes.kept if note.startswith("loss")) == len(places) > 1
