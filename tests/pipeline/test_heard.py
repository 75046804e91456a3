"""A message of the chat is read as a person sees it: words, files, thread and address."""

import pytest

from incident_copilot.domain.said import Attached
from incident_copilot.pipeline.heard import said


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "It is\x00 the pool"}, "It is the pool"),
        ({"text": "", "attachments": [{"fallback": "f", "title": "HighErrorRate"}]}, "HighErrorRate"),
        ({"attachments": [{"fallback": "[FIRING] x"}]}, "[FIRING] x"),
        ({"attachments": []}, ""),
    ],
)
def test_words_are_those_of_the_message_or_of_its_attachment(message, text):
    assert said("C1", {"ts": "1.0", **message}).text == text


def test_files_are_kept_by_where_they_are():
    files = [{"id": "F1", "title": "Pool", "permalink": "https://x/F1"}, {"id": "F2", "name": "a.png"}, {"id": "F3"}]
    told = {"ts": "1.0", "user": "U1", "thread_ts": "0.5", "files": [*files, {"mode": "tombstone"}]}

    found = said("C1", told, "https://x/p1")

    assert (found.ref, found.author, found.thread_ts, found.link) == ("C1:1.0", "U1", "0.5", "https://x/p1")
    assert found.files == (
        Attached(id="F1", name="Pool", link="https://x/F1"),
        Attached(id="F2", name="a.png"),
        Attached(id="F3", name="file"),
    )
