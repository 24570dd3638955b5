"""Ciphertext that changes places in the pack files, or comes back from before, is read as nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio, reopened
from volenti.clearance.image import Image
from volenti.core.codec import decoded, encoded
from volenti.core.errors import IntegrityError
from volenti.vault.blob import BlobRef
from volenti.vault.seal import joint_key, seal
from volenti.workspace.workspace import Workspace


def images(ws: Workspace, owner: str) -> list[Image]:
    return [Image.read(each.id, each.body) for each in ws.parts.records.find("image", owner=owner)]


def pack(ws: Workspace, ref: BlobRef) -> Path:
    [found] = (ws.path / "packs").glob(f"*/{ref.location.prefix}/{ref.location.pack}.vpk")
    return found


def swapped(ws: Workspace, one: BlobRef, other: BlobRef) -> None:
    """The bytes of two blobs of the same length, each in the other's place on disk."""
    assert one.location.length == other.location.length
    kept = [(pack(ws, ref), ref.location) for ref in (one, other)]
    data = [path.read_bytes()[at.offset : at.offset + at.length] for path, at in kept]
    for (path, at), given in zip(kept, reversed(data), strict=True):
        whole = bytearray(path.read_bytes())
        whole[at.offset : at.offset + at.length] = given
        path.write_bytes(whole)


def of_one_length(found: list[Image], blob: str) -> tuple[Image, Image]:
    for pair in combinations(found, 2):
        if len({getattr(each, blob).location.length for each in pair}) == 1:
            return pair
    pytest.fail(f"no two {blob}s are of one length")


def studio_of(folder: Path) -> Studio:
    studio = Studio.open(folder, on_disk=True)
    studio.shoot("ann", "bob", "cid", photos=12)
    studio.clear()
    return studio


def swapped_in(folder: Path, blob: str) -> tuple[Image, Image, Workspace]:
    """Two pictures of one person of which the originals, or the previews, have changed places."""
    studio = studio_of(folder)
    one, other = of_one_length(images(studio.ws, "ann"), blob)
    swapped(studio.ws, getattr(one, blob), getattr(other, blob))
    return one, other, reopened(studio.ws.path)


def test_two_pictures_of_one_person_that_changed_places_are_refused_and_named(tmp_path: Path) -> None:
    one, other, ws = swapped_in(tmp_path, "original")
    snapshot = ws.datasets.cut("humans", PURPOSE)
    for each in (one, other):
        with pytest.raises(IntegrityError):
            ws.parts.access.sealed(each)
    with pytest.raises(IntegrityError):
        ws.parts.exports.export(snapshot, tmp_path / "export")
    for deep in (False, True):
        said = "\n".join(ws.audit(deep=deep).problems)
        assert one.id in said
        assert other.id in said


def test_two_previews_of_one_person_that_changed_places_are_named(tmp_path: Path) -> None:
    one, other, ws = swapped_in(tmp_path, "preview")
    said = "\n".join(ws.audit().problems)
    assert one.id in said
    assert other.id in said


def test_weights_that_were_replaced_don_t_come_back(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    studio.shoot("ann", "bob", "cid", "dee")
    run = studio.trained(RECIPE)
    served = studio.parts.training.model_store.constituents(run)
    kept = {each.shard: pack(studio.ws, each.weights).read_bytes() for each in served}
    [ours, *_] = served
    other = bytes(len(studio.parts.training.model_store.weights(ours)))
    studio.parts.training.model_store.keep_constituent(run, ours.shard, "other", [], ours.uses, other)
    [now] = [each for each in studio.parts.training.model_store.constituents(run) if each.shard == ours.shard]
    assert now.weights.location == ours.weights.location
    pack(studio.ws, now.weights).write_bytes(kept[ours.shard])
    with pytest.raises(IntegrityError):
        studio.parts.training.model_store.weights(now)


def sealed_as_before(ws: Workspace, ref: BlobRef, data: bytes) -> BlobRef:
    """The same bytes, sealed as before references had an identity."""
    old = replace(ref, identity="")
    key = joint_key([ws.parts.vault._keys.get(owner) for owner in ref.owners])
    whole = bytearray(pack(ws, ref).read_bytes())
    at = ref.location
    whole[at.offset : at.offset + at.length] = seal(key, data, old.context)
    pack(ws, ref).write_bytes(whole)
    return old


def test_what_was_sealed_without_an_identity_opens_and_is_held_against_its_digest(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    for image in images(ws, "ann"):
        assert image.original is not None
        old = sealed_as_before(ws, image.original, ws.parts.vault.open(image.original))
        assert decoded(BlobRef, encoded(old)) == old
        assert "identity" not in encoded(old)
        ws.parts.records.put_all([replace(image, original=old).record(("ann",), "cleared")])
    assert ws.audit(deep=True).problems == []
    one, other = of_one_length(images(ws, "ann"), "original")
    assert one.original is not None
    assert other.original is not None
    swapped(ws, one.original, other.original)
    with pytest.raises(IntegrityError):
        ws.parts.access.sealed(one)
    said = "\n".join(ws.audit().problems)
    assert one.id in said
    assert other.id in said
