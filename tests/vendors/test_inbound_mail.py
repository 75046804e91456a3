"""E-mails of all makes are read as well as they can be, and none of them hurts."""

import pytest

from incident_copilot.vendors import inbound_mail
from incident_copilot.vendors.inbound_mail import InboundMail

ALTERNATIVES = """From: =?utf-8?q?W=C3=A4chter?= <Watch@Example.net>
Subject: =?utf-8?b?UHJvYmxlbTog?=
 =?utf-8?q?L=C3=BCfter?=
Message-ID: <1@example.net>
Message-ID: <2@example.net>
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/html

<b>no</b>
--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

L=FCfter steht
--inner--
--outer
Content-Type: text/plain
Content-Disposition: attachment

attached
--outer--
"""


def test_message_is_read_through_its_encodings():
    assert inbound_mail.of_message(ALTERNATIVES.encode()) == InboundMail(
        sender="watch@example.net", subject="Problem: L\u00fcfter", text="L\u00fcfter steht", message_id="1@example.net"
    )


@pytest.mark.parametrize(
    ("charset", "content"), [("utf-8", b"L\xc3\xbcfter"), ("x-unknown", b"L\xc3\xbcfter"), ("latin-1", b"L\xfcfter")]
)
def test_unknown_charset_is_read_as_utf_8(charset, content):
    raw = f"Subject: x\nContent-Type: text/plain; charset={charset}\n\n".encode() + content

    assert inbound_mail.of_message(raw).text == "L\u00fcfter"


def test_message_of_very_many_parts_is_its_headers():
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(50))

    assert inbound_mail.of_message(f"Subject: deep\n{parts}\nend".encode()).subject == "deep"


@pytest.mark.parametrize("header", ["=?x-unknown?q?a?=", "=?utf-8?b?a?="])
def test_broken_header_is_shown_as_it_is(header):
    assert inbound_mail.decoded(header) == header


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Watch <Watch@Example.net>", "watch@example.net"),
        ("watch@example.net", "watch@example.net"),
        ('"a@b.example" <watch@example.net>', "watch@example.net"),
        ("Watch", ""),
        ("", ""),
    ],
)
def test_address_is_bare(written, address):
    assert inbound_mail.address(written) == address


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b <b>c</b>!</p>", "a\nb c!"),
        ("<table><tr><td>Service</td>\n<td>shop</td></tr><tr><th>Env:</th><td>prod</td></tr></table>",
         "Service: shop\nEnv: prod"),
        ("<style>p {}</style><p>a &amp; b &lt;c&gt;</p><script>if (a < b) {}</script>", "a & b <c>"),
        ("a<!-- <p>hidden</p> -->b<!-- open", "ab"),
        ("<head><title>x</title></head><body>y<br>z", "y\nz"),
        ("a<!doctype html><a href='https://evil.example'>b</a>", "ab"),
        ("", ""),
    ],
)  # fmt: skip
def test_html_becomes_what_people_read(html, text):
    assert inbound_mail.text_of_html(html) == text


def test_form_keeps_the_first_of_each_name_and_no_files():
    body = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\nContent-Type: text/plain; charset=latin-1\r\n'
        b"\r\nL\xfc\r\n"
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nsecond\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ncontent\r\n'
        b"--b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n"
        b"--b--\r\n"
    )

    assert inbound_mail.form(body) == {"text": "L\u00fc"}
    assert inbound_mail.form(b"a=1&a=2&b=%00x") == {"a": "1", "b": "x"}


HURTING = {
    "tags": b"Subject: x\nContent-Type: text/html\n\n" + b"<a " * 60_000,
    "comments": b"Subject: x\nContent-Type: text/html\n\n" + b"<!--" * 60_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 60_000,
    "comments in the sender": b"Subject: x\nFrom: " + b"(" * 900_000,
    "parameters": b"Subject: x\nContent-Type: text/plain" + b";a=b" * 30_000,
}


@pytest.mark.parametrize("raw", HURTING.values(), ids=HURTING)
def test_message_made_to_hurt_is_read(raw):
    assert inbound_mail.of_message(raw).sender == ""
