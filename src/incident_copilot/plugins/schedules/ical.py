"""Says who is on call by a calendar: what its events are called now, from an address that ends in .ics.

The name is the event's summary, the address that of its first attendee. Events without a rule, and daily or weekly
ones, are understood; anything else is a gap that people see, over a wrong name. A secret address goes into the secret.

API: https://www.rfc-editor.org/rfc/rfc5545
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.rotation import OnDuty
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import PluginEnv, ScheduleSource
from incident_copilot.vendors.http import MAX_BYTES, call

_STEPS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD = {"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST", "BYDAY"}
_MOST_EVENTS = 5_000


class Options(Frozen):
    """The addresses of calendars by the name that catalog.yaml gives them; `secret` stands for the secret."""

    calendars: dict[str, str] = Field(min_length=1, max_length=100)
    zone: str = "UTC"
    deadline_s: float = Field(default=8, gt=0, le=9)


def create(env: PluginEnv, options: Options) -> ScheduleSource:
    """Return the source."""
    return ICal(env, options)


class ICal:
    """Some calendars."""

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "ical"
        self._env, self._options = env, options

    async def on_duty(self, schedule: str) -> Sequence[OnDuty]:
        """Return whose events are going on now, those that end last first."""
        address = self._options.calendars.get(schedule, "")
        url = (self._env.secret or "") if address == "secret" else address
        if not url:
            raise VendorRefused(f"{self.name}: copilot.yaml has no calendar {schedule}", 0)
        answer = await call(
            self._env.http, self.name, "GET", url, deadline_s=self._options.deadline_s, max_bytes=MAX_BYTES
        )
        now = self._env.now()
        going_on = [
            (ends, one)
            for one in _events(answer.content.decode(errors="replace"))
            if (ends := _ends(one, now, ZoneInfo(self._options.zone), self.name)) is not None
        ]
        ordered = sorted(going_on, key=lambda pair: pair[0], reverse=True)
        return [
            OnDuty(name=one.get("SUMMARY", ("", ""))[1][:200] or "somebody", email=_address(one), until=ends)
            for ends, one in ordered
        ]


_Event = Mapping[str, tuple[str, str]]
"""Properties by name, each with its parameters and value; of several of a name the first."""


def _events(text: str) -> Iterator[_Event]:
    unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    event: dict[str, tuple[str, str]] | None = None
    count = 0
    for line in unfolded.split("\n"):
        head, _, value = line.partition(":")
        name, _, parameters = head.partition(";")
        if (name, value) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name, value) == ("END", "VEVENT") and event is not None:
            count += 1
            if count > _MOST_EVENTS:
                return
            yield event
            event = None
        elif event is not None:
            event.setdefault(name.upper(), (parameters, value))


def _ends(event: _Event, now: datetime, zone: ZoneInfo, source: str) -> datetime | None:
    """Return when the occurrence that is going on ends; None where none is."""
    if "DTSTART" not in event or event.get("STATUS", ("", ""))[1] == "CANCELLED":
        return None
    try:
        begins, home = _time(*event["DTSTART"], ZoneInfo("UTC") if event["DTSTART"][1].endswith("Z") else zone)
        ends = _time(*event["DTEND"], home)[0] if "DTEND" in event else begins + timedelta(days=1)
        step, last = _rule(event, begins, home)
    except ValueError as error:
        raise VendorRefused(f"{source}: an event is not understood: {error}", 0) from None
    local, lasts = now.astimezone(home).replace(tzinfo=None), ends - begins
    turns = (local - begins) // step if step else 0
    start = begins + turns * (step or timedelta())
    is_going_on = begins <= start <= local < start + lasts and (last is None or start <= last)
    return (start + lasts).replace(tzinfo=home).astimezone(UTC) if is_going_on else None


def _rule(event: _Event, begins: datetime, home: ZoneInfo) -> tuple[timedelta | None, datetime | None]:
    """Return how far apart occurrences begin on the wall, and when the last one may; None for a single one."""
    if "RRULE" not in event:
        return None, None
    parts = dict(part.partition("=")[::2] for part in event["RRULE"][1].split(";") if part)
    days = parts.get("BYDAY", _DAYS[begins.weekday()])
    if (
        set(parts) - _UNDERSTOOD
        or parts.get("FREQ") not in _STEPS
        or days != _DAYS[begins.weekday()]
        or "EXDATE" in event
    ):
        raise ValueError(f"the rule {event['RRULE'][1][:100]}")
    step = _STEPS[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    if "COUNT" in parts:
        return step, begins + step * (int(parts["COUNT"]) - 1)
    return step, _time("", parts["UNTIL"], home)[0] if "UNTIL" in parts else None


def _time(parameters: str, value: str, zone: ZoneInfo) -> tuple[datetime, ZoneInfo]:
    """Return a time on the wall and where that wall is."""
    named = dict(part.partition("=")[::2] for part in parameters.split(";") if part).get("TZID")
    try:
        home = ZoneInfo(named.strip('"')) if named else zone
    except (ValueError, OSError, KeyError):
        raise ValueError(f"the time zone {named}") from None
    if "T" not in value:
        return datetime.strptime(value, "%Y%m%d"), home  # noqa: DTZ007 -- a day on the wall
    read = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- a time on the wall
    if value.endswith("Z"):
        return read.replace(tzinfo=UTC).astimezone(home).replace(tzinfo=None), home
    return read, home


def _address(event: _Event) -> str | None:
    attendee = event.get("ATTENDEE", ("", ""))[1]
    return attendee.lower().removeprefix("mailto:") if "@" in attendee else None
