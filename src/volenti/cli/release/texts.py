"""volenti release texts: what people read before they sign."""

from __future__ import annotations

import volenti
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say_json, say_table


def texts(as_json: AsJson = False) -> None:
    """List the texts and notices there are, by language and version, with their digests.

    What somebody signed names the digest of the text they read. To read one, have a release written
    in it (`volenti release show ID --text`, `--notice`).

    \b
    Example:
      volenti release texts
    """
    rows = [
        {
            "kind": each.kind.value,
            "language": each.language,
            "version": each.version,
            "sha256": each.sha256,
        }
        for each in volenti.releases.texts()
    ]
    if as_json:
        say_json({"texts": rows})
        return
    say_table(("KIND", "LANGUAGE", "VERSION", "SHA-256"), [tuple(row.values()) for row in rows])
