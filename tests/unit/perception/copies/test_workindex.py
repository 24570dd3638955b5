"""The index of works proposes what a picture may be a copy of, and little else."""

import numpy as np
from PIL import Image, ImageFilter

from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.workindex import PROPOSED_MAX, Proposal, WorkIndex, words

FINDER = OpencvKeypoints()


def scene(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(3))


def prints(image: Image.Image, finder: OpencvKeypoints | None = FINDER) -> Fingerprint:
    return fingerprint(np.asarray(image.convert("RGB")), finder)


def indexed(works: list[Fingerprint]) -> WorkIndex:
    return WorkIndex(works, [words(each) for each in works])


def test_the_work_is_proposed_first_for_its_crop_and_its_mirror_image() -> None:
    index = indexed([prints(scene(seed)) for seed in range(20)])
    crop = scene(7).crop((0, 0, 200, 150))
    assert index.proposals(prints(crop))[0] == Proposal(7, False)
    mirrored = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert index.proposals(prints(mirrored))[0] == Proposal(7, True)


def test_a_work_registered_under_many_names_is_proposed_before_other_works() -> None:
    sizes = [(320 + 16 * step, 240 + 12 * step) for step in range(PROPOSED_MAX)]
    copies = [prints(scene(7).resize(size)) for size in sizes]
    index = indexed([prints(scene(seed)) for seed in range(100, 120)] + copies)
    found = index.proposals(prints(scene(7).crop((0, 0, 200, 150))))
    assert {each.place for each in found} == set(range(20, 20 + PROPOSED_MAX))


def test_a_work_of_few_keypoints_comes_before_one_of_many_with_as_many_votes() -> None:
    many, few = prints(scene(1)), prints(scene(2))
    assert few.detail is not None
    kept = few.detail.codes[:128, 0]
    index = WorkIndex([many, few], [np.concatenate([words(many), kept]), kept])
    (first, second, *_) = index.proposals(prints(scene(2).crop((0, 0, 200, 150))))
    assert (first, second) == (Proposal(1, False), Proposal(0, False))


def test_the_likeliest_work_is_proposed_both_ways_round() -> None:
    index = indexed([prints(scene(seed)) for seed in range(20)])
    found = index.proposals(prints(scene(7).crop((0, 0, 200, 150))))
    assert {Proposal(7, False), Proposal(7, True)} <= set(found)


def test_without_keypoints_a_work_is_proposed_for_a_like_hash_only() -> None:
    index = indexed([prints(scene(seed)) for seed in range(20)])
    assert index.proposals(prints(scene(7), None)) == [Proposal(7, False)]
    assert index.proposals(prints(scene(7).crop((0, 0, 200, 150)), None)) == []


def test_works_of_one_shade_are_proposed_for_pictures_of_it() -> None:
    random = np.random.default_rng(0)
    speckled = Image.fromarray(random.integers(251, 255, (60, 90), np.uint8)).convert("RGB")
    white = Image.new("RGB", (500, 400), (253, 253, 253))
    index = indexed([prints(scene(1)), prints(speckled)])
    # Their hashes are of noise and of nothing; only the shade is the same.
    assert Proposal(1, False) in index.proposals(prints(white, None))
    assert Proposal(0, False) not in index.proposals(prints(white, None))


def test_a_plain_work_is_proposed_for_what_is_mostly_of_its_shade() -> None:
    index = indexed([prints(scene(1)), prints(Image.new("RGB", (90, 60), "white"))])
    page = Image.new("RGB", (320, 240), "white")
    page.paste(scene(2).crop((0, 0, 320, 60)), (0, 180))
    assert Proposal(1, False) in index.proposals(prints(page))
    page.paste(scene(2).crop((0, 0, 320, 160)), (0, 80))
    assert Proposal(1, False) not in index.proposals(prints(page))


def test_no_more_are_proposed_than_can_be_looked_at() -> None:
    index = indexed([prints(scene(seed)) for seed in range(16)])
    assert max(len(index.proposals(prints(scene(seed)))) for seed in range(100, 104)) <= PROPOSED_MAX + 1


def test_works_registered_without_detail_are_indexed_beside_the_others() -> None:
    index = indexed([prints(scene(1), None), prints(scene(2))])
    assert index.proposals(prints(scene(1)))[0] == Proposal(0, False)
    assert index.proposals(prints(scene(2).crop((0, 0, 200, 150))))[0] == Proposal(1, False)
