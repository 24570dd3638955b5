"""volenti request: what somebody asks for, by when, and what comes of it."""

from __future__ import annotations

from volenti.cli.request.answer import answer
from volenti.cli.request.extend import extend
from volenti.cli.request.follow_link import follow_link
from volenti.cli.request.identify import identify
from volenti.cli.request.inquiries import inquiries, inquiry, reply
from volenti.cli.request.keep import keep
from volenti.cli.request.kept import kept
from volenti.cli.request.lift import lift
from volenti.cli.request.list import list_
from volenti.cli.request.open import open_
from volenti.cli.request.opening import opening
from volenti.cli.request.plan import plan
from volenti.cli.request.refuse import refuse
from volenti.cli.request.run import run
from volenti.cli.request.show import show
from volenti.cli.request.uphold import uphold
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("What somebody asks for, by when, and what comes of it.")

app.command("open")(open_)
app.command("answer")(answer)
app.command("plan")(plan)
app.command("run")(run)
app.command("identify")(identify)
app.command("extend")(extend)
app.command("refuse")(refuse)
app.command("keep")(keep)
app.command("kept")(kept)
app.command("lift")(lift)
app.command("uphold")(uphold)
app.command("opening")(opening)
app.command("list")(list_)
app.command("show")(show)
app.command("follow-link")(follow_link)
app.command("inquiries")(inquiries)
app.command("inquiry")(inquiry)
app.command("reply")(reply)
