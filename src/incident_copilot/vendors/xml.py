"""Reads XML that a vendor answers, without entities: what declares any is refused."""

from collections.abc import Iterator
from xml.etree import ElementTree

from incident_copilot.errors import VendorRefused

Element = ElementTree.Element


def parse(vendor: str, body: bytes) -> Element:
    """Return the root. Raises VendorRefused: it is no XML, or declares a document type."""
    try:
        if b"<!DOCTYPE" not in body:
            return ElementTree.fromstring(body)  # noqa: S314 -- there are no entities without a document type
    except ElementTree.ParseError:
        pass
    raise VendorRefused(f"{vendor}: unexpected answer: it is not XML without a document type", 200)


def named(root: Element, name: str) -> Iterator[Element]:
    """Return the elements of a name below `root`, in whatever namespace."""
    return root.iterfind(f".//{{*}}{name}")


def text(parent: Element, name: str) -> str:
    """Return the text of the first child of a name, or an empty text."""
    return (parent.findtext(f"{{*}}{name}") or "").strip()
