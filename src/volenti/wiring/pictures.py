"""Parts for pictures and datasets: intake, clearance, review, snapshots and deliveries."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from volenti.wiring.foundations import Foundations

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from volenti.clearance.access import Access
    from volenti.clearance.copysearch import CopySearch
    from volenti.clearance.enforcement import Enforcement
    from volenti.clearance.folder_erasure import FolderErasure
    from volenti.clearance.folders import Folders
    from volenti.clearance.gallery import Gallery
    from volenti.clearance.intake import Intake
    from volenti.clearance.pictures import Pictures
    from volenti.clearance.quarantine import Quarantine
    from volenti.clearance.review import Review
    from volenti.clearance.review_queue import ReviewQueue
    from volenti.clearance.service import Clearance
    from volenti.clearance.third_party_works import ThirdPartyWorks
    from volenti.consent.service import Consent
    from volenti.datasets.service import Datasets
    from volenti.deliveries.exports import Exports
    from volenti.deliveries.feed import Feed
    from volenti.deliveries.recalls import Recalls
    from volenti.perception.analyzer import PictureAnalyzer
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.matching import Matcher
    from volenti.transparency.log import Log


class PictureParts(Foundations):
    """Parts that hold pictures, or say what became of them, on top of the foundations."""

    @cached_property
    def consent(self) -> Consent:
        """As `Foundations.consent`; once a yes has ended, what nothing else allows goes.

        The person's face template is deleted, and delivered samples are called back.
        """
        consent = super().consent
        # Registered here, so that this is done also where nothing else has made the gallery or the feed.
        consent.on_change(lambda subject: self.gallery.apply_consent(subject))
        consent.on_change(self._call_back)
        return consent

    def _call_back(self, subject: str) -> None:
        if self.exports.count():  # most workspaces have delivered nothing: then nothing more is made
            self.recalls.call_back(subject)

    def ask_recalls_again(self, subjects: Collection[str]) -> None:
        """Have what was delivered of somebody looked at again, once the open transaction is kept."""
        if self.exports.count():
            self.recalls.ask_again(subjects)

    @property
    def detector(self) -> FaceDetector:
        """The detector that finds faces."""
        return self.adapters.detector

    @property
    def new_matcher(self) -> Callable[[], Matcher]:
        """Makes matchers, which compare faces, with nobody enrolled."""
        return self.adapters.new_matcher

    @cached_property
    def pictures(self) -> Pictures:
        """Pictures on record, counted and found by state, by purpose and by person."""
        from volenti.clearance.pictures import Pictures

        return Pictures(self.records)

    @cached_property
    def gallery(self) -> Gallery:
        """The gallery: face templates of those whose release allows them, to recognise people by."""
        from volenti.clearance.gallery import Gallery

        return Gallery(self.records, self.consent, self.detector, self.adapters.jobs)

    @cached_property
    def quarantine(self) -> Quarantine:
        """The quarantine: sealed pictures that wait for a decision, at most `quarantine_days`."""
        from volenti.clearance.quarantine import Quarantine

        return Quarantine(self.records, self.vault, self.clock, self.settings.quarantine_days)

    @cached_property
    def analyzer(self) -> PictureAnalyzer:
        """The picture analyzer: everything that can be seen in a file without knowing anybody."""
        from volenti.perception.analyzer import PictureAnalyzer

        given = self.adapters
        return PictureAnalyzer(
            detector=given.detector,
            marks=given.marks,
            credentials=given.credentials,
            keypoints=given.keypoints,
            people=given.people,
            ages=given.ages,
        )

    @cached_property
    def third_party_works(self) -> ThirdPartyWorks:
        """Third parties' works, kept as fingerprints, so that copies of them are kept out."""
        from volenti.clearance.third_party_works import ThirdPartyWorks

        return ThirdPartyWorks(
            self.records, self.events, lambda: self.adapters.keypoints, self.adapters.jobs, self.clock
        )

    @property
    def folders(self) -> Folders:
        """Folders from which files were added: whose pictures lie in each, and what lies beside them."""
        return self.folder_erasure.folders

    @cached_property
    def folder_erasure(self) -> FolderErasure:
        """Folder erasure: takes out what a person's folders say of pictures that aren't theirs."""
        from volenti.clearance.folder_erasure import FolderErasure

        return FolderErasure(self.records, self.vault, self.quarantine, self.events)

    @cached_property
    def enforcement(self) -> Enforcement:
        """Enforcement: puts decisions on record, and keeps or removes pictures as they say."""
        from volenti.clearance.enforcement import Enforcement

        return Enforcement(
            self.records, self.vault, self.events, self.folders, self.detector, self.ask_recalls_again
        )

    @cached_property
    def intake(self) -> Intake:
        """Intake: takes files in, seals them in quarantine and accounts for every one."""
        from volenti.clearance.intake import Intake

        return Intake(self.records, self.vault, self.folders, self.clock, self._secret)

    @cached_property
    def review_queue(self) -> ReviewQueue:
        """The queue of held pictures, put together into questions."""
        from volenti.clearance.queue_memory import memory_of
        from volenti.clearance.review_queue import ReviewQueue

        return ReviewQueue(self.records, self.enforcement, memory_of(self.path.resolve()))

    @cached_property
    def clearance(self) -> Clearance:
        """Clearance: judges every picture, and keeps only those that everybody in them allowed."""
        from volenti.clearance.service import Clearance

        return Clearance(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            folders=self.folders,
            gallery=self.gallery,
            quarantine=self.quarantine,
            works=self.third_party_works,
            enforcement=self.enforcement,
            queue=self.review_queue,
            analyzer=self.analyzer,
            jobs=self.adapters.jobs,
            clock=self.clock,
        )

    @cached_property
    def copies(self) -> CopySearch:
        """Copy search: looks among judged pictures for copies of works registered since."""
        from volenti.clearance.copysearch import CopySearch

        return CopySearch(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            folders=self.folders,
            works=self.third_party_works,
            enforcement=self.enforcement,
            analyzer=self.analyzer,
            jobs=self.adapters.jobs,
            clock=self.clock,
        )

    @cached_property
    def review(self) -> Review:
        """Review: the queue of held pictures, which a person decides."""
        from volenti.clearance.answercheck import AnswerCheck
        from volenti.clearance.review import Review
        from volenti.clearance.takingback import TakingBack

        kept = (self.records, self.vault, self.consent)
        check = AnswerCheck(*kept, self.enforcement, self.gallery, self.new_matcher, self.clock)
        taking_back = TakingBack(
            *kept,
            self.folders,
            self.gallery,
            self.enforcement,
            # Made only where something is taken back: nothing else of the review needs its models.
            lambda: self.analyzer,
            self.new_matcher,
            self.clock,
        )
        return Review(
            records=self.records,
            vault=self.vault,
            consent=self.consent,
            enforcement=self.enforcement,
            quarantine=self.quarantine,
            queue=self.review_queue,
            check=check,
            taking_back=taking_back,
            clock=self.clock,
        )

    @cached_property
    def access(self) -> Access:
        """Access: the only way to read a cleared picture; consent is checked every time."""
        from volenti.clearance.access import Access

        return Access(self.records, self.vault, self.consent)

    @cached_property
    def datasets(self) -> Datasets:
        """Datasets: snapshots of cleared pictures, which are cut, listed, compared and verified."""
        from volenti.datasets.service import Datasets

        return Datasets(
            records=self.records,
            vault=self.vault,
            access=self.access,
            pictures=self.pictures,
            folders=self.folders,
            events=self.events,
            clock=self.clock,
            partition_key=self.partition_key,
            locks=self.adapters.locks,
            reopen=self.reopen,
        )

    @cached_property
    def feed_log(self) -> Log:
        """The deletion feed's log: a second one, signed by the workspace, for recipients to read."""
        from volenti.transparency.log import Log

        return Log(self.adapters.feed, f"{self._origin}/deletions", self._signing)

    @cached_property
    def exports(self) -> Exports:
        """Exports: snapshots written as files for somebody else, each on record as a delivery."""
        from volenti.deliveries.exports import Exports

        return Exports(
            records=self.records,
            datasets=self.datasets,
            access=self.access,
            events=self.events,
            feed=self.feed_log,
            formats=self.adapters.formats,
            clock=self.clock,
        )

    @cached_property
    def feed(self) -> Feed:
        """The deletion feed: tells recipients what has to go out of their exports; keeps their answers."""
        from volenti.deliveries.feed import Feed

        return Feed(
            log=self.feed_log,
            records=self.records,
            vault=self.vault,
            datasets=self.datasets,
            exports=self.exports,
            events=self.events,
            days=self.settings.acknowledge_days,
            clock=self.clock,
        )

    @cached_property
    def recalls(self) -> Recalls:
        """Recalls: delivered samples that may not be with their recipient any more are called back."""
        from volenti.deliveries.recalls import Recalls

        return Recalls(
            feed=self.feed,
            exports=self.exports,
            datasets=self.datasets,
            access=self.access,
            consent=self.consent,
            records=self.records,
        )
