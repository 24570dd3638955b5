"""volenti log: the transparency log, in which nothing is ever changed.

Its entries are commitments: without the key that is kept beside each event, and is erased
with whom it concerns, an entry says nothing.
"""

from __future__ import annotations

from volenti.cli.log.account import account
from volenti.cli.log.prove import prove
from volenti.cli.log.show import show
from volenti.cli.log.verify import verify
from volenti.cli.log.witness import witness
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("The log, in which nothing is ever changed.")

app.command("show")(show)
app.command("prove")(prove)
app.command("verify")(verify)
app.command("account")(account)
app.command("witness")(witness)
