"""Typesetting by typst, a typesetting system in one wheel, with its own fonts.

The page goes in as data, never as markup: nothing somebody is called can be taken for a
command. Names in scripts that the wheel's fonts don't have are set in a system font, if
there is one. Nothing is fetched: the template imports no package.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files

from volenti.consent.ports import FontMissingError
from volenti.consent.receiptpage import ReceiptPage
from volenti.core.clock import stamp


class TypstTypesetter:
    """Sets receipts in `receipt.typ`."""

    def receipt(self, page: ReceiptPage, record: bytes) -> bytes:
        """The receipt as PDF; see `consent.ports.Typesetter`."""
        import typst  # 80 MB of library that only this needs

        try:
            made = typst.compile(
                _template(),
                format="pdf",
                sys_inputs=_inputs(page, record),
                # Archival, with leave to attach a file, and tagged, so that it can be read aloud.
                pdf_standards=["a-3a"],
                timestamp=page.created,
            )
        except typst.TypstError as error:
            if "could not be displayed with font" not in str(error):
                raise
            raise FontMissingError(
                "No font on this machine has all the letters of this receipt.",
                "Install one for its script, such as Noto Sans CJK, and repeat.",
            ) from error
        assert isinstance(made, bytes)
        return made


def receipt_pictures(page: ReceiptPage, record: bytes, dots_per_inch: float = 110) -> list[bytes]:
    """The same pages as PNGs, for looking at."""
    import typst

    made = typst.compile(_template(), format="png", ppi=dots_per_inch, sys_inputs=_inputs(page, record))
    return made if isinstance(made, list) else [made]


def _template() -> bytes:
    return (files("volenti.adapters") / "receipt.typ").read_bytes()


def _inputs(page: ReceiptPage, record: bytes) -> dict[str, str]:
    contents = asdict(page) | {"created": stamp(page.created)}
    return {"page": json.dumps(contents), "record": record.decode()}
