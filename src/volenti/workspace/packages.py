"""Packages: parts of runs of your scripts, packed for another machine. No verb here needs a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.workspace.given import public_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.progress import Progress
    from volenti.core.signing import PublicKey
    from volenti.deliveries.package.note import PackageNote
    from volenti.deliveries.package.opened import DroppedPackage, OpenedPackage
    from volenti.deliveries.package.result import PartResult
    from volenti.deliveries.package.session import PackageSession
    from volenti.standalone import Pulled


class Packages(Noun):
    """On the machine that trains: packages of pictures, and the way back."""

    @staticmethod
    def key(file: Path | str) -> str:
        """Make this machine's key pair; returns the public key, for whoever packs.

        file: a new file, which gets the private key; only its owner can read it. Raises UsageError where it
        is there already, or can't be written.

        Example:
            volenti.packages.key("machine.key")
        """
        from volenti.core.age import AgeKey

        made = AgeKey.new()
        made.save(Path(file))
        return str(made.public)

    @staticmethod
    def show(file: Path | str, *, sender: PublicKey | Path | str | None = None) -> PackageNote:
        """Say what a package is, without opening it, and check that it is whole and as it was signed.

        file: the package. sender: the public key of the workspace that it has to be from, or the path of its
        file; without it, damage is seen and not who made it. Raises UsageError where the file can't be read,
        and IntegrityError where it isn't a package, isn't whole, was changed, or another key signed it.

        Example:
            volenti.packages.show("lora.package").pictures
        """
        from volenti.deliveries.package.opened import show_package

        return show_package(Path(file), None if sender is None else public_key(sender))

    @staticmethod
    def open(
        file: Path | str,
        out: Path | str,
        *,
        key: Path | str,
        sender: PublicKey | Path | str | None = None,
        progress: Progress | None = None,
    ) -> OpenedPackage:
        """Unpack a package into a folder that only its owner can read. Asks nothing of the network.

        The folder has one folder for each part, with picture files and a metadata.jsonl as an export's. Where
        it was interrupted, the same call begins again.

        file: the package. out: a new or empty folder. key: the file of this machine's private key. sender: as
        for `show`. Raises as `show`, and UsageError where the package is for another key or the folder isn't
        empty.

        Example:
            volenti.packages.open("lora.package", "lora", key="machine.key")
        """
        from volenti.core.age import AgeKey
        from volenti.deliveries.package.opened import open_package

        public = None if sender is None else public_key(sender)
        return open_package(Path(file), AgeKey.load(Path(key)), Path(out), sender=public, progress=progress)

    @staticmethod
    def begin(folder: Path | str, results: Path | str) -> PackageSession:
        """Train the parts of an opened package with a script, as `ws.runs.begin` does in a workspace.

        folder: the opened package. results: a folder that gets a result for each part, for the way back.
        Returns a session, to be used in a `with`: it hands out the parts of which there is no result yet, or
        one from pictures that were taken out since. Raises UsageError where the folder is no opened package.

        Example:
            with volenti.packages.begin("lora", "results") as run: ...
        """
        from volenti.deliveries.package.opened import OpenedPackage
        from volenti.deliveries.package.session import PackageSession

        return PackageSession(OpenedPackage.of(Path(folder)), Path(results))

    @staticmethod
    def pull(
        folder: Path | str,
        *,
        feed: Path | str = "",
        key: PublicKey | Path | str | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Pulled:
        """Take out of an opened package whom the deletion feed names, and sign that it was done.

        Parts that lose pictures are due again; what was trained on them before is to be destroyed. They are
        named each time until a result was made of what they hold now.

        folder: the opened package. feed: where the feed is published, an address or a folder; by default what
        the package says. key: the sender's public key, or the path of its file, if not the one that came with
        the package. dry_run: remove nothing. Returns what was, or would be, removed, with the
        acknowledgement to be sent to whoever packed. Raises as `feed.apply`.

        Example:
            volenti.packages.pull("lora", feed="https://studio.example/feed")
        """
        from volenti.standalone import pull_package

        public = None if key is None else public_key(key)
        return pull_package(Path(folder), str(feed), key=public, dry_run=dry_run, progress=progress)

    @staticmethod
    def result(
        folder: Path | str, part: int, weights: Path | str, out: Path | str, *, seconds: float | None = None
    ) -> PartResult:
        """Bundle a file that was trained on a part, for the way back: `run keep` takes it in.

        It is encrypted to the workspace that packed, signed with the package's key, and says which pictures
        of the package it was trained on.

        folder: the opened package. part: the number of the part. weights: the file that was trained on what
        the part holds now. out: the new file that is written. seconds: how long the training took, for the
        price of forgetting; by default since the part came to hold what it holds. Raises UsageError where the
        weights are older than that, the part isn't in the package, or too few people are left in it.

        Example:
            volenti.packages.result("lora", 2, "lora-2.safetensors", "part-2.result")
        """
        from volenti.deliveries.package.session import result_of_file

        return result_of_file(Path(folder), part, Path(weights), Path(out), seconds)

    @staticmethod
    def drop(folder: Path | str) -> DroppedPackage:
        """Remove an opened package with everything in its folder, and sign that nothing of it is left.

        The package's file, the private key and what was trained are somewhere else: remove them, too. folder:
        the opened package. Returns what was removed, with the acknowledgement to be sent to whoever packed:
        from then on the feed waits for nothing more, and the run may be removed. Raises UsageError where the
        folder is no opened package.

        Example:
            volenti.packages.drop("lora")
        """
        from volenti.deliveries.package.opened import drop_package

        return drop_package(Path(folder))
