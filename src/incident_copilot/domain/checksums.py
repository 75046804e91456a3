"""Checksums that tell an account, card or person's number from any other number of its length."""

import re

_VERHOEFF = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
        "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
    )
)  # fmt: skip
_PERMUTED = (
    tuple(int(digit) for digit in "0123456789"),
    tuple(int(digit) for digit in "1576283094"),
)
_IBAN_LENGTHS = {
    country[:2]: int(country[2:])
    for country in """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18
    FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
    LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19
    SK24 SM27 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
}
_CARD = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d\d|64[4-9]\d)(?:\d{12}|\d{15})|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}"
)
"""Issuers' first digits and lengths: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay."""


def is_luhn(digits: str) -> bool:
    """Whether the last digit checks the others as on payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_card(text: str) -> bool:
    """Whether digits, with spaces or hyphens between them, are a payment card's number."""
    digits = re.sub(r"\D", "", text)
    return bool(_CARD.fullmatch(digits)) and len(set(digits)) > 1 and is_luhn(digits)


def is_iban(text: str) -> bool:
    """Whether a text is an account number by its country's length and ISO 13616's checksum."""
    compact = re.sub(r"[ -]", "", text).upper()
    if len(compact) != _IBAN_LENGTHS.get(compact[:2]):
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def is_verhoeff(text: str) -> bool:
    """Whether a number checks by Verhoeff's scheme, as Indian Aadhaar numbers do."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)]
    check = 0
    for place, digit in enumerate(reversed(digits)):
        for _ in range(place % 8):
            digit = _PERMUTED[1][digit]  # noqa: PLW2901 -- permuted once for each place
        check = _VERHOEFF[check][digit]
    return check == 0


def is_dni(text: str) -> bool:
    """Whether a Spanish identity number (DNI or NIE) has the letter that belongs to it."""
    compact = text.upper().replace("-", "")
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == compact[-1]


def is_nir(text: str) -> bool:
    """Whether a French social security number has the key that belongs to it."""
    compact = text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(compact[:13]) % 97 == int(compact[13:])


def is_codice_fiscale(text: str) -> bool:
    """Whether an Italian tax code ends in the letter that checks it."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    compact = text.upper()
    values = [int(one) if one.isdigit() else ord(one) - 65 for one in compact[:15]]
    total = sum(value if place % 2 else odd[value] for place, value in enumerate(values))
    return chr(65 + total % 26) == compact[15]


def is_cpf(text: str) -> bool:
    """Whether a Brazilian CPF has the two digits that check it."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)]
    for length in (9, 10):
        total = sum(digit * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != digits[length]:
            return False
    return len(set(digits)) > 1


def is_personnummer(text: str) -> bool:
    """Whether a Swedish personal number is a date with a number that Luhn's digit checks."""
    digits = re.sub(r"\D", "", text)[-10:]
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) % 60 <= 31 and is_luhn(digits)


def is_steuer_id(text: str) -> bool:
    """Whether a German tax id has the digit that checks it (ISO 7064, MOD 11,10), and repeats a digit as all do."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)]
    product = 10
    for digit in digits[:10]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (
        len(digits) == 11 and digits[0] != 0 and 8 <= len(set(digits[:10])) <= 9 and (11 - product) % 10 == digits[10]
    )


def is_ahv(text: str) -> bool:
    """Whether a Swiss social security number has the digit that checks it, as on goods (EAN-13)."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)]
    return sum(digit * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0
