"""volenti subject: the people in the pictures.

Names and birth dates are shown to whoever can open the workspace; everywhere else a
subject is an identifier.
"""

from __future__ import annotations

from volenti.cli.subject.add import add
from volenti.cli.subject.amend import amend
from volenti.cli.subject.browse import browse
from volenti.cli.subject.distinguish import distinguish
from volenti.cli.subject.find import find
from volenti.cli.subject.headings import headings
from volenti.cli.subject.import_ import import_
from volenti.cli.subject.list import list_
from volenti.cli.subject.looks import looks
from volenti.cli.subject.portal import code, link, picture, uses
from volenti.cli.subject.show import show
from volenti.cli.subject.template import template
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("The people in the pictures.")

app.command("add")(add)
app.command("amend")(amend)
app.command("template")(template)
app.command("headings")(headings)
app.command("import")(import_)
app.command("list")(list_)
app.command("find")(find)
app.command("browse")(browse)
app.command("show")(show)
app.command("looks")(looks)
app.command("distinguish")(distinguish)
app.command("link")(link)
app.command("code")(code)
app.command("uses")(uses)
app.command("picture")(picture)
