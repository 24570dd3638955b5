"""volenti review: a person decides what the policy held."""

from __future__ import annotations

from volenti.cli.review.answer import answer
from volenti.cli.review.choices import choices
from volenti.cli.review.decide import decide
from volenti.cli.review.flag import flag
from volenti.cli.review.list import list_
from volenti.cli.review.next import next_
from volenti.cli.review.picture import picture
from volenti.cli.review.show import show
from volenti.cli.review.undo import undo
from volenti.cli.terminal.help import CommandGroup

app = CommandGroup("Decide what the policy held.")

app.command("list")(list_)
app.command("next")(next_)
app.command("show")(show)
app.command("picture")(picture)
app.command("choices")(choices)
app.command("decide")(decide)
app.command("answer")(answer)
app.command("flag")(flag)
app.command("undo")(undo)
