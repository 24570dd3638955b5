from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.codec import decoded, encoded
from volenti.core.errors import UsageError
from volenti.training.partition import Place, place
from volenti.training.recipe import Recipe

KEY = b"k" * 32
NAMES = st.text("abcdefghij0123456789", min_size=1, max_size=20)


@given(NAMES, st.integers(1, 50), st.integers(1, 50))
def test_a_place_lies_within_the_recipe_and_never_moves(name: str, shards: int, slices: int) -> None:
    recipe = Recipe(shards=shards, slices=slices)
    where = place(KEY, name, recipe)
    assert 0 <= where.shard < shards
    assert 0 <= where.slice < slices
    assert place(KEY, name, recipe) == where


def test_another_key_deals_people_out_otherwise() -> None:
    names = [f"s{n}" for n in range(50)]
    recipe = Recipe()
    assert [place(KEY, n, recipe) for n in names] != [place(b"x" * 32, n, recipe) for n in names]


def test_people_are_spread_about_evenly() -> None:
    counts = Counter(place(KEY, f"s{n}", Recipe(shards=4)).shard for n in range(4000))
    assert sorted(counts) == [0, 1, 2, 3]
    assert all(850 < count < 1150 for count in counts.values())


@given(NAMES, st.integers(0, 9))
def test_who_joins_later_keeps_the_shard_and_comes_into_slices_of_their_own(name: str, cohort: int) -> None:
    recipe = Recipe()
    first, later = place(KEY, name, recipe), place(KEY, name, recipe, cohort)
    assert later.shard == first.shard
    assert later.slice == first.slice + cohort * recipe.slices


def test_shard_and_slice_are_independent() -> None:
    recipe = Recipe(shards=4, slices=4)
    seen = {place(KEY, f"s{n}", recipe) for n in range(400)}
    assert len(seen) == 16


def test_a_place_reads_as_it_is_written() -> None:
    assert str(Place(3, 17)) == "03-017"


@pytest.mark.parametrize("field", ["shards", "slices", "samples_per_image", "batch", "min_people"])
def test_a_recipe_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(UsageError, match=field):
        Recipe(**{field: 0})


def test_a_recipes_digest_changes_with_every_field_and_survives_json() -> None:
    recipe = Recipe()
    assert decoded(Recipe, encoded(recipe)) == recipe
    assert decoded(Recipe, encoded(recipe)).digest == recipe.digest
    others = [Recipe(shards=5), Recipe(slices=5), Recipe(rank=4), Recipe(base_sha256="x"), Recipe(batch=8)]
    assert len({recipe.digest, *(other.digest for other in others)}) == 6
