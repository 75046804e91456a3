"""Numbers that check are told from numbers that only look alike; examples are the issuers' own or made up to check."""

import pytest

from incident_copilot.domain import checksums

CASES = {
    checksums.is_luhn: (("79927398713", "0"), ("79927398710",)),
    checksums.is_card: (
        ("4111 1111 1111 1111", "378282246310005", "5555-5555-5555-4444", "6011000990139424", "3530111333300000"),
        ("4111 1111 1111 1112", "1234567812345670", "0000000000000000", "411111111111111"),
    ),
    checksums.is_iban: (
        ("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "NL91 ABNA 0417 1643 00"),
        ("DE89 3704 0044 0532 0130 01", "DE8937040044", "ZZ89370400440532013000"),
    ),
    checksums.is_verhoeff: (("2363", "7580 0000 0009"), ("2364", "7580 0000 0000")),
    checksums.is_dni: (("12345678Z", "X1234567L", "12345678-Z"), ("12345678A",)),
    checksums.is_nir: (("2 55 08 14 168 025 38", "1 99 12 2A 001 002 81"), ("2 55 08 14 168 025 39",)),
    checksums.is_codice_fiscale: (("RSSMRA85T10A562S",), ("RSSMRA85T10A562X",)),
    checksums.is_cpf: (("529.982.247-25",), ("529.982.247-26", "529.982.247-15", "111.111.111-11")),
    checksums.is_personnummer: (("811228-9874", "19811228-9874"), ("811228-9873", "811328-9873", "811299-9873")),
}


@pytest.mark.parametrize(("check", "good"), [(check, text) for check, (good, _) in CASES.items() for text in good])
def test_a_number_that_checks_is_one(check, good):
    assert check(good) is True


@pytest.mark.parametrize(("check", "bad"), [(check, text) for check, (_, bad) in CASES.items() for text in bad])
def test_a_number_that_does_not_check_is_none(check, bad):
    assert check(bad) is False
