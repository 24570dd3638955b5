"""Enrolling people: key pairs made for those who have none, and who signs for a minor."""

from __future__ import annotations

from pathlib import Path

from volenti.consent.subject import Guardian
from volenti.core.errors import UsageError
from volenti.core.signing import PublicKey, SigningKey


def guardian_from(
    before: Guardian | None, name: str | None, relation: str | None, key: PublicKey | None
) -> Guardian | None:
    """The guardian on record with what is given changed; UsageError where a new one has no name."""
    if name is None and before is None:
        if relation or key:
            raise UsageError("A guardian's key or relation was given, but no name.", "Add --guardian NAME.")
        return None
    if before is None:
        return Guardian(name or "", relation or "", key)
    return Guardian(
        before.name if name is None else name,
        before.relation if relation is None else relation,
        key or before.public_key,
    )


class NewKeys:
    """Makes key pairs for people, inside a `with`.

    Where an error ends the `with`, so that the people aren't recorded, the files are removed again.
    """

    def __init__(self) -> None:
        self._made: list[Path] = []

    def __enter__(self) -> NewKeys:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            # A key without a person has no use, and its file would be in the way of a second try.
            for path in self._made:
                path.unlink(missing_ok=True)

    def provide(self, given: PublicKey | None, new: Path | str | None) -> PublicKey | None:
        """Return the public key that was given, or make a key pair; None where neither is asked for.

        new: the file that gets the new private key. Raises UsageError where both are given, or the file
        can't be written or is there already.
        """
        if given is not None and new is not None:
            raise UsageError("A public key was given and a new one asked for.", "Choose one of the two.")
        if new is None:
            return given
        pair, path = SigningKey.new(), Path(new)
        try:
            pair.save(path)
        except OSError as error:
            raise UsageError(
                f"Can't write the key to {path}: {error.strerror}.", "Name a new file."
            ) from error
        self._made.append(path)
        return pair.public
