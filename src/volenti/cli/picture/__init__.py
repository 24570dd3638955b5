"""volenti picture: the pictures that were given."""

from __future__ import annotations

from volenti.cli.picture.amend import amend
from volenti.cli.picture.find import find
from volenti.cli.picture.list import list_
from volenti.cli.picture.look import look
from volenti.cli.picture.remove import remove
from volenti.cli.picture.show import show
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("The pictures that were given.")

app.command("list")(list_)
app.command("find")(find)
app.command("show")(show)
app.command("look")(look)
app.command("amend")(amend)
app.command("remove")(remove)
