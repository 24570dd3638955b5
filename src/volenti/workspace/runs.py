"""Runs: trainings, the project's own and those of your scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.workspace.given import age_recipient, bytes_of
from volenti.workspace.noun import Noun
from volenti.workspace.shownrun import ListedRun, ShownPart, ShownRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.core.age import AgeRecipient
    from volenti.core.progress import Progress
    from volenti.deliveries.package.packing import PackedRun
    from volenti.deliveries.weights.exported import ExportedRun
    from volenti.training.external_run import Delivery, ExternalPart
    from volenti.training.run_removal import RemovedRun
    from volenti.training.session import Session


class Runs(Noun):
    """Training runs, the project's own and those of your scripts."""

    def begin(
        self,
        name: str,
        *,
        dataset: str,
        shards: int = 1,
        gpus: int = 0,
        code: Sequence[Path | str] | None = None,
        min_people: int | None = None,
        split: str | None = None,
    ) -> Session:
        """Train a model of your own on a snapshot, ready to forget: see docs/how-to/your-own-trainer.md.

        name: of your choice; the same name goes on with what was begun. dataset: a name for its latest
        version, or a version such as humans@3. shards: in how many parts the model is trained, each on
        people of its own. gpus: on how many it trains, 0 for processors alone; they are in the price of
        forgetting. code: the script's files, whose digests are kept, or an empty list;
        by default the script that runs.
        min_people: fewest people a part may have, ten by default; a model of fewer is a likeness of them.
        split: the split to learn from, such as train; it has to be named where the dataset has any.
        Returns a session, to be used in a `with`: it hands out the parts that are to be trained. Raises
        NotFoundError where there is no such dataset or split, UsageError where a split has to be named, and
        ConflictError where a run of that name was begun on another snapshot or split, or in other parts.

        Example:
            with ws.runs.begin("my-lora", dataset="humans@3", shards=4) as run: ...
        """
        from volenti.training.recipe import Recipe

        fewest = Recipe().min_people if min_people is None else min_people
        return self._parts.external_runs.begin(
            name, dataset, shards=shards, gpus=gpus, code=code, min_people=fewest, split=split or ""
        )

    def list(self) -> Sequence[ListedRun]:
        """Every training run, the project's own and those of scripts, oldest first.

        Example:
            ws.runs.list()
        """
        training, external_runs = self._parts.training, self._parts.external_runs
        own = [
            ListedRun(
                run.id,
                "",
                run.snapshot,
                run.recipe.shards,
                len(training.model_store.constituents(run.id)),
                run.created,
                run.unfinished,
            )
            for run in training.runs()
        ]
        own += [
            ListedRun(run, "", dataset, 0, 0, "", is_damaged=True)
            for run, dataset in self._parts.run_removals.damaged()
        ]
        scripts = [
            ListedRun(run.id, run.name, run.snapshot, run.shards, len(external_runs.parts(run)), run.created)
            for run in external_runs.runs()
        ]
        return sorted([*own, *scripts], key=lambda each: each.created)

    def show(self, run: str) -> ShownRun:
        """One run of your scripts: what was trained on whom, at what price, and who has it.

        run: the name that the script gave it, or its identifier. Raises NotFoundError where there is none,
        and UsageError of a run of the project's own generator, of which `list` says all.

        Example:
            ws.runs.show("my-lora").due
        """
        external_runs = self._parts.external_runs
        if run in {each.id for each in self._parts.training.runs()}:
            raise UsageError(f"{run} is the project's own training.", "See what it serves: volenti run list.")
        found = external_runs.run(run)
        due = tuple(external_runs.due(found))
        kept = tuple(
            ShownPart(
                part,
                part.shard in due,
                tuple(sorted({each.recipient for each in external_runs.deliveries(part.id)})),
            )
            for part in external_runs.parts(found)
        )
        empty = tuple(shard for shard, each in enumerate(external_runs.readers(found)) if not each)
        return ShownRun(found, kept, due, empty)

    def deliver(self, run: str, to: Path | str, recipient: str, *, part: int = 0) -> Delivery:
        """Write out what a script of yours trained, and record who gets it.

        run: the name that the script gave it, or its identifier. to: the new file that is written.
        recipient: who gets it; the plan of an erasure names them. part: which part, counted from 0. Raises
        NotFoundError where nothing is kept of it, ConflictError once somebody it learned from said no, or
        where somebody didn't agree to being passed on (redistribution), and
        UsageError where the file is there already.

        Example:
            ws.runs.deliver("my-lora", "my-lora-2.safetensors", "Example Ltd", part=2)
        """
        external_runs = self._parts.external_runs
        return external_runs.deliver(external_runs.run(run), part, Path(to), recipient)

    def export(
        self,
        run: str | None = None,
        *,
        to: Path | str,
        recipient: str,
        constituents: Sequence[int] = (),
        territory: str | None = None,
        sublicensable: bool = False,
        licence: Path | str | None = None,
        contact: str = "",
        feed: str = "",
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ExportedRun:
        """Write the constituents that are served today, as files for other tools, and record who gets them.

        Of a pipeline's run a constituent is a LoRA file for diffusers, and where its network is a U-Net a
        second one with kohya's names. Of other runs it is the weights as they are. README.md is the card,
        SHA256SUMS has the checksum of every file. As with an export of pictures, the recipient is on record,
        and `ws.feed` tells them when the weights are called back and when there is a successor.

        run: the identifier, or a dataset's name for its latest run; the latest of all by default. to: a new
        or empty folder, which is written as a whole or not at all; the same call again changes nothing.
        recipient: who gets it. constituents: which, by their shards, counted from 0; all that are served
        without any. territory: where the recipient is, a country code or WORLD; the dataset's by default.
        sublicensable: the recipient may hand the weights on in turn. licence: a file with the text under
        which you hand them out, which is laid beside them. contact and feed: how they reach you, and where
        you publish the deletion feed. dry_run: say what would be handed out, and write nothing. Returns what
        was handed out. Raises NotFoundError where there is no such run, ConflictError where a constituent
        isn't served or has to be trained again, RefusedError where somebody whom it learned from didn't agree
        to being passed on, UsageError where the folder has other files or the recipient is blank,
        DocumentError where there is no such country.

        Example:
            ws.runs.export("humans", to="weights-for-lab", recipient="Example Lab")
        """
        from volenti.deliveries.weights.exported import WeightsAsked

        text = bytes_of(Path(licence)) if licence is not None else b""
        asked = WeightsAsked(recipient, territory or "", sublicensable, contact, feed, text)
        found = self._parts.training.run(run)
        return self._parts.handing_out.export(
            found, Path(to), asked, shards=constituents, dry_run=dry_run, progress=progress
        )

    def remove(self, run: str, *, dry_run: bool = False, progress: Progress | None = None) -> RemovedRun:
        """Remove a run for good: slices and constituents, or what a script of yours trained.

        What it drew stays on record, so that it can still be called back. This erases nobody; a backup that
        was made before still has the run, sealed. A run whose row doesn't open or whose bytes are lost can be
        removed too. Where no other run was finished, nothing is served afterwards.

        run: the identifier, or the name that a script gave it. dry_run: remove nothing. Returns what was
        removed, or would be. Raises NotFoundError where there is no such run, and ConflictError where
        somebody was handed out a part of it, or another machine has a package of it that wasn't dropped,
        because they have to be named when a person leaves.

        Example:
            ws.runs.remove("my-lora", dry_run=True)
        """
        from volenti.core.progress import Silent

        return self._parts.run_removals.remove(run, progress or Silent(), dry_run=dry_run)

    def pack(
        self,
        run: str,
        out: Path | str,
        *,
        to: AgeRecipient | Path | str,
        parts: Sequence[int] = (),
        recipient: str = "",
        contact: str = "",
        feed: str = "",
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> PackedRun:
        """Pack parts of a run of your scripts that are due, for another machine that trains them.

        The package holds the pictures without their metadata, captions, and numbers that stand for people; no
        secret and no name. Only that machine's key opens it. It is on record as a delivery: the deletion
        feed calls back whoever leaves. Of each picture is asked what is asked where the part is trained
        here; who withdrew or restricted is left out.

        run: the name that the script gave it, or its identifier. out: the new file that is written. to: the
        machine's public key, as `package key` printed it, or a file that holds it. parts: which parts,
        counted from 0; all that are due without any. recipient: whose machine it is, for the record.
        contact and feed: how they reach you, and where you publish the deletion feed. dry_run: count, and
        write nothing. Returns what was packed. Raises NotFoundError where there is no such run,
        ConflictError where nothing is due, or a part isn't, and UsageError where a part has too few people or
        the file is there already.

        Example:
            ws.runs.pack("my-lora", "lora.package", to="age1...", feed="https://studio.example/feed")
        """
        found = self._parts.external_runs.run(run)
        return self._parts.packing.pack(
            found,
            age_recipient(to),
            Path(out),
            parts=parts,
            recipient=recipient,
            contact=contact,
            feed=feed,
            dry_run=dry_run,
            progress=progress,
        )

    def keep(self, run: str, part: int, result: Path | str) -> ExternalPart:
        """Take in what another machine trained on a part that was packed for it.

        The result has to be of a package of this run and part, signed with that package's key, and everybody
        whose pictures it was trained on has to be still there. It is sealed like what a script keeps here,
        and the machine is recorded as having a copy.

        run: the name that the script gave it, or its identifier. part: which part, counted from 0. result:
        the file that `package result` wrote. Returns the part. Raises NotFoundError where nobody packed that
        package here, IntegrityError where the result was changed, and ConflictError where it is of another
        run or part, or somebody left since: then the part is due again.

        Example:
            ws.runs.keep("my-lora", 2, "part-2.result")
        """
        return self._parts.keeping.keep(self._parts.external_runs.run(run), part, Path(result))
