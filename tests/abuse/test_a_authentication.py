"""A: who may send. What is refused leaves no row, no message and no word of itself in the log."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import logging
import resource
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.errors import Forbidden, Unauthenticated
from incident_copilot.pipeline.receive import receive
from incident_copilot.ports import Delivery
from incident_copilot.vendors import signatures
from incident_copilot.web.server import listening

from .bench import FORM, alert, click, counted, now, signed

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"


@pytest.fixture
async def untouched(bench):
    """Whatever the test does stores nothing and says nothing in Slack."""
    before = await bench.stored()
    yield bench
    assert await bench.stored() == before
    assert bench.sandbox.ledger == []


async def test_a01_request_of_slack_without_a_signature(untouched, caplog):
    caplog.set_level(logging.DEBUG)

    answer = await untouched.http.post("/slack/events", content="payload=%7B%22canary%22%3A1%7D")

    assert (answer.status_code, answer.text) == (401, "")
    assert "canary" not in caplog.text


@pytest.mark.parametrize("stamp", ["abc", "1.5", "9" * 5_000, "\uff11\uff12".encode(), ""])
async def test_a02_timestamp_that_is_none(untouched, stamp):
    body = '{"type": "event_callback"}'

    assert await untouched.slack(body, **{"x-slack-request-timestamp": stamp}) == 401


async def test_a03_signature_with_a_letter_that_is_not_ascii(untouched):
    assert await untouched.slack("{}", **{"x-slack-signature": ("v0=é" + "0" * 63).encode()}) == 401


async def test_a04_body_that_is_not_utf8(untouched):
    assert await untouched.slack(b"\xff\xfe") == 401
    assert await untouched.slack(b"\xff\xfe", secret="other") == 401


async def test_a05_signature_that_is_too_old(untouched):
    assert await untouched.slack("{}", at=now().timestamp() - 301) == 401


async def test_a06_signature_from_the_future(untouched):
    assert await untouched.slack("{}", at=now().timestamp() + 299) == 401


async def test_a07_same_request_twice_in_the_window(bench):
    incident = await bench.open()
    body, at = click(incident), now().timestamp()
    first = await bench.slack(body, at=at, kind=FORM)
    after_one = await bench.stored()

    # Another replica has another process and the same database.
    again = [await bench.slack(body, at=at, kind=FORM) for _ in range(3)]

    assert [first, *again] == [200] * 4
    assert await bench.stored() == after_one
    assert [kind for kind, _ in await bench.logged(incident)] == ["incident:acknowledged"]


async def test_a07_two_secrets_are_live_while_one_is_changed(bench):
    challenge = json.dumps({"type": "url_verification", "challenge": "c", "token": "t"})

    assert await bench.slack(challenge) == 200
    assert await bench.slack(challenge, secret="retired-secret") == 200
    assert await bench.slack(challenge, secret=f"retired-secret, {bench.sandbox.signing_secret}") == 401


async def test_a08_ssl_check_that_nobody_signed(untouched):
    answer = await untouched.http.post("/slack/events", content="ssl_check=1", headers={"content-type": FORM})

    assert answer.status_code == 401


@pytest.mark.parametrize("team", ["T0OTHER", None])
async def test_a09_request_from_another_workspace(bench, team):
    incident = await bench.open()
    before = await bench.stored()

    status = await bench.slack(click(incident, team={"id": team} if team else None), kind=FORM)

    assert status == 403
    assert await bench.stored() == before


async def test_a09_while_slack_does_not_say_who_we_are_nothing_gets_through(bench):
    incident = await bench.open()
    before = await bench.stored()
    bench.sandbox.expect_refusal("invalid_auth", times=9)
    bench.workspace.identity._client.token = "xoxb-wrong"

    assert await bench.slack(click(incident, team={"id": "T0OTHER"}), kind=FORM) == 503
    assert await bench.stored() == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("payload=%7B%7D&payload=%7B%22type%22%3A%22block_actions%22%7D", FORM),
        ("payload=" + "%5B" * 100_000, FORM),
        ("payload=%7B%22a%22%3A" + "%5B" * 65 + "%5D" * 65 + "%7D", FORM),
        ('{"a":' * 100_000, "application/json"),
        ('{"type": "a", "type": "b"}', "application/json"),
        ('{"type": "event_callback"}', FORM),
        ("&".join(f"f{n}=1" for n in range(500)), FORM),
    ],
)
async def test_a10_payload_twice_or_nested_without_end(untouched, body, kind):
    status = await untouched.slack(body, kind=kind)

    # A form whose text looks like JSON is a form to us: it names no team, so it is from elsewhere.
    assert status == (403 if body.startswith('{"type": "event') else 400)


def pagerduty(secret=b"one", body=b"{}"):
    return "v1=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_a11_list_of_signatures_of_pagerduty():
    bad, good = "v1=" + "0" * 64, pagerduty()
    signatures.require_pagerduty({"x-pagerduty-signature": f"{bad},{good}"}, b"{}", ["one"])
    signatures.require_pagerduty({"x-pagerduty-signature": pagerduty(b"two")}, b"{}", ["one", "two"])

    for header in (good.replace("v1=", "v0="), "", ",", bad, "v1=é", f"{bad}," * 16 + good):
        with pytest.raises(Unauthenticated):
            signatures.require_pagerduty({"x-pagerduty-signature": header}, b"{}", ["one"])
    with pytest.raises(Unauthenticated):
        signatures.require_pagerduty({}, b"{}", [])


async def test_a12_delivery_of_pagerduty_that_comes_again_after_47_hours(bench):
    """The rule for any source that names its deliveries; PagerDuty's own plugin is not there yet."""
    fired = Alert(source="pd", fingerprint="f", name="Up", status=AlertStatus.FIRING, starts_at=NOON)
    delivery = Delivery(delivery_id="X-Webhook-Id-1", alerts=(fired,))
    assert await receive(bench.deps, "pd", delivery, b"{}") == 1
    before = await bench.stored()
    again = delivery.model_copy(update={"alerts": (fired.model_copy(update={"status": AlertStatus.RESOLVED}),)})

    assert await receive(bench.deps, "pd", again, b"{}") == 0
    assert await bench.stored() == before


def test_a13_github_with_nothing_but_sha1():
    right = hmac.new(b"one", b"{}", hashlib.sha256).hexdigest()
    signatures.require_github({"x-hub-signature-256": f"sha256={right}"}, b"{}", ["old", "one"])
    sha1 = hmac.new(b"one", b"{}", hashlib.sha1).hexdigest()

    for headers in ({"x-hub-signature": f"sha1={sha1}"}, {"x-hub-signature-256": f"sha1={sha1}"}, {}):
        with pytest.raises(Unauthenticated):
            signatures.require_github(headers, b"{}", ["one"])


@pytest.mark.parametrize(
    "header",
    ["Bearer s3cret-of-the-webhoo", "Bearer s3cret-of-the-webhook\x00", "bearer s3cret-of-the-webhook", "Bearer", ""],
)
async def test_a14_secret_of_alertmanager_that_is_nearly_right(untouched, header):
    assert (await untouched.webhook(alert(), authorization=header)).status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com\\@evil.example/x.pem",
        "https://xsns.us-east-1.amazonaws.com/x.pem",
        "",
        None,
        7,
    ],
)
def test_a15_signing_certificate_of_somebody_else(url):
    with pytest.raises(Unauthenticated):
        signatures.sns_certificate_url({"SigningCertURL": url})


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com/sns.x/y.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
        "https://user:pass@sns.us-east-1.amazonaws.com/x.pem",
        "http://sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com:8443/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem?redirect=https://evil.example",
        "https://sns.us-east-1.amazonaws.com/x.pem#y",
        "https://sns.us-east-1.amazonaws.com/x.txt",
        "https://sns.us-east-1.amazonaws.com/../x.pem",
        "https://sns.us-east-1.amazonaws.com./x.pem",
        "https://sns..amazonaws.com/x.pem",
        "https://[::1/x.pem",
    ],
)
def test_a16_signing_certificate_in_the_wrong_place(url):
    with pytest.raises(Unauthenticated):
        signatures.sns_certificate_url({"SigningCertURL": url})


def test_a16_signing_certificate_of_amazon_is_taken():
    for host in ("sns.us-east-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"):
        url = f"https://{host}/SimpleNotificationService-1.pem"
        assert signatures.sns_certificate_url({"SigningCertURL": url}) == url


def sns(**fields):
    message = {
        "Type": "SubscriptionConfirmation",
        "Message": "m",
        "MessageId": "1",
        "SubscribeURL": "http://169.254.169.254/latest/meta-data",
        "Timestamp": "2026-11-21T11:30:00.000Z",
        "Token": "t",
        "TopicArn": TOPIC,
    }
    return message | fields


def test_a17_url_of_a_subscription_is_text_and_never_opened(respx_mock):
    signed_text = signatures.sns_signed_text(sns(), NOON)

    assert b"SubscribeURL\nhttp://169.254.169.254/latest/meta-data\n" in signed_text
    assert respx_mock.calls.call_count == 0
    notification = sns(Type="Notification", Subject="s")
    assert (
        signatures.sns_signed_text(notification, NOON)
        == (
            f"Message\nm\nMessageId\n1\nSubject\ns\nTimestamp\n{notification['Timestamp']}\nTopicArn\n{TOPIC}\n"
            "Type\nNotification\n"
        ).encode()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"Type": "Other"},
        {"Token": None},
        {"Timestamp": "yesterday"},
        {"Timestamp": "2026-11-21T11:30:00"},
        {"Timestamp": "2026-11-21T10:30:00Z"},
        {"Timestamp": "2026-11-21T12:30:00Z"},
    ],
)
def test_a17_message_of_sns_that_is_not_whole_or_not_of_now(fields):
    with pytest.raises(Unauthenticated):
        signatures.sns_signed_text(sns(**fields), NOON)


def test_a18_topic_that_is_not_listed():
    signatures.require_sns_topic(sns(), {TOPIC})

    with pytest.raises(Forbidden):
        signatures.require_sns_topic(sns(TopicArn=TOPIC + "2"), {TOPIC})


def standard(secret=b"key", at=NOON, body=b"{}"):
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret, b"msg_1." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,x v1,{base64.b64encode(mac).decode()}",
    }


def test_a12_delivery_after_standard_webhooks_names_itself_and_is_of_now():
    secrets = ["not base64!", "whsec_" + base64.b64encode(b"key").decode()]

    assert signatures.require_standard("x", standard(), b"{}", secrets, NOON) == "msg_1"
    for headers in (
        standard(at=NOON - timedelta(minutes=6)),
        standard(at=NOON + timedelta(minutes=6)),
        standard(secret=b"other"),
        standard() | {"webhook-id": ""},
        standard() | {"webhook-timestamp": "1e9"},
        standard() | {"webhook-id": "msg_2"},
        {},
    ):
        with pytest.raises(Unauthenticated):
            signatures.require_standard("x", headers, b"{}", secrets, NOON)


async def forever():
    """A body of one megabyte a piece, that never ends."""
    while True:
        yield b" " * 1_000_000


async def test_a19_body_without_end_or_packed_small(bench):
    before = await bench.stored()
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = gzip.compress(b" " * 50_000_000)

    async with asyncio.timeout(10):
        refused = [
            await bench.webhook_raw(b"x" * 20_000_000),
            await bench.webhook_raw(forever()),
            await bench.webhook_raw(bomb, **{"content-encoding": "gzip"}),
        ]

    assert refused == [413, 413, 400]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 200_000
    # Its sender is known, so the last one is kept for people, packed as it came.
    assert await bench.stored() == before | {"dead_letters": 1}


async def test_a19_body_that_comes_a_byte_at_a_time(untouched):
    site = untouched.http._transport.app
    async with listening(site, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /slack/quick HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408")


async def hammer(port, path, times):
    """Send so many requests with a bad signature over one connection; return the statuses."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = "".join(f"{name}: {value}\r\n" for name, value in signed("{}", "wrong").items())
    statuses = set()
    for _ in range(times):
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 2\r\n\r\n{{}}".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        statuses.add(int(head.split()[1]))
        await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
        if b"connection: close" in head:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return statuses


async def test_a20_a_thousand_bad_signatures_disturb_nobody(bench):
    site = bench.http._transport.app
    before = await bench.stored()
    async with listening(site, "127.0.0.1", 0) as port:
        bad = [
            asyncio.create_task(hammer(port, path, 50))
            for path in ("/slack/events", "/webhooks/prod")
            for _ in range(10)
        ]
        good = await bench.webhook(alert())
        statuses = set().union(*await asyncio.gather(*bad))

    assert (statuses, good.status_code) == ({401}, 200)
    after = await counted(bench.deps.db)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "deliveries": 1,
        "alerts": 1,
        "jobs": 1,
        "sources_heard": 1,
    }
