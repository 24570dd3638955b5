"""Queries among a million perceptual hashes, beside reading them once and comparing all pairs.

A part of copies.py, which prints the figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import imagehash
import numpy as np

from volenti.perception.copies.hashindex import Hashes, HashIndex
from volenti.perception.copies.resemblance import BITS_MAX


def timed(work: Callable[[], object], least_s: float = 0.3) -> float:
    """Seconds of CPU a call takes: the mean over as many as fill `least_s`."""
    calls, began = 0, time.process_time()
    while time.process_time() - began < least_s:
        work()
        calls += 1
    return (time.process_time() - began) / calls


def searching(count: int = 1_000_000, asked: int = 4_000) -> dict[str, float]:
    """Seconds and ratios of queries among `count` hashes; a tenth of the queries have a near hash there."""
    random = np.random.default_rng(0)
    hashes: Hashes = random.integers(0, 2**64, count, np.uint64)
    queries: Hashes = random.integers(0, 2**64, asked, np.uint64)
    queries[::10] = hashes[: len(queries[::10])] ^ np.uint64(0b1001000000001000001)
    began = time.process_time()
    index = HashIndex(hashes)
    built = time.process_time() - began
    one = timed(lambda: index.near(queries[:1], BITS_MAX))
    began = time.process_time()
    found = len(index.near(queries, BITS_MAX)[0])
    each = (time.process_time() - began) / asked
    reading = timed(lambda: np.bitwise_xor.reduce(hashes))
    numpy_one = timed(lambda: np.flatnonzero(np.bitwise_count(hashes ^ queries[0]) <= BITS_MAX))
    objects = [imagehash.hex_to_hash(f"{value:016x}") for value in hashes[:2000].tolist()]
    imagehash_pair = timed(lambda: [objects[0] - other for other in objects]) / len(objects)
    return {
        "hashes": count,
        "bits_max": BITS_MAX,
        "queries": asked,
        "pairs_found": found,
        "index_built_s": built,
        "one_query_s": one,
        "query_in_batch_s": each,
        "reading_all_once_s": reading,
        "numpy_all_pairs_query_s": numpy_one,
        "imagehash_all_pairs_query_s": imagehash_pair * count,
        "all_pairs_s": each * count,
        "numpy_all_pairs_s": numpy_one * count / 2,
        "imagehash_all_pairs_s": imagehash_pair * count * count / 2,
    }
