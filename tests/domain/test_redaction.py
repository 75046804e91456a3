"""What leaves has placeholders for secrets and personal data; the same value has the same one."""

import pytest

from incident_copilot.domain.redaction import Redactor, redact

PERSONAL = {
    "mail to ana.ruiz+oncall@corp.example now": "mail to [email-1] now",
    "pay DE89 3704 0044 0532 0130 00 today": "pay [iban-1] today",
    "card 4111-1111-1111-1111 declined": "card [card-1] declined",
    "call +49 30 901820 first": "call [phone-1] first",
    "call (212) 555-0147": "call [phone-1]",
    'phone_number="030 901 820 44"': 'phone_number="[phone-1]"',
    "ssn 219-09-9999": "ssn [national-id-1]",
    "dni 12345678Z": "dni [national-id-1]",
    "nir 2 55 08 14 168 025 38": "nir [national-id-1]",
    "cf RSSMRA85T10A562S": "cf [national-id-1]",
    "cpf 529.982.247-25": "cpf [national-id-1]",
    "pnr 811228-9874": "pnr [national-id-1]",
    "uid 7580 0000 0009": "uid [national-id-1]",
    "nino AB 12 34 56 C": "nino [national-id-1]",
    "Steuer-ID 86095742719": "Steuer-ID [national-id-1]",
    "AHV 756.1234.5678.97": "AHV [national-id-1]",
    "passport no. C01X00T47": "passport no. [national-id-1]",
    "Rückruf unter Telefon 030/901820 44": "Rückruf unter Telefon [phone-1]",
    "user=aruiz failed": "user=[user-1] failed",
    "customer: Ana Ruiz Soler": "customer: [user-1]",
    "Name: Ana Ruiz": "Name: [user-1]",
    "From: Ana Ruiz <a.ruiz@corp.example>": "From: [user-1] <[email-1]>",
    "dhcp for 3c:14:80:ab:9a:fc": "dhcp for [mac-1]",
    "geboren am 3. Mai 1980": "geboren am [birth-1]",
    "Anschrift: Lindenweg 7, 80331 München": "Anschrift: [place-1]",
    "lat=52.5163&lon=13.3777": "lat=[place-1]&lon=[place-2]",
    '{"username": "aruiz", "id": 7}': '{"username": "[user-1]", "id": 7}',
    "last_name='Ruiz Soler'": "last_name='[user-1]'",
    "Failed password for invalid user aruiz from x": "Failed password for invalid user [user-1] from x",
    "Failed password for invalid user aruiz7x from x": "Failed password for invalid user [user-1] from x",
    "Accepted publickey for aruiz from x": "Accepted publickey for [user-1] from x",
    "from 8.8.4.4 port 22": "from [ip-1] port 22",
    "from 2001:4860:4860::8844 port 22": "from [ip-1] port 22",
}
NOBODYS = (
    "user=root uid=0",
    "name: Payment Gateway, customer: Default Tenant",
    "git@github.com:org/repo.git and user@1000.service",
    "eth0 02:42:ac:11:00:02, serial 04:e3:9b:62:24:8c:43:f4",
    "Address: Permission denied (13), phone verification took 1200300 ms",
    "order 86 095 742 718, phone: 2026-11-21",
    "Failed password for root from 10.0.0.1",
    "connect 10.12.0.7:5432, 192.168.1.1, 127.0.0.1, fe80::1 and ::1",
    "took 4111111111111 ns at 1732190400000",
    "order 1234567812345670, blk_-1608999687919862906",
    "2026-11-21 10:47:03,118 INFO x 123-456-789",
    "version 1.2.3.4.5 of 300.1.2.3",
    "DE89 3704 0044 0532 0130 01",
    "12345678A 529.982.247-26 000-12-3456 811228-9873",
    "user@host and @channel",
    "std::vector<int>::at: out of range",
    "+15% since +1 day",
    "user=system:serviceaccount:default:checkout",
    "retry in 20 s",
)
SECRET = {
    "postgres://app:hunter22@db:5432/x": "postgres://app:[password-1]@db:5432/x",
    "PASSWORD: hunter22": "PASSWORD: [password-1]",
    "mysql --password hunter22 -h db": "mysql --password [password-1] -h db",
    "Cookie: session=abcdefgh1234": "Cookie: [cookie-1]",
    "GET /x?sig=abcdefgh12345678abcd&a=1": "GET /x?sig=[signature-1]&a=1",
    "AccountKey=abcd1234abcd1234==;": "AccountKey=[secret-1];",
    "AGE-SECRET-KEY-1" + "Q" * 58: "[private-key-1]",
    "bot 12345678:AA" + "x" * 33: "bot [token-1]",
    "Passwort: hunter22!x": "Passwort: [password-1]",
    "the new pw is hunter22!x now": "the new pw is [password-1] now",
    "docker login -u ci -p hunter22 hub": "docker login -u ci -p [password-1] hub",
    "oc adm login -p hunter22": "oc adm login -p [password-1]",
    "curl -u ci:hunter22 https://x": "curl -u ci:[password-1] https://x",
    "GET /?password=hunter22&a=1": "GET /?password=[password-1]&a=1",
    r"{\"dbPassword\":\"hunter 22\"}": r"{\"dbPassword\":\"[password-1]\"}",
    "Cookie: lang=de; SID=abcdefgh1234": "Cookie: [cookie-1]",
    "PHPSESSID=a1b2c3d4e5f6g7h8i9 ended": "PHPSESSID=[cookie-1] ended",
    "name: DB_PASSWORD\n  value: hunter22!x": "name: DB_PASSWORD\n  value: [secret-1]",
}
NO_SECRETS = (
    "password: ${DB_PASSWORD}",
    "password=****** token=null",
    "password authentication failed for the database",
    "https://host:443/x@y",
    "Authorization: $TOKEN",
    "primary key: id",
    "password = var.db_password, secret: (sensitive value)",
    "token: {{ .Values.token }}",
    "sessionid: 0x14ede63a5a70002",
    "cookie: lang=de",
    "cache_key=a1b2c3d4e5f6a7b8c9d0",
    "pass=214 fail=3",
    "PWD=/home/app password: must have 8 letters",
    "the password is expired",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_gets_a_placeholder_and_comes_back_for_people(text):
    redactor = Redactor()

    assert redactor.redact(text) == PERSONAL[text]
    assert redactor.restore(PERSONAL[text]) == text


@pytest.mark.parametrize("text", [*NOBODYS, *NO_SECRETS])
def test_what_is_nobodys_and_no_secret_stays(text):
    assert Redactor().redact(text) == text


@pytest.mark.parametrize("text", SECRET)
def test_a_secret_gets_a_placeholder_and_never_comes_back(text):
    redactor = Redactor()

    assert redactor.redact(text) == SECRET[text]
    assert redactor.restore(SECRET[text]) == SECRET[text]


def test_where_nothing_is_to_come_back_a_secret_is_masked_and_personal_data_stays():
    assert redact("password=hunter22 for a@x.example") == "password=[password masked] for a@x.example"


def test_the_same_value_has_the_same_placeholder_and_every_one_is_counted():
    redactor = Redactor()

    first = redactor.redact("a@x.example wrote to b@x.example")
    second = redactor.redact("b@x.example answered; b@x.example again")

    assert (first, second) == ("[email-1] wrote to [email-2]", "[email-2] answered; [email-2] again")
    assert redactor.hidden == {"email": 4}


def test_what_is_redacted_is_not_redacted_again():
    once = Redactor().redact("password=hunter22 for a@x.example at postgres://u:pw12@h")

    assert Redactor().redact(once) == once
    assert redact(once) == once


def test_only_what_was_hidden_is_restored():
    assert Redactor().restore("see [email-1]") == "see [email-1]"


def test_the_tenth_placeholder_is_not_the_first_and_a_nought():
    redactor = Redactor()
    told = redactor.redact(" ".join(f"p{number}@x.example" for number in range(11)))

    assert redactor.restore(told) == " ".join(f"p{number}@x.example" for number in range(11))


def test_addresses_stay_where_operators_want_them():
    assert Redactor(addresses=False).redact("from 8.8.4.4") == "from 8.8.4.4"


def test_known_secrets_are_hidden_whatever_they_look_like():
    redactor = Redactor(["the-page-token", "short"])

    assert redactor.redact("x the-page-token short") == "x [secret-1] short"


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ("Lena Fischer said that Tom will restart it", "[user-1] said that Tom will restart it"),
        ("ask Lena Fischer-Ruiz, not Lena Fischer's team", "ask [user-1], not [user-2]'s team"),
        ("lena.fischer paged @Lena Fischer", "[user-1] paged @[user-2]"),
        ("from lena.fischer@corp.example", "from [email-1]"),
        ('password="Lena Fischer 7"', 'password="[password-1]"'),
        ("Helena Fischer, Lena Fischers", "Helena Fischer, Lena Fischers"),
        ("Lena Fischer", "[user-1]"),
    ],
)
def test_names_of_people_who_are_known_are_hidden_where_they_stand_alone(said, leaves):
    redactor = Redactor(people=("Lena Fischer", "lena.fischer", "Lena Fischer-Ruiz"))

    told = redactor.redact(said)

    assert told == leaves
    assert redactor.restore(told) == (said if "password" not in said else leaves)


def test_a_key_over_several_lines_is_hidden_whole_and_lines_stay_lines():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"

    assert Redactor().redact(f"one\n{key}\ntwo\n") == "one\n[private-key-1]\ntwo\n"


def test_many_lines_are_each_looked_at():
    lines = [f"line {number}" for number in range(100)]
    lines[70] = "user=aruiz"

    assert Redactor().redact("\n".join(lines)).split("\n")[69:72] == ["line 69", "user=[user-1]", "line 71"]
