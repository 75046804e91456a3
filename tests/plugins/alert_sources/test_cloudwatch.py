"""CloudWatch alarms through SNS: who may send, what each becomes, and that people confirm a subscription."""

import json

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.errors import BadPayload, ConfigError, Forbidden, Unauthenticated
from incident_copilot.plugins.alert_sources import cloudwatch
from incident_copilot.ports import QUERY_TOKEN

from .sending import NOW, alert, at, parse, source, told

TOPIC = "arn:aws:sns:eu-central-1:210987654321:oncall"
TOKEN = {QUERY_TOKEN: "s3cret"}
CONSOLE = "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm"


def alarm(**fields):
    """Return what a message about one alarm becomes."""
    return alert(cloudwatch, {"Message": json.dumps({"AlarmName": "Up"} | fields)})


def test_alarm_is_told_in_the_words_all_sources_share(fixture):
    sent = parse(cloudwatch, fixture("cloudwatch"))
    (found,) = sent.alerts

    assert sent.delivery_id == "6f1c2a70-9d3b-5e44-8a11-2b7c9d0e1f35"
    assert told(found, "source", "name", "status", "severity", "service", "starts_at", "ends_at", "expression") == (
        "it",
        "OrdersQueueOld",
        AlertStatus.FIRING,
        None,
        "orders",
        at(11, 21, 9, 0, 7).replace(microsecond=250000),
        None,
        None,
    )
    assert found.labels == {
        "QueueName": "orders",
        "metric_namespace": "AWS/SQS",
        "metric": "ApproximateAgeOfOldestMessage",
        "account": "210987654321",
        "region": "EU (Frankfurt)",
    }
    assert found.annotations == {
        "condition": "ApproximateAgeOfOldestMessage MAXIMUM GreaterThanThreshold 600.0",
        "state": "ALARM",
    }
    assert (found.summary[:18], found.description) == ("Threshold Crossed:", "Orders wait for too long.")
    assert found.links == {"alarm": f"{CONSOLE}/OrdersQueueOld"}


def test_alarm_ends_as_the_problem_that_began(fixture):
    body = fixture("cloudwatch")
    ended = body | {"Message": body["Message"].replace('"NewStateValue":"ALARM"', '"NewStateValue":"OK"')}

    found = alert(cloudwatch, ended)

    assert told(found, "status", "ends_at") == (AlertStatus.RESOLVED, found.starts_at)
    assert found.fingerprint == alert(cloudwatch, body).fingerprint


def test_missing_data_is_told_to_those_who_ask_for_it():
    found = alarm(NewStateValue="INSUFFICIENT_DATA")

    assert (found.status, found.annotations["state"]) == (AlertStatus.FIRING, "INSUFFICIENT_DATA")


def test_message_that_is_an_object_and_names_no_state_fires():
    found = alert(
        cloudwatch, {"Message": {"AlarmName": "Up", "MetricName": "Errors", "Threshold": 5, "Priority": "P1"}}
    )

    assert told(found, "name", "status", "severity", "links", "starts_at") == ("Up", AlertStatus.FIRING, "P1", {}, NOW)
    assert found.annotations["condition"] == "Errors 5"


def test_composite_alarm_tells_its_rule():
    found = alarm(NewStateValue="ALARM", AlarmRule='ALARM("a") AND ALARM("b")')

    assert (found.annotations["condition"], found.service) == ('ALARM("a") AND ALARM("b")', None)


def test_metrics_of_an_expression_give_their_dimensions():
    metric = {"Namespace": "AWS/Lambda", "Dimensions": [{"name": "FunctionName", "value": "resize"}, {"value": "x"}]}

    found = alarm(
        Trigger={"Metrics": [{"Id": "e", "Expression": "a/b"}, {"Id": "a", "MetricStat": {"Metric": metric}}]}
    )

    assert (found.labels, found.service) == ({"FunctionName": "resize"}, "resize")


@pytest.mark.parametrize(
    ("dimension", "value", "service"),
    [
        ("LoadBalancer", "app/shop/50dc6c495c0c9188", "shop"),
        ("TargetGroup", "targetgroup/checkout/943f017f100becff", "checkout"),
        ("StateMachineArn", "arn:aws:states:eu-west-1:1:stateMachine:billing", "billing"),
        ("InstanceId", "i-0abc", None),
    ],
)
def test_service_is_what_the_dimension_names(dimension, value, service):
    assert alarm(Trigger={"Dimensions": [{"name": dimension, "value": value}]}).service == service


def test_namespace_of_amazon_is_not_a_service():
    assert alarm(Namespace="AWS/EC2").service is None


def test_region_of_china_has_a_console_of_its_own():
    found = alarm(AlarmArn="arn:aws-cn:cloudwatch:cn-north-1:1:alarm:Up")

    assert found.links == {
        "alarm": "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/Up"
    }


EVENT = {
    "id": "c4c1c1c9",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": "210987654321",
    "time": "2026-11-21T09:01:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:cloudwatch:eu-central-1:210987654321:alarm:Slow"],
    "detail": {
        "alarmName": "Slow",
        "state": {"value": "ALARM", "reason": "Threshold Crossed", "timestamp": "2026-11-21T09:00:00.000+0000"},
        "configuration": {
            "description": "It is slow.",
            "metrics": [
                {"id": "e", "expression": "m"},
                {
                    "id": "m",
                    "metricStat": {
                        "metric": {"namespace": "AWS/ECS", "name": "Latency", "dimensions": {"ServiceName": "shop"}}
                    },
                },
            ],
        },
    },
}


def test_event_of_eventbridge_is_an_alarm_with_or_without_an_envelope():
    bare, wrapped = parse(cloudwatch, EVENT), parse(cloudwatch, {"MessageId": "m1", "Message": json.dumps(EVENT)})

    (found,) = bare.alerts
    assert bare.alerts == wrapped.alerts
    assert (bare.delivery_id, wrapped.delivery_id) == ("c4c1c1c9", "m1")
    assert told(found, "name", "status", "service", "summary", "description", "starts_at") == (
        "Slow",
        AlertStatus.FIRING,
        "shop",
        "Threshold Crossed",
        "It is slow.",
        at(11, 21, 9, 0, 0),
    )
    assert found.links == {"alarm": f"{CONSOLE}/Slow"}


def test_event_that_says_little_is_still_an_alarm():
    found = alert(cloudwatch, {"time": "2026-11-21T09:01:00Z", "detail": {"alarmName": "A", "state": {"value": "OK"}}})

    assert told(found, "name", "status", "ends_at", "links") == ("A", AlertStatus.RESOLVED, at(11, 21, 9, 1, 0), {})


def test_people_confirm_a_subscription_by_the_link_of_the_dead_letter():
    link = f"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"

    asked = parse(cloudwatch, {"Type": "SubscriptionConfirmation", "TopicArn": TOPIC, "SubscribeURL": link})

    assert (asked.unknown, asked.alerts) == (f"confirm the subscription: {link}", ())


@pytest.mark.parametrize(
    "link",
    [
        "https://sns.eu-central-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-central-1.amazonaws.com/?Action=Other&Token=1",
        "",
    ],
)
def test_link_that_is_not_amazons_is_not_shown(link):
    asked = parse(cloudwatch, {"Type": "SubscriptionConfirmation", "SubscribeURL": link})

    assert asked.unknown == "confirm the subscription: its SubscribeURL is not Amazon's; do not open it"


def test_end_of_a_subscription_is_kept_for_people():
    asked = parse(cloudwatch, {"Type": "UnsubscribeConfirmation", "TopicArn": TOPIC})

    assert asked.unknown == f"the subscription has ended: {TOPIC}"


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"Message": "It rains.", "Subject": "Weather"}, "Weather"),
        (
            {"Message": '{"Event Source": "db-instance"}', "Subject": "RDS Notification Message"},
            "RDS Notification Message",
        ),
        (
            {"detail-type": "EC2 Instance State-change Notification", "detail": {}},
            "EC2 Instance State-change Notification",
        ),
        ({"Message": "7"}, "a message that is not an alarm's"),
        ({}, "a message that is not an alarm's"),
    ],
)
def test_message_of_something_else_is_named(body, event):
    assert parse(cloudwatch, body).unknown == event


def test_raw_message_has_its_id_in_a_header():
    sent = parse(cloudwatch, {"AlarmName": "Up", "NewStateValue": "ALARM"}, {"x-amz-sns-message-id": "m2"})

    assert (sent.delivery_id, sent.alerts[0].name) == ("m2", "Up")


def test_state_that_is_none_of_theirs_is_refused_by_field():
    with pytest.raises(
        BadPayload, match=r"^it: Message\.NewStateValue is BAD, not one of alarm, ok, insufficient_data$"
    ):
        alarm(NewStateValue="BAD")


def test_raw_messages_need_a_secret():
    with pytest.raises(ConfigError, match="secret_env"):
        source(cloudwatch, secret=None, topics=[TOPIC], raw=True)


async def test_raw_message_names_its_topic_in_a_header_and_needs_option_and_token():
    headers = TOKEN | {"x-amz-sns-topic-arn": TOPIC}

    await source(cloudwatch, topics=[TOPIC], raw=True).authenticate(headers, b"{}")
    with pytest.raises(Forbidden):
        await source(cloudwatch, topics=[TOPIC]).authenticate(headers, b"{}")
    with pytest.raises(Unauthenticated, match=r"^it: missing or wrong secret"):
        await source(cloudwatch, topics=[TOPIC], raw=True).authenticate(headers | {QUERY_TOKEN: "x"}, b"{}")


async def test_topic_that_is_not_listed_is_refused_before_anything_is_fetched():
    with pytest.raises(Forbidden):
        await source(cloudwatch, topics=[TOPIC]).authenticate({}, b'{"TopicArn": "arn:aws:sns:eu-west-1:1:other"}')


async def test_message_that_nobody_signed_is_refused(fixture):
    unsigned = {name: text for name, text in fixture("cloudwatch").items() if name != "SigningCertURL"}

    with pytest.raises(Unauthenticated, match=r"^SNS: the signing certificate is not one of Amazon's$"):
        await source(cloudwatch, secret=None, topics=[TOPIC]).authenticate({}, json.dumps(unsigned).encode())
