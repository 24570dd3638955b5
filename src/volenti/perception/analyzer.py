"""Picture analysis: everything that can be seen in a file without knowing anybody.

It is made in worker processes from bytes alone: they have no key, no records and no gallery. An analysis
holds face templates, so it is in memory while its picture is judged, and is never stored.

A file is decoded once, as large as small faces are looked for; everything else works on a smaller copy. Every
picture of an animation is looked at, as far as `Limits` allow; where some weren't, that is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.perception.files.formats import signature
from volenti.perception.files.frames import further_frames
from volenti.perception.files.kept import preview_of_pixels
from volenti.perception.files.metadata import Metadata, metadata_by_scanning
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.credentials import CredentialReader, credentials_in
from volenti.perception.rights.marks import MarkReader
from volenti.perception.rights.statement import Rights, rights_of
from volenti.perception.sight.age import AgeEstimator
from volenti.perception.sight.faces import Face, FaceDetector
from volenti.perception.sight.figure import Figure
from volenti.perception.sight.figures import PersonDetector, faceless

#: Bytes of pixels up to which several pictures are looked at together.
TOGETHER_BYTES = 16 * 2**20

#: Faces, and figures without one.
_People = tuple[list[Face], tuple[Figure, ...]]


@dataclass(frozen=True, slots=True)
class PictureAnalysis:
    """What was seen in a file.

    `width` and `height` are those of the whole upright picture. Boxes are in pixels of the picture
    that is judged (`pixels_of`), which is smaller where the whole has more than 2048 a side.
    `figures` are signs of people for whom no face was found.
    """

    findings: tuple[Finding, ...]
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    rights: Rights | None = None
    #: One for each of the file's pictures; none where no third party's work is registered.
    fingerprints: tuple[Fingerprint, ...] = ()
    preview: bytes = field(default=b"", repr=False)
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class PictureAnalyzer:
    """Looks at files. Picklable: its models are loaded where it works."""

    detector: FaceDetector
    marks: MarkReader | None
    credentials: CredentialReader | None = None
    #: None where edited copies of third parties' works aren't looked for.
    keypoints: KeypointFinder | None = None
    people: PersonDetector | None = None
    ages: AgeEstimator | None = None
    #: Marks looked for beside the shipped list, as `marks.marks_of` makes them.
    added_marks: tuple[str, ...] = ()
    #: False where no third party's work is registered: there is nothing to compare a fingerprint with.
    works: bool = True

    def analyze(self, files: Sequence[bytes]) -> list[PictureAnalysis]:
        """What is in each file, given as its bytes, in order. A bad file gives findings, never an error."""
        found: list[PictureAnalysis] = []
        for group in _opened(files):
            pictures = [picture for _, picture in group if isinstance(picture, Picture)]
            people = iter(self._people([(0, picture.rgb, picture.fine) for picture in pictures]))
            for file, picture in group:
                if isinstance(picture, Picture):
                    found.append(self._analysis(file, picture, next(people)))
                else:
                    # What can't be decoded may still say that it isn't to be used.
                    rights = self._rights(file, metadata_by_scanning(file))
                    found.append(PictureAnalysis((picture,), rights=rights))
        return found

    def fingerprints(self, files: Sequence[bytes]) -> list[tuple[Fingerprint, ...]]:
        """The fingerprints of each file's pictures, in order; nothing else is looked at."""
        return [tuple(self._fingerprints(data)) for data in files]

    def _fingerprints(self, data: bytes) -> Iterator[Fingerprint]:
        picture = open_picture(data)
        if isinstance(picture, Picture):
            yield fingerprint(picture.rgb, self.keypoints)
            for frame in further_frames(data, picture):
                if frame.rgb is not None:
                    yield fingerprint(frame.rgb, self.keypoints)

    def _analysis(self, file: bytes, picture: Picture, people: _People) -> PictureAnalysis:
        rgb = picture.rgb
        faces, figures = list(people[0]), list(people[1])
        findings = self._marks(rgb)
        prints = [fingerprint(rgb, self.keypoints)] if self.works else []
        looked_at = 1
        for frame in further_frames(file, picture):
            looked_at += 1
            if frame.rgb is None:
                continue
            ((more_faces, more_figures),) = self._people([(frame.number, frame.rgb, frame.rgb)])
            faces += more_faces
            figures += more_figures
            findings = findings or self._marks(frame.rgb)
            if self.works:
                prints.append(fingerprint(frame.rgb, self.keypoints))
        if looked_at < picture.frames:
            counts = {"frames": picture.frames, "judged": looked_at}
            findings = [*findings, finding("multi-frame", counts, **counts)]
        return PictureAnalysis(
            tuple(findings),
            picture.width,
            picture.height,
            tuple(faces),
            self._rights(file, picture.metadata),
            tuple(prints),
            preview_of_pixels(rgb),
            tuple(figures),
        )

    def _people(self, views: Sequence[tuple[int, Rgb, Rgb]]) -> list[_People]:
        """Who is in each view: a frame's number, its pixels, and the same at the size for small faces.

        One network looks at all of them before the next one does: a network that has to wait for others
        between two pictures finds its weights gone from the processor's caches.
        """
        detections = [self.detector.detect(fine) for _, _, fine in views]
        scores = [
            [face.under_25_score for face in detected.faces]
            if self.ages is None
            else self.ages.under_25_scores(fine, detected.faces)
            for (_, _, fine), detected in zip(views, detections, strict=True)
        ]
        bodies = [self.people.figures(rgb) if self.people is not None else [] for _, rgb, _ in views]
        found: list[_People] = []
        for (number, rgb, fine), detected, young, seen in zip(views, detections, scores, bodies, strict=True):
            shrunk = rgb.shape[1] / fine.shape[1]
            faces = [
                replace(face.scaled(shrunk), frame=number, under_25_score=score)
                for face, score in zip(detected.faces, young, strict=True)
            ]
            figures = [*(figure.scaled(shrunk) for figure in detected.figures), *seen]
            found.append((faces, faceless([replace(each, frame=number) for each in figures], faces)))
        return found

    def _marks(self, rgb: Rgb) -> list[Finding]:
        return self.marks.findings(rgb, self.added_marks) if self.marks is not None else []

    def _rights(self, file: bytes, metadata: Metadata) -> Rights:
        signed = credentials_in(file, signature(file), self.credentials)
        return rights_of(metadata, credentials=signed)


def _opened(files: Sequence[bytes]) -> Iterator[list[tuple[bytes, Picture | Finding]]]:
    """The files with what they open to, in groups of up to TOGETHER_BYTES of pixels, at least one in each."""
    group: list[tuple[bytes, Picture | Finding]] = []
    held = 0
    for file in files:
        picture = open_picture(file)
        size = picture.fine.nbytes if isinstance(picture, Picture) else 0
        if group and held + size > TOGETHER_BYTES:
            yield group
            group, held = [], 0
        group.append((file, picture))
        held += size
    if group:
        yield group
