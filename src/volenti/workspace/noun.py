"""What every noun of a workspace has in common: the parts that its verbs use, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.wiring.parts import Parts


class Parted:
    """Verbs over a workspace's parts."""

    def __init__(self, parts: Parts) -> None:
        """parts: everything below the workspace, each made when it is first asked for."""
        self._parts = parts


class Noun(Parted):
    """One noun of the command line, such as `dataset`: its methods are the verbs, under the same names."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} of the workspace {str(self._parts.path)!r}>"
