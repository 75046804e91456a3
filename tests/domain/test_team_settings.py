"""What teams set is checked as it is typed, and said back as it can be typed."""

import pytest
from pydantic import ValidationError

from incident_copilot.domain.support_hours import WORKING_HOURS, hours_of
from incident_copilot.domain.team_settings import SETTINGS, TeamSettings, in_words


def kept(name, text):
    """A setting as it is kept."""
    return TeamSettings.model_validate({name: SETTINGS[name].read(text)}).model_dump(mode="json")[name]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("announce_channel", " #outages ", "outages"),
        ("operator_channel", "C0123456789", "C0123456789"),
        ("timeline_emoji", ":memo:", "memo"),
        ("channel_pattern", "sev-{number}-{slug}", "sev-{number}-{slug}"),
        ("roles", "commander=Lead, comms, Liaison", {"commander": "Lead", "comms": "comms lead", "liaison": "liaison"}),
        ("severity_names", "P0=Sev  1, p1: Sev 2", {"P0": "Sev 1", "P1": "Sev 2"}),
        ("cadence_min", "P0=15", {"P0": 15}),
        ("working_hours", "mon-fri 08:00-20:00 Europe/Berlin", "mon-fri 08:00-20:00 Europe/Berlin"),
        ("customer_language", "DE", "de"),
        ("posts_per_hour", "8", 8),
    ],
)
def test_what_is_typed_is_kept_and_said_back(name, typed, value):
    assert kept(name, typed) == value
    assert kept(name, in_words(value)) == value


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("announce_channel", "two words", "is no channel"),
        ("timeline_emoji", "two words", "write the name of an emoji"),
        ("channel_pattern", "inc", "use {number}"),
        ("channel_pattern", "{oops}", "use {number}"),
        ("roles", "two words=x", "a word of small letters"),
        ("roles", f"commander={'x' * 41}", "a word of small letters"),
        ("roles", "scribe", "the commander among them"),
        ("roles", f"commander,{','.join(f'r{n}' for n in range(10))}", "at most 10 roles"),
        ("severity_names", "Sev 1", "write a level"),
        ("severity_names", "P0=Sev 1, high", "write a level"),
        ("severity_names", f"P0={'x' * 41}", "1 to 40 letters"),
        ("cadence_min", "P0=0", "whole minutes"),
        ("cadence_min", "P0=often", "valid integer"),
        ("working_hours", "always", "write days"),
        ("customer_language", "xx", "'en', 'de', 'fr' or 'es'"),
        ("posts_per_hour", "0", "greater than or equal to 1"),
        ("posts_per_hour", "few", "write a whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(name, typed, why):
    with pytest.raises((ValidationError, ValueError), match=why):
        kept(name, typed)


def test_nothing_set_is_nothing():
    assert TeamSettings(announce_channel=None, timeline_emoji=None, channel_pattern=None, working_hours=None) == (
        TeamSettings()
    )
    assert hours_of(in_words(WORKING_HOURS)) == WORKING_HOURS
