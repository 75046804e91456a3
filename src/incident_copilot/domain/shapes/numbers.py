"""E-mail addresses, phones, accounts, cards and national ids: checked by their checksums where they have one."""

import re

from incident_copilot.domain import checksums
from incident_copilot.domain.shapes.shape import QUOTE, Shape

# What only looks like a mailbox: accounts of programs on a host, and files, units and objects with an @ in their name.
_NO_MAILBOX = frozenset(
    [
        "git",
        "hg",
        "svn",
        "root",
        "deploy",
        "ubuntu",
        "admin",
        "ec2-user",
        "core",
        "centos",
        "debian",
        "vagrant",
        "www-data",
    ]
)
_NO_DOMAIN = frozenset(
    """
    service socket timer target mount slice scope png jpg jpeg gif svg webp css js mjs ts tsx jsx json yaml yml toml
    py rb go java kt rs cs php html md txt log conf
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)
_NO = r"(?:[ _.-]{0,2}(?:number|nummer|num|no|nr|número|numero|n°|nº|id|号|番号)\b\.?)?"
_BEHIND = rf"{_NO}(?:{QUOTE})?\s{{0,3}}[:=#：]?\s{{0,3}}(?:{QUOTE})?"  # noqa: RUF001 -- as Chinese and Japanese write it
_IDS = (
    r"(?:passport|reisepass|passeport|pasaporte|passaporto|paspoort|personalausweis|ausweis|id[ _-]card"
    r"|carta d'identit[aà]|driv(?:er'?s?|ing)[ _-]?licen[cs]e|f[üu]hrerschein|permis de conduire|kennzeichen"
    r"|licen[cs]e plate|number plate|national[ _-]?insurance|medicare|krankenversicherten|versicherten"
    r"|sozialversicherung|insurance|social[ _-]?security|tax[ _-]?(?:payer)?[ _-]?(?:id|code)|steuer|fiscal code"
    r"|patient[ _-]?(?:id|nr)|\b(?:nino|nhs|ssn|itin|sin|tfn|bsn|pesel|nif|nie|nir|curp|rut|pps|ahv|cpr|tin|mrn|imei"
    r"|imsi"
    r"|iccid|cnp|hetu|egn|oib|jmbg|amka)(?![^\W_])|f[øo]dselsnummer|kimlik|身份证|マイナンバー|주민등록번호"
    r"|aadhaar|pan card)"
)


def is_mailbox(text: str) -> bool:
    """Whether a person may read what is sent there."""
    local, _, domain = text.casefold().replace("%40", "@").rpartition("@")
    return local not in _NO_MAILBOX and domain.rpartition(".")[2] not in _NO_DOMAIN


def _is_phone(text: str) -> bool:
    return 8 <= sum(map(str.isdigit, text)) <= 15


def _is_told_phone(text: str) -> bool:
    return 6 <= sum(map(str.isdigit, text)) <= 15 and not re.fullmatch(
        r"\d{4}-\d\d-\d\d.*|\d{1,3}(?:\.\d{1,3}){3}", text
    )


def _is_ssn(text: str) -> bool:
    """The Social Security Administration never gave out these areas, groups and serials."""
    area, group, serial = re.split(r"[- ]", text)
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _is_told_id(text: str) -> bool:
    return 4 <= sum(map(str.isdigit, text)) <= 20 and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)


# Numbers begin with [0-9], and what may not stand before it is looked at afterwards: so the search skips to digits.
NUMBERS = (
    Shape(
        "email",
        re.compile(
            r"[^\W_](?<![\w.+%-].)[\w.+%'-]{0,63}(?:@|%40)(?:[^\W_](?:[\w-]{0,62})\.){1,8}(?:[^\W\d_]{2,24}"
            r"|xn--[a-z0-9-]{2,40})(?![\w-])"
        ),
        literals=("@", "%40"),
        is_one=is_mailbox,
    ),
    Shape(
        "email",
        re.compile(
            r"(?<![\w.+-])[\w.+-]{1,63} ?[(\[{](?:at|AT|@)[)\]}] ?[\w-]{1,63}(?:(?:\.| ?[(\[{](?:dot|DOT|punkt"
            r"|\.)[)\]}] ?)[\w-]{2,63}){1,4}"
        ),
        literals=("(at)", "[at]", "{at}", "(AT)", "[AT]", "(@)"),
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
    Shape("card", re.compile(r"cv[vc]2?(?:\\?[\"'])?[=: ]{1,3}[\"']?(?P<it>\d{3,4})(?!\d)"), literals=("cvv", "cvc")),
    Shape(
        "phone",
        re.compile(
            r"\+(?<![\w+].)(?<!m=.)[1-9]\d{0,3}[ ./-]?(?:\(\d{1,4}\)[ ./-]?)?\d(?:(?: ?[./-] ?| )?\(?\d\)?){5,12}(?!\w"
            r"|\.\d)"
        ),
        forms=("+0",),
        is_one=_is_phone,
    ),
    Shape(
        "phone",
        re.compile(r"00(?<![\w.+:-]..)(?<!\d ..)[1-9]\d{0,2}[ /-]\(?\d[\d /()-]{5,14}\d(?![\w:.-])"),
        forms=("0000 00", "0000/00", "0000-00", "0000 (0"),
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
            r"(?:(?:tele|mobile? ?)?phone|telefono?|tel[ée]fono?|telefoon|t[ée]l[ée]phone|mobile?|handy|msisdn"
            r"|whats-?app|celular"
            r"|m[óo]vil|portable|cell|rufnummer|r[üu]ckruf|\bfax|\b(?:tel|fon|t[ée]l|mob)\b|wa\.me/|\bsms to|\b(?:call"
            r"|ring|reach|text|dial)(?: \w{2,5})? (?:at|on|back)"
            r"|\b(?:call|ring|dial)|anrufen|appelez|\bphoned?|電話|电话|тел(?:ефон)?)"
            r"(?:[ _.-]{0,2}(?:number|nummer|num|no|nr|número|numero|n°)\b\.?)?(?:\\?[\"'])?"
            r"(?: (?:is|ist|at|on|unter|au|al|mich|me)){0,2}[.]?\s{0,3}[=:]?\s{0,3}(?:\\?[\"'])?"
            r"(?P<it>[+(]?\d[\d ()./–-]{4,20}\d)(?![\w%]|\.\d| ?(?:ms|s|bytes|times)\b)",  # noqa: RUF001 -- as typed
            re.IGNORECASE,
        ),
        words=(
            *("phone", "telefo", "télé", "teleph", "telé", "mobil", "handy", "msisdn", "whats", "celular"),
            *("móvil", "movil"),
            *("portable", "cell", "rufnummer", "rück", "ruck", "tele", "fax", "tel:", "tel=", "tel.", "tel "),
            *("tél", "fon", "wa.me/"),
            *("sms to", "call ", "ring ", "reach ", "dial ", "anrufen", "appelez", "電話", "电话", "тел", "mob:"),
            *("mob.", "text "),
        ),
        is_one=_is_told_phone,
        begins=True,
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
        re.compile(rf"\bcpf{_BEHIND}(?P<it>\d{{11}})(?!\w)", re.IGNORECASE),
        words=("cpf",),
        is_one=checksums.is_cpf,
        begins=True,
    ),
    Shape(
        "national-id",
        re.compile(r"[0-9](?<![\w-].)(?:\d{5}|\d{7})[-+]\d{4}(?![\w-])"),
        forms=("000000-0000", "000000+0000"),
        is_one=checksums.is_personnummer,
    ),
    Shape(
        "national-id",
        re.compile(r"[2-9](?<![\w-].)(?<!\d .)\d{3} \d{4} \d{4}(?![\w-]| \d)"),
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
        "national-id",
        re.compile(r"[1-9](?<![\w.,:/=#-].)\d(?: ?\d{3}){3}(?![\w-]|[.,]\d)"),
        words=(),
        forms=("00 000 000 000",),
        is_one=checksums.is_steuer_id,
    ),
    Shape(
        "national-id",
        re.compile(
            r"(?:steuer|idnr|\btin\b|\btax)[^\d\n]{0,30}(?P<it>\d{2} ?\d{3} ?\d{3} ?\d{3})(?!\w)", re.IGNORECASE
        ),
        words=("steuer", "idnr", "tin", "tax"),
        is_one=checksums.is_steuer_id,
        begins=True,
    ),
    Shape(
        "national-id",
        re.compile(r"7(?<![\w.].)56\.\d{4}\.\d{4}\.\d\d(?!\w)"),
        forms=("000.0000.0000.00",),
        is_one=checksums.is_ahv,
    ),
    Shape(
        "national-id",  # behind a word for it
        re.compile(
            rf"{_IDS}{_BEHIND}(?P<it>(?=[A-Z0-9 ./-]{{0,6}}\d)[A-Z0-9](?:[ ./-]?[A-Z0-9]){{4,22}})(?![\w-])",
            re.IGNORECASE,
        ),
        words=(
            *("passport", "reisepass", "passeport", "pasaporte", "passaporto", "paspoort", "personalaus", "ausweis"),
            *("id card", "id-card", "id_card", "carta d", "driv", "führers", "fuhrers", "permis de"),
            *("kennzeichen", "license pl"),
            *("licence pl", "number plate", "national", "nino", "nhs", "medicare", "krankenvers", "versicherten"),
            *("sozialvers", "insurance", "social", "ssn", "itin", "sin", "tfn", "bsn", "pesel", "nif", "nie"),
            *("nir", "curp"),
            *("rut", "pps", "ahv", "cpr", "tax", "tin", "steuer", "fiscal code", "patient", "mrn", "imei"),
            *("imsi", "iccid", "cnp", "hetu", "egn", "oib", "jmbg", "amka", "fødsels", "fodsels", "kimlik"),
            *("身份证", "マイナンバー", "주민등록번호", "aadhaar", "pan card"),
        ),
        begins=True,
        is_one=_is_told_id,
    ),
)
