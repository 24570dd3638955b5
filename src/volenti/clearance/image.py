"""Image: one picture by its bytes, however many files were given with those bytes.

The identifier is a keyed digest of the file's bytes. While nobody has been
matched, everything known about an image is sealed under the day's quarantine key;
once it is cleared, under the keys of the people in it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from volenti.core.canonical import Json
from volenti.vault.blob import BlobRef

#: Owner of what concerns nobody: landscapes a reviewer cleared, strangers' file names.
CONTROLLER = "controller"
QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face as the decision saw it: box in pixels of the upright picture, and whose it is."""

    box: tuple[float, float, float, float]
    #: 'covered', 'held' or 'refused': the colours of the contact sheet.
    standing: str
    subject: str | None = None
    score: float = 0.0
    code: str = ""

    @classmethod
    def from_json(cls, body: Json) -> SeenFace:
        return cls(**{**body, "box": tuple(body["box"])})


@dataclass(frozen=True, slots=True)
class Image:
    """What is kept about a picture. `original` and `preview` are None once it was rejected."""

    id: str
    file: str
    sha256: str = ""
    caption: str = ""
    shoot: str = ""
    sidecar: str = ""
    width: int = 0
    height: int = 0
    faces: tuple[SeenFace, ...] = ()
    original: BlobRef | None = None
    preview: BlobRef | None = None
    rights: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        body: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("file", "sha256", "caption", "shoot", "sidecar", "width", "height", "rights")
        }
        body["faces"] = [{**asdict(face), "box": list(face.box)} for face in self.faces]
        body["original"] = self.original.to_json() if self.original else None
        body["preview"] = self.preview.to_json() if self.preview else None
        return body

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Image:
        given = dict(body)
        for name in ("original", "preview"):
            given[name] = BlobRef.from_json(given[name]) if given.get(name) else None
        given["faces"] = tuple(SeenFace.from_json(face) for face in given.get("faces", []))
        return cls(id=identifier, **given)

    @property
    def largest_face(self) -> SeenFace | None:
        return max(self.faces, key=lambda face: face.box[2] * face.box[3], default=None)
