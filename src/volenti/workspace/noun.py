"""What every noun of a workspace has in common: the parts that its verbs use, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.wiring.parts import Parts


class Noun:
    """One noun of the command line, such as `dataset`: its methods are the verbs, under the same names."""

    def __init__(self, parts: Parts) -> None:
        """parts: of the workspace whose noun it is."""
        self._parts = parts

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} of the workspace {str(self._parts.path)!r}>"
