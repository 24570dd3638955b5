"""Territories: countries by ISO 3166-1 alpha-2 code, or the world.

Groups of countries (the EU, a continent) have no code here on purpose: their members change,
while what was signed stays as it is. List the countries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volenti.consent.document import Problem

#: Everywhere.
WORLD = "WORLD"

#: The officially assigned codes of ISO 3166-1, 249 of them.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())

#: Codes that people write and that aren't in the standard, with what to write instead.
_MEANT = {"UK": "GB", "EL": "GR"}


def faults_of_place(name: str, place: str) -> Iterator[Problem]:
    """What is wrong with one code."""
    if place != WORLD and place not in COUNTRIES:
        hint = f"write two capital letters such as DE, or {WORLD}."
        if place == "EU":
            hint = "list the countries meant."
        elif code := _MEANT.get(place) or _code_of(place):
            hint = f"write {code}."
        yield Problem(name, f"isn't an ISO 3166-1 country code: {hint}")


def faults_of_law(name: str, law: str) -> Iterator[Problem]:
    """What is wrong with the law of a new release: it names a country, or a part of one such as US-CA.

    What was signed before stays as it is.
    """
    country, _, part = law.partition("-")
    if country not in COUNTRIES or not (part.isalnum() if "-" in law else True) or len(part) > 3:
        hint = f"write {code}." if (code := _code_of(law)) else "write a code such as DE, or US-CA of a part."
        yield Problem(name, f"isn't a country's law: {hint}")


def _code_of(name: str) -> str | None:
    """The code of a country that is given by its name, for a remedy."""
    from volenti.consent.countries import country_named

    return country_named(name)


def faults_of_territory(name: str, territory: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with a release's territory: it names countries once each, or the world alone."""
    places = tuple(territory)
    if not places:
        yield Problem(name, f"names no country; write {WORLD} for everywhere.")
    if WORLD in places and len(places) > 1:
        yield Problem(name, f"names {WORLD} beside countries; keep one or the other.")
    if len(set(places)) < len(places):
        yield Problem(name, "names a country twice.")
    for place in places:
        yield from faults_of_place(name, place)


def includes(territory: Iterable[str], place: str) -> bool:
    """Whether `place` lies in `territory`. A list of countries never includes the world."""
    places = frozenset(territory)
    return WORLD in places or place in places
