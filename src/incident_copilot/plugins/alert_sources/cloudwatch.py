"""Takes AWS CloudWatch alarms through Amazon SNS: metric alarms, composite alarms, and alarm events of EventBridge.

Set-up: 1. In SNS, create a topic and let the alarms send ALARM and OK to it (and INSUFFICIENT_DATA, if you want to hear
of that). 2. List the topic's ARN under `topics` in this source's options. 3. Create a subscription with protocol HTTPS
and endpoint `https://copilot.example.net/webhooks/cloudwatch`; leave raw message delivery off. (Raw messages are not
signed: if you need them, set the option `raw`, and add `?token=SECRET` to the endpoint.) 4. SNS asks for a
confirmation, which the copilot never gives by itself: `incident-copilot dead list` shows it with its link; check that
the subscription is yours and open the link.

API: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.errors import BadPayload
from incident_copilot.ports import AlertSource, Delivery, PluginEnv
from incident_copilot.vendors import alert_fields, bodies, signatures
from incident_copilot.vendors.fields import Fields
from incident_copilot.vendors.secrets import Secrets
from incident_copilot.vendors.sns import SnsSignatures

# Whoever asks to be told of missing data wants to know of it, and the next state ends it.
_STATES = {
    "alarm": AlertStatus.FIRING,
    "ok": AlertStatus.RESOLVED,
    "insufficient_data": AlertStatus.FIRING,
}
_RAW_TOPIC, _RAW_ID = "x-amz-sns-topic-arn", "x-amz-sns-message-id"
_AMAZON = re.compile(r"https://sns\.[a-z0-9-]{3,40}\.amazonaws\.com(\.cn)?/\?Action=ConfirmSubscription&[!-~]+")
# The dimensions that say what an alarm is about, the more telling first.
_SERVICES = (
    "ServiceName", "Service", "FunctionName", "QueueName", "TableName", "LoadBalancer", "LoadBalancerName",
    "TargetGroup", "DBClusterIdentifier", "DBInstanceIdentifier", "CacheClusterId", "ApiName", "ApiId", "StreamName",
    "TopicName", "DomainName", "StateMachineArn", "AutoScalingGroupName", "ClusterName", "BucketName",
)  # fmt: skip


class Options(Frozen):
    """Which topics may send, by ARN; `raw` also takes messages without envelope and signature, with a token."""

    topics: tuple[str, ...] = ()
    raw: bool = False


def create(env: PluginEnv, options: Options) -> AlertSource:
    """Return the source. Raises ConfigError for raw messages without a secret."""
    return CloudWatch(env, options)


class CloudWatch:
    """The listed SNS topics, which sign what they send."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self._now, self._options = env.now, options
        self._source = env.instance or "cloudwatch"
        self._signatures = SnsSignatures(env.http, env.now)
        self._secrets = Secrets(env, "cloudwatch") if options.raw else None

    async def authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the listed topics, then the signature; of raw messages the token of the address."""
        sent = bodies.load(self._source, body)
        if self._secrets and "TopicArn" not in sent:
            self._secrets.require_authorization(headers, or_token=True)
            signatures.require_sns_topic({"TopicArn": headers.get(_RAW_TOPIC)}, self._options.topics)
            return
        signatures.require_sns_topic(sent, self._options.topics)
        await self._signatures.require(sent)

    def parse(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Return the alarm that a message is about, under the message's id."""
        sent = Fields.of(self._source, body)
        kind = sent.text("Type")
        if kind == "SubscriptionConfirmation":
            return Delivery(unknown=f"confirm the subscription: {_confirmation(sent)}")
        if kind == "UnsubscribeConfirmation":
            return Delivery(unknown=f"the subscription has ended: {sent.text('TopicArn')}")
        said = _message(sent)
        if said is None or ("AlarmName" not in said and "detail.alarmName" not in said):
            return Delivery(unknown=sent.first("Subject", "detail-type") or "a message that is not an alarm's")
        told = self._event(said) if "detail.alarmName" in said else self._alarm(said, sent.text("TopicArn"))
        return Delivery(alerts=(told,), delivery_id=sent.first("MessageId", "id") or headers.get(_RAW_ID) or None)

    def _alarm(self, said: Fields, topic: str) -> Alert:
        status = said.choice("NewStateValue", _STATES) if "NewStateValue" in said else AlertStatus.FIRING
        name, trigger = said.required("AlarmName"), said.at("Trigger")
        labels = _dimensions(trigger) | _named(
            metric_namespace=trigger.text("Namespace") or said.text("Namespace"),
            metric=trigger.text("MetricName") or said.text("MetricName"),
            account=said.text("AWSAccountId"),
            region=said.text("Region"),
        )
        where = said.text("AlarmArn") or topic
        changed = said.time("StateChangeTime")
        return alert_fields.alert(
            self._source,
            self._now(),
            key=said.text("AlarmArn") or f"{said.text('AWSAccountId')}:{said.text('Region')}:{name}",
            name=name,
            status=status,
            severity=said.first("Severity", "Priority"),
            service=_service(labels),
            summary=said.text("NewStateReason"),
            description=said.text("AlarmDescription"),
            labels=labels,
            annotations=_named(condition=_condition(trigger, said), state=said.text("NewStateValue")),
            links=_links(name, where),
            starts_at=changed if status is AlertStatus.FIRING else None,
            ends_at=changed,
        )

    def _event(self, said: Fields) -> Alert:
        detail, status = said.at("detail"), said.choice("detail.state.value", _STATES)
        name, arn = detail.required("alarmName"), next(iter(said.listed("resources")), "")
        metrics = [one.at("metricStat.metric") for one in detail.each("configuration.metrics")]
        dimensions = {name: text for metric in metrics for name, text in metric.texts("dimensions").items()}
        labels = dimensions | _named(
            metric_namespace=next((found for one in metrics if (found := one.text("namespace"))), ""),
            metric=next((found for one in metrics if (found := one.text("name"))), ""),
            account=said.text("account"),
            region=said.text("region"),
        )
        changed = detail.time("state.timestamp") or said.time("time")
        return alert_fields.alert(
            self._source,
            self._now(),
            key=arn or f"{said.text('account')}:{said.text('region')}:{name}",
            name=name,
            status=status,
            service=_service(labels),
            summary=detail.text("state.reason"),
            description=detail.text("configuration.description"),
            labels=labels,
            annotations=_named(condition=detail.text("configuration.alarmRule"), state=detail.text("state.value")),
            links=_links(name, arn),
            starts_at=changed if status is AlertStatus.FIRING else None,
            ends_at=changed,
        )


def _message(sent: Fields) -> Fields | None:
    """Return what the envelope holds, or the body itself where there is no envelope; None for a plain text."""
    if "Message" not in sent:
        return sent
    if isinstance(sent.raw("Message"), Mapping):
        return sent.at("Message")
    try:
        return sent.parsed("Message")
    except BadPayload:
        return None


def _confirmation(sent: Fields) -> str:
    """Return the link that confirms, for people to open; only where it is Amazon's."""
    link = sent.text("SubscribeURL")
    return link if _AMAZON.fullmatch(link) else "its SubscribeURL is not Amazon's; do not open it"


def _dimensions(trigger: Fields) -> dict[str, str]:
    """Return the dimensions of the metric, or of all metrics of an expression."""
    metrics = [one.at("MetricStat.Metric") for one in trigger.each("Metrics")]
    listed = [one for holder in (*metrics, trigger) for one in holder.each("Dimensions")]
    pairs = [(one.first("name", "Name"), one.first("value", "Value")) for one in listed]
    return {name: value for name, value in pairs if name}


def _named(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _service(labels: Mapping[str, str]) -> str | None:
    """Return what the alarm is about, None where no dimension says it."""
    found = alert_fields.first(labels, *_SERVICES) or ""
    # A load balancer is app/NAME/ID, a target group targetgroup/NAME/ID; an ARN of a state machine ends with its name.
    parts = found.split("/")
    return parts[-2] if len(parts) > 1 else found.rpartition(":")[2] or None


def _condition(trigger: Fields, said: Fields) -> str:
    if rule := said.text("AlarmRule"):
        return rule
    holder = trigger if "MetricName" in trigger else said
    words = (holder.text(name) for name in ("MetricName", "Statistic", "ComparisonOperator", "Threshold"))
    return " ".join(word for word in words if word)


def _links(name: str, arn: str) -> dict[str, str]:
    """Return the alarm's page in the console of the region that an ARN names."""
    partition, region = (*arn.split(":")[1:4:2], "", "")[:2]
    host = "console.amazonaws.cn" if partition == "aws-cn" else "console.aws.amazon.com"
    page = f"https://{region}.{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{quote(name, safe='')}"
    return {"alarm": page} if region else {}
