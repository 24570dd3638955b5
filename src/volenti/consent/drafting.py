"""Drafting: the parts of a new release, from what is given and from what is usual in a language.

Pure: this works out what a release takes over from an earlier one and what it changes;
`Consent.issue` and `Consent.supersede` write the release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from volenti.consent.document import require
from volenti.consent.onrecord import ReleaseOnRecord
from volenti.consent.purpose import Grants
from volenti.consent.releasetext import evidence
from volenti.consent.terms import Terms
from volenti.consent.territory import faults_of_law
from volenti.consent.wording import LANGUAGES, words
from volenti.core.errors import UsageError


def terms_in(
    language: str,
    territory: Sequence[str],
    valid_from: date,
    law: str,
    valid_until: date | None,
    sublicensing: bool,
    compensation: str,
) -> Terms:
    """Terms as given; what isn't given, such as an empty `compensation`, is as usual in the language.

    Raises UsageError for a language that there are no words in, DocumentError for terms that can't be.
    """
    usual = words(language)["terms"]
    require(faults_of_law("governing_law", law))
    return Terms(
        tuple(territory),
        valid_from,
        law,
        valid_until,
        sublicensing,
        compensation or usual["compensation"],
        usual["withdrawal_method"],
        usual["withdrawal_effect"],
    )


def amended(
    known: ReleaseOnRecord,
    *,
    grant: Iterable[str] = (),
    refuse: Iterable[str] = (),
    territory: Sequence[str] = (),
    valid_until: date | None = None,
    no_end: bool = False,
    compensation: str = "",
    sublicensing: bool | None = None,
    shoot: str | None = None,
    language: str = "",
) -> dict[str, Any]:
    """What a release says that is to take an old one's place, as the changes that `Consent.supersede` takes.

    What isn't given stays as it was, and what was withdrawn since is a no. grant, refuse: what is a yes from
    now on, and what a no. language: in which it is read and signed; without one, that of the old release.
    Raises UsageError where two of these contradict each other.
    """
    old = known.release
    if no_end and valid_until is not None:
        raise UsageError("A last day was given, and none asked for.", "Choose one of the two.")
    granted, refused = Grants.only(*grant).yes, Grants.only(*refuse).yes
    if granted & refused:
        raise UsageError(f"{min(granted & refused)} is both granted and refused.", "Choose one of the two.")
    terms = replace(
        old.terms,
        territory=tuple(territory or old.terms.territory),
        valid_until=None if no_end else valid_until or old.terms.valid_until,
        compensation=compensation or old.terms.compensation,
        sublicensing=old.terms.sublicensing if sublicensing is None else sublicensing,
    )
    name = old.shoot.name if shoot is None else shoot
    said = old.evidence.language.partition("-")[0]
    said = said if said in LANGUAGES else LANGUAGES[0]
    return {
        "grants": Grants((known.left(name).yes | granted) - refused),
        "terms": _translated(terms, said, language or said),
        "shoot": replace(old.shoot, name=name),
        "evidence": evidence(old.evidence.method, old.evidence.witness, language or said),
    }


def _translated(terms: Terms, said: str, read_in: str) -> Terms:
    """The terms, with texts that were the usual ones of one language in the usual ones of the other."""
    usual, new = words(said)["terms"], words(read_in)["terms"]
    return replace(terms, **{name: new[name] for name in new if getattr(terms, name) == usual[name]})
