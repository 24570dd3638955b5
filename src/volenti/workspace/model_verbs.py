"""The workspace's verbs about models: from a dataset to generated people, and to a proof of forgetting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import IntegrityError, UsageError
from volenti.workspace.given import bytes_of, one_of
from volenti.workspace.noun import Parted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.catalogue.generation_result import GenerationResult
    from volenti.core.progress import Progress
    from volenti.training.base import Requirement
    from volenti.training.conclusion import Conclusion
    from volenti.training.forecast import ForecastCallback, TrainingForecast
    from volenti.training.planner import TrainingPlan
    from volenti.training.ports import PreviewCallback
    from volenti.training.recipe import Recipe
    from volenti.training.report import TrainingReport
    from volenti.training.serving_consent import Suspension


class ModelVerbs(Parted):
    """Training the generator, drawing with it, and proving what it forgot."""

    def suspensions(self) -> list[Suspension]:
        """Constituents that aren't served because of somebody in them, and why.

        Example:
            ws.suspensions()
        """
        training = self._parts.training
        runs = training.runs()
        suspended = [each for run in runs for each in training.model_store.suspensions(run.id)]
        return suspended + [each for run in runs for each in training.untrained(run)]

    def train(
        self,
        dataset: str,
        recipe: Recipe | None = None,
        *,
        base: str | Path | None = None,
        require: Requirement | str | None = None,
        split: str | None = None,
        fewer_shards: bool | None = None,
        before: ForecastCallback | None = None,
        progress: Progress | None = None,
    ) -> TrainingReport:
        """Train the generator on a dataset, or go on with it.

        What an earlier call had finished is kept. The same dataset and recipe give the same bits on the
        same kind of machine. While it trains, and where it is interrupted, what served before is served.

        dataset: a name for its latest version, or a version such as humans@3. recipe: shards, slices and the
        rest, as a `volenti.training.recipe.Recipe`; its defaults where none is given. base: what to start
        from, the path of a pipeline's folder or of a base's file, or the name of one that was added
        (`ws.bases`); it is remembered, and later commands find it. require: "people-free" refuses a base
        unless its card says that it learned from nobody. split: the split to learn from, such as train; it
        has to be named where the dataset has any. fewer_shards: whether to take fewer shards than the
        recipe's where a constituent would otherwise have too few people, or where an earlier training of the
        same version did; by default where no recipe is given. before: called once with what will be trained
        (`forecast_training`), before anything is written. Returns what was trained and what is served. Raises
        NotFoundError where there is no such dataset or split, UsageError where a split has to be named or a
        constituent wouldn't be served, RefusedError where a base isn't known to be free of people,
        MissingModelError without the extra `train`, and what `ws.bases.add` raises of a base.

        Example:
            ws.train("humans")
        """
        self._parts.events.publish()

        def say(forecast: TrainingForecast) -> None:
            if before is not None:
                before(self._parts.cost_estimator.looked_at(forecast))

        return self._parts.training.train(
            self._parts.datasets.snapshot(dataset),
            self._on(base, recipe, require=require),
            progress,
            split or "",
            fewer_shards=recipe is None if fewer_shards is None else fewer_shards,
            before=say,
        )

    def forecast_training(
        self,
        dataset: str,
        recipe: Recipe | None = None,
        *,
        base: str | Path | None = None,
        require: Requirement | str | None = None,
        split: str | None = None,
        fewer_shards: bool | None = None,
    ) -> TrainingForecast:
        """What `train` would learn from today, and which constituents would be served. Keeps nothing.

        On a base on which nothing was measured, such as a pipeline of your own, two steps are rehearsed on
        one picture: `step` of what is returned has the seconds of one and its memory in bytes,
        `core_seconds` the seconds of all steps.

        dataset, recipe, base, require, split, fewer_shards: as `train` takes them. Returns how many
        pictures of how many people would be learned from, how many are left out for which reason, and of each
        constituent how many people are in it and why it wouldn't be served; those are in `refused`, and
        `train` refuses to begin with them. Raises NotFoundError where there is no such dataset or split,
        UsageError where a split has to be named.

        Example:
            ws.forecast_training("humans").left_out
        """
        forecast = self._parts.training.forecast(
            self._parts.datasets.snapshot(dataset),
            self._on(base, recipe, require=require),
            split or "",
            fewer_shards=recipe is None if fewer_shards is None else fewer_shards,
        )
        return self._parts.cost_estimator.rehearsed(forecast)

    def plan_training(
        self,
        dataset: str,
        recipe: Recipe | None = None,
        *,
        base: str | Path | None = None,
        require: Requirement | str | None = None,
        withdrawals_per_year: int | None = None,
        quality_floor: float | None = None,
        core_hour_price: float = 0.0,
        split: str | None = None,
        progress: Progress | None = None,
    ) -> TrainingPlan:
        """Into how many shards and slices a training could be cut, and what each costs. Trains nothing.

        dataset: a name for its latest version, or a version. recipe: everything but shards and slices, which
        are what is compared; by default what suits the pictures, which may be near to what the base learned
        from or far. base, require: as `train` takes them. withdrawals_per_year: people; one in a hundred
        by default. quality_floor: how good is good enough beside one model for all, from 0 to 1: how well
        prompts are followed where pictures are near, how much is learned of them where they are far.
        core_hour_price: of one core an hour, in any currency. split: the split to learn from, as `train`
        takes it. Returns every partition that may be made, and which is advised. Raises NotFoundError where
        there is no such dataset or split, and UsageError where nobody is left in it or a split has to be
        named.

        Example:
            ws.plan_training("humans", withdrawals_per_year=12)
        """
        return self._parts.cost_estimator.plan(
            self._parts.datasets.snapshot(dataset),
            self._on(base, recipe, require=require),
            withdrawals_a_year=withdrawals_per_year,
            quality_floor=quality_floor,
            core_hour_price=core_hour_price,
            progress=progress,
            split=split or "",
        )

    def generate(
        self,
        prompts: Sequence[str],
        *,
        count: int = 1,
        seed: int = 0,
        guidance: float = 2.5,
        steps: int = 16,
        tries: int | None = None,
        background: Path | str | None = None,
        size_px: int | None = None,
        run: str | None = None,
        watch: PreviewCallback | None = None,
        progress: Progress | None = None,
    ) -> GenerationResult:
        """Draw synthetic humans, each checked against the people the model learned from.

        Each picture says inside the file that a model made it. What comes too near to somebody is refused: it
        is recorded, there is no picture of it, and another is drawn in its place with a further seed. So is
        one in place of a picture in which no face is found: it can be compared with nobody. The same prompt,
        seed and model give the same picture.

        prompts: whom to draw, in plain words. count: pictures of each prompt, one after the other. seed: of
        the first picture; the next one's is one higher. guidance: how strictly a prompt is followed; 1 is
        loosely. steps: of drawing; more is finer and slower. tries: how often a picture is drawn until one
        shows a face and isn't refused; three times by default. background: what comes behind them, the path
        of a picture, a colour such as #d0e0ff, or transparent; what the model draws there by default.
        size_px: side of the pictures; more than the model draws is enlarged. run: a training run or a
        dataset; the latest by default, where one was finished the latest of these. watch: called with the
        pictures, uint8 (count, size, size, 3), and the share that is done, while they are drawn. Returns what
        was drawn, by which `run`, and what was refused; its `faceless` counts pictures without a face, its
        `unfinished` names later runs that were begun and not finished, and its `unknown_words` are those of
        the prompts that the model doesn't know.

        Raises NotFoundError where nothing was trained, UsageError where the background is no picture and no
        colour, and ConflictError where nothing is served or somebody can't be compared with.

        Example:
            ws.generate(["a smiling woman with brown hair"], count=4, seed=7)
        """
        from volenti.catalogue.cutout import Backdrop
        from volenti.catalogue.generation_result import TRIES

        backdrop = None if background is None else Backdrop.of(background)
        training = self._parts.training
        chosen = training.run(run)
        result = self._parts.catalogue.generate(
            chosen,
            [prompt for prompt in prompts for _ in range(count)],
            seed=seed,
            guidance=guidance,
            steps=steps,
            tries=TRIES if tries is None else tries,
            backdrop=backdrop,
            size_px=size_px,
            watch=watch,
            progress=progress,
        )
        later = () if run == chosen.id else training.unfinished_since(chosen)
        return replace(result, unfinished=tuple(each.id for each in later))

    def prove_forgetting(
        self,
        request: str | None = None,
        *,
        copy: bytes | Path | str | None = None,
        progress: Progress | None = None,
    ) -> Conclusion:
        """Train every constituent of every run from scratch, on who remains; compare with what serves.

        request: an erasure that isn't certified yet; what was served before it must differ from what serves
        now. Once it is certified only the person's own copy says what that was. copy: that copy, as bytes
        or the path of its file. What is proved doesn't depend on either. Returns what was compared of each
        constituent, and what that comes to: `ok`, or `refuted`, or neither where nothing was proved. Raises
        UsageError where the copy is of another request, and IntegrityError where the copy doesn't hold, or
        this workspace knows nothing of its request.

        Example:
            ws.prove_forgetting().ok
        """
        from volenti.erasure.certificate import opened_digests, served_before
        from volenti.training.conclusion import Conclusion

        controls: dict[str, str] = {}
        requests = self._parts.requests
        if copy is not None:
            named, controls = served_before(bytes_of(copy), self._parts.public_key)
            if request not in (None, named):
                raise UsageError(f"The copy is of {named}, not of {request}.", "Name one of the two.")
            if requests.state_of(named) is None:
                raise IntegrityError(
                    f"This workspace knows nothing of {named}, which the copy says it carried out.",
                    "It was put back to a state from before: bring back a later one.",
                )
        elif request is not None:
            # Until it is certified, the request names the person, and holds the digests themselves.
            before = requests.find(request).erasure.constituents_before
            controls = opened_digests(before or {}, None)
        proofs = self._parts.prover.prove_all(self._parts.training.runs(), controls, progress)
        return Conclusion(tuple(proofs))

    def _on(
        self, base: str | Path | None, recipe: Recipe | None, *, require: Requirement | str | None
    ) -> Recipe:
        """The recipe that is asked for, on a base; nothing is kept."""
        from volenti.training.base import Requirement
        from volenti.training.recipe import Recipe

        asked, bases = recipe or Recipe(), self._parts.bases
        if base is None and require is None:
            return asked
        known = bases.at_hand() if base is None else bases.find(str(base))
        if require is not None:
            known.require(one_of(Requirement, require))
        if asked.base_sha256 not in ("", known.sha256):
            raise UsageError(
                "The recipe names another base than the one that is asked for.", "Choose one of the two."
            )
        return replace(asked, base_sha256=known.sha256)
