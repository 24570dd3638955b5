"""Parts of the picture desk: pictures are found, and removed where they were given by mistake."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.pictures import PictureParts

if TYPE_CHECKING:
    from collections.abc import Collection

    from volenti.clearance.picturesearch import PictureSearch
    from volenti.clearance.removal import Removals
    from volenti.datasets.snapshot import PlaceInSnapshot


class DeskParts(PictureParts):
    """Parts for the daily work with pictures, on top of what keeps them."""

    @cached_property
    def picture_search(self) -> PictureSearch:
        """Picture search: finds the files that were given, and their pictures."""
        from volenti.clearance.picturesearch import PictureSearch

        return PictureSearch(self.records, self.access, self.enforcement)

    @cached_property
    def removals(self) -> Removals:
        """Removals: takes pictures out that were given by mistake."""
        from volenti.clearance.removal import Removals

        return Removals(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            events=self.events,
            locks=self.adapters.locks,
            places_of=self.places_of_picture,
        )

    def places_of_picture(self, image: str, owners: Collection[str] | None = None) -> list[PlaceInSnapshot]:
        """Where in snapshots a picture is; owners: only among entries of these people."""
        from volenti.datasets.places import places_of_picture

        return places_of_picture(self.records, image, owners)
