"""Card: the README.md of an export, in the layout of Hugging Face's dataset cards.

It is a function of the delivery's terms alone, so that it can be written again when samples were taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.shown import printable
from volenti.deliveries.checksums import SUMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.deliveries.terms import DeliveryTerms

#: Where the card lies.
CARD = "README.md"
#: The categories of sizes that cards have, with the number of samples from which on each holds.
_SIZES = (
    (10_000_000, "10M<n<100M"),
    (1_000_000, "1M<n<10M"),
    (100_000, "100K<n<1M"),
    (10_000, "10K<n<100K"),
    (1_000, "1K<n<10K"),
    (0, "n<1K"),
)
#: Where a split's files lie in each format, and those of a dataset that isn't divided.
_FILES = {
    "imagefolder": ("{split}/**", "**"),
    "webdataset": ("{split}-*.tar", "data-*.tar"),
    "parquet": ("{split}-*.parquet", "data-*.parquet"),
}


def card(terms: DeliveryTerms) -> str:
    """The whole card."""
    parts = (_header(terms), _summary(terms), _splits(terms), _fields(terms), _cleared(terms), _feed(terms))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _header(terms: DeliveryTerms) -> Iterator[str]:
    yield "---"
    yield f"pretty_name: {terms.dataset.partition('@')[0]}"
    yield "license: other"
    yield "license_name: model-releases"
    yield "license_link: .volenti/terms.json"
    yield "size_categories:"
    yield f"- {next(said for least, said in _SIZES if terms.samples >= least)}"
    yield "task_categories:"
    yield "- text-to-image"
    yield "tags:"
    yield "- people"
    yield "- consent"
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    divided, whole = _FILES.get(terms.format, ("{split}*", "**"))
    for split, number in terms.splits.items():
        if number:  # readers refuse a split without files
            yield f"  - split: {split}"
            yield f'    path: "{divided.format(split=split)}"'
    if not terms.splits:
        yield "  - split: train"
        yield f'    path: "{whole}"'
    yield "---"


def _summary(terms: DeliveryTerms) -> Iterator[str]:
    yield f"# {terms.dataset}"
    yield ""
    people = _counted(terms.people, "person", "people")
    yield f"{_counted(terms.samples, 'picture')} of {people}."
    gone = terms.samples_delivered - terms.samples
    if gone > 0:
        yield f"{terms.samples_delivered:,} were delivered; {gone:,} were called back since, and taken out."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| delivery | {terms.delivery}, {terms.delivered} |"
    yield f"| for | {terms.purpose} |"
    yield f"| everybody also granted | {', '.join(terms.also_granted) or 'nothing else'} |"
    yield f"| where | {'everywhere' if terms.territory == 'WORLD' else terms.territory} |"
    yield f"| may be handed on | {'yes' if terms.may_be_handed_on else 'no'} |"
    yield f"| contact | {contact_of(terms)} |"
    yield ""
    yield (
        "Use the pictures for nothing else than what stands here: it is what the people in them agreed to. "
        "`.volenti/terms.json` says the same for programs."
    )


def _splits(terms: DeliveryTerms) -> Iterator[str]:
    yield "## Splits and files"
    yield ""
    if terms.splits:
        yield "| split | pictures |"
        yield "|---|---|"
        for name, number in terms.splits.items():
            yield f"| {name} | {number:,} |"
        yield ""
        yield "Nobody is in two splits."
        yield ""
    if terms.selection:
        yield "The pictures were chosen from all that were cleared:"
        yield ""
        for label, text in terms.selection:
            yield f"- {plain(label)}: {plain(text)}"
        yield ""
    yield f"`sha256sum -c {SUMS}` checks every file."


def _fields(terms: DeliveryTerms) -> Iterator[str]:
    yield "## What is said of each picture"
    yield ""
    yield "| field | what it is |"
    yield "|---|---|"
    yield f"| {'txt' if terms.format == 'webdataset' else 'text'} | the caption; empty where there is none |"
    yield "| sample | the token by which the deletion feed names the picture |"
    yield "| width, height | its size in pixels |"
    yield "| people | numbers that stand for the people in it, if any, in this delivery alone |"
    yield "| group | the same for everybody who is connected by pictures of several people |"
    yield "| faces | the face of each of them: person, and box as left, top, width, height in pixels |"
    if terms.splits:
        yield "| split | the split that it is in |"
    yield ""
    yield (
        "To divide the pictures by person, divide them by `group`: then nobody is in two parts. The numbers "
        "name nobody, and two deliveries of the same picture have different ones. The pictures themselves "
        "show who the people are, so all of this is personal data."
    )


def _cleared(terms: DeliveryTerms) -> Iterator[str]:
    yield "## How the pictures were cleared"
    yield ""
    yield (
        "Everybody who was found in a picture signed a model release that covers this use. Whose face it is "
        "was found by comparing it with the photograph that came with the release; what was uncertain was "
        "put to a person. On the day of the delivery it was asked again whether everybody's "
        "release still covers each picture."
    )
    if terms.left_out:
        yield ""
        yield (
            f"Not delivered: {_counted(terms.left_out, 'picture')} of the dataset. In "
            f"{terms.left_out_not_passed_on:,} of them is somebody who didn't agree to being passed on."
        )
    gone = terms.samples_delivered - terms.samples
    if gone > 0:
        yield ""
        yield f"Called back since the delivery, and taken out: {_counted(gone, 'picture')}."
    yield ""
    yield "Not covered, and for you to mind:"
    yield ""
    yield "- People whom no detector notices: seen from behind, very small, or hidden."
    yield "- Works, marks and places in the pictures that belong to others, where nobody registered them."
    yield "- Whether the captions are right, and whether the people stand for any population."
    yield "- The law that applies to you."


def _feed(terms: DeliveryTerms) -> Iterator[str]:
    yield "## When somebody says no later"
    yield ""
    yield (
        "Consent can be taken back. The sender publishes a deletion feed, which names the samples that have "
        "to go. Follow it as long as you have the pictures, and send back what this command writes:"
    )
    yield ""
    yield f"    volenti feed apply . --feed {plain(terms.feed) or 'ADDRESS'} --out acknowledgement.txt"
    yield ""
    yield (
        f"{'' if terms.feed else 'The sender tells you the address. '}"
        "The command takes the samples out of the files, and brings this card and the checksums up to date. "
        "It reaches no copies, and nothing that you trained."
    )
    yield ""
    yield f"Questions, and people who ask you about their pictures: {contact_of(terms)}."


def contact_of(terms: DeliveryTerms) -> str:
    """How the recipient reaches the sender."""
    return plain(terms.contact) or "whoever handed this to you"


def plain(text: str) -> str:
    """A text that somebody typed, in one line that is no Markdown."""
    return printable(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
