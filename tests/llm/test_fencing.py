"""What leaves is marked as data, and personal data comes back in what is answered."""

from pydantic import BaseModel

from incident_copilot.domain.redaction import Redactor
from incident_copilot.llm.fencing import fence, restored


class Deep(BaseModel):
    text: str
    parts: list[dict[str, int | str]]


def test_every_line_is_marked_within_a_boundary_that_the_rules_name():
    fenced = fence("one\n<two>")

    first, *lines, last = fenced.content.split("\n")
    assert lines == ["| one", "| &lt;two>"]
    assert first.replace("<", "</") == last
    assert f"between {first} and {last}" in " ".join(fenced.rules.split())


def test_a_boundary_is_that_of_its_text_so_that_one_that_was_seen_is_of_no_use_and_servers_read_the_text_once():
    assert fence("one") == fence("one")
    assert fence("one").rules != fence("two").rules


def test_personal_data_comes_back_wherever_it_stands_in_an_answer():
    redactor = Redactor()
    redactor.redact("a@x.example")

    answer = restored(Deep(text="ask [email-1]", parts=[{"n": 1, "who": "[email-1]"}]), redactor)

    assert answer == Deep(text="ask a@x.example", parts=[{"n": 1, "who": "a@x.example"}])
