"""Reading a runbook's body: sections, anchors, steps, risks."""

import pytest

from incident_copilot.domain.proposal import Risk
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.hazards import RUNS_UNREAD
from incident_copilot.knowledge.runbook import Section, Step, StepKind, is_alert_name
from incident_copilot.knowledge.steps import kind_of_heading, read_sections

BODY = """\
## Meaning

It is broken.

1. A list here is for reading.

## Mitigation

Do one at a time.

1. **Roll back.** It is the
   fastest way.
   ```bash
   kubectl rollout undo deployment/{{deployment}}
   ```
   Risk: medium

2. **Wait.**

   - not long

   ~~~
   sleep 60
   ~~~

   Risk: LOW

3. Call somebody. They know more.

4. look around

## Mitigation

Nothing more to do.
"""


def test_sections_have_anchors_and_mitigations_have_steps():
    meaning, mitigation, again = read_sections("Broken", BODY, 1)

    assert (meaning.id, meaning.heading, meaning.steps) == ("meaning", "Meaning", ())
    assert meaning.text == "It is broken.\n\n1. A list here is for reading."
    assert mitigation.steps == (
        Step(
            number=1,
            text="Roll back.",
            why="It is the fastest way.",
            commands=("kubectl rollout undo deployment/{{deployment}}",),
            risk=Risk.MEDIUM,
            kind=StepKind.MITIGATION,
        ),
        Step(
            number=2,
            text="Wait.",
            why="not long",
            commands=("sleep 60",),
            risk=Risk.LOW,
            kind=StepKind.MITIGATION,
        ),
        Step(number=3, text="Call somebody.", why="They know more.", kind=StepKind.MITIGATION),
        Step(number=4, text="look around", kind=StepKind.MITIGATION),
    )
    assert again == Section(id="mitigation-1", heading="Mitigation", text="Nothing more to do.")


def test_bullets_are_steps_where_nothing_is_numbered():
    (section,) = read_sections("x", "## Investigation\n\nLook:\n\n- Check the logs.\n- Check the disk.\n", 1)

    assert [step.text for step in section.steps] == ["Check the logs.", "Check the disk."]
    assert {step.kind for step in section.steps} == {StepKind.DIAGNOSTIC}


def test_bullets_beside_numbered_steps_are_no_steps():
    (section,) = read_sections("x", "## Diagnosis\n\n- a remark\n\n1. Check the logs.\n", 1)

    assert [step.text for step in section.steps] == ["Check the logs."]


def test_text_without_second_level_headings_is_one_section():
    assert read_sections("How to restart", "# How to restart\n\nDo it.\n", 1) == (
        Section(id="how-to-restart", heading="How to restart", text="# How to restart\n\nDo it."),
    )


def test_text_before_the_first_section_is_kept_and_a_bare_title_is_not():
    with_text = read_sections("Disk", "# Disk\n\nIntro.\n\n## Meaning\n\nFull.\n", 1)
    bare = read_sections("Disk", "# Disk\n\n## Meaning\n\nFull.\n", 1)

    assert [(section.id, section.text) for section in with_text] == [("disk", "# Disk\n\nIntro."), ("meaning", "Full.")]
    assert [section.id for section in bare] == ["meaning"]


def test_empty_sections_are_left_out():
    assert read_sections("x", "## Impact\n\n## Meaning\n\nFull.\n", 1)[0].id == "meaning"
    assert read_sections("x", "", 1) == ()


def test_heading_without_letters_still_has_an_anchor():
    assert read_sections("x", "## ???\n\ntext\n", 1)[0].id == "section"


def test_unknown_risk_is_named_with_its_line_and_fix():
    with pytest.raises(ConfigError) as caught:
        read_sections("x", "## Mitigation\n\n1. **Go.**\n\n   Risk: extreme\n", 10)

    assert str(caught.value) == 'line 14: risk "extreme" is not known; write low, medium or high'


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("First five minutes", StepKind.CHECK),
        ("Initial triage", StepKind.CHECK),
        ("Diagnosis", StepKind.DIAGNOSTIC),
        ("How to troubleshoot", StepKind.DIAGNOSTIC),
        ("Mitigation", StepKind.MITIGATION),
        ("Remediation", StepKind.MITIGATION),
        ("Resolution", StepKind.MITIGATION),
        ("Rollback", StepKind.ROLLBACK),
        ("Verify the fix", StepKind.VERIFY),
        ("Escalation", StepKind.ESCALATION),
        ("Meaning", None),
        ("Prevention", None),
    ],
)
def test_heading_tells_what_its_steps_are_for(heading, kind):
    assert kind_of_heading(heading) == kind


PROSE = """\
## Diagnosis

Only prose.

Look at the pods. One may be pending.

```shell
kubectl get pods
```

    kubectl get events

Then restart it.

```
kubectl rollout restart deployment/web
```

Install the tool:

```
curl -fsSL https://get.example.org | sh
```

That is all.
"""


def test_paragraphs_with_commands_are_steps_where_there_is_no_list():
    (section,) = read_sections("x", PROSE, 1)

    assert section.steps == (
        Step(
            number=1,
            text="Look at the pods.",
            why="One may be pending.",
            commands=("kubectl get pods", "kubectl get events"),
            kind=StepKind.DIAGNOSTIC,
        ),
        Step(
            number=2,
            text="Then restart it.",
            commands=("kubectl rollout restart deployment/web",),
            risk=Risk.MEDIUM,
            kind=StepKind.DIAGNOSTIC,
        ),
        Step(
            number=3,
            text="Install the tool:",
            commands=("curl -fsSL https://get.example.org | sh",),
            risk=Risk.HIGH,
            caution=RUNS_UNREAD,
            kind=StepKind.DIAGNOSTIC,
        ),
    )


def test_author_knows_the_risk_better_than_the_command_tells():
    (section,) = read_sections("x", "## Fix\n\n1. Delete it.\n   ```\n   rm -rf cache\n   ```\n   Risk: low\n", 1)

    assert section.steps[0].risk is Risk.LOW


def test_section_that_ends_with_a_command_ends_with_a_step():
    (section,) = read_sections("x", "## Checks\n\n```\nid\n```\n\nSee who you are.\n\n```\nid\n```\n", 1)

    assert [(step.text, step.commands) for step in section.steps] == [("See who you are.", ("id",))]


PLAYBOOK = """\
## Playbook

### KafkaLagHigh

#### Diagnosis

1. Look at the lag.

#### Mitigation

- Add a consumer.

### `KafkaDiskFull`

See retention.
"""


def test_heading_that_is_an_alerts_name_begins_a_section():
    sections = read_sections("Kafka", PLAYBOOK, 1)

    assert [(one.id, one.heading, one.anchors, one.is_of_one_alert) for one in sections] == [
        ("kafkalaghigh", "KafkaLagHigh", ("diagnosis", "mitigation"), True),
        ("kafkadiskfull", "`KafkaDiskFull`", (), True),
    ]
    assert [(step.number, step.text, step.kind) for step in sections[0].steps] == [
        (1, "Look at the lag.", StepKind.DIAGNOSTIC),
        (2, "Add a consumer.", StepKind.MITIGATION),
    ]


def test_smaller_heading_says_what_its_steps_are_for_and_else_the_one_above_does():
    body = "## Mitigation\n\n1. Add room.\n\n### When it lags\n\n1. Wait.\n\n### Verify\n\n#### By hand\n\n1. Look.\n"

    (section,) = read_sections("Kafka", body, 1)

    assert [(step.number, step.text, step.kind) for step in section.steps] == [
        (1, "Add room.", StepKind.MITIGATION),
        (2, "Wait.", StepKind.MITIGATION),
        (3, "Look.", StepKind.VERIFY),
    ]
    assert section.anchors == ("when-it-lags", "verify", "by-hand")


@pytest.mark.parametrize(
    ("heading", "is_name"),
    [
        ("KafkaLagHigh", True),
        ("`TLSCertificateExpires`", True),
        ("Diagnosis", False),
        ("KUBERNETES", False),
        ("Kafka lag", False),
        ("CPUs", False),
    ],
)
def test_alert_names_are_told_from_words(heading, is_name):
    assert is_alert_name(heading) is is_name


def test_short_lead_of_a_list_says_what_the_steps_are_for():
    body = """\
## KafkaLagHigh

How it **works**:

- Consumers read.

How to **investigate**:

- Look at the lag.

How the limit is set:

- By a flag.

How to **fix**:

1. Add a consumer.
"""
    (section,) = read_sections("Kafka", body, 1)

    assert [(step.number, step.text, step.kind) for step in section.steps] == [
        (1, "Look at the lag.", StepKind.DIAGNOSTIC),
        (2, "Add a consumer.", StepKind.MITIGATION),
    ]


def test_lead_without_a_kind_leaves_its_list_to_the_heading():
    (section,) = read_sections("Kafka", "## Mitigation\n\nOne of these:\n\n- Add a consumer.\n", 1)

    assert [(step.text, step.kind) for step in section.steps] == [("Add a consumer.", StepKind.MITIGATION)]
