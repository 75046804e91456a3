"""Alerts by e-mail: what each way of handing one over becomes, who may hand it over, and what is no alert."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, ConfigError, Unauthenticated
from incident_copilot.plugins.alert_sources.email import Options, create
from incident_copilot.ports import QUERY_TOKEN, PluginEnv
from incident_copilot.vendors.alert_fields import NOTE

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
SENT = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
DATE = "Sat, 21 Nov 2026 09:00:05 +0000"
FIRES, ENDS = "[FIRING:1] QueueBacklog mailer (prod critical)", "[RESOLVED] QueueBacklog mailer"


def source(secret="s3cret", senders=()):
    return create(PluginEnv(http=None, now=lambda: NOW, secret=secret, instance="email"), Options(senders=senders))


def parse(body, **options):
    return source(**options).parse({}, body if isinstance(body, bytes) else json.dumps(body).encode())


def raw(subject=FIRES, text="Service: mailer", **headers):
    """An e-mail as a mail server hands it over."""
    known = {"From": "Watch <watch@monitoring.example.net>", "Subject": subject, "Date": DATE, "Message-ID": "<1@m>"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (known | headers).items()]
    return "\r\n".join([*lines, "", text]).encode()


def mailgun(**fields):
    usual = {
        "recipient": "alerts@mg.example.net",
        "sender": "bounce+1@monitoring.example.net",
        "from": "Watch <watch@monitoring.example.net>",
        "subject": FIRES,
        "body-plain": "Service: mailer",
        "Message-Id": "<1@m>",
        "Date": DATE,
        "timestamp": str(int(NOW.timestamp())),
        "token": "f" * 50,
    }
    return usual | fields


def sendgrid(**fields):
    """A multipart form."""
    usual = {
        "headers": f"Received: by mx1.example.net\nMessage-ID: <1@m>\nDate: {DATE}\n",
        "from": "Watch <watch@monitoring.example.net>",
        "to": "alerts@parse.example.net",
        "subject": FIRES,
        "text": "Service: mailer",
        "html": "<p>Service: other</p>",
        "envelope": '{"to":["alerts@parse.example.net"],"from":"bounce@monitoring.example.net"}',
        "SPF": "pass",
    }
    return multipart({**usual, **fields})


def multipart(fields, extra=""):
    parts = [
        f'--xYz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    return ("".join([*parts, extra]) + "--xYz--\r\n").encode()


# --- what an e-mail becomes


def test_alert_is_told_in_the_words_all_sources_share(fixture):
    delivery = parse(fixture("email"))

    (alert,) = delivery.alerts
    assert delivery.delivery_id == "backlog.1@monitoring.example.net"
    assert alert.model_dump(exclude={"fingerprint", "description", "annotations"}) == {
        "source": "email",
        "name": "QueueBacklog",
        "status": AlertStatus.FIRING,
        "severity": "critical",
        "service": "mailer",
        "environment": "prod",
        "summary": FIRES,
        "labels": {"alertname": "QueueBacklog", "team": "post", "from": "watch@monitoring.example.net"},
        "links": {},
        "starts_at": SENT,
        "ends_at": None,
        "expression": None,
    }
    assert alert.description.startswith("1 alert for alertname=QueueBacklog")


def test_end_belongs_to_the_same_problem(fixture):
    (fires,) = parse(fixture("email")).alerts
    (ends,) = parse(fixture("email") | {"Subject": ENDS, "Date": "Sat, 21 Nov 2026 09:05:05 +0000"}).alerts

    assert (ends.status, ends.ends_at) == (AlertStatus.RESOLVED, SENT.replace(minute=5))
    assert ends.fingerprint == fires.fingerprint


def test_two_senders_have_two_problems():
    (one,) = parse(raw()).alerts
    (other,) = parse(raw(From="other@monitoring.example.net")).alerts

    assert one.fingerprint != other.fingerprint


HANDED_OVER = {
    "Postmark": lambda: json.dumps(
        {"From": "watch@monitoring.example.net", "Subject": FIRES, "TextBody": "Service: mailer", "Date": DATE,
         "MessageID": "1@m"}
    ).encode(),
    "Mailgun": lambda: urlencode(mailgun()).encode(),
    "Mailgun with attachments": lambda: multipart(mailgun()),
    "Mailgun, whole": lambda: urlencode({"body-mime": raw().decode()}).encode(),
    "SendGrid": sendgrid,
    "SendGrid, whole": lambda: multipart({"email": raw().decode()}),
    "a mail server": raw,
    "a mailbox": lambda: b"From watch@monitoring.example.net Sat Nov 21 09:00:05 2026\n" + raw(),
}  # fmt: skip


@pytest.mark.parametrize("body", HANDED_OVER.values(), ids=HANDED_OVER)
def test_every_way_of_handing_it_over_says_the_same(body):
    delivery = parse(body())

    (alert,) = delivery.alerts
    (by_server,) = parse(raw()).alerts
    assert delivery.delivery_id == "1@m"
    assert alert == by_server


def test_html_is_read_where_there_is_no_text():
    html = (
        "<table><tr><td>Service</td><td>mailer</td></tr></table><script>x</script><a href='https://x.example'>Look</a>"
    )

    (alert,) = parse(raw("Problem: Slow pages", html, Content_Type="text/html")).alerts

    assert (alert.service, alert.description, alert.links) == ("mailer", "Service: mailer\nLook", {})


def test_without_date_and_id_arrival_and_state_have_to_do():
    delivery = parse({"From": "watch@monitoring.example.net", "Subject": FIRES})

    (alert,) = delivery.alerts
    assert (delivery.delivery_id, alert.starts_at) == (None, NOW)
    assert "time of arrival" in alert.annotations[NOTE]


def test_without_sender_it_is_still_an_alert():
    (alert,) = parse(urlencode({"subject": FIRES}).encode()).alerts

    assert alert.labels == {}


def test_text_is_cut():
    (alert,) = parse(raw(text="x" * 30_000)).alerts

    assert len(alert.description) == 4096


# --- what is no alert


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        (raw(f"Re: {FIRES}"), "a reply"),
        (raw(Auto_Submitted="auto-replied (vacation)"), "a reply"),
        (raw("[acme/shop] Run failed: CI - main (abc1234)"), "an e-mail that is no alert"),
        (raw("Acknowledged #12: Slow pages"), "an e-mail that is no alert"),
    ],
)
def test_known_to_be_no_alert_is_left_alone(body, ignored):
    delivery = parse(body)

    assert (delivery.alerts, delivery.ignored, delivery.unknown) == ((), ignored, None)


def test_other_e_mail_is_kept_for_people_to_look_at():
    assert parse(raw("Lunch?")).unknown == "an e-mail whose subject is no alert: Lunch?"


@pytest.mark.parametrize("senders", [["watch@monitoring.example.net"], ["@Monitoring.example.net"]])
def test_listed_senders_are_heard(senders):
    assert len(parse(raw(), senders=senders).alerts) == 1


@pytest.mark.parametrize(
    "sender", ["eve@example.net", "x-watch@monitoring.example.net", "watch@evil-monitoring.example.net", "nobody", ""]
)
def test_others_are_not_heard(sender):
    delivery = parse(raw(From=sender), senders=["watch@monitoring.example.net", "@alerts.example.net"])

    assert (delivery.alerts, delivery.ignored) == ((), "an e-mail of a sender who is not listed")


@pytest.mark.parametrize("sender", ["monitoring", "example.net", "a@b", "a b@example.net"])
def test_what_is_neither_address_nor_domain_is_refused_as_a_sender(sender):
    with pytest.raises(ValidationError):
        Options(senders=[sender])


@pytest.mark.parametrize("body", [b"{}", b"hello", b"", b"\xff\xfe", b"--", b"X: y\n\nz", b"--b\r\n\r\n--b--"])
def test_body_that_is_no_e_mail_is_refused(body):
    with pytest.raises(BadPayload, match=r"^email: the body is no e-mail"):
        parse(body)


def test_strange_field_is_named():
    with pytest.raises(BadPayload, match=r"^email: Headers is not a list"):
        parse({"From": "a@b.example", "Headers": {}})


# --- who may hand it over


def signed(key="s3cret", **fields):
    form = mailgun(**fields)
    text = (form["timestamp"] + form["token"]).encode()
    return form | {"signature": hmac.new(key.encode(), text, hashlib.sha256).hexdigest()}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer s3cret"},
        {"authorization": f"Basic {base64.b64encode(b'copilot:s3cret').decode()}"},
        {QUERY_TOKEN: "s3cret"},
    ],
)
def test_secret_opens(headers):
    source().authenticate(headers, raw())


@pytest.mark.parametrize("body", [urlencode(signed()).encode(), multipart(signed())])
def test_signature_of_mailgun_opens(body):
    source("other,s3cret").authenticate({}, body)


@pytest.mark.parametrize(
    "body",
    [
        urlencode(signed("wrong")).encode(),
        multipart(signed("wrong")),
        urlencode(signed() | {"token": "other"}).encode(),
        urlencode(signed(timestamp=str(int(NOW.timestamp()) - 10 * 3600))).encode(),
        urlencode(signed(timestamp=str(int(NOW.timestamp()) + 3600))).encode(),
        urlencode(signed(timestamp="soon")).encode(),
        urlencode({"signature": ""}).encode(),
        urlencode(mailgun()).encode(),
        json.dumps(signed()).encode(),
        raw(),
        b"",
    ],
)
def test_anything_else_is_refused(body):
    with pytest.raises(Unauthenticated, match=r"^email: "):
        source().authenticate({"authorization": "Bearer wrong"}, body)


def test_source_without_a_secret_is_not_set_up():
    with pytest.raises(ConfigError, match="secret_env"):
        source(None)
