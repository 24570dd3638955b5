"""volenti package show: what a package is, without opening it."""

from __future__ import annotations

import volenti
from volenti.cli.package.options import PackageFile, Sender
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say_fields, say_json, size
from volenti.core.codec import encoded


def show(file: PackageFile, sender: Sender = None, as_json: AsJson = False) -> None:
    """Say what a package is, without opening it, and check that it is whole and as it was signed.

    \b
    Example:
      volenti package show my-lora.package
    """
    found = volenti.packages.show(file, sender=sender)
    if as_json:
        say_json(encoded(found))
        return
    say_fields(
        [
            ("delivery", found.delivery),
            ("made", found.made),
            ("run", found.run),
            ("parts", ", ".join(map(str, found.shards))),
            ("pictures", found.pictures),
            ("people", found.people),
            ("size", size(found.bytes)),
            ("for the key", found.to),
            ("signed by", f"{found.sender} ({found.log})"),
        ]
    )
