"""Rows of clearance: pictures, files they came from, what was decided, and what they are compared with."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.clearance.image import Image
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.vault.records import Record
from volenti.vault.rowkind import Mirrored, RowKind, Sealed, whole

#: States of pictures whose bytes are kept.
_KEPT = ("waiting", "held", "cleared")


def _theirs(record: Record, subject: str) -> Json:
    """What of a picture's row is about the subject alone: not where it lies, nor whose else it is."""
    bare = Image.read(record.id, record.body).settled((subject,))
    places = ("original", "preview", "unredacted")
    body = {name: value for name, value in encoded(bare).items() if name not in places}
    body["faces"] = [encoded(face) for face in bare.faces if face.subject == subject]
    return body


def _decided(record: Record, subject: str) -> Json:
    """What was decided and for which purpose; of findings, which may be about others, only the codes."""
    kept = ("purpose", "verdict", "at")
    codes = [each["code"] for each in record.body["findings"]]
    return {**{name: record.body[name] for name in kept}, "findings": codes}


def _bytes(record: Record) -> Iterator[Sealed]:
    image = Image.read(record.id, record.body)
    if image.original is not None or record.state in _KEPT:
        yield Sealed("the picture", image.original, image.sha256, is_picture=True)
    if image.preview is not None:
        yield Sealed("the preview", image.preview)
    if image.unredacted is not None:
        yield Sealed("the picture as it was given", image.unredacted)


#: The two kinds of rows of third parties' works, declared below, that several files read.
THIRD_PARTY_WORK, THIRD_PARTY_DETAIL = "third-party-work", "third-party-detail"

KINDS = (
    RowKind(
        "image",
        words="records of photographs",
        called="picture",
        listed="volenti picture list",
        shown=_theirs,
        sealed=_bytes,
        kept="until whoever is in them is erased; undecided ones as long as quarantine lasts",
    ),
    RowKind(
        "file",
        words="names of files given",
        listed="volenti picture list",
        shown=whole,
        kept="as long as the picture that came from them",
        # What is left of a file whose picture was dropped.
        mirrored=Mirrored.NOBODYS,
    ),
    RowKind(
        "decision",
        words="clearance decisions",
        shown=_decided,
        kept="as long as the picture that they are about",
    ),
    RowKind(
        "mention",
        words="mentions as who may be in a held picture",
        kept="until the picture is decided",
    ),
    RowKind(
        "wrong-claim",
        words="that a picture of somebody else was given as theirs",
        kept="as long as the picture, and until one of them is erased",
    ),
    RowKind(
        "look",
        words="that somebody who works here looked at their pictures",
        shown=whole,
        listed="volenti subject list",
        kept="as long as the picture; of lists of pictures, until they are erased",
    ),
    RowKind(
        "template",
        words="face templates",
        is_biometric=True,
        kept="deleted with the yes to them, at the latest when pictures are next judged",
    ),
    RowKind(
        "look-alike",
        words="that their face template and another enrolled person's match",
        is_biometric=True,
        listed="volenti subject list",
        kept="as long as both are enrolled and match",
    ),
    RowKind(
        "folder-person",
        words="that pictures of theirs lie in a folder",
        kept="until they are erased",
    ),
    RowKind("folder-file"),
    RowKind("policy", listed="volenti policy list"),
    RowKind("gallery"),
    RowKind("kept-questions", listed="volenti review list"),
    RowKind("renewal"),
    RowKind("third-party-work", listed="volenti rights list"),
    RowKind("third-party-detail", listed="volenti rights list"),
)

#: The holders that the package's services announce.
HOLDERS = ("review queue", "group pictures")
