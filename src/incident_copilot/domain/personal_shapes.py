"""The shapes of personal data: addresses and numbers of people, checked by their checksums where they have one."""

import functools
import ipaddress
import re

from incident_copilot.domain import checksums
from incident_copilot.domain.secret_shapes import Shape

# Accounts of programs, which say nothing of a person.
_NOBODY = frozenset(
    """
    root nobody admin administrator system daemon postgres mysql www-data nginx apache redis kafka jenkins git
    ubuntu ec2-user service default anonymous guest test unknown none null user app deploy backup operator sshd cron
    bin sys mail ftp oracle hadoop hdfs spark yarn zookeeper elasticsearch prometheus grafana true false undefined
    id name
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)


def _is_person(text: str) -> bool:
    return text.casefold() not in _NOBODY and not text.casefold().startswith(("system:", "svc-", "svc_", "arn:"))


@functools.lru_cache(maxsize=10_000)  # logs repeat them
def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _is_phone(text: str) -> bool:
    return 8 <= sum(map(str.isdigit, text)) <= 15


def _is_ssn(text: str) -> bool:
    """The Social Security Administration never gave out these areas, groups and serials."""
    area, group, serial = re.split(r"[- ]", text)
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


# Numbers begin with [0-9], and what may not stand before it is looked at afterwards: so the search skips to digits.
PEOPLE = (
    Shape(
        "email",
        re.compile(
            r"[A-Za-z0-9](?<![\w.+%-].)[\w.+%-]{0,63}(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
        ),
        literals=("@", "%40"),
    ),
    Shape(
        "iban",
        re.compile(r"[A-Z](?<![A-Za-z0-9].)[A-Z]\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"),
        forms=("AA00",),
        is_one=checksums.is_iban,
    ),
    Shape(
        "card",
        re.compile(r"[0-9](?<![\w.:/#-].)(?:[ -]?[0-9]){11,18}(?![\w-]|\.\d)"),
        forms=("0000000000000", "0000 0000 0000 0", "0000-0000-0000-0", "0000 000000 0000", "0000-000000-0000"),
        is_one=checksums.is_card,
    ),
    Shape(
        "phone",
        re.compile(r"\+(?<![\w+].)[1-9]\d{0,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}(?!\w|\.\d)"),
        forms=("+0",),
        is_one=_is_phone,
    ),
    Shape(
        "phone",
        re.compile(r"(?:\([2-9]\d\d\) ?|[2-9](?<![\w.-].)\d\d-)[2-9]\d\d-\d{4}(?![\w-])"),
        forms=(") 000-0000", ")000-0000", "000-000-0000"),
    ),
    Shape(
        "phone",
        re.compile(
            r"(?:phone(?:[_-]?(?:number|no))?|mobile|msisdn|\btel)[\"']?\s{0,3}[=:]\s{0,3}[\"']?"
            r"(?P<it>[+(]?\d[\d ().-]{5,18}\d)(?!\w)",
            re.IGNORECASE,
        ),
        words=("phone", "mobile", "msisdn", "tel:", "tel="),
        is_one=_is_phone,
    ),
    Shape(
        "national-id",
        re.compile(r"[0-9](?<![\w-].)\d\d-\d\d-\d{4}(?![\w-])"),
        forms=("000-00-0000",),
        is_one=_is_ssn,
    ),
    Shape(
        "national-id",
        re.compile(r"[0-9XYZ](?<![\w-].)\d{7}-?[A-HJ-NP-TV-Z](?![\w-])"),
        forms=("0000000A", "0000000-A"),
        is_one=checksums.is_dni,
    ),
    Shape(
        "national-id",
        re.compile(r"[12](?<![\w.-].) ?\d\d ?(?:0[1-9]|1[0-2]) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?![\w-])"),
        forms=("000000000000000", "0 00 00 00 000", "0 00 00 0A 000"),
        is_one=checksums.is_nir,
    ),
    Shape(
        "national-id",
        re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)"),
        forms=("AAAAAA00A00A000A",),
        is_one=checksums.is_codice_fiscale,
    ),
    Shape(
        "national-id",
        re.compile(r"[0-9](?<![\w.].)\d\d\.\d{3}\.\d{3}-\d\d(?!\w)"),
        forms=("000.000.000-00",),
        is_one=checksums.is_cpf,
    ),
    Shape(
        "national-id",
        re.compile(r"[0-9](?<![\w-].)(?:\d{5}|\d{7})[-+]\d{4}(?![\w-])"),
        forms=("000000-0000", "000000+0000"),
        is_one=checksums.is_personnummer,
    ),
    Shape(
        "national-id",
        re.compile(r"[2-9](?<![\w-].)\d{3} \d{4} \d{4}(?![\w-]| \d)"),
        forms=("0000 0000 0000",),
        is_one=checksums.is_verhoeff,
    ),
    Shape(
        "national-id",
        re.compile(
            r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)"
        ),
        forms=("AA000000A", "AA 00 00 00 A", "AA 000000 A"),
    ),
    Shape(
        "user",
        re.compile(
            r"(?:[Uu](?:ser|SER)(?:[_-]?[Nn](?:ame|AME))?|[Ll]ogin|[Cc]ustomer(?:[_-]?[Nn]ame)?"
            r"|(?:[Ff]irst|[Ll]ast|[Ff]ull|[Dd]isplay|[Ss]ur|[Gg]iven)[_-]?[Nn]ame"
            r"|[Aa]ccount[_-]?(?:[Nn]ame|[Hh]older|[Oo]wner))"
            r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?!arn:)(?P<it>[^\W\d_][\w.@'-]{1,63}(?: [A-Z][\w'-]{1,30}(?=[\"']))?)"
        ),
        words=("user", "name=", "name:", 'name"', "login", "customer", "owner", "holder"),
        is_one=_is_person,
    ),
    Shape(
        "user",
        re.compile(
            r"(?:(?:[Ff]or|[Ii]nvalid|[Bb]y|authenticating|Authenticated) user"
            r"|(?:password|publickey) for(?: invalid user)?|UI_\w{4,20}: User|arn:aws:iam::\d{12}:user/)"
            r" ?[\"']?(?P<it>[^\W\d_][\w.-]{0,63})(?![\w:])"
        ),
        words=(" user ", "password for ", "publickey for ", ": user '", ":user/", "invalid user "),
        is_one=_is_person,
    ),
    Shape(
        "user",
        re.compile(r"(?<=sudo\[)\d{1,8}\]: +(?P<it>[^\W\d_][\w.-]{0,63}) : (?:TTY|PWD|USER)="),
        literals=("sudo[",),
        is_one=_is_person,
    ),
    Shape(  # the third field of web servers' logs
        "user",
        re.compile(r" - (?P<it>[^\W\d_][\w.@-]{1,63}) \[\d\d/[A-Z][a-z]{2}/\d{4}:"),
        forms=(" [00/Aaa/0000:",),
        is_one=_is_person,
    ),
)
ADDRESSES = (
    Shape(
        "ip",
        re.compile(r"[0-9](?<![\w.-].)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w-]|\.\d)"),
        forms=(".0.0", ".00.0", ".000.0"),
        is_one=_is_public,
    ),
    Shape(
        "ip",
        re.compile(
            r"[0-9a-fA-F](?<![\w:.].)[0-9a-fA-F]{0,3}:(?:[0-9a-fA-F]{1,4}:){1,6}(?::?[0-9a-fA-F]{1,4}){1,6}(?![\w:])"
        ),
        literals=("::", "2001:", "2a0", "260", "240", "280"),
        is_one=_is_public,
    ),
)
