"""Properties: the metadata fields that are read, by the names that their standards give them.

XMP properties in Clark notation ({namespace}local): PLUS LDF 2.0.1, IPTC Photo Metadata
2023.1, Dublin Core, ccREL, XMP Rights, Exif for XMP, W3C TDMRep. EXIF tags by number (CIPA
DC-008), IPTC IIM 4.2 by (record, dataset). What they mean is said in `statement` and `optouts`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import ExifTags

from volenti.perception.rights.usageterms import is_field_of_machines

PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
CC = "{http://creativecommons.org/ns#}"
XMP_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
IPTC_CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
EXIF_EX = "{http://cipa.jp/exif/1.0/}"

DATA_MINING = f"{PLUS}DataMining"
MODEL_STATUS, PROPERTY_STATUS = f"{PLUS}ModelReleaseStatus", f"{PLUS}PropertyReleaseStatus"
MODEL_IDS, MODEL_AGE = f"{PLUS}ModelReleaseID", f"{PLUS}MinorModelAgeDisclosure"
TDM, TDM_POLICY = (f"{{http://www.w3.org/ns/tdmrep#}}{name}" for name in ("reservation", "policy"))
OTHER_CONSTRAINTS = f"{PLUS}OtherConstraints"
#: Every other property that is about what machines may do, by its name, in whatever namespace.
MACHINES = "{}machines"
#: Rights in a language of their own (RightsML, ODRL): in the file, or at an address.
ENCODED_RIGHTS = (f"{IPTC_EXT}EmbdEncRightsExpr", f"{IPTC_EXT}LinkedEncRightsExpr")
#: Properties of opt-outs, of which every value counts, whatever it is.
OPT_OUTS = frozenset({DATA_MINING, TDM, TDM_POLICY, OTHER_CONSTRAINTS, *ENCODED_RIGHTS, MACHINES})
CREATOR, RIGHTS = f"{DC}creator", f"{DC}rights"
USAGE_TERMS, WEB_STATEMENT = f"{XMP_RIGHTS}UsageTerms", f"{XMP_RIGHTS}WebStatement"
#: Plain words about rights, beside usage terms and the copyright notice.
TERMS = (
    *(f"{PLUS}{name}" for name in ("TermsAndConditionsText", "OtherConditions", "OtherLicenseRequirements")),
    f"{DCTERMS}rights",
    f"{DCTERMS}accessRights",
    f"{PHOTOSHOP}Instructions",
)
LICENCES = (f"{CC}license", f"{DCTERMS}license")
CREDIT, SOURCE_TYPE = f"{PHOTOSHOP}Credit", f"{IPTC_EXT}DigitalSourceType"
PROVENANCE = f"{DCTERMS}provenance"
COORDINATES = (f"{EXIF}GPSLatitude", f"{EXIF}GPSLongitude")
PLACES = (
    f"{PHOTOSHOP}City",
    f"{PHOTOSHOP}State",
    f"{IPTC_CORE}Location",
    *(f"{IPTC_EXT}{name}" for name in ("City", "Sublocation", "ProvinceState", "LocationName")),
)
XMP_DEVICE = {
    f"{AUX}SerialNumber": "camera serial number",
    f"{AUX}LensSerialNumber": "lens serial number",
    f"{AUX}OwnerName": "owner",
    f"{EXIF_EX}BodySerialNumber": "camera serial number",
    f"{EXIF_EX}LensSerialNumber": "lens serial number",
    f"{EXIF_EX}CameraOwnerName": "owner",
}
ASKED = frozenset(
    {
        *(DATA_MINING, MODEL_STATUS, PROPERTY_STATUS, MODEL_IDS, MODEL_AGE, TDM, TDM_POLICY),
        *(OTHER_CONSTRAINTS, *ENCODED_RIGHTS, *TERMS),
        *(CREATOR, RIGHTS, USAGE_TERMS, WEB_STATEMENT, *LICENCES, CREDIT, SOURCE_TYPE),
        *(PROVENANCE, *COORDINATES, *PLACES, *XMP_DEVICE),
    }
)


def _plain(name: str) -> str:
    """A property's name without what writers spell in different ways."""
    namespace, _, local = name.lower().removeprefix("{").rpartition("}")
    return f"{re.sub(r'^https?://(?:www[.])?', '', namespace).rstrip('/#')} {local}"


_ASKED = {_plain(name): name for name in ASKED}
#: Fields of opt-outs, which count in every namespace: some writers put them where they don't belong.
_ANYWHERE = {
    "datamining": DATA_MINING,
    "otherconstraints": OTHER_CONSTRAINTS,
    "tdmreservation": TDM,
    "tdmpolicy": TDM_POLICY,
}


@lru_cache(maxsize=4096)
def asked_as(name: str) -> str:
    """The name under which a property is read; "" where it isn't.

    Scheme, letter case and the end of a namespace are spelled in different ways.
    """
    plain = _plain(name)
    namespace, _, local = plain.rpartition(" ")
    of_machines = "tdmrep" in namespace or is_field_of_machines(name.rpartition("}")[2])
    if "tdm" in namespace and not local.startswith("tdm"):
        local = f"tdm{local}"
    known = _ASKED.get(plain, "") or _ANYWHERE.get(re.sub(r"[\W_]", "", local), "")
    return known or (MACHINES if of_machines else "")


EXIF_DEVICE = {
    int(ExifTags.Base.BodySerialNumber): "camera serial number",
    int(ExifTags.Base.CameraSerialNumber): "camera serial number",
    int(ExifTags.Base.LensSerialNumber): "lens serial number",
    int(ExifTags.Base.CameraOwnerName): "owner",
    int(ExifTags.Base.HostComputer): "computer",
}
LATITUDE, LONGITUDE = int(ExifTags.GPS.GPSLatitude), int(ExifTags.GPS.GPSLongitude)
#: IPTC IIM 4.2, record 2.
IPTC_BYLINE, IPTC_CREDIT, IPTC_COPYRIGHT = (2, 80), (2, 110), (2, 116)
IPTC_PLACES = ((2, 90), (2, 92), (2, 95))
IPTC_INSTRUCTIONS = (2, 40)
#: The record that is about the picture, and the first of its datasets that hold a preview.
IPTC_RECORD, IPTC_PREVIEW = 2, 200
EXIF_COPYRIGHT = int(ExifTags.Base.Copyright)
