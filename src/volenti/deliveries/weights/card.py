"""The README.md of weights that are handed out, in the layout of Hugging Face's model cards.

Like the card of pictures it is a function of the delivery's terms alone, so that it can be written again when
something was called back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.amounts import counted, size
from volenti.deliveries.card import contact_of, plain
from volenti.deliveries.checksums import SUMS
from volenti.deliveries.weights.terms import AS_IT_IS, DIFFUSERS, KOHYA, WeightsTerms, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.deliveries.terms import DeliveryTerms
    from volenti.deliveries.weights.terms import ConstituentTerms

_LOADED_BY = {
    DIFFUSERS: "diffusers, PEFT",
    KOHYA: "tools that look for kohya's names",
    AS_IT_IS: "Volenti, on its own base",
}


def weights_card(terms: DeliveryTerms, weights: WeightsTerms) -> str:
    """The whole card."""
    parts = (
        _header(terms, weights),
        _summary(terms, weights),
        _files(terms, weights),
        _base(weights),
        _checked(terms, weights),
        _forgetting(),
        _called_back(terms),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _is_there(terms: DeliveryTerms, constituent: ConstituentTerms) -> bool:
    return terms.splits.get(key_of(constituent.shard), 0) > 0


def _header(terms: DeliveryTerms, weights: WeightsTerms) -> Iterator[str]:
    yield "---"
    yield "license: other"
    yield "license_name: model-releases"
    yield f"license_link: {weights.licence or '.volenti/terms.json'}"
    yield "pipeline_tag: text-to-image"
    if any(each.rank for each in weights.constituents):
        yield "library_name: diffusers"
    yield "tags:"
    yield from ("- lora", "- people", "- consent") if _has_lora(weights) else ("- people", "- consent")
    yield "---"


def _has_lora(weights: WeightsTerms) -> bool:
    return any(each.rank for each in weights.constituents)


def _summary(terms: DeliveryTerms, weights: WeightsTerms) -> Iterator[str]:
    what = "A LoRA for a pipeline of diffusers" if _has_lora(weights) else "Weights of an image generator"
    yield f"# {weights.run}"
    yield ""
    gone = [each for each in weights.constituents if not _is_there(terms, each)]
    if len(gone) == len(weights.constituents):
        yield "**Called back.** Nothing of this may be used any more: see the end of this card."
        yield ""
    yield (
        f"{what}, trained on pictures of people who agreed to it in signed releases."
        f"{' Each constituent learned from other pictures.' if len(weights.constituents) > 1 else ''}"
    )
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| delivery | {terms.delivery}, {terms.delivered} |"
    yield f"| trained on | {terms.dataset} |"
    yield f"| for | {terms.purpose} |"
    yield f"| everybody also granted | {', '.join(terms.also_granted) or 'nothing else'} |"
    yield f"| where | {'everywhere' if terms.territory == 'WORLD' else terms.territory} |"
    yield f"| may be handed on | {'yes' if terms.may_be_handed_on else 'no'} |"
    yield f"| licence | {weights.licence or 'none beside what stands here'} |"
    yield f"| contact | {contact_of(terms)} |"
    yield ""
    yield (
        "Use the weights for nothing else than what stands here: it is what the people whom they learned "
        "from agreed to. `.volenti/terms.json` says the same for programs."
    )


def _files(terms: DeliveryTerms, weights: WeightsTerms) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield "| file | loaded by | size | learned from | SHA-256 |"
    yield "|---|---|---|---|---|"
    for each in weights.constituents:
        people = counted(each.people, "person", "people")
        learned = f"{counted(each.pictures, 'picture')} of {people}"
        for file in each.files:
            state = file.sha256 if _is_there(terms, each) else f"called back ({file.sha256})"
            yield f"| {file.name} | {_LOADED_BY[file.form]} | {size(file.bytes)} | {learned} | {state} |"
    yield ""
    yield f"`sha256sum -c {SUMS}` checks every file."
    yield ""
    if not _has_lora(weights):
        yield (
            "The tensors take the place of those of the same names in the base's network. The file is the "
            "constituent as it was trained, so its SHA-256 is the one that certificates commit to."
        )
        return
    first = next((file.name for each in weights.constituents for file in each.files), "")
    yield f'    pipe.load_lora_weights(".", weight_name="{first}")'
    yield ""
    if any(file.form == KOHYA for each in weights.constituents for file in each.files):
        yield "The file that ends with `-kohya` has the same numbers under other names: load one of the two."
        yield ""
    yield (
        f"Load it with the strength 1: the mean of what was learned is multiplied by {weights.scale:g} "
        "already. What the file is stands in its header too, so its SHA-256 isn't the one that certificates "
        "commit to and proofs compare. That one is of the tensors alone, as "
        "`safetensors.numpy.save(safetensors.numpy.load(data))` gives them from the file for diffusers:"
    )
    yield ""
    for each in weights.constituents:
        yield f"- constituent {key_of(each.shard)}, rank {each.rank}: {each.sha256}"


def _base(weights: WeightsTerms) -> Iterator[str]:
    base = weights.base
    said = (
        ("name", base.name),
        ("made by", base.made_by),
        ("licence", base.licence),
        ("trained on", base.trained_on),
    )
    yield "## The base"
    yield ""
    yield "The weights are changes to a base, and draw nothing without it."
    yield ""
    yield f"- SHA-256: {base.sha256}"
    for label, text in said:
        if text:
            yield f"- {label}: {plain(text)}"
    if not base.licence:
        yield "- Under which licence the base is isn't known here."
    yield ""
    yield base.covers
    yield ""
    yield "What stands here of the base was told by whoever added it, and wasn't checked."


def _checked(terms: DeliveryTerms, weights: WeightsTerms) -> Iterator[str]:
    yield "## What was checked"
    yield ""
    yield (
        "On the day of the delivery it was asked of every picture whether the releases of everybody in it "
        "cover training for this purpose there, and being passed on. A constituent learns from no fewer than "
        f"{counted(weights.min_people, 'person', 'people')}."
    )
    yield ""
    yield "Not covered, and for you to mind:"
    yield ""
    yield "- What you draw is compared with nobody. Volenti compares what it draws itself with everybody"
    yield "  whom the model learned from, and that needs their pictures, which you don't have. Somebody may"
    yield "  be recognised in what you draw."
    yield "- People whom no detector notices in a picture: seen from behind, very small, or hidden."
    yield "- The law that applies to you, such as the duty to label pictures that a machine made."


def _forgetting() -> Iterator[str]:
    yield "## What can be forgotten"
    yield ""
    yield (
        "When somebody whom the weights learned from says no, the sender trains them anew without that "
        "person: bit for bit the weights of a training without them. That covers what was learned from the "
        "dataset. It doesn't cover what the base learned before, nor what you trained or drew with this."
    )


def _called_back(terms: DeliveryTerms) -> Iterator[str]:
    yield "## When the weights are called back"
    yield ""
    yield (
        "Consent can be taken back, and nothing can be taken out of weights. The sender publishes a deletion "
        "feed, which says when a file has to go and when its successor was handed out. Follow it as long as "
        "you have the weights, and send back what this command writes:"
    )
    yield ""
    yield f"    volenti feed apply . --feed {plain(terms.feed) or 'ADDRESS'} --out acknowledgement.txt"
    yield ""
    yield (
        f"{'' if terms.feed else 'The sender tells you the address. '}"
        "The command removes the files here that were called back. Copies elsewhere, such as in the folder "
        "of your drawing program or merged into other weights, are yours to find by SHA-256 and to remove."
    )
    yield ""
    yield f"Questions, and people who ask you about themselves: {contact_of(terms)}."
