"""An answer learnt from examples, with the words that speak for it."""

import pytest

from incident_copilot.analysis.examples import Example, learn, subject, wording
from incident_copilot.analysis.severity_words import Said

TEAMS = {
    "storage": ("BackupFailed", "DiskFillsUp on the backup host", "SnapshotTooOld", "BackupTooOld"),
    "payments": ("CardRefused", "ProviderTimeout for card payments", "RefundQueueLong", "CardProviderSlow"),
}


def learnt(teams=TEAMS):
    """What these examples teach."""
    return learn([Example(subject(Said(text), {}), team) for team, texts in teams.items() for text in texts])


def test_alert_goes_to_the_team_whose_words_it_uses_and_they_are_named():
    verdict = learnt().judge(subject(Said("BackupSlow", "The backup takes long."), {"pool": "a"}))

    assert (verdict.answer, verdict.because) == ("storage", ("backup",))
    assert round(verdict.lead, 2) == 0.29


def test_label_tells_where_the_words_are_the_same():
    texts = [("QueueLong", {"topic": "mail"}, "post"), ("QueueLong", {"topic": "card"}, "payments")]
    taught = learn([Example(subject(Said(text), labels), team) for text, labels, team in texts])

    verdict = taught.judge(subject(Said("QueueLong"), {"topic": "card"}))

    assert (verdict.answer, verdict.because) == ("payments", ("topic=card",))


def test_same_examples_in_another_order_teach_the_same():
    turned = dict(reversed(TEAMS.items()))
    said = subject(Said("RefundBackup"), {})

    first, second = learnt().judge(said), learnt(turned).judge(said)

    assert (first.answer, first.because) == (second.answer, second.because)
    assert first.lead == pytest.approx(second.lead)


def test_examples_say_how_many_of_them_are_found_when_left_out():
    alike = {"storage": ("backup disk", "backup host disk"), "payments": ("card refund", "card refund queue")}
    unlike = {"storage": ("backup", "backup"), "payments": ("card", "card", "backup")}

    assert (learnt(alike).right, learnt(unlike).right) == (1.0, 0.4)


def test_alert_of_which_the_examples_know_nothing_has_no_verdict():
    assert learnt().judge(subject(Said("Kernel"), {})) is None


def test_one_answer_alone_teaches_nothing():
    assert learnt({"storage": TEAMS["storage"]}) is None


def test_wording_holds_pairs_letters_metrics_and_the_signs_of_the_rules():
    found = wording(Said("MailDown", "Mail is down.", "mail_up == 0"))

    assert found["pair"] == {"mail down": 1, "mail is": 1, "is down": 1}
    assert found["metric"] == {"mail_up": 1}
    assert found["sign"] == {"something is down": 1, "the query asks whether it is up": 1}
    assert found["letters"]["down"] == 1
