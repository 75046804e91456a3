"""Severity guessed from an alert's words: each sign with its reason, and no guess without a sign."""

import pytest

from incident_copilot.analysis.severity_words import Guess, Said, guess


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said("QueueDown"), 'something is down ("down")'),
        (Said("GatewayOffline", "The gateway cannot be called."), 'something cannot be reached ("offline")'),
        (Said("ExporterTarget", "The exporter has disappeared."), 'something is gone ("disappeared")'),
        (Said("Election", "The cluster has no leader."), 'nothing is left of it ("no leader")'),
        (Said("JournalCorrupted"), 'data may be lost ("corrupted")'),
        (Said("MailDiskFull"), 'it has run out ("disk full")'),
        (Said("SiteCertificate", "The certificate expires in 3 days."), 'it expires soon ("3 day")'),
        (Said("SiteCertificate", "The certificate has expired."), "it has expired"),
        (Said("DiskSpace", "Only 4% of the disk is free."), 'little of it is left ("only 4%")'),
        (Said("Probe", "", "absent(up{job='mail'})"), "the query asks whether it is there at all"),
    ],
)
def test_plain_sign_of_harm_is_critical(said, reason):
    found = guess(said)

    assert (found.word, found.reasons[0]) == ("critical", reason)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said("QueueSlow", "Orders are slow."), 'it goes on, worse ("slow")'),
        (Said("DiskFillingUp", "The disk will be full by tonight."), 'it is about to happen ("filling up")'),
        (Said("SiteCertificate", "The certificate expires in 3 weeks."), 'it expires some day ("3 week")'),
        (Said("DiskSpace", "Less than 9% of the disk is free."), 'little of it is left ("less than 9%")'),
        (Said("DiskSpace", "More than 91% of the disk is in use."), 'most of it is used ("more than 91%")'),
        (Said("MailUp", "", 'up{job="mail"} == 0'), "the query asks whether it is up"),
    ],
)
def test_lesser_sign_is_a_warning(said, reason):
    found = guess(said)

    assert (found.word, found.reasons[0]) == ("warning", reason)


def test_two_weak_signs_make_a_critical_one_and_the_weightiest_is_named_first():
    found = guess(Said("MailWorkers", "All workers are unable to send.", "mail_up == 0"))

    assert found == Guess(
        "critical",
        ('all of them ("all")', 'it cannot do its work ("unable to")', "the query asks whether it is up"),
    )


@pytest.mark.parametrize(
    ("factor", "guessed"),
    [
        ("14.4", Guess("critical", ('a budget burns ("burn")', 'its error budget burns fast ("14.4 times")'))),
        ("3", Guess("warning", ('its error budget burns slowly ("3 times")',))),
    ],
)
def test_fast_burn_pages_and_a_slow_one_does_not(factor, guessed):
    assert guess(Said("BudgetBurn", "", f"job:errors:ratio_rate1h > ({factor} * (1 - 0.999))")) == guessed


def test_share_that_leaves_enough_is_no_sign():
    assert guess(Said("DiskSpace", "Less than 40% of the disk is free.")) is None


def test_healthy_probe_is_no_sign():
    assert guess(Said("MailUp", "", "mail_up == 1")) is None


def test_what_only_informs_is_info_unless_it_harms():
    assert guess(Said("NewVersion", "A new version can be had.")) == Guess("info", ('it only informs ("new version")',))
    assert guess(Said("WatchdogDown")) == Guess("critical", ('something is down ("down")',))


def test_alert_that_gives_no_sign_is_not_guessed_at():
    assert guess(Said("HighErrorRate", "Something is odd", "job:errors:ratio > 0.05")) is None
