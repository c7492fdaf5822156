"""The one XMP property that holds a recipe."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from app.imaging.embedding.names import RECIPE

_NAMESPACE = "urn:darkroom:recipe:1#"
_PROPERTY = re.compile(rb'<darkroom:recipe>([^<]*)</darkroom:recipe>|\bdarkroom:recipe="([^"<]*)"')


def _wrapped(inside: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'{inside}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def packet(recipe: bytes) -> bytes:
    """The packet around an ASCII recipe."""
    text = html.escape(recipe.decode("ascii"), quote=False)
    return _wrapped(f'xmlns:darkroom="{_NAMESPACE}"><darkroom:recipe>{text}</darkroom:recipe>')


def pointer(guid: bytes) -> bytes:
    """The packet that says where the rest stands: in extended XMP of this name."""
    return _wrapped(f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid.decode()}">')


def read(data: bytes, limit_bytes: int) -> Iterator[tuple[str, str]]:
    """Found by its marks, not by an XML parser: there is one property to read and entities to fear."""
    found = _PROPERTY.search(data)
    if found:
        text = html.unescape((found[1] or found[2] or b"").decode("utf-8"))
        if len(text) <= limit_bytes:
            yield RECIPE, text
