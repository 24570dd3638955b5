"""Properties: the metadata fields that are read, by the names that their standards give them.

XMP properties in Clark notation ({namespace}local): PLUS LDF 2.0.1, IPTC Photo Metadata
2023.1, Dublin Core, ccREL, XMP Rights, Exif for XMP, W3C TDMRep. EXIF tags by number (CIPA
DC-008), IPTC IIM 4.2 by (record, dataset). What they mean is said in `statement`.
"""

from __future__ import annotations

from PIL import ExifTags

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
TDM = tuple(f"{{http://www.w3.org/ns/tdmrep{end}}}reservation" for end in ("#", "/"))
CREATOR, RIGHTS = f"{DC}creator", f"{DC}rights"
USAGE_TERMS, WEB_STATEMENT = f"{XMP_RIGHTS}UsageTerms", f"{XMP_RIGHTS}WebStatement"
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
        *(DATA_MINING, MODEL_STATUS, PROPERTY_STATUS, MODEL_IDS, MODEL_AGE, *TDM),
        *(CREATOR, RIGHTS, USAGE_TERMS, WEB_STATEMENT, *LICENCES, CREDIT, SOURCE_TYPE),
        *(PROVENANCE, *COORDINATES, *PLACES, *XMP_DEVICE),
    }
)
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
