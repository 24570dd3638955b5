"""Whatever stands in the field of an opt-out counts: known values as they mean, anything else holds.

One table, of what stands where and what follows for training a generator.
"""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags

from tests.unit.perception.rights.stores import assertion, store
from volenti.perception.files.metadata import Metadata
from volenti.perception.finding import TABLE
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.headers import FIELDS, header_lines, statements_in
from volenti.perception.rights.optouts import texts
from volenti.perception.rights.reservation import (
    DIRECTIVES,
    HARMLESS,
    PURPOSES,
    answer_of,
    data_mining_in,
    tdm_statement,
)
from volenti.perception.rights.sidecar import sidecars_of
from volenti.perception.rights.statement import Rights, rights_of
from volenti.perception.rights.usageterms import forbids_machines, speaks_of_machines

PURPOSE = "generative-training"
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
PLUS, EXT = "http://ns.useplus.org/ldf/xmp/1.0/", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TDM = "http://www.w3.org/ns/tdmrep#"
REJECTED, HELD, NOTHING = "opt-out", "opt-out-unclear", ""


def packet(namespace: str, name: str, value: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:p="{namespace}"><p:{name}>{value}</p:{name}></rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def code_of(rights: Rights, purpose: str = PURPOSE) -> str:
    """The one finding about opt-outs; empty where there is none."""
    codes = [each.code for each in rights_findings(rights, purpose)]
    found = [each for each in codes if each.startswith("opt-out")]
    assert len(found) <= 1
    return found[0] if found else NOTHING


# -- XMP

XMP, PHOTOSHOP = "http://ns.adobe.com/xap/1.0/rights/", "http://ns.adobe.com/photoshop/1.0/"
FOO = "http://example.com/foo/"
DC = "http://purl.org/dc/elements/1.1/"
IN_XMP = [
    (PLUS, "DataMining", "DMI-PROHIBITED", REJECTED),
    (PLUS, "DataMining", "dmi-prohibited-aimltraining", REJECTED),
    (PLUS, "DataMining", f"{VOCABULARY}DMI-PROHIBITED/", REJECTED),
    (PLUS, "DataMining", f"{VOCABULARY.replace('http', 'https')}DMI-PROHIBITED", REJECTED),
    (PLUS, "DataMining", "DMI_PROHIBITED", REJECTED),
    (PLUS, "DataMining", "DMI PROHIBITED", REJECTED),
    (PLUS, "DataMining", "dmi_prohibited_genaimltraining", REJECTED),
    (PLUS, "DataMining", " DMI-ALLOWED\n", NOTHING),
    (PLUS, "DataMining", "DMI-UNSPECIFIED", NOTHING),
    (PLUS, "DataMining", f"{VOCABULARY}DMI-ALLOWED", NOTHING),
    (PLUS, "DataMining", "Prohibited for AI/ML training", HELD),
    (PLUS, "DataMining", "Prohibited", HELD),
    (PLUS, "DataMining", "Allowed", HELD),
    (PLUS, "DataMining", "DMI_ALLOWED", HELD),
    (PLUS, "DataMining", "DMI-ALLOWED, but not for generators", HELD),
    (PLUS, "DataMining", "DMI-ALLOWED DMI-PROHIBITED", REJECTED),
    (PLUS, "DataMining", "DMI-ASKFIRST", HELD),
    (PLUS, "DataMining", "training=allowed", HELD),
    (PLUS, "DataMining", "0", HELD),
    (PLUS, "DataMining", "", HELD),
    (PLUS, "DataMining", "  ", HELD),
    (PLUS, "DataMining", "<!-- DMI-ALLOWED -->", HELD),
    (PLUS, "DataMining", "<rdf:Bag><rdf:li/></rdf:Bag>", HELD),
    (PLUS, "DataMining", "<rdf:Alt><rdf:li xml:lang='en'>no training</rdf:li></rdf:Alt>", HELD),
    (PLUS, "DataMining", "<p:value>DMI-PROHIBITED</p:value>", REJECTED),
    (PLUS, "DataMining", "<rdf:Description p:name='no'/>", HELD),
    (PLUS, "dataMining", "DMI-PROHIBITED", REJECTED),
    (PLUS.rstrip("/"), "DataMining", "DMI-PROHIBITED", REJECTED),
    (PLUS.replace("http:", "https:"), "DataMining", "DMI-PROHIBITED", REJECTED),
    (PLUS.rstrip("/"), "DataMining", "No", HELD),
    (EXT, "DataMining", "DMI-PROHIBITED", REJECTED),
    (EXT, "DataMining", "No AI", HELD),
    ("http://example.com/mine/", "Data_Mining", "No", HELD),
    (PLUS, "OtherConstraints", "Ask me before you train anything.", HELD),
    (PLUS, "OtherConstraints", "<rdf:Alt><rdf:li xml:lang='x-default'>See our page</rdf:li></rdf:Alt>", HELD),
    (EXT, "EmbdEncRightsExpr", "<rdf:Bag><rdf:li>&lt;odrl/&gt;</rdf:li></rdf:Bag>", HELD),
    (TDM, "reservation", "1", REJECTED),
    (TDM, "reservation", "true", REJECTED),
    (TDM, "reservation", "Yes", REJECTED),
    (TDM, "reservation", "0", NOTHING),
    (TDM, "reservation", "false", HELD),
    (TDM, "reservation", "2", HELD),
    (TDM, "reservation", "ask", HELD),
    (TDM, "reservation", "", HELD),
    (TDM, "reservation", " \n ", HELD),
    (TDM, "policy", "", HELD),
    (TDM, "license", "https://example.com", HELD),
    (PLUS, "OtherConstraints", "", NOTHING),
    (TDM.rstrip("#"), "reservation", "1", REJECTED),
    (TDM.replace("http:", "https:").replace("#", "/"), "reservation", "1", REJECTED),
    ("http://example.com/", "tdm-reservation", "1", REJECTED),
    (TDM, "policy", "https://example.com/policy.json", HELD),
    (XMP, "UsageTerms", "<rdf:Alt><rdf:li>No AI training.</rdf:li></rdf:Alt>", HELD),
    (XMP.rstrip("/"), "UsageTerms", "Not to be used for machine learning", HELD),
    (XMP, "UsageTerms", "Text and data mining is reserved.", HELD),
    (XMP, "UsageTerms", "Das Training von KI-Modellen ist untersagt.", HELD),
    (XMP, "UsageTerms", "Nutzungsvorbehalt nach § 44b UrhG", HELD),
    (XMP, "UsageTerms", "Prohibido el entrenamiento de inteligencia artificial", HELD),
    (XMP, "UsageTerms", "Minería de textos y datos: no.", HELD),
    (XMP, "UsageTerms", "Interdit pour l’entraînement d’une IA", HELD),
    (XMP, "UsageTerms", "Fouille de textes et de données interdite", HELD),
    (XMP, "UsageTerms", "Not for AI", HELD),
    (XMP, "UsageTerms", "Editorial use only, one year, print", NOTHING),
    (XMP, "UsageTerms", "RIPRODUZIONE VIETATA AI SENSI DELLA LEGGE", NOTHING),
    (XMP, "UsageTerms", "J'ai tous les droits, pas de modification", NOTHING),
    (DC, "rights", "© Ada. AI学習禁止", HELD),
    (DC, "rights", "© Ai Weiwei. All rights reserved.", NOTHING),
    (DC, "description", "A class in machine learning", NOTHING),
    (DC, "description", "A boat. Not licensed for AI training.", HELD),
    (DC, "description", "Les joueurs ne sont pas à l'entraînement", NOTHING),
    (DC, "description", "A fire in Ames, IA left no one injured", NOTHING),
    (DC, "description", "No usar para entrenar una IA", HELD),
    (DC, "description", "Please do not use this to train models", HELD),
    (DC, "description", "A model trains on machines, not outdoors", NOTHING),
    (DC, "title", "Kein KI-Training!", HELD),
    (DC, "subject", "<rdf:Bag><rdf:li>boat</rdf:li><rdf:li>noai</rdf:li></rdf:Bag>", HELD),
    (PHOTOSHOP, "Credit", "no AI", HELD),
    (PHOTOSHOP, "Credit", "Ada Nguyen / AI Photo", NOTHING),
    (PHOTOSHOP, "CaptionWriter", "Not for AI training", HELD),
    (PHOTOSHOP, "TransmissionReference", "do not use for machine learning", HELD),
    (DC, "source", "<rdf:Bag><rdf:li>No generative AI.</rdf:li></rdf:Bag>", HELD),
    (DC, "source", "https://example.com/no-ai/photo.jpg", NOTHING),
    (FOO, "remark", "<p:inner><p:deep>no AI training</p:deep></p:inner>", HELD),
    (FOO, "remark", "a robot in training, no people", NOTHING),
    (FOO, "usageRights", "machine learning: ask", HELD),
    (FOO, "aiTraining", "prohibited", HELD),
    (FOO, "aiTraining", "allowed", HELD),
    (FOO, "aiTraining", "", HELD),
    (FOO, "AIMLTraining", "2", HELD),
    (FOO, "no-ai", "1", HELD),
    (FOO, "NoAI", "true", HELD),
    (FOO, "machineLearningUse", "x", HELD),
    (FOO, "textAndDataMiningRights", "x", HELD),
    (FOO, "doNotTrain", "<rdf:Bag><rdf:li/></rdf:Bag>", HELD),
    (FOO, "trainer", "Ada", NOTHING),
    (FOO, "aiScore", "0.3", NOTHING),
    (EXT, "AISystemUsed", "Denoiser 2", NOTHING),
    (EXT, "AIPromptInformation", "a robot in training", NOTHING),
    (FOO, "Thumbnail", "no+AI/" * 40, NOTHING),
]
#: A sentence that forbids, in each language; one of any other thing, and what words of it mean elsewhere.
IN_LANGUAGES = [
    ("Zakaz wykorzystania do trenowania sztucznej inteligencji", HELD),
    ("Nie używać do uczenia maszynowego", HELD),
    ("Zabrania się eksploracji tekstów i danych", HELD),
    (
        "Запрещено использовать для обучения нейросетей",
        HELD,
    ),
    ("Не для машинного обучения", HELD),
    ("Нельзя обучать ИИ", HELD),
    ("Zákaz použití pro trénování umělé inteligence", HELD),
    ("Nesmí se použít pro strojové učení", HELD),
    ("Får inte användas för att träna artificiell intelligens", HELD),
    ("Ej för maskininlärning", HELD),
    ("Verboden te gebruiken voor kunstmatige intelligentie", HELD),
    ("Niet voor machinaal leren", HELD),
    ("Proibido usar para treinar inteligência artificial", HELD),
    ("Não usar em aprendizagem automática", HELD),
    ("Vietato l'addestramento di intelligenza artificiale", HELD),
    ("È vietata l'estrazione di testo e di dati, senza eccezioni", HELD),
    ("Interdit pour l'intelligence artificielle", HELD),
    ("Kein maschinelles Lernen", HELD),
    ("Prohibida la minería de textos y datos", HELD),
    ("Ikke til træning af kunstig intelligens", HELD),
    ("Ei tekoälyn koulutukseen", HELD),
    ("Tilos mesterséges intelligencia tanítására", HELD),
    ("Δεν επιτρέπεται για τεχνητή νοημοσύνη", HELD),
    ("Заборонено для штучного інтелекту", HELD),
    ("인공지능 학습 금지", HELD),
    ("Zakázané pre umelú inteligenciu", HELD),
    ("Prepovedano za umetno inteligenco", HELD),
    ("Zabranjeno za strojno učenje i umjetnu inteligenciju", HELD),
    ("Interzis pentru inteligența artificială", HELD),
    ("Забранено за изкуствен интелект", HELD),
    ("Keelatud tehisintellekti jaoks", HELD),
    ("Aizliegts izmantot mākslīgajam intelektam", HELD),
    ("Draudžiama naudoti dirbtiniam intelektui", HELD),
    ("Ikke for maskinlæring", HELD),
    ("Yapay zekâ için kullanmak yasaktır", HELD),
    ("禁止用于人工智能训练", HELD),
    ("AI学習禁止", HELD),
    ("Zapasy, trening nie odbył się", NOTHING),
    ("Только для обучения детей, не для продажи", NOTHING),
    ("Träning inställd, inga åskådare", NOTHING),
    ("Ai Weiwei, nie w Pekinie", NOTHING),
    ("Solo uso editoriale, senza modifiche", NOTHING),
    ("No training today: the robot is broken", NOTHING),
]


@pytest.mark.parametrize(("words", "code"), IN_LANGUAGES)
def test_a_sentence_that_forbids_holds_in_every_language_and_every_field(words: str, code: str) -> None:
    for namespace, name in ((XMP, "UsageTerms"), (DC, "description"), (FOO, "remark")):
        assert code_of(rights_of(Metadata(xmp=(packet(namespace, name, words),)))) == code
    assert code_of(rights_of(Metadata(exif={ExifTags.Base.ImageDescription: words}))) == code
    assert code_of(rights_of(Metadata(comments={"Comment": words}))) == code


@pytest.mark.parametrize(("namespace", "name", "value", "code"), IN_XMP)
def test_what_stands_in_xmp_counts_in_the_file_and_beside_it(
    namespace: str, name: str, value: str, code: str
) -> None:
    said = packet(namespace, name, value)
    assert code_of(rights_of(Metadata(xmp=(said,)))) == code
    assert code_of(rights_of(Metadata(), said)) == code


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (Metadata(exif={ExifTags.Base.Copyright: "(c) Ada. No AI training."}), HELD),
        (Metadata(exif={ExifTags.Base.Copyright: "(c) Ada"}), NOTHING),
        (Metadata(exif={ExifTags.Base.UserComment: b"ASCII\0\0\0no machine learning"}), HELD),
        (
            Metadata(exif={ExifTags.Base.UserComment: b"UNICODE\0" + "kein KI-Training".encode("utf-16-be")}),
            HELD,
        ),
        (Metadata(exif={ExifTags.Base.XPKeywords: "boat;noai".encode("utf-16-le")}), HELD),
        (
            Metadata(exif={ExifTags.Base.XPComment: tuple("pas d'entraînement d'IA".encode("utf-16-le"))}),
            HELD,
        ),
        (Metadata(exif={ExifTags.Base.ImageDescription: "a boat"}), NOTHING),
        (Metadata(iptc={(2, 40): b"Not for AI training"}), HELD),
        (Metadata(iptc={(2, 116): [b"Ada", "K\u00fcnstliche Intelligenz: nein".encode("latin-1")]}), HELD),
        (Metadata(iptc={(2, 25): [b"boat", b"NoAI"]}), HELD),
        (Metadata(comments={"comment": "No generative AI."}), HELD),
        (Metadata(comments={"Copyright": "Ada, machine learning on request"}), HELD),
        (Metadata(comments={"Software": "machine learning denoiser"}), NOTHING),
        (Metadata(comments={"noai": ""}), HELD),
        (Metadata(comments={"AI-Training": "0"}), HELD),
        (Metadata(comments={"tdm_reservation": "1"}), HELD),
        (Metadata(comments={"Software": "Not for AI training"}), HELD),
        (Metadata(exif={ExifTags.Base.Software: "no AI training"}), HELD),
        (Metadata(exif={ExifTags.Base.Software: "Adobe Lightroom Classic 14.0 (AI Denoise)"}), NOTHING),
        (Metadata(exif={ExifTags.Base.Artist: "Ada, not for machine learning"}), HELD),
        (Metadata(exif={0xA436: "No AI"}), HELD),
        (Metadata(exif={ExifTags.Base.ImageDescription: "a robot in training, no visitors"}), NOTHING),
        (Metadata(exif={ExifTags.Base.Copyright: "\u0418\u0418: \u043d\u0435\u0442".encode("cp1251")}), HELD),
        (Metadata(exif={ExifTags.Base.Copyright: "x" * (2**16 + 1)}), HELD),
        (Metadata(iptc={(2, 110): b"no AI"}), HELD),
        (Metadata(iptc={(2, 122): [b"Ada", b"Do not train AI on this"]}), HELD),
        (Metadata(iptc={(2, 122): b"Ada", (2, 80): b"Ai Nakamura"}), NOTHING),
        (Metadata(iptc={(2, 202): b"no AI"}), NOTHING),
        (Metadata(xmp=(packet(DC, "description", "No AI training.")[:-50],)), HELD),
        (Metadata(xmp=(packet(DC, "description", "A robot in training.")[:-50],)), NOTHING),
        (Metadata(xmp=(packet(PLUS, "DataMining", "DMI-PROH")[:-50],)), HELD),
        (Metadata(xmp=(packet(TDM, "reservation", "")[:-50],)), HELD),
    ],
)
def test_the_same_in_exif_iptc_comments_and_damaged_xmp(metadata: Metadata, code: str) -> None:
    assert code_of(rights_of(metadata)) == code


# -- beside the picture


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8")
    return path


def beside(photo: Path) -> str:
    found = sidecars_of(photo, photo.parent)
    return code_of(rights_of(Metadata(), found.xmp.encode(), found.reservations))


IN_HEADERS = [
    ("X-Robots-Tag: noai", REJECTED),
    ("x-robots-tag:NOIMAGEAI", REJECTED),
    ("X-Robots-Tag: noml", REJECTED),
    ("X_Robots_Tag: noml", REJECTED),
    ("X-Robots-Tag: noindex", HELD),
    ("X-Robots-Tag: noimageindex", HELD),
    ("X-Robots-Tag: none", HELD),
    ("X-Robots-Tag: noarchive", HELD),
    ("X-Robots-Tag: nosnippet", HELD),
    ("X-Robots-Tag: nofollow", NOTHING),
    ("X-Robots-Tag: all", NOTHING),
    ("X-Robots-Tag: index, follow, max-image-preview: none, max-snippet:-1", NOTHING),
    ("X-Robots-Tag: max-image-preview:large noai", REJECTED),
    ("X-Robots-Tag: unavailable_after: 25 Nov 2030 15:00:00 PST", NOTHING),
    ("X-Robots-Tag: unavailable_after: 2030-11-25, noai", REJECTED),
    ("X-Robots-Tag: noaitraining", HELD),
    ("X-Robots-Tag: no-training", HELD),
    ("X-Robots-Tag: somebot: noai", REJECTED),
    ("X-Robots-Tag: somebot: nofollow, otherbot: noindex", HELD),
    ("X-Robots-Tag: *: nofollow", NOTHING),
    ("X-Robots-Tag: noai:", REJECTED),
    ("X-Robots-Tag: nofollow,\n noai", REJECTED),
    ("X-Robots-Tag: nofollow,\r\n\tgoogle: index,\r\n\tnoai\r\n", REJECTED),
    ("X-Robots-Tag: nofollow\nX-Robots-Tag: noai", REJECTED),
    ("X-Robots-Tag: nofollow\rX-Robots-Tag: noai\r", REJECTED),
    ("  HTTP/1.1 200 OK\n  X-Robots-Tag: nofollow\n  Content-Type: image/jpeg", NOTHING),
    ("< HTTP/2 200\n< x-robots-tag: noai", REJECTED),
    ("TDM-Reservation: 1", REJECTED),
    ("TDM-Reservation: true", REJECTED),
    ("TDM-Reservation: 0", NOTHING),
    ("TDM-Reservation: 0, 1", REJECTED),
    ("TDM-Reservation: maybe", HELD),
    ("TDM-Reservation: 0\nTDM-Policy: https://example.com", NOTHING),
    ("TDM-Policy: https://example.com", HELD),
    ("TDM-Reservation:", HELD),
    ("TDM-Reservation: \t", HELD),
    ('TDM-Reservation: ""', HELD),
    ("TDM-Reservation: 0,", NOTHING),
    ("TDM-Policy:", HELD),
    ("TDM-Reservation: 0\nTDM-Policy:", NOTHING),
    ("Content-Usage:", HELD),
    ("Content-Usage: ,", HELD),
    ("Content-Signal:", HELD),
    ("X-Robots-Tag:", NOTHING),
    ("X-Robots-Tag: ,", NOTHING),
    ("X-Robots-Tag: ???", HELD),
    ("Robots: noai", REJECTED),
    ("TDMReservation: 1", REJECTED),
    ("X-AI-Training: prohibited", HELD),
    ("X-No-AI: 1", HELD),
    ("X-TDM-Opt-Out: 0", HELD),
    ("X-Copyright: Ada. No machine learning.", HELD),
    ("X-Copyright: Ada", NOTHING),
    ("Permissions-Policy: language-model=(), geolocation=()", NOTHING),
    ("Content-Type: image/jpeg\nX-Robots-Tag = noai", REJECTED),
    ("Content-Type: image/jpeg\nX-Robots-Tag noai", REJECTED),
    ("Content-Type: image/jpeg\nTDM-Reservation", HELD),
    ("Content-Type: image/jpeg\n2030-01-01 tdm-reservation: 2", HELD),
    ("Access-Control-Expose-Headers: X-Robots-Tag, TDM-Policy", NOTHING),
    ("* Connected to example.com\n> GET /a.jpg HTTP/1.1\n< HTTP/1.1 200 OK\n< Server: x", NOTHING),
    ("<!DOCTYPE html>\n<style>\ncolor: red\n</style>", HELD),
    ('{\n"X-Robots-Tag": "noai"\n}', REJECTED),
    ("noai", REJECTED),
    ("Content-Usage: train-ai=n", REJECTED),
    ("Content-Usage: train-ai=n;exp=5, search=y", REJECTED),
    ("Content-Usage: train-genai=n", REJECTED),
    ("Content-Usage: ai=n", REJECTED),
    ("Content-Usage: bots=n", REJECTED),
    ("Content-Usage: search=n", HELD),
    ("Content-Usage: train-ai=y", NOTHING),
    ("Content-Usage: train-ai=y;except=pictures", HELD),
    ("Content-Usage: train-ai", HELD),
    ("Content-Usage: train-ai=perhaps", HELD),
    ("Content-Usage: noai=y", HELD),
    ("Content-Usage: something=n", HELD),
    ("CONTENT-USAGE: Train-AI=N", REJECTED),
    ("Content-Signal: ai-train=no", REJECTED),
    ("Content-Signal: search=yes, ai-input=yes, ai-train=yes", NOTHING),
    ("Content-Signal: search=yes,ai-train=no", REJECTED),
    ("Content-Signal: use=reference", HELD),
    ("Server: N\u00f6rgler\nX-Robots-Tag: noai", REJECTED),
    ("Content-Type: image/jpeg", NOTHING),
    ("", HELD),
    ("<html>not found</html>", HELD),
]


@pytest.mark.parametrize(("text", "code"), IN_HEADERS)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_what_stands_in_headers_beside_a_picture_counts(
    photo: Path, text: str, code: str, encoding: str
) -> None:
    photo.with_suffix(".headers").write_bytes(text.encode(encoding))
    assert beside(photo) == code


MINING = "cawg.training-mining"


def entries(label: str = MINING, **uses: object) -> bytes:
    """A store with one assertion of these entries, each with its use."""
    said = {f"{label.partition('.')[0]}.{name}": use for name, use in uses.items()}
    return store(assertion(label, {"entries": said}))


NO, YES = {"use": "notAllowed"}, {"use": "allowed"}
IN_JSON = [
    # As exiftool writes it: by group, in groups of two families, in structures, with values in words.
    ('{"SourceFile": "x", "XMP": {"DataMining": "DMI-PROHIBITED-AIMLTRAINING"}}', REJECTED),
    ('[{"SourceFile": "x", "XMP": {"DataMining": "DMI-PROHIBITED-AIMLTRAINING"}}]', REJECTED),
    ('[[{"XMP": {"DataMining": "DMI-PROHIBITED-AIMLTRAINING"}}]]', REJECTED),
    ('[{"XMP-plus": {"DataMining": "Prohibited for AI/ML training"}}]', HELD),
    ('[{"XMP-plus:DataMining": "DMI-PROHIBITED"}]', REJECTED),
    ('[{"XMP:XMP-plus:DataMining": "DMI-PROHIBITED"}]', REJECTED),
    ('[{"XMP-plus": {"DataMining": {"desc": "Data Mining", "val": "DMI-PROHIBITED"}}}]', REJECTED),
    ('[{"Data Mining": "no"}]', HELD),
    ('[{"XMP-plus": {"DataMining": "DMI-ALLOWED"}}]', NOTHING),
    ('[{"XMP-plus": {"DataMining": ""}}]', HELD),
    ('[{"XMP-plus": {"DataMining": []}}]', HELD),
    ('[{"XMP-plus": {"DataMining": {}}}]', HELD),
    ('[{"XMP-plus": {"DataMining": false}}]', HELD),
    ('[{"XMP-plus": {"DataMining": null}}]', NOTHING),
    ('[{"XMP-xmpRights": {"UsageTerms": "No AI training"}}]', HELD),
    ('[{"XMP-xmpRights:UsageTerms-de": "Kein maschinelles Lernen"}]', HELD),
    ('[{"XMP-xmpRights": {"UsageTerms": {"x-default": "machine learning: ask"}}}]', HELD),
    ('[{"XMP-xmpRights": {"UsageTerms": "Editorial use only", "Marked": true}}]', NOTHING),
    ('[{"XMP-dc": {"Subject": ["boat", "noai"]}}]', HELD),
    ('[{"XMP-tdm": {"Reservation": 1}}]', REJECTED),
    ('[{"XMP-tdm:Reservation": 0}]', NOTHING),
    ('[{"XMP-tdm": {"Reservation": ""}}]', HELD),
    ('[{"XMP-tdm": {"Policy": "https://example.com"}}]', HELD),
    ('[{"XMP-iptcExt": {"LinkedEncodedRightsExpr": [{"x": 1}]}}]', HELD),
    ('[{"XMP-foo": {"AiTraining": "prohibited"}}]', HELD),
    ('[{"IFD0": {"Software": "no AI training"}, "PNG": {"noai": ""}}]', HELD),
    (
        '[{"SourceFile": "no-ai/x.jpg", "System": {"Directory": "/a/no ai", "FileName": "no ai.jpg"}}]',
        NOTHING,
    ),
    ('{"ExifTool": {"ExifToolVersion": 12.76}, "File": {"MIMEType": "image/jpeg"}}', NOTHING),
    # As other programs write it.
    ('{"response": {"headers": {"X-Robots-Tag": "noai"}}}', REJECTED),
    ('{"a": [{"b": {"c": {"response": {"headers": {"X-Robots-Tag": "noai"}}}}}]}', REJECTED),
    (
        '{"log": {"entries": [{"response": {"headers": [{"name": "TDM-Reservation", "value": "1"}]}}]}}',
        REJECTED,
    ),
    ('{"response": {"headers": [["Server", "x"], ["X-Robots-Tag", "noai"]]}}', REJECTED),
    ('{"headers": [{"key": "X-Robots-Tag", "value": ["index", "noai"]}]}', REJECTED),
    ('{"headers": {"response": {"tdm-reservation": "1"}}}', REJECTED),
    ('{"rawHeaders": ["Server", "x", "X-Robots-Tag", "noai"]}', REJECTED),
    ('{"response": "HTTP/1.1 200 OK\\r\\nX-Robots-Tag: noai"}', REJECTED),
    ('{"meta": {"robots": "noindex"}}', HELD),
    ('{"page": {"TDMReservation": 1}}', REJECTED),
    ('{"headers": 5}', HELD),
    ('{"headers": true}', HELD),
    ('{"headers": "not found"}', HELD),
    ('{"headers": [5]}', HELD),
    ('{"headers": null}', NOTHING),
    ('{"headers": {}}', NOTHING),
    ('{"headers": []}', NOTHING),
    ('{"headers": ""}', NOTHING),
    ('{"headers": {"X-Robots-Tag": null, "TDM-Reservation": null}}', NOTHING),
    ('{"headers": {"X-Robots-Tag": ""}}', NOTHING),
    ('{"headers": {"X-Robots-Tag": 5}}', HELD),
    ('{"headers": {"TDM-Reservation": ""}}', HELD),
    ('{"headers": {"TDM-Reservation": [0, 1]}}', REJECTED),
    ('{"headers": {"Content-Type": "image/jpeg", "Content-Length": 5}}', NOTHING),
    ('{"exif": "{\\"Image Copyright\\": \\"Ada, machine learning on request\\"}"}', HELD),
    ('{"exif": "{\\"Image Make\\": \\"Canon\\"}"}', NOTHING),
    (
        '{"assertions": [{"data": {"entries": {"cawg.ai_generative_training": {"use": "notAllowed"}}}}]}',
        REJECTED,
    ),
    ('{"assertions": [{"data": {"entries": {"cawg.data_mining": {"use": "allowed"}}}}]}', NOTHING),
    ('{"assertions": [{"data": {"entries": {"cawg.data_mining": {"use": 1}}}}]}', HELD),
    ('{"ai_training": false}', HELD),
    ('{"noai": null}', NOTHING),
    ('{"opt_out": true}', HELD),
    # What isn't a record.
    ("5", HELD),
    ("true", HELD),
    ("null", HELD),
    ('"a boat"', HELD),
    ('"noai"', REJECTED),
    ("[null]", HELD),
    ('["a", {"url": "https://example.com/"}]', HELD),
    ("{}", NOTHING),
    ("[]", NOTHING),
    # Ordinary ones.
    ('{"url": "https://example.com/no-ai/a.jpg", "caption": "a robot in training", "key": "no ai"}', NOTHING),
    (
        '{"split": "train", "width": 3, "similarity": 0.3, "tags": ["machine"], "clip": {"ai": 0.2}}',
        NOTHING,
    ),
    ('{"title": "IMG.jpg", "geoData": {"latitude": 0.0}, "people": [{"name": "Ai Weiwei"}]}', NOTHING),
    (
        '{"objects": [{"label": "robot", "box": [1, 2, 3, 4]}], "license": {"id": 3, "name": "CC-BY-4.0"}}',
        NOTHING,
    ),
]
BESIDE = [
    (".json", b'{"headers": {"Content-Usage": "train-ai=n"}}', REJECTED),
    (".json", b'{"response_headers": ["X-Robots-Tag: noml"]}', REJECTED),
    (".json", b'{"tdm_reservation": true}', REJECTED),
    (".json", b'{"tdm_reservation": null}', NOTHING),
    (".json", b'{"robots": "noindex"}', HELD),
    (".json", b'{"headers": {"X-Robots-Tag": "noai", "X-Robots-Tag": "all"}}', REJECTED),
    (".json", b'{"headers": {"X-Robots-Tag": "noai"}, "headers": {"Server": "x"}}', REJECTED),
    (".json", b'{"headers": {"X-Robots-Tag": {"value": "noai"}}}', REJECTED),
    (".json", b'{"headers": [{"name": "X-Robots-Tag", "value": "noai"}]}', REJECTED),
    (".json", b'{"similarity": NaN, "url": "https://example.com/"}', NOTHING),
    (".json", b'[{"SourceFile": "p.jpg", "XMP-plus:DataMining": "Prohibited for AI/ML training"}]', HELD),
    (".json", b'[{"DataMining": "DMI-PROHIBITED"}]', REJECTED),
    (".json", b'{"UsageTerms": "No AI training"}', HELD),
    (".json", b'{"license": "CC-BY-4.0", "caption": "a boat"}', NOTHING),
    (".json", b'{"license": "CC-BY-4.0", "caption": "noai"}', HELD),
    (".json", b'{"OtherConstraints": "ask"}', HELD),
    (".json", b'{"url": "https://example.com/', HELD),
    (".json", b'{"caption": "caf\xe9"}', HELD),
    (".json", b"[1, 2]", HELD),
    *((".json", each.encode(), code) for each, code in IN_JSON),
    (".txt", b"A boat. Do not use for AI training.", HELD),
    (".caption", b"noai", HELD),
    (".txt", "Запрещено для нейросетей".encode(), HELD),
    (".txt", b"a robot in training", NOTHING),
    (".txt", b"an AI robot, no people", HELD),
    (".txt", b"", NOTHING),
    (".xmp", b"<html><body>404: not found</body></html>", HELD),
    (".xmp", b"noai", HELD),
    (".xmp", packet(PLUS, "DataMining", "DMI-ALLOWED")[:-20], HELD),
    (".xmp", packet(DC, "rights", "caf\u00e9").decode().encode("latin-1"), HELD),
    (".xmp", packet(DC, "rights", "mine"), NOTHING),
    (".xmp", packet(DC, "rights", "mine") + packet(PLUS, "DataMining", "DMI-PROHIBITED")[:-30], REJECTED),
    (".xmp", b"", HELD),
    (".c2pa", entries(ai_generative_training=NO), REJECTED),
    (".c2pa", entries("c2pa.training-mining", data_mining=NO), REJECTED),
    (".c2pa", entries(data_mining=YES), NOTHING),
    (".c2pa", entries(data_mining=YES, ai_generative_training=NO), REJECTED),
    (".c2pa", entries(data_mining={"use": "allowed if paid"}), HELD),
    (".c2pa", entries(data_mining={"use": "constrained"}), HELD),
    (".c2pa", entries(data_mining="notAllowed"), HELD),
    (".c2pa", entries(something_new=NO), HELD),
    (".c2pa", store(assertion(MINING, {"entries": []})), HELD),
    (".c2pa", store(assertion(MINING, 7)), HELD),
    (".c2pa", store(assertion("com.example.training_mining", {"ai_training": {"use": "no"}})), HELD),
    (".c2pa", store(assertion("a.metadata", {"plus:DataMining": "DMI-PROHIBITED"}, kind=b"json")), REJECTED),
    (".c2pa", store(assertion("cawg.metadata", {"plus:DataMining": "No AI"}, kind=b"json")), HELD),
    (".c2pa", store(assertion("c2pa.actions", {"actions": []})), NOTHING),
    (".c2pa", store(assertion(MINING, {}, kind=b"bidb")), HELD),
    (".c2pa", entries(data_mining=YES)[:-9], HELD),
    (".c2pa", b"not a store", HELD),
    (".c2pa", b"", HELD),
    ("/tdmrep.json", b'[{"location": "/", "tdm-reservation": 1}]', REJECTED),
    ("/TDMRep.JSON", b'[{"location": "/", "tdm-reservation": 1}]', REJECTED),
    ("/tdmrep.json", b'[{"location": "/", "tdm-reservation": 0}]', NOTHING),
    ("/tdmrep.json", b'[{"location": "/", "tdm-res', HELD),
    ("/tdmrep.json", b"<html>404</html>", HELD),
    ("/tdmrep.json", b"[]", NOTHING),
    ("/tdmrep.json", b"{}", NOTHING),
    ("/tdmrep.json", b"5", HELD),
    ("/tdmrep.json", b"null", HELD),
    ("/tdmrep.json", b"[1]", HELD),
    ("/tdmrep.json", b'{"rules": [{"location": "/", "tdm-reservation": 1}]}', REJECTED),
    ("/tdmrep.json", b'{"rules": [{"location": "/", "tdm-reservation": 0}]}', HELD),
    ("/tdmrep.json", b'[{"location": "/"}]', HELD),
    ("/tdmrep.json", b'[{"location": "/", "TDM_Reservation": 1}]', REJECTED),
    ("/tdmrep.json", b'[{"location": "/", "tdm-reservation": null}]', REJECTED),
    ("/tdmrep.json", b'[{"location": "/", "tdm-reservation": 1, "tdm-reservation": 0}]', REJECTED),
    ("/tdmrep.json", b'[{"location": 7, "tdm-reservation": 0}]', HELD),
    ("/.Well-Known/tdmrep.json", b'[{"location": "/", "tdm-reservation": 1}]', REJECTED),
]


@pytest.mark.parametrize(("name", "data", "code"), BESIDE)
def test_what_lies_beside_a_picture_counts(photo: Path, name: str, data: bytes, code: str) -> None:
    path = photo.parent / name[1:] if name.startswith("/") else photo.with_suffix(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    assert beside(photo) == code


def test_an_unknown_value_holds_a_picture_for_every_purpose() -> None:
    for name, value in (("DataMining", "No AI"), ("OtherConstraints", "ask")):
        rights = rights_of(Metadata(xmp=(packet(PLUS, name, value),)))
        assert {code_of(rights, purpose) for purpose in PURPOSES} == {HELD}
    assert TABLE[HELD].verdict == "held"


def test_the_finding_says_where_it_stands_and_repeats_no_words() -> None:
    for name, where in (
        ("DataMining", "unknown-value (DataMining)"),
        ("UsageTerms", "in-words (UsageTerms)"),
    ):
        said = packet(PLUS if name == "DataMining" else XMP, name, "No AI, says Canary Example")
        [found] = rights_findings(rights_of(Metadata(xmp=(said,))), PURPOSE)
        assert found.data["reservations"] == [where]
        assert "Canary" not in found.message


# -- every text

words = st.text(st.characters(codec="utf-8"), max_size=60)


@given(words)
def test_a_data_mining_field_allows_only_what_its_vocabulary_allows(text: str) -> None:
    allowed = text.strip().upper().removeprefix(VOCABULARY.upper()) in ("DMI-ALLOWED", "DMI-UNSPECIFIED")
    answers = {answer_of(each, PURPOSE) for each in data_mining_in(text)}
    assert answers <= {""} if allowed else answers & {"held", "refused"}


@given(words)
def test_a_reservation_is_free_only_where_it_says_zero(text: str) -> None:
    said = tdm_statement(text)
    assert bool(said) == (text.strip().strip("\"'") != "0")
    assert not said or answer_of(said, PURPOSE) in ("held", "refused")


@given(st.sampled_from(sorted(FIELDS)), words)
def test_no_header_raises_and_every_statement_forbids_or_holds(name: str, text: str) -> None:
    for each in statements_in([(name, text), *header_lines(f"{name}: {text}")]):
        assert answer_of(each.partition(" ")[0], PURPOSE) in ("held", "refused"), each


@given(st.lists(st.sampled_from(sorted(DIRECTIVES | HARMLESS | {"googlebot:", "x"})), min_size=1, max_size=6))
def test_a_directive_counts_whatever_stands_around_it(some: list[str]) -> None:
    for mark in (", ", " ", ",", ";"):
        said = " ".join(statements_in([("x-robots-tag", mark.join(some))]))
        wanted = [each for each in some[:1] if each in DIRECTIVES]
        # The first has nothing before it that could have it for a value.
        assert all(f"{each} (x-robots-tag)" in said for each in wanted), (some, said)


@given(st.text(string.ascii_lowercase + "-", min_size=1, max_size=12))
def test_a_directive_that_nobody_knows_holds(word: str) -> None:
    said = statements_in([("x-robots-tag", word)])
    if word not in HARMLESS and word.strip("-"):
        assert said
        assert answer_of(said[0].partition(" ")[0], PURPOSE) in ("held", "refused")


@given(st.text(string.printable, max_size=30), st.text(string.printable, max_size=12))
def test_a_preference_is_a_yes_only_where_it_says_so(key: str, value: str) -> None:
    said = statements_in([("content-usage", f"{key}={value}")])
    if value.strip().strip("\"'").lower() not in ("y", "yes") and (key + value).strip():
        assert said, (key, value)


@given(words, st.binary(max_size=60))
def test_words_of_every_kind_are_read_without_an_error(text: str, data: bytes) -> None:
    speaks_of_machines(text)
    forbids_machines(text)
    assert all(isinstance(each, str) for each in texts([data, text, tuple(data)]))


@given(st.sampled_from([".xmp", ".headers", ".json", ".c2pa"]), st.binary(max_size=200))
def test_no_bytes_beside_a_picture_are_too_much(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    photo = folder / "photo.jpg"
    photo.write_bytes(b"")
    photo.with_suffix(suffix).write_bytes(data)
    found = sidecars_of(photo, folder)
    assert found.files == (photo.with_suffix(suffix),)
    # Bytes by chance are no such file, but for JSON, which may be a number.
    assert found.unread or suffix in (".json", ".headers")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    )
)
def test_whatever_an_assertion_says_that_is_no_plain_yes_counts(data: object) -> None:
    said = json.loads(json.dumps(data))
    rights = rights_of(Metadata(), reservations=_said_by(store(assertion(MINING, said))))
    if not isinstance(said, dict):
        assert code_of(rights) == HELD


def _said_by(data: bytes) -> tuple[str, ...]:
    from volenti.perception.rights.manifeststore import store_credentials

    return tuple(f"{each} (.c2pa)" for each in store_credentials(data).mining)
