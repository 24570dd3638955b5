"""Comparison with third parties' works: whether a picture is a copy of one, by an index of all of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from volenti.clearance.kinds import THIRD_PARTY_DETAIL, THIRD_PARTY_WORK
from volenti.perception.copies.detail import Detail
from volenti.perception.copies.fingerprint import Fingerprint
from volenti.perception.copies.hashindex import Hashes
from volenti.perception.copies.resemblance import Resemblance, compared
from volenti.perception.copies.workindex import WorkIndex
from volenti.perception.finding import Finding, finding
from volenti.vault.records import Records

#: Details that are kept in memory once they were opened: about 50 MB.
_OPENED_MAX = 1024


class WorkComparison:
    """Compares pictures with the registered works. The index is made when it is first needed."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._drop_index()

    def findings(self, prints: Sequence[Fingerprint], newest: int, since: int = 0) -> list[Finding]:
        """As `ThirdPartyWorks.findings`; newest: when the latest work was registered."""
        index = self._index_of(newest)
        if index is None:
            return []
        found: dict[Resemblance, set[str]] = {"same": set(), "near": set(), "other": set()}
        for seen in prints:
            for proposal in index.proposals(seen):
                if self._moments[proposal.place] > since:
                    work = self._work(proposal.place, with_detail=seen.detail is not None)
                    answer = compared(seen, work, mirrored=proposal.mirrored)
                    found[answer].add(self._names[proposal.place])
        for answer, code in (("same", "third-party-copy"), ("near", "possible-copy")):
            if found[answer]:
                return [finding(code, {"works": sorted(found[answer])})]
        return []

    def _drop_index(self) -> None:
        self._index: WorkIndex | None = None
        self._names: list[str] = []
        self._moments: list[int] = []
        self._prints: list[Fingerprint] = []
        self._opened = lru_cache(_OPENED_MAX)(self._detail)

    def _index_of(self, newest: int) -> WorkIndex | None:
        """The index of all works, made anew where another process has added some; None without works."""
        if self._index is not None and newest != self._moments[-1]:
            self._drop_index()
        if self._index is None and newest:
            keywords: list[Hashes] = []
            for record in self._records.find(THIRD_PARTY_WORK):
                self._names.append(record.id)
                self._moments.append(record.position)
                self._prints.append(Fingerprint.from_json(record.body))
                keywords.append(np.frombuffer(base64.b64decode(record.body.get("words", "")), "<u8"))
            self._index = WorkIndex(self._prints, keywords)
        return self._index

    def _work(self, place: int, *, with_detail: bool) -> Fingerprint:
        known = self._prints[place]
        if not with_detail:
            return known
        return Fingerprint(known.hash, known.greys, known.aspect, self._opened(self._names[place]))

    def _detail(self, name: str) -> Detail | None:
        record = self._records.get(THIRD_PARTY_DETAIL, name)
        return None if record is None else Detail.from_json(record.body)
