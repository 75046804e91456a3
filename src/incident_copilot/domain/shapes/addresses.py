"""Public IP addresses, and MAC addresses of devices."""

import functools
import ipaddress
import re

from incident_copilot.domain.shapes.shape import Shape

_VIRTUAL = (
    "0242",
    "525400",
    "fa163e",
    "005056",
    "000c29",
    "00163e",
    "00155d",
    "0a58",
    "0a00",
    "eeee",
    "0000",
    "ffff",
    "0100",
    "3333",
)
"""How addresses of virtual machines, containers and groups begin: those of Docker, QEMU, OpenStack, VMware, Xen."""


@functools.lru_cache(maxsize=10_000)  # logs repeat them
def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _is_device(text: str) -> bool:
    return not re.sub(r"[:.-]", "", text).lower().startswith(_VIRTUAL)


ADDRESSES = (
    Shape(
        "ip",
        re.compile(
            r"[0-9](?<![\w.-].)(?<!ersion .)(?<!ersion: .)(?<!elease .)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w-]|\.\d)"
        ),
        forms=(".0.0", ".00.0", ".000.0"),
        is_one=_is_public,
    ),
    Shape(
        "ip",
        re.compile(
            r"[0-9a-fA-F](?<![\w:.].)[0-9a-fA-F]{0,3}:(?:[0-9a-fA-F]{1,4}:){1,6}(?::?[0-9a-fA-F]{1,4}){1,6}(?![\w:])"
        ),
        literals=("::", "2001:", "2003:", "2a0", "2a1", "260", "240", "280"),
        is_one=_is_public,
    ),
    Shape(
        "mac",
        re.compile(
            r"[0-9A-Fa-f](?<![\w:.-].)[0-9A-Fa-f](?:(?P<by>[:-])[0-9A-Fa-f]{2}(?:(?P=by)[0-9A-Fa-f]{2}){4}(?![\w:-]"
            r"|\.\d)"
            r"|[0-9A-Fa-f]{2}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w.-]))"
        ),
        # With none of these in it a time of day would be one.
        words=("mac",),
        forms=tuple(f"{by}{two}{by}" for by in ":-" for two in ("0a", "a0", "aa", "0A", "A0", "AA")),
        is_one=_is_device,
    ),
)
