"""The version of the software, as certificates name it."""

VERSION = "0.1.0"
