"""Work reader: makes fingerprints of third parties' works from their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.perception.files.picture import Picture, open_picture


@dataclass(frozen=True)
class WorkReader:
    """Makes fingerprints of files. Picklable: it works in worker processes."""

    keypoints: KeypointFinder | None

    def read(self, files: Sequence[bytes]) -> list[Fingerprint | None]:
        """The fingerprint of each file, None of one that isn't a picture."""
        return [self._read(data) for data in files]

    def _read(self, data: bytes) -> Fingerprint | None:
        picture = open_picture(data)
        if not isinstance(picture, Picture):
            return None
        return fingerprint(picture.rgb, self.keypoints, closely=True)
