"""volenti release: what each person agreed to, signed.

A release covers nothing until it is signed with the key on record of the subject, or of a
minor's guardian. Private keys are read where they are given and never kept.
"""

from __future__ import annotations

from volenti.cli.release.amend import amend
from volenti.cli.release.attest import attest
from volenti.cli.release.browse import browse
from volenti.cli.release.import_ import import_
from volenti.cli.release.issue import issue
from volenti.cli.release.list import list_
from volenti.cli.release.receipt import receipt
from volenti.cli.release.show import show
from volenti.cli.release.sign import sign
from volenti.cli.release.template import template
from volenti.cli.release.texts import texts
from volenti.cli.release.verify import verify
from volenti.cli.release.withdraw import withdraw
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("What each person agreed to, signed.")

app.command("issue")(issue)
app.command("amend")(amend)
app.command("import")(import_)
app.command("template")(template)
app.command("sign")(sign)
app.command("attest")(attest)
app.command("verify")(verify)
app.command("receipt")(receipt)
app.command("texts")(texts)
app.command("withdraw")(withdraw)
app.command("list")(list_)
app.command("browse")(browse)
app.command("show")(show)
