"""Keys: what people's keys are wrapped under, and keys to sign with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from pathlib import Path

    from volenti.core.signing import PublicKey


class Keys(Noun):
    """What people's keys are wrapped under, and keys to sign with."""

    @staticmethod
    def new(file: Path | str) -> PublicKey:
        """Make a key pair to sign with, such as an officer's; returns the public key. Needs no workspace.

        file: a new file, which gets the private key. Raises UsageError where it is there already, or can't be
        written.

        Example:
            volenti.keys.new("officer.key")
        """
        from volenti.consent.enrolment import NewKeys

        with NewKeys() as keys:
            made = keys.provide(None, file)
        assert made is not None
        return made

    def rotate(self) -> int:
        """Wrap everybody's key under a new one and destroy the old; returns how many were wrapped anew.

        Copies of wrapped keys that somebody made, or that a disk kept, can't be opened any more. Copy the
        folder `secret` again to where you keep it. If this is stopped, the same call goes on.

        Example:
            ws.keys.rotate()
        """
        from volenti.stores import rotate_wrapping

        return rotate_wrapping(self._parts.path)
