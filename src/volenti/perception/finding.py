"""A finding: one thing seen while a picture was judged, with what to do about it.

The table below is the whole list of codes, so that a report, a page and the reference documentation use the
same words. A finding's message carries no personal data: no name, no place, no score. What a reviewer needs
beyond the message (which face, which field) is in `data`, which the vault seals.

`verdict` is what a finding means where a policy doesn't say otherwise. Findings aren't combined into a
decision here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from volenti.core.canonical import Json
from volenti.core.shown import short_repr

#: What one finding asks for; 'cleared' is that of a mere note, which holds no picture.
Verdict = Literal["cleared", "held", "rejected", "unreadable", "duplicate"]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A row of the table: what a code says and what it asks for by default."""

    message: str
    remedy: str
    verdict: Verdict


def _kinds() -> dict[str, FindingKind]:
    return {
        # Consent: the codes of `consent.coverage`.
        "no-release": FindingKind(
            "Nobody whose release covers this use today is recognised in it, or named for it.",
            "Leave the picture out; or import a release of theirs that covers the use, and add it again.",
            "rejected",
        ),
        "restricted": FindingKind(
            "Somebody in it had the use of what is theirs restricted.",
            "Judge the picture again once that is lifted.",
            "held",
        ),
        "release-expired": FindingKind(
            "The release's term has ended.", "Ask for a new release, or leave the picture out.", "rejected"
        ),
        "release-not-yet-valid": FindingKind(
            "A release begins on a later day, and nobody may be recognised by it before.",
            "Judge the pictures again from that day on: volenti clear.",
            "held",
        ),
        "release-withdrawn": FindingKind(
            "The release was withdrawn.", "Nothing to do: the picture stays out.", "rejected"
        ),
        "release-superseded": FindingKind(
            "A later release has taken this one's place.",
            "Nothing to do where the later one covers the use; else the picture stays out.",
            "rejected",
        ),
        "shoot": FindingKind(
            "The release is for another shoot, or it isn't known from which shoot the picture is.",
            "Say from which it is: volenti picture amend IMAGE --shoot ID; or ask for a wider release.",
            "held",
        ),
        "purpose-not-granted": FindingKind(
            "The release doesn't grant this purpose.",
            "Leave the picture out, or ask for a release that grants it.",
            "rejected",
        ),
        "territory": FindingKind(
            "A release doesn't cover the policy's territory, and nobody may be recognised by it there.",
            "Judge for the release's countries (--territory), or have a wider one signed; volenti clear.",
            "held",
        ),
        "minor": FindingKind(
            "The data subject was under 18 at signing and no guardian's signature is valid.",
            "Ask the guardian to sign, or leave the picture out.",
            "rejected",
        ),
        "signature": FindingKind(
            "The release's signature doesn't verify.", "Import the release as it was signed.", "rejected"
        ),
        "method": FindingKind(
            "The release was signed in a way that the policy doesn't take, such as on paper.",
            "Have them sign with their own key, or let the policy take it: [release] methods.",
            "held",
        ),
        "biometrics-not-granted": FindingKind(
            "The release doesn't grant face templates, so nobody was compared.",
            "Look at the picture and decide in review.",
            "held",
        ),
        # Faces.
        "bystander": FindingKind(
            "A face belongs to nobody with a release.",
            "Crop or cover the face, or import that person's release; otherwise decide in review.",
            "held",
        ),
        "uncertain-match": FindingKind(
            "A face resembles someone with a release, but not clearly enough.",
            "Compare the face with the reference photograph in review.",
            "held",
        ),
        "unlike-claim": FindingKind(
            "The picture was given as somebody's, and a face isn't near to theirs.",
            "Compare the face with their reference photograph in review; who gave it may have erred.",
            "held",
        ),
        "given-as-another": FindingKind(
            "The picture was given as somebody's, and shows somebody else, whose it is now.",
            "See whose: volenti picture show IMAGE; correct what it was given by.",
            "cleared",
        ),
        "matched-twice": FindingKind(
            "Several faces are matched with one person: a look-alike, a mirror or a print may be among them.",
            "Say in review whose each face is.",
            "held",
        ),
        "no-face": FindingKind(
            "No face was found; hands and some people seen from behind aren't noticed.",
            "Decide in review who, if anybody, is in the picture.",
            "held",
        ),
        "person": FindingKind(
            "Somebody may be in the picture whose face wasn't found.",
            "Look at the picture and decide in review who it shows, if anybody.",
            "held",
        ),
        "people": FindingKind(
            "The policy admits no people, and somebody may be in the picture.",
            "Leave the picture out, or judge it by a policy that admits people.",
            "rejected",
        ),
        "possible-minor": FindingKind(
            "A face looks young; an estimate of age is only a reason to look.",
            "Compare with the birth date on the release in review.",
            "held",
        ),
        "redacted": FindingKind(
            "Strangers were made unrecognisable; that copy is what was cleared.",
            "Nothing to do.",
            "cleared",
        ),
        # Rights.
        "opt-out": FindingKind(
            "The file, or what lies beside it, reserves this use.",
            "Ask the holder of the rights, or leave the picture out.",
            "rejected",
        ),
        "opt-out-unclear": FindingKind(
            "The file, or what lies beside it, sets conditions, leaves this use open or can't be understood.",
            "Read what stands there, ask the holder of the rights, and decide in review.",
            "held",
        ),
        "licence": FindingKind(
            "The metadata name no licence, or one that the policy doesn't allow.",
            "Show in review under which licence the picture is used, or add that licence to the policy.",
            "held",
        ),
        "credential-tampered": FindingKind(
            "The file's content credentials don't match it: the picture or they were changed.",
            "Give the file as it was published, or decide in review where it comes from.",
            "held",
        ),
        "credential-unread": FindingKind(
            "The file refers to content credentials that weren't read: {reason}.",
            "Look at the credentials with another program, and decide in review.",
            "held",
        ),
        "credential-untrusted": FindingKind(
            "The content credentials are signed by somebody who isn't on a list of trusted signers.",
            "Nothing to do, or name the signer's certificate in the setting trust_anchors.",
            "cleared",
        ),
        "release-status": FindingKind(
            "The metadata say that not everybody in the picture signed a full release, or say it unclearly.",
            "Compare the releases on file with everybody who can be recognised, and decide in review.",
            "held",
        ),
        "property-release": FindingKind(
            "The picture shows property or art that may need a release of its owner.",
            "Ask for a property release, or decide in review that nothing protected can be recognised.",
            "held",
        ),
        "release-not-needed": FindingKind(
            "The metadata say that no release is needed; that clears nobody.",
            "Nothing to do.",
            "cleared",
        ),
        "minor-disclosed": FindingKind(
            "The metadata say that somebody in the picture was under 18.",
            "Check the birth date and the guardian's signature on the release, and decide in review.",
            "held",
        ),
        "third-party-copy": FindingKind(
            "The picture is a copy of a registered work of somebody else.",
            "Leave the picture out, or show the licence in review.",
            "rejected",
        ),
        "possible-copy": FindingKind(
            "The picture resembles a registered work of somebody else, but it isn't sure to be a copy.",
            "Compare the two pictures in review.",
            "held",
        ),
        "watermark": FindingKind(
            "Text in the picture looks like an owner's mark.",
            "Use the licensed original without the mark, or decide in review.",
            "held",
        ),
        # What the file tells about people; exports are stripped of it.
        "location": FindingKind(
            "The metadata say where the picture was taken.",
            "Nothing to do: copies handed on carry no metadata.",
            "cleared",
        ),
        "device-identity": FindingKind(
            "The metadata name a device or its owner.",
            "Nothing to do: copies handed on carry no metadata.",
            "cleared",
        ),
        # The file itself.
        "unreadable": FindingKind(
            "The file is damaged, cut short or of an unknown variant ({format}).",
            "Give the undamaged original, or convert it to an ordinary JPEG or PNG.",
            "unreadable",
        ),
        "outside": FindingKind(
            "It isn't a file in the folder that was given, but {reason}.",
            "Put the file itself there, or leave it out.",
            "unreadable",
        ),
        "no-access": FindingKind(
            "It can't be read: {reason}.",
            "Check its permissions and the disk, then add it again.",
            "unreadable",
        ),
        "bomb": FindingKind(
            "Decoding the file would take more than is allowed ({measure}).",
            "Give it as a smaller picture, or leave it out.",
            "unreadable",
        ),
        "not-an-image": FindingKind(
            "The file isn't a picture in a format that is read ({format}).",
            "Give JPEG, PNG, WEBP, TIFF, GIF, BMP or AVIF.",
            "unreadable",
        ),
        "multi-frame": FindingKind(
            "The file holds {frames} pictures, and only {judged} could be judged.",
            "Give each picture as a file of its own.",
            "held",
        ),
        "sidecar-alone": FindingKind(
            "Its name is that of a file beside a picture (XMP, headers, JSON, C2PA), and that isn't here.",
            "Put it beside its picture, with the picture's name, and add both again.",
            "unreadable",
        ),
        "duplicate": FindingKind("The same file is already here.", "Nothing to do.", "duplicate"),
    }


#: Every code there is, in the order of the documentation.
TABLE: Mapping[str, FindingKind] = MappingProxyType(_kinds())


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen (`code`, `message`), what helps (`remedy`), and details for review (`data`).

    Raises KeyError where there is no such code.
    """

    code: str
    message: str
    remedy: str
    data: Json = field(default_factory=dict)

    __repr__ = short_repr

    def __post_init__(self) -> None:
        TABLE[self.code]

    @property
    def verdict(self) -> Verdict:
        """What the finding asks for by default."""
        return TABLE[self.code].verdict


def finding(code: str, /, data: Json | None = None, **words: object) -> Finding:
    """The finding of that code; `words` fill the places of its message.

    Words are facts about the file (a format, a count), never about a person.
    Raises KeyError for an unknown code or a missing word: both are mistakes in the caller.
    """
    kind = TABLE[code]
    return Finding(code, kind.message.format(**words), kind.remedy, dict(data or {}))
