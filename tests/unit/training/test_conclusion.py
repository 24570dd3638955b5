"""What the proofs of all constituents come to: shown, refuted, or nothing either way."""

import pytest

from volenti.training.conclusion import Conclusion
from volenti.training.proof import Exactness

SAME = Exactness("run_1/00", sha256_after="aa", sha256_scratch="aa", sha256_one_less="bb")
OTHER = Exactness("run_1/01", sha256_after="aa", sha256_scratch="cc")
ELSEWHERE = Exactness("run_1/02", sha256_after="aa", comparable=False)
DAMAGED = Exactness("run_1/03", comparable=False, problems=["its weights don't open"])
SUSPENDED = Exactness("run_1/04", serves=False, suspended={"withdrawn": ("ann",)})


@pytest.mark.parametrize(
    ("proofs", "ok", "refuted"),
    [
        ((SAME,), True, ()),
        ((SAME, SUSPENDED, ELSEWHERE), True, ()),
        ((SAME, OTHER), False, (OTHER,)),
        # Bits that can't be compared refute nothing; bytes that don't open do.
        ((ELSEWHERE,), False, ()),
        ((SAME, DAMAGED), False, (DAMAGED,)),
        ((SUSPENDED,), False, ()),
        ((), False, ()),
    ],
)
def test_one_that_is_refuted_outweighs_all_that_are_proved(
    proofs: tuple[Exactness, ...], ok: bool, refuted: tuple[Exactness, ...]
) -> None:
    found = Conclusion(proofs)
    assert (found.ok, found.refuted) == (ok, refuted)
    assert found.proved == ((SAME,) if SAME in proofs else ())
    assert found.served == tuple(each for each in proofs if each is not SUSPENDED)
    assert (list(found), len(found)) == (list(proofs), len(proofs))
