"""Parts of the picture desk: pictures are found, also by face, and removed where given by mistake."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.pictures import PictureParts

if TYPE_CHECKING:
    from collections.abc import Collection

    from volenti.clearance.facesearch import FaceSearch
    from volenti.clearance.looks import Looks
    from volenti.clearance.picturesearch import PictureSearch
    from volenti.clearance.picturewindow import PictureWindows
    from volenti.clearance.removal import Removals
    from volenti.clearance.smallpictures import SmallPictures
    from volenti.datasets.snapshot import PlaceInSnapshot
    from volenti.requests.inquiry import Inquiries


class DeskParts(PictureParts):
    """Parts for the daily work with pictures, on top of what keeps them."""

    @cached_property
    def picture_search(self) -> PictureSearch:
        """Picture search: finds the files that were given, and their pictures."""
        from volenti.clearance.picturesearch import PictureSearch

        return PictureSearch(self.records, self.access, self.enforcement)

    @cached_property
    def picture_windows(self) -> PictureWindows:
        """Picture windows: some pictures from any place of the list of all of them."""
        from volenti.clearance.pictureindex import index_of
        from volenti.clearance.picturewindow import PictureWindows

        return PictureWindows(self.records, self.picture_search, index_of(self.path.resolve()), self._secret)

    @cached_property
    def small_pictures(self) -> SmallPictures:
        """Small pictures, to be looked at."""
        from volenti.clearance.smallpictures import SmallPictures, kept_of

        return SmallPictures(self.records, self.vault, self.consent, kept_of(self.path.resolve()))

    @cached_property
    def faces(self) -> FaceSearch:
        """Face search: finds what is held of somebody by a photograph of them, enrolled or not."""
        from volenti.clearance.facesearch import FaceSearch

        return FaceSearch(
            consent=self.consent,
            gallery=self.gallery,
            quarantine=self.quarantine,
            detector=self.detector,
            new_matcher=self.new_matcher,
            clock=self.clock,
        )

    @cached_property
    def looks(self) -> Looks:
        """Looks: which users looked at people's pictures, when and why."""
        from volenti.clearance.looks import Looks

        return Looks(self.records, self.events, self.clock, self._secret)

    @cached_property
    def inquiries(self) -> Inquiries:
        """Inquiries: whether somebody is in there, asked with a photograph."""
        from volenti.requests.inquiry import Inquiries

        return Inquiries(
            records=self.records,
            vault=self.vault,
            events=self.events,
            # Only who asks with a photograph needs the models that look at it.
            check_photo=lambda photo: self.faces.check(photo),
            clock=self.clock,
            limits=self.users.limits,
        )

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
