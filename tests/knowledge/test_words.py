"""Words: splitting of names and stems."""

import pytest

from incident_copilot.knowledge.words import split_name, squash, stems, whole_names, word_of_stem


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("KubePodCrashLooping", ["kube", "pod", "crash", "looping"]),
        ("HTTPErrorRateHigh", ["http", "error", "rate", "high"]),
        ("Http5xxHigh", ["http", "5xx", "high"]),
        ("OOMKilled", ["oom", "killed"]),
        ("node_filesystem_avail_bytes", ["node", "filesystem", "avail", "bytes"]),
        ("", []),
    ],
)
def test_name_is_split_at_case_and_separators(name, parts):
    assert split_name(name) == parts


def test_names_that_differ_in_case_and_separators_are_one():
    assert squash("HighErrorRate") == squash("high-error-rate") == squash("HIGH_ERROR_RATE") == "higherrorrate"


def test_name_is_found_in_parts_and_whole_and_prose_by_its_stems():
    assert stems("PodCrashLooping: the pods are crashing") == [
        "pod",
        "crash",
        "loop",
        "podcrashlooping",
        "pod",
        "crash",
    ]


def test_open_values_of_templates_say_nothing():
    assert stems("{{ $labels.pod }} on <instance> and <namespace?> restarts") == ["restart"]


def test_word_longer_than_any_name_is_left_out():
    assert stems("a" * 65 + " fails") == ["fail"]


def test_frame_of_alert_texts_and_single_letters_say_nothing():
    assert stems("current value of instance A is 5xx above threshold") == ["5xx", "abov"]


def test_names_of_several_parts_are_known_whole():
    assert whole_names("PodCrashLooping and node_load1 on {{instance}} fail") == {"podcrashlooping", "nodeload1"}


def test_people_see_the_word_and_not_its_stem():
    assert word_of_stem("retries, retry of PodRetries") == {
        "retri": "retries",
        "pod": "pod",
        "podretries": "podretries",
    }
