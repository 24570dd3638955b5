import pytest

from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.core.codec import decoded, encoded
from volenti.core.errors import IntegrityError, KeyDestroyedError, UsageError
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Holders
from volenti.vault.ports import Location
from volenti.vault.service import Vault


@pytest.fixture
def vault() -> Vault:
    return Vault(MemoryKeyStore(), MemoryPackStore(), b"s" * 32, Holders())


def test_what_was_put_opens(vault: Vault) -> None:
    assert vault.open(vault.put(["s1"], "original", b"pixels")) == b"pixels"


def test_a_reference_survives_json(vault: Vault) -> None:
    ref = vault.put(["s2", "s1"], "original", b"pixels")
    assert vault.open(decoded(BlobRef, encoded(ref))) == b"pixels"


def test_bytes_without_an_owner_are_refused(vault: Vault) -> None:
    with pytest.raises(UsageError):
        vault.put([], "original", b"pixels")


def test_a_persons_bytes_lie_under_their_prefix(vault: Vault) -> None:
    ref = vault.put(["s1"], "original", b"pixels")
    assert (ref.location.prefix, ref.location.pack) == ("s1", "own")


def test_what_several_share_lies_with_the_first_in_a_pack_of_its_own(vault: Vault) -> None:
    ref = vault.put(["s2", "s1"], "original", b"pixels")
    assert ref.location.prefix == "s1"
    assert ref.location.pack.startswith("shared-")
    assert ref.owners == ("s1", "s2")


@pytest.mark.parametrize("leaver", ["s1", "s2"])
def test_any_one_of_several_locks_it_for_all(vault: Vault, leaver: str) -> None:
    ref = vault.put(["s1", "s2"], "original", b"pixels")
    vault.destroy_key(leaver)
    with pytest.raises(KeyDestroyedError):
        vault.open(ref)


def test_erasing_one_leaves_the_others(vault: Vault) -> None:
    theirs = vault.put(["s2"], "original", b"theirs")
    vault.put(["s1"], "original", b"mine")
    vault.destroy_key("s1")
    assert vault.remove("s1") > 0
    assert vault.open(theirs) == b"theirs"
    assert vault.prefixes() == ["s2"]


def test_what_is_sealed_while_its_owner_leaves_is_unlinked_again() -> None:
    class Slow(MemoryPackStore):
        def append(self, prefix: str, pack: str, data: bytes) -> Location:
            # The key was read before; all of this happens until the bytes are written.
            vault.destroy_key("s1")
            vault.remove("s1")
            return super().append(prefix, pack, data)

    vault = Vault(MemoryKeyStore(), Slow(), b"s" * 32, Holders())
    with pytest.raises(KeyDestroyedError):
        vault.put(["s1", "s2"], "original", b"pixels")
    assert vault.prefixes() == []


def test_what_others_wrote_into_the_same_pack_meanwhile_stays() -> None:
    kept = []

    class Slow(MemoryPackStore):
        def append(self, prefix: str, pack: str, data: bytes) -> Location:
            if not kept:
                vault.destroy_key("s1")
                kept.append(None)
                kept.append(vault.put(["s2"], "slice", b"without them", prefix="run", pack="01"))
            return super().append(prefix, pack, data)

    vault = Vault(MemoryKeyStore(), Slow(), b"s" * 32, Holders())
    with pytest.raises(KeyDestroyedError):
        vault.put(["s1", "s2"], "slice", b"with them", prefix="run", pack="01")
    assert vault.open(kept[1]) == b"without them"


def test_a_reference_to_another_kind_does_not_open(vault: Vault) -> None:
    ref = vault.put(["s1"], "original", b"pixels")
    with pytest.raises(IntegrityError):
        vault.open(BlobRef.at(ref.owners, "preview", ref.location))


def test_the_same_bytes_are_the_same_image_and_only_here() -> None:
    one = Vault(MemoryKeyStore(), MemoryPackStore(), b"a" * 32, Holders())
    other = Vault(MemoryKeyStore(), MemoryPackStore(), b"b" * 32, Holders())
    assert one.image_identifier("x") == one.image_identifier("x")
    assert one.image_identifier("x") != one.image_identifier("y")
    assert one.image_identifier("x") != other.image_identifier("x")


def test_model_weights_lie_where_they_are_told_to(vault: Vault) -> None:
    ref = vault.put(["s1", "s2"], "slice", b"w", prefix="run_1", pack="00-001")
    assert (ref.location.prefix, ref.location.pack) == ("run_1", "00-001")
    assert vault.packs("run_1") == ["00-001"]
    assert vault.discard(ref) > 0
    assert vault.packs("run_1") == []


def test_keys_are_known_until_destroyed(vault: Vault) -> None:
    vault.put(["s1"], "original", b"x")
    assert vault.has_key("s1")
    assert vault.owners("s") == ["s1"]
    vault.destroy_key("s1")
    assert not vault.has_key("s1")
