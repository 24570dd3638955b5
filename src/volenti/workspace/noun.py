"""The base classes of a workspace's nouns: they hold the parts that the verbs use."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from volenti.workspace.arguments import checked

if TYPE_CHECKING:
    from volenti.wiring.parts import Parts


class Parted:
    """Verbs over a workspace's parts. Each public method's arguments are checked (`arguments.checked`)."""

    def __init__(self, parts: Parts) -> None:
        """parts: everything below the workspace, each made when it is first asked for."""
        self._parts = parts

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, found in list(vars(cls).items()):
            if name.startswith("_") or name == "close":
                continue
            if isinstance(found, staticmethod):
                setattr(cls, name, staticmethod(checked(found.__func__)))
            elif inspect.isfunction(found):
                setattr(cls, name, checked(found))

    @property
    def is_closed(self) -> bool:
        """Whether the workspace was closed, so that nothing can be asked of it any more."""
        return self._parts.is_closed


class Noun(Parted):
    """One noun of the command line, such as `dataset`: its methods are the verbs, under the same names."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} of the workspace {str(self._parts.path)!r}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the verbs. A notebook keeps what it shows, so nobody is shown."""
        from volenti.core.shown import table

        verbs = [
            (name, (inspect.getdoc(found) or "").partition("\n")[0])
            for name, found in inspect.getmembers(type(self), callable)
            if not name.startswith("_")
        ]
        return table((inspect.getdoc(type(self)) or "").partition("\n")[0], verbs)
