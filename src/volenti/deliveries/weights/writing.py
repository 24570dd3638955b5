"""Writing: the folder of one delivery of constituents, which is there as a whole or not at all.

Everything is written into a hidden folder beside it, under the delivery's identifier, and renamed at the end.
What a killed export leaves is that hidden folder; the next export to the same place removes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.digest import sha256
from volenti.core.files import make_folder, on_disk, remove_folder, sync_folder, write_atomically
from volenti.deliveries.checksums import Checksums
from volenti.deliveries.delivery import DeliveryNote, hand_over
from volenti.deliveries.ports import Delivered
from volenti.deliveries.terms import DeliveryTerms
from volenti.deliveries.weights import lora
from volenti.deliveries.weights.contents import HeldConstituent, WeightsFolder
from volenti.deliveries.weights.terms import (
    AS_IT_IS,
    DIFFUSERS,
    KOHYA,
    LICENCE,
    ConstituentTerms,
    WeightsFile,
    WeightsTerms,
    key_of,
)

if TYPE_CHECKING:
    from volenti.core.signing import SigningKey
    from volenti.deliveries.delivery import Delivery
    from volenti.training.run import Constituent
    from volenti.transparency.log import Log


@dataclass(frozen=True)
class OpenedConstituent:
    """A constituent whose weights are opened, and the tokens of the pictures that it learned from."""

    constituent: Constituent
    weights: bytes
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class WeightsWriting:
    """Writes one delivery. `terms` say everything but the files, and `licence` is a text, or empty."""

    delivery: Delivery
    terms: DeliveryTerms
    weights: WeightsTerms
    licence: bytes
    feed: Log

    def write(self, folder: Path, opened: Sequence[OpenedConstituent], signs: SigningKey) -> DeliveryTerms:
        """Write the folder, which has to be new or empty; returns what was handed over with it.

        signs: the private key that is handed over, which acknowledgements are signed with.
        """
        staged = staged_for(folder, self.delivery.id)
        make_folder(folder.parent)
        try:
            terms = self._write_into(staged, opened, signs)
            with on_disk(f"write {folder.name}"):
                if folder.is_dir():
                    folder.rmdir()
                staged.rename(folder)
        except BaseException:
            remove_folder(staged)
            raise
        sync_folder(folder.parent)
        return terms

    def _write_into(
        self, staged: Path, opened: Sequence[OpenedConstituent], signs: SigningKey
    ) -> DeliveryTerms:
        hand_over(staged, signs)
        note = DeliveryNote.of(self.delivery.id, self.delivery.snapshot, self.delivery.format, self.feed)
        note.write(staged)
        constituents, held = [], []
        for each in opened:
            files = self._write_files(staged, each)
            made = each.constituent
            rank = lora.rank_of(each.weights)
            constituents.append(
                ConstituentTerms(made.shard, made.sha256, rank, len(each.tokens), made.people, files)
            )
            successor = self.delivery.successor_token(made.shard).hex()
            held.append(HeldConstituent(made.shard, files, each.tokens, successor))
        WeightsFolder().write(staged, held)
        samples = [Delivered(token, key_of(each.shard)) for each in held for token in each.tokens]
        said = replace(self.weights, constituents=tuple(constituents))
        terms = replace(self.terms, weights=said).counted(samples)
        terms.write(staged)
        terms.write_card(staged)
        if self.licence:
            write_atomically(staged / LICENCE, self.licence)
        Checksums.of(staged)
        return terms

    def _write_files(self, staged: Path, opened: OpenedConstituent) -> tuple[WeightsFile, ...]:
        name = f"volenti-{self.weights.run}-{key_of(opened.constituent.shard)}"
        written = []
        for suffix, form, data in self._forms(opened):
            file = WeightsFile(f"{name}{suffix}.safetensors", form, sha256(data), len(data))
            write_atomically(staged / file.name, data)
            written.append(file)
        return tuple(written)

    def _forms(self, opened: OpenedConstituent) -> Iterable[tuple[str, str, bytes]]:
        """How a name ends, how the file is made, and its bytes, of every file of a constituent."""
        rank = lora.rank_of(opened.weights)
        if not rank:
            # Not a LoRA that other tools know: the bytes stay those that certificates speak of.
            yield "", AS_IT_IS, opened.weights
            return
        said = self._header(opened.constituent, rank)
        yield "", DIFFUSERS, lora.with_header(opened.weights, said)
        kohya = lora.kohya(opened.weights)
        if kohya is not None:
            yield "-kohya", KOHYA, lora.with_header(kohya, said)

    def _header(self, constituent: Constituent, rank: int) -> dict[str, str]:
        """What a file says of itself, wherever it is copied to. Nobody is named in it."""
        licence = self.weights.licence or ".volenti/terms.json"
        said = {
            "run": self.weights.run,
            "constituent": key_of(constituent.shard),
            "constituent_sha256": constituent.sha256,
            "dataset": self.terms.dataset,
            "base_sha256": self.weights.base.sha256,
            "base_name": self.weights.base.name,
            "rank": str(rank),
            "merged_scale": f"{self.weights.scale:g}",
            "delivery": self.delivery.id,
            "feed": self.terms.feed or f"{self.feed.origin} (the sender tells the address)",
            "tokens": ".volenti/weights.json beside this file, as it was delivered",
            "licence": f"{licence} beside this file, as it was delivered",
        }
        # Tools that read PyTorch's tensors ask for this one.
        return {"format": "pt", **{f"volenti.{name}": text for name, text in said.items() if text}}


def staged_for(folder: Path, delivery: str) -> Path:
    """Where a delivery is written before it is renamed to `folder`."""
    return folder.parent / f".{folder.name}.{delivery}"
