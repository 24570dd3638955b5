"""volenti prove-forgetting: proves that the model forgot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, RequestName
from volenti.cli.terminal.output import advise, progress, say, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes
from volenti.core.errors import NothingProvedError
from volenti.workspace.suspended import why

if TYPE_CHECKING:
    from volenti.training.conclusion import Conclusion
    from volenti.training.proof import Exactness


def prove_forgetting(
    ctx: typer.Context,
    request: RequestName = None,
    copy: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="The person's own copy of the certificate: what was served before is then a control too.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show that the model forgot: retrain, compare the bits.

    Every constituent of every run is trained again from nothing, on who remains, in fresh processes. What
    serves is opened, and must equal that, bit for bit. Controls must differ: a training without one person
    more, and what was served while the person was in it, where their own copy of the certificate says what
    that was. Ends with status 1 if any of it fails, and with 11 where nothing could be proved: nothing was
    trained, or another kind of machine trained it, with whose bits these can't be compared.

    \b
    Examples:
      volenti prove-forgetting
      volenti prove-forgetting req_1 --json
      volenti prove-forgetting --copy for-them.json
    """
    own = None if copy is None else read_bytes(copy)
    with opened(ctx) as ws, progress(as_json) as bar:
        found = ws.prove_forgetting(request, copy=own, progress=bar)
    if as_json:
        say_json({"ok": found.ok, "constituents": [each.to_json() for each in found]})
    else:
        for each in found:
            _say_proof(each)
    if found.refuted:
        advise("Until it is trained again nothing is shown of anybody in it: volenti train DATASET")
        fail()
    if not found.proved:
        raise _nothing_proved(found)


def _nothing_proved(found: Conclusion) -> NothingProvedError:
    if not found.proofs:
        return NothingProvedError("Nothing was proved: no model was ever trained.", "There is nothing to do.")
    if not found.served:
        return NothingProvedError(
            "Nothing was proved: nothing is served.", "Look why, and what helps: volenti status"
        )
    return NothingProvedError(
        "Nothing was proved: another environment or base trained what serves, and bits can't be compared "
        "across them.",
        "Prove it on the machine, and with the packages, that trained it; or train anew: "
        "volenti train DATASET",
    )


def _say_proof(proof: Exactness) -> None:
    say(proof.constituent)
    if proof.suspended:
        say(f"  not served, because {why(proof.suspended)}: nothing to prove until it is trained again")
        return
    for problem in proof.problems:
        say(f"  PROBLEM: {problem}")
    if not proof.comparable:
        say("  not comparable here: trained with another base, torch, processor or other packages")
        return
    now = "served now" if proof.serves else "kept, not served: too few"
    rows = [
        (now, proof.sha256_after, "(nothing)", ""),
        (
            "from scratch, who remains",
            proof.sha256_scratch,
            "(nobody)",
            _answer(proof, proof.sha256_scratch, equal=True),
        ),
        (
            "control: with them",
            proof.sha256_control,
            "(only the person's own copy says: --copy)",
            _answer(proof, proof.sha256_control, equal=False),
        ),
        (
            "control: one person less",
            proof.sha256_one_less,
            "(there is nobody else)",
            _answer(proof, proof.sha256_one_less, equal=False),
        ),
    ]
    if not proof.sha256_after and not proof.sha256_scratch:
        say("  nobody is in it any more, and nothing is served")
        return
    for what, digest, without, answer in rows:
        say(f"  {what:<26} {digest or without}  {answer}".rstrip())
    say(f"  {'proved: the bits are the same' if proof.ok else 'NOT proved'}")


def _answer(proof: Exactness, digest: str, *, equal: bool) -> str:
    if not digest:
        return ""
    same = digest == proof.sha256_after
    return ("equal" if same else "different") + ("" if same == equal else ", and should not be")
