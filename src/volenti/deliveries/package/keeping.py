"""Keeping: takes in what another machine trained on a package, unless somebody in it left since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.age import AgeKey
from volenti.core.amounts import counted
from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.deliveries.package.result import open_result, read_result_note

if TYPE_CHECKING:
    from volenti.deliveries.exports import Exports
    from volenti.training.external_run import ExternalPart, ExternalRun
    from volenti.training.external_runs import ExternalRuns

_log = Logger(__name__)


class Keeping:
    """Takes results in."""

    def __init__(self, external_runs: ExternalRuns, exports: Exports) -> None:
        self._external_runs = external_runs
        self._exports = exports

    def keep(self, run: ExternalRun, shard: int, path: Path) -> ExternalPart:
        """Check a result and seal what is in it as a part of the run; the machine is recorded as having it.

        Raises NotFoundError where nobody packed its package here; IntegrityError where it was changed, or
        the package's key didn't sign it; ConflictError where it is of another run or part, or was trained
        on pictures that may not be used any more: then the part is due again.
        """
        said = read_result_note(path)
        delivery = self._exports.delivery(said.delivery)
        packed = delivery.packed
        if packed is None or packed.run != run.id or said.run != run.id:
            raise ConflictError(
                f"{path} isn't of a package of {run.name}.", "Name the run that its package was packed of."
            )
        if said.part != shard or shard not in packed.parts:
            raise ConflictError(
                f"{path} is of part {said.part} of {run.name}, not of part {shard}.",
                f"Keep it as what it is: volenti run keep {run.name} {said.part} --from FILE",
            )
        result = open_result(path, delivery.public, AgeKey.parse(packed.way_back))
        reader = self._external_runs.readers(run)[shard]
        tokens = set(result.tokens)
        learned = tuple(each for each in reader.entries if delivery.token(each).hex() in tokens)
        gone = len(tokens) - len(learned)
        if gone or not learned:
            raise ConflictError(
                f"Part {shard} of {run.name} was trained on {counted(gone, 'picture')} that may not be used "
                "any more: it is due again.",
                "On that machine: volenti package pull DIR, then train the part again.",
            )
        part = self._external_runs.seal(
            run, shard, replace(reader, entries=learned), result.file, result.weights, result.note.seconds
        )
        # Without a digest: this row stays when somebody in the part leaves, and must not depend on them.
        self._external_runs.hand_out(part.id, delivery.to, "")
        _log.info("result kept", part=shard, pictures=part.images, people=part.people)
        return part
