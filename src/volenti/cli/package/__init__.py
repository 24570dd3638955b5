"""volenti package: on the machine that trains. No command here needs a workspace."""

from __future__ import annotations

from volenti.cli.package.drop import drop
from volenti.cli.package.key import key
from volenti.cli.package.open import open_
from volenti.cli.package.pull import pull
from volenti.cli.package.result import result
from volenti.cli.package.show import show
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("On the machine that trains: packages of pictures, and the way back.")

app.command("key")(key)
app.command("show")(show)
app.command("open")(open_)
app.command("pull")(pull)
app.command("result")(result)
app.command("drop")(drop)
