"""What all alert sources share: from a vendor's words to an Alert or Change that is whole, capped and safe to show."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.vendors import times
from incident_copilot.vendors.bodies import cut

NOTE = "copilot_note"
"""The annotation that says what the copilot left out or made up."""
MOST_LABELS = 64
NAME, LABEL, ANNOTATION, LINK = 200, 1024, 4096, 2048
UNNAMED = "alert without a name"

_SERVICE_LABELS = (
    "service", "service_name", "app", "application", "app_kubernetes_io_name", "deployment", "statefulset", "daemonset",
)  # fmt: skip
# They watch other things; an alert with such a job is about its namespace.
_EXPORTERS = frozenset(
    {"kube-state-metrics", "node-exporter", "node_exporter", "blackbox", "pushgateway", "prometheus"}
)
_ENVIRONMENT_LABELS = ("environment", "env", "stage", "deployment_environment")
_SEVERITY_LABELS = ("severity", "priority", "level")


def alert(
    source: str,
    now: datetime,
    *,
    name: str,
    status: AlertStatus,
    key: str | None = None,
    severity: str | None = None,
    service: str | None = None,
    environment: str | None = None,
    summary: str = "",
    description: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    expression: str | None = None,
    notes: Iterable[str] = (),
) -> Alert:
    """Return an alert that fits the database, whatever its texts are.

    `key` is the vendor's own id of the problem, the same when it fires and ends; without one, name and labels make the
    fingerprint. Severity, service and environment come from the usual labels where they are not given. A start that is
    missing or impossible is the end of what is resolved, else the time of arrival, with a note.
    """
    labels, annotations = dict(labels or {}), dict(annotations or {})
    noted = [*notes, *left_out(labels, annotations)]
    began = times.usable(starts_at, now)
    if began is None and status is AlertStatus.RESOLVED:
        began = times.usable(ends_at, now)
    if began is None:
        noted.append("the start is missing or no usable time, the time of arrival is taken")
    # By the texts as they came: what is cut off may be what tells two problems apart.
    fingerprint = fingerprint_of(source, key, {}) if key else fingerprint_of(source, name, labels)
    return Alert(
        source=source,
        fingerprint=fingerprint,
        name=cut(name.strip(), NAME) or UNNAMED,
        status=status,
        severity=_given(severity) or severity_in(labels),
        service=_given(service) or service_in(labels),
        environment=_given(environment) or environment_in(labels),
        summary=cut(summary, LABEL),
        description=cut(description, ANNOTATION),
        labels=capped(labels, LABEL),
        annotations=noting(capped(annotations, ANNOTATION), noted),
        links=safe_links(links or {}),
        starts_at=began or now,
        ends_at=end(ends_at, began or now, now) if status is AlertStatus.RESOLVED else None,
        expression=expression if expression and len(expression) <= ANNOTATION else None,
    )


def change(
    source: str,
    now: datetime,
    *,
    key: str,
    kind: ChangeKind,
    title: str,
    status: ChangeStatus = ChangeStatus.SUCCEEDED,
    service: str | None = None,
    environment: str | None = None,
    version: str | None = None,
    by: str | None = None,
    link: str | None = None,
    at: datetime | None = None,
) -> Change:
    """Return a change that fits the database; `key` is the vendor's id of it, the same when it begins and ends."""
    return Change(
        source=source,
        key=fingerprint_of(source, key, {}),
        kind=kind,
        status=status,
        title=cut(title.strip(), NAME) or "change without a title",
        service=cut(service, NAME) if service else None,
        environment=cut(environment, NAME) if environment else None,
        version=cut(version, NAME) if version else None,
        by=cut(by, NAME) if by else None,
        link=link if link and is_web(link) else None,
        at=times.usable(at, now) or now,
    )


def first(texts: Mapping[str, str], *names: str) -> str | None:
    """Return the first that is there and not blank, in a length that fits."""
    for name in names:
        if name in texts and (found := texts[name].strip()):
            return cut(found, LABEL)
    return None


def service_in(labels: Mapping[str, str]) -> str | None:
    """Return the service that labels name, else the job or namespace, else None."""
    named = first(labels, *_SERVICE_LABELS)
    if named:
        return named
    job = first(labels, "job")
    # Kubernetes' jobs are "namespace/name".
    job = None if job in _EXPORTERS else job
    return (job.rpartition("/")[2] if job else None) or first(labels, "namespace")


def environment_in(labels: Mapping[str, str]) -> str | None:
    """Return the environment that labels name, or None."""
    return first(labels, *_ENVIRONMENT_LABELS)


def severity_in(labels: Mapping[str, str]) -> str | None:
    """Return the source's own word for the severity that labels name, or None."""
    return first(labels, *_SEVERITY_LABELS)


def tagged(tags: Iterable[str]) -> dict[str, str]:
    """Return tags such as "env:prod" or "env=prod" as labels; one without a value is its own name with "true"."""
    labels: dict[str, str] = {}
    for tag in tags:
        cut_at = min((at for at in (tag.find(":"), tag.find("=")) if at > 0), default=len(tag))
        if name := tag[:cut_at].strip():
            labels.setdefault(name, tag[cut_at + 1 :].strip() or "true")
    return labels


def safe_links(links: Mapping[str, str]) -> dict[str, str]:
    """Return the links that people may be shown."""
    return {kind: link for kind, link in links.items() if link and is_web(link)}


def is_web(link: str) -> bool:
    """Whether people may be shown it as a link: http(s), a host, nobody's name before it, nothing unprintable."""
    return len(link) <= LINK and _is_safe(link)


def host_of(address: str) -> str:
    """Return the host of an address that a monitor checks, which may lack its scheme; "" where there is none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def capped(texts: dict[str, str], longest: int) -> dict[str, str]:
    """Return at most 64 names and texts, each cut to a length that fits."""
    # What fits all together fits each by itself, which is the quickest to see.
    if len(texts) <= MOST_LABELS and len("".join(texts)) <= NAME and len("".join(texts.values())) <= longest:
        return texts
    return {cut(name, NAME): cut(value, longest) for name, value in list(texts.items())[:MOST_LABELS]}


def left_out(labels: Collection[str], annotations: Collection[str]) -> list[str]:
    """Return what is to be noted of labels and annotations that are too many."""
    most = max(len(labels), len(annotations))
    return [f"only {MOST_LABELS} of {most} labels or annotations are kept"] if most > MOST_LABELS else []


def noting(annotations: dict[str, str], notes: Sequence[str]) -> dict[str, str]:
    """Return annotations with what the copilot has to say about the alert."""
    return annotations | {NOTE: "; ".join(notes)} if notes else annotations


def end(ends_at: datetime | None, starts_at: datetime, now: datetime) -> datetime:
    """Return when a resolved alert ended: not before it began, and now where that is not known or still to come."""
    if ends_at is None or ends_at > now + times.AHEAD:
        ends_at = now
    return max(starts_at, ends_at)


def _given(text: str | None) -> str | None:
    return cut(text.strip(), LABEL) or None if text else None


@lru_cache(maxsize=1024)
def _is_safe(link: str) -> bool:
    if not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
