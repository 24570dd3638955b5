"""Keys: what people's keys are wrapped under."""

from __future__ import annotations

from volenti.workspace.noun import Noun


class Keys(Noun):
    """What people's keys are wrapped under."""

    def rotate(self) -> int:
        """Wrap everybody's key under a new one and destroy the old; returns how many were wrapped anew.

        Copies of wrapped keys that somebody made, or that a disk kept, can't be opened any more. Copy the
        folder `secret` again to where you keep it. If this is stopped, the same call goes on.

        Example:
            ws.keys.rotate()
        """
        from volenti.stores import rotate_wrapping

        return rotate_wrapping(self._parts.path)
