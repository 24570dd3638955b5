"""volenti backup: copies without keys, and the way back from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import volenti
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_fields, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes, session
from volenti.core.signing import PublicKey

if TYPE_CHECKING:
    from volenti.restore import Restored

app = CommandGroup("Backups without keys, and the way back from them.")

Backup = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, metavar="BACKUP", help="A backup's folder.")
]
Place = Annotated[
    Path, typer.Argument(file_okay=False, metavar="DIR", help="A folder, best on another disk.")
]
Out = Annotated[Path, typer.Argument(file_okay=False, metavar="DIR", help="A new or empty folder.")]
Since = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        metavar="BACKUP",
        help="An earlier backup; packs that didn't change are linked to, not copied.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The workspace's public key; without it, only damage is seen, not fraud.",
    ),
]
To = Annotated[Path, typer.Argument(file_okay=False, metavar="DIR", help="A new folder.")]
Keys = Annotated[
    Path,
    typer.Option(
        "--keys",
        exists=True,
        file_okay=False,
        metavar="DIR",
        help="The mirror, or what is left of the workspace.",
    ),
]
Secret = Annotated[
    Path | None,
    typer.Option(
        "--secret",
        exists=True,
        file_okay=False,
        metavar="DIR",
        help="The folder of the workspace's own keys, if it isn't in there.",
    ),
]
FormerIsGone = Annotated[
    bool,
    typer.Option(
        "--former-is-gone",
        help="The mirror so far is lost for good: nobody waits for it any more, and no erasure reaches it.",
    ),
]
RestrictEverybody = Annotated[
    bool,
    typer.Option(
        "--restrict-everybody", help="If nothing tells who took a yes back since: restrict everybody."
    ),
]


@app.command("mirror")
def mirror(
    ctx: typer.Context, place: Place, former_is_gone: FormerIsGone = False, as_json: AsJson = False
) -> None:
    """Keep a second copy of keys, log and feed, which backups don't hold.

    Every erasure reaches it. While it is away, what people say is recorded all the same, every command says
    that it is away, and no erasure is certified. The next command that finds it brings it up to date, and so
    does repeating this one. Another place takes a lost mirror's with --former-is-gone.

    \b
    Example:
      volenti backup mirror /mnt/second-disk/studio-keys
    """
    keys = volenti.backups.mirror(session(ctx).folder, place, former_is_gone=former_is_gone)
    if as_json:
        say_json({"mirror": str(place.resolve()), "keys": keys})
        return
    say(f"{counted(keys, 'key')} in {place}, with the log and the feed.")
    advise("Keep a copy of the folder secret elsewhere: it is neither there nor in backups.")


@app.command("create")
def create(ctx: typer.Context, out: Out, since: Since = None, as_json: AsJson = False) -> None:
    """Copy the workspace, without any key, while it is at work.

    A backup holds ciphertext alone: after an erasure nobody can open what it holds of the erased person.
    Bringing it back needs the keys: see `volenti backup mirror`.

    \b
    Examples:
      volenti backup create /mnt/backup/2026-11-22
      volenti backup create /mnt/backup/2026-11-23 --since /mnt/backup/2026-11-22
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        made = ws.backups.create(out, since=since, progress=bar)
    if as_json:
        say_json({"backup": str(out), **made.to_json()})
        return
    linked = f", {made.linked:,} of them linked to {since}" if since else ""
    say(f"{counted(made.files, 'file')}, {made.bytes:,} bytes in {out}{linked}.")
    if made.mirrored is None:
        note("There is no mirror of the keys: if this disk breaks, nobody can open the backup.")
        advise("Keep one: volenti backup mirror DIR")


@app.command("verify")
def verify(backup: Backup, key: Key = None, as_json: AsJson = False) -> None:
    """Check every file of a backup against what was signed. Needs no workspace.

    Ends with status 1 if anything is missing, changed or added. `sha256sum -c SHA256SUMS` checks the
    files too.

    \b
    Example:
      volenti backup verify /mnt/backup/2026-11-22 --key public-key
    """
    public = PublicKey.parse(read_bytes(key).decode(errors="replace")) if key else None
    with progress(as_json) as bar:
        found = volenti.backups.verify(backup, public, progress=bar)
    if as_json:
        say_json(found.to_json())
    elif not found.problems:
        say(f"The backup of {found.log} holds: {counted(found.files, 'file')}, made {found.made}.")
        if public is None:
            note("The key it was checked with lies in the backup itself: that shows damage, and no fraud.")
            advise("Check it with the workspace's own: volenti backup verify BACKUP --key FILE")
    else:
        say("The backup does not hold:")
        for problem in found.problems:
            say(f"  {problem}")
    if found.problems:
        fail()


@app.command("restore")
def restore(
    backup: Backup,
    to: To,
    keys: Keys,
    secret: Secret = None,
    restrict_everybody: RestrictEverybody = False,
    as_json: AsJson = False,
) -> None:
    """Bring a workspace back, without anybody who was erased since the backup was made.

    The backup has to be signed by the key in the folder secret. Erased people have no keys any more, so
    nothing of theirs opens. Before the folder can be read, their rows, their packs and the models that
    learned from them are taken out, as the erasures did. What people withdrew, restricted and signed since is
    read again from the mirror. What was added since the backup is lost. From now on
    the restored workspace writes to this mirror: stop using the old one, which can't write any more.

    \b
    Example:
      volenti backup restore /mnt/backup/2026-11-22 studio --keys /mnt/second-disk/studio-keys \\
        --secret /media/usb/secret
    """
    with progress(as_json) as bar:
        done = volenti.backups.restore(
            backup, to, keys=keys, secret=secret, restrict_everybody=restrict_everybody, progress=bar
        )
    if as_json:
        say_json({"workspace": str(to), **done.to_json()})
        return
    _tell_restored(done, to, keys)


def _tell_restored(done: Restored, to: Path, keys: Path) -> None:
    out = done.replayed
    say_fields(
        [
            ("workspace", to),
            ("as it was", done.made),
            (
                "taken out",
                f"{counted(out.owners, 'owner')} whose key is gone: {counted(out.rows, 'row')}, "
                f"{out.bytes:,} bytes, {counted(out.constituents, 'constituent')}",
            ),
        ]
    )
    heard = done.recollected
    say(
        f"read again from the mirror: {counted(heard.subjects, 'person', 'people')}, "
        f"{counted(heard.withdrawals, 'withdrawal')}, {counted(heard.releases, 'release')}, "
        f"{counted(heard.requests, 'request')}."
    )
    if heard.restricted:
        note(
            f"Nothing tells what {counted(heard.restricted, 'person', 'people')} said since: all restricted."
        )
        advise("Ask them, then lift each: volenti request list")
    if done.mirror is None:
        note(f"There is no mirror, and {keys} keeps a copy of the keys that no erasure reaches.")
        advise(f"Destroy it once this is looked over, and keep a mirror: volenti -C {to} backup mirror DIR")
    if not done.log_is_newest:
        note("The log is the backup's: whoever remembers a later checkpoint will see that it went back.")
    if out.constituents:
        advise("Train what was taken out without them: volenti train DATASET")
    advise(f"Look it over: volenti -C {to} audit")
