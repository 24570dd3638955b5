"""The vault: seals bytes under their owners' keys and keeps them in the owners' packs.

This is the only place that holds pixels. Who may read them is not decided here (see
`clearance`): the vault knows owners and keys, not purposes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volenti.core.digest import commitment, derive, sha256
from volenti.core.errors import IntegrityError, KeyDestroyedError, UsageError
from volenti.core.logs import Logger
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Holders
from volenti.vault.holders import KeyHolder, PackHolder
from volenti.vault.owner import OwnerKind, kind_of
from volenti.vault.ports import KeyStore, Location, PackStore
from volenti.vault.seal import OVERHEAD, joint_key, seal, unseal

#: The pack of what is one person's.
OWN = "own"
#: How the names of packs begin that hold what several people share.
SHARED = "shared-"
_log = Logger(__name__)


class Vault:
    """Sealed packs, one prefix an owner. Erasing an owner unlinks a prefix and destroys a key."""

    def __init__(self, keys: KeyStore, packs: PackStore, secret: bytes, holders: Holders) -> None:
        #: Services that keep data of people in the vault announce their holders here.
        self.holders = holders
        holders.announce(KeyHolder(self))
        holders.announce(PackHolder(self))
        self._keys = keys
        self._packs = packs
        self._image_key = derive(secret, "image-identifier")
        self._person_key = derive(secret, "erased-person")

    def image_identifier(self, digest: str) -> str:
        """The identifier of the image whose file has this SHA-256: a commitment to it."""
        return "img_" + commitment(self._image_key, digest.encode()).hex()[:24]

    def person_digest(self, told: str) -> str:
        """A keyed digest of what a person is told apart by; only this workspace can make it."""
        return "was_" + commitment(self._person_key, told.encode()).hex()[:32]

    def put(
        self, owners: Sequence[str], kind: str, data: bytes, *, of: str = "", prefix: str = "", pack: str = ""
    ) -> BlobRef:
        """Seal `data` for `owners` and append it to their pack; durable after `flush`.

        of: what the bytes are of, such as a picture's identifier. They open only as that, and only these
        bytes open: opening fails where somebody moved ciphertext, or put back what lay there before.

        What several people share goes into a pack of its own under the first one's prefix, so
        that it can be unlinked without touching anything else. `prefix` and `pack` say
        otherwise where the bytes aren't photographs (model weights).
        """
        if not owners:
            raise UsageError("Sealed bytes need an owner.", "Name at least one owner.")
        ordered = tuple(sorted(set(owners)))
        place = Location(prefix or ordered[0], pack or _pack_of(ordered), 0, len(data) + OVERHEAD)
        keys = [self._keys.create(owner) for owner in ordered]
        identity = f"{of}/{sha256(data)}"
        sealed = seal(joint_key(keys), data, BlobRef.at(ordered, kind, place, identity).context)
        ref = BlobRef.at(ordered, kind, self._packs.append(place.prefix, place.pack, sealed), identity)
        if not all(map(self.has_key, ordered)):
            # An owner was erased meanwhile, and their packs were unlinked, perhaps before this one was
            # written. A pack that the caller named may by now be another process's, of the other owners.
            if prefix or pack:
                self._packs.blank(ref.location)
            else:
                self._packs.remove_packs(place.prefix, [place.pack])
            raise KeyDestroyedError(f"Somebody in it was erased while a {kind} was sealed.", "Do it again.")
        return ref

    def open(self, ref: BlobRef, digest: str = "") -> bytes:
        """The bytes; KeyDestroyedError if any owner's key is gone, IntegrityError on damage.

        digest: their SHA-256, where it is known, to check bytes whose reference has no identity.
        """
        keys = [self._keys.get(owner) for owner in ref.owners]
        try:
            data = unseal(joint_key(keys), self._packs.read(ref.location), ref.context)
        except IntegrityError:
            # An erasure destroys a key and then takes the bytes away: what is gone with a key is no damage.
            for owner in ref.owners:
                self._keys.get(owner)
            raise
        if digest and not ref.identity and sha256(data) != digest:
            raise IntegrityError(
                f"A sealed {ref.kind} is another one than was put there.",
                "Run `volenti audit` to see what else is affected.",
            )
        return data

    def flush(self) -> None:
        """Make everything put so far survive a power cut."""
        self._packs.flush()

    def destroy_key(self, owner: str) -> None:
        """Destroy the owner's key: from here on nothing of theirs opens, in any copy anywhere. Final.

        Raises UsageError for the controller's key, under which lies what concerns nobody.
        """
        _check_not(owner, OwnerKind.CONTROLLER)
        self._keys.destroy(owner)
        _log.info("data key destroyed", owner=kind_of(owner).value)

    def keeps_key(self, owner: str) -> bool:
        """Whether any part of a key is left, as after a destruction that was interrupted."""
        return self._keys.keeps(owner)

    def returned(self) -> list[str]:
        """Owners of keys that were destroyed and are there again: such a key opens nothing."""
        return [owner for owner in self._keys.owners() if self._keys.was_destroyed(owner)]

    def has_key(self, owner: str) -> bool:
        """Whether the owner's key opens; False once it was destroyed, and where it was never made."""
        try:
            self._keys.get(owner)
        except KeyDestroyedError:
            return False
        return True

    def owners(self, beginning: str = "") -> list[str]:
        """Everybody whose key exists and whose identifier begins so."""
        return [owner for owner in self._keys.owners() if owner.startswith(beginning)]

    def discard(self, ref: BlobRef) -> int:
        """Unlink the pack a blob lies in; for packs that hold one thing. Returns bytes freed."""
        return self.discard_all([ref])

    def discard_all(self, refs: Iterable[BlobRef]) -> int:
        """Unlink the packs that blobs lie in; returns bytes freed."""
        packs: dict[str, list[str]] = {}
        for ref in refs:
            packs.setdefault(ref.location.prefix, []).append(ref.location.pack)
        return sum(self._packs.remove_packs(prefix, names) for prefix, names in packs.items())

    def blank_all(self, refs: Iterable[BlobRef]) -> None:
        """Overwrite blobs of packs with zeros, and unlink the packs in which nothing else is.

        From here on these references open nothing.
        """
        packs = set()
        for ref in refs:
            self._packs.blank(ref.location)
            packs.add((ref.location.prefix, ref.location.pack))
        for prefix, pack in sorted(packs):
            self._packs.remove_blank(prefix, pack)

    def remove_packs(self, prefix: str, packs: Iterable[str]) -> int:
        """Unlink packs; returns bytes freed, 0 where there is none."""
        return self._packs.remove_packs(prefix, packs)

    def remove(self, prefix: str) -> int:
        """Unlink everything under a prefix; returns bytes freed. UsageError for controller and quarantine."""
        _check_not(prefix, OwnerKind.CONTROLLER, OwnerKind.QUARANTINE)
        return self._packs.remove(prefix)

    def packs(self, prefix: str) -> list[str]:
        """The packs under a prefix."""
        return list(self._packs.packs(prefix))

    def size(self, prefix: str) -> int:
        """Bytes kept under a prefix."""
        return self._packs.size(prefix)

    def prefixes(self) -> list[str]:
        """Every prefix under which anything lies."""
        return list(self._packs.prefixes())


def _check_not(owner: str, *kinds: OwnerKind) -> None:
    if kind_of(owner) in kinds:
        raise UsageError(f"{owner} is nobody who could be erased.", "Name a data subject.")


def _pack_of(owners: tuple[str, ...]) -> str:
    """The pack of what is somebody's, or of what several people share."""
    if len(owners) == 1:
        return OWN
    return SHARED + derive(b"\0".join(owner.encode() for owner in owners), "shared-pack").hex()[:16]
