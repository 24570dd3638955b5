"""Options and arguments that several commands share, in one wording."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from volenti.consent.purpose import PURPOSES
from volenti.core.clock import day
from volenti.core.errors import UsageError
from volenti.core.signing import PublicKey, SigningKey
from volenti.requests.identity import Identified


def _purpose(text: str) -> str:
    if text not in [grant.value for grant in PURPOSES]:
        raise typer.BadParameter(f"{text!r} is none of: {', '.join(PURPOSES)}.")
    return text


def _purposes(incomplete: str) -> list[tuple[str, str]]:
    return [(grant.value, grant.meaning) for grant in PURPOSES if grant.value.startswith(incomplete)]


def _day(text: str) -> date:
    try:
        return day(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} isn't a day such as 2026-11-22.") from None


AsJson = Annotated[bool, typer.Option("--json", help="Print the facts as JSON on standard output.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")]
_PURPOSE = typer.Option(
    "--purpose",
    metavar="PURPOSE",
    parser=_purpose,
    autocompletion=_purposes,
    help=f"What the pictures are wanted for: {', '.join(PURPOSES)}.",
)
Purpose = Annotated[str, _PURPOSE]
OptionalPurpose = Annotated[str | None, _PURPOSE]
PolicyName = Annotated[
    str | None,
    typer.Option(
        "--policy", metavar="POLICY", help="A policy file, or the name of a shipped one: volenti policy list."
    ),
]
Territory = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Where: a country code such as DE, or WORLD. Default: VOLENTI_TERRITORY, else WORLD.",
    ),
]
RequestName = Annotated[
    str | None,
    typer.Argument(
        metavar="REQUEST",
        help="Which request; by default the only one that isn't finished.",
        show_default=False,
    ),
]
LatestRequest = Annotated[
    str | None,
    typer.Argument(metavar="REQUEST", help="Which request; the latest by default.", show_default=False),
]
Identity = Annotated[
    Identified | None,
    typer.Option(
        "--identity",
        metavar="WAY",
        help=f"How it was made sure who asks: {', '.join(Identified)}. With waived, nobody made sure.",
    ),
]
ReleaseName = Annotated[str, typer.Argument(metavar="RELEASE", help="The release's identifier.")]
References = Annotated[
    list[Path] | None,
    typer.Option(
        "--reference",
        exists=True,
        metavar="PHOTO",
        help="A photograph of them alone, to find them in pictures; repeat it, or name a folder.",
    ),
]
AcceptReference = Annotated[
    bool,
    typer.Option(
        "--accept-reference",
        help="Take photographs although they are small, blurred, turned, cut, covered or unlike each other.",
    ),
]
ExistingFile = typer.Option(exists=True, dir_okay=False)


def day_option(flag: str, wording: str) -> typer.models.OptionInfo:
    """An option that takes a calendar day."""
    option: typer.models.OptionInfo = typer.Option(flag, metavar="DAY", parser=_day, help=wording)
    return option


OptionalDay = Annotated[
    date | None, day_option("--signed-on", "The day that stands on the paper; else the release's own date.")
]


def signing_key(path: Path) -> SigningKey:
    """The private key in a file that `--new-key` wrote."""
    return SigningKey.load(path)


def public_key(text: str) -> PublicKey:
    """A public key as base64, or from a file that holds it."""
    path = Path(text)
    return PublicKey.parse(path.read_text() if path.is_file() else text)


def either(yes: bool, no: bool, names: tuple[str, str]) -> bool | None:
    """True or False by which of two options was given, None where neither was; UsageError where both were."""
    if yes and no:
        raise UsageError(f"{names[0]} and {names[1]} contradict each other.", "Choose one of the two.")
    return yes if yes or no else None
