"""Telling whoever asked that their request is done, also where they are erased by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from volenti.core.clock import stamp

if TYPE_CHECKING:
    from volenti.requests.outcome import Outcome
    from volenti.wiring.parts import Parts


def prepare(parts: Parts, request: str) -> None:
    """Hold a letter back for whoever asked, while it is known who that is and where they are written to.

    Nothing happens where the request names nobody any more, or there is no e-mail address on record.
    """
    from volenti.letters.letter import Letter, LetterKind, LetterState, is_address
    from volenti.workspace.letters import language_of

    found = parts.requests.find(request)
    if found.names_nobody or found.subject not in {each.id for each in parts.consent.subjects()}:
        return
    address = parts.consent.subject(found.subject).contact.strip()
    if is_address(address):
        now, language = stamp(parts.clock()), language_of(parts, found.subject)
        kind, state = LetterKind.REQUEST_DONE, LetterState.HELD
        letter = Letter("", state, "", kind, language, found.id, now, now, to=address)
        parts.letters.write(letter, found.id, is_held=True)


def tell(parts: Parts, outcome: Outcome) -> None:
    """Send the letter that was held back, with the certificate where there is one, once the request is done.

    Where it isn't done, the letter waits on: whoever runs the request to its end tells them.
    """
    if outcome.request.state == "done":
        certificate = outcome.certificate
        copy = "" if certificate is None else json.dumps(certificate, indent=1)
        parts.letters.release(outcome.request.id, copy)
