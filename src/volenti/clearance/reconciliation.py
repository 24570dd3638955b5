"""What the log says of pictures, held against the rows that are there (`vault.reconciliation`)."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.clearance.decision import KEPT, UNDECIDED
from volenti.core.errors import VolentiError
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records


class ClearanceReconciliation:
    """Compares pictures, decisions and registered works with what was logged of them."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events

    def problems(self) -> Iterator[str]:
        """What differs, picture by picture."""
        yield from self._of_pictures()
        yield from self._of_decisions()
        yield from self._of_works()

    def _of_pictures(self) -> Iterator[str]:
        """Each picture that is kept has a decision that says so, and a file that was given."""
        for state in KEPT:
            for row in self._records.rows("image", state=state):
                if (said := self._of_picture(row.id)) != "":
                    with self._records.transaction():
                        said = self._of_picture(row.id)
                    if said:
                        yield said

    def _of_picture(self, image: str) -> str:
        row = self._records.row("image", image)
        if row is None or row.state not in KEPT:
            return ""
        states = {each.state for each in self._records.rows("decision", parent=image)}
        if row.state != next((each for each in KEPT if each in states), ""):
            return f"picture {image} is kept as {row.state}, and no decision says so"
        if not self._records.count("file", parent=image):
            return f"picture {image} is there, and no file that it came from is on record"
        return ""

    def _of_decisions(self) -> Iterator[str]:
        """Each decision is the last one in the log, as far as that is still on record."""
        for row in self._records.rows("decision"):
            if self._is_outdated(row.id):
                # Somebody may have decided anew between one look and the other.
                with self._records.transaction():
                    outdated = self._is_outdated(row.id)
                if outdated:
                    yield f"decision {row.id} isn't what the log says was decided last"

    def _is_outdated(self, name: str) -> bool:
        try:
            record = self._records.get("decision", name)
            if record is None or record.position == UNDECIDED:
                return False
            if self._records.row("policy", record.body["policy"]) is None:
                return True
            said = self._events.said_about(record.parent, "decision")
        except VolentiError:
            return False  # what doesn't open is named where everything is opened
        last = next((each for each in reversed(said) if each["purpose"] == record.body["purpose"]), None)
        if last is None or last == {"image": record.parent, **record.body}:
            return False
        # The last entry may have been emptied because it was about an erased person: then the row is newer.
        return bool(last["at"] >= record.body["at"])

    def _of_works(self) -> Iterator[str]:
        """As many works of third parties are registered as the log says."""
        others = sum(said["works"] for said in self._events.said("works-registered"))
        others -= sum(said["works"] for said in self._events.said("works-removed"))
        if others != (known := self._records.count("third-party-work")):
            yield f"{known} works of third parties are registered, and the log says {others}"
