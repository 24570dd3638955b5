"""Labelling: writes into a picture's file that a model made it.

It is XMP as IPTC specifies it: Iptc4xmpExt:DigitalSourceType trainedAlgorithmicMedia,
with the tool and the prompt. Content credentials (C2PA) aren't written here.
"""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from volenti.catalogue.work import DIGITAL_SOURCE_TYPE
from volenti.core.version import VERSION

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmp:CreatorTool="Volenti {version}"
    Iptc4xmpExt:DigitalSourceType="{source}">
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def labelled_png(pixels: NDArray[np.uint8], prompt: str) -> bytes:
    """A PNG of (height, width, 3 or 4) uint8 pixels, with a label that says how it was made."""
    xmp = _XMP.format(version=VERSION, source=DIGITAL_SOURCE_TYPE, prompt=escape(prompt))
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info)
    return out.getvalue()
