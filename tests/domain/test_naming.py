"""Names are taken out of texts, JSON and files where they stand by themselves."""

import base64

import pytest

from incident_copilot.domain.naming import Named

ZOE = Named(["Zoë Quarz", "Zoë", "zoe@example.com"])


@pytest.mark.parametrize(
    ("value", "without"),
    [
        ("Zoë Quarz did it, says Zoë.", "(erased) did it, says (erased)."),
        ("Zoëlogy and <@U0ZOE> stay.", "Zoëlogy and <@U0ZOE> stay."),
        ("mail zoe@example.com!", "mail (erased)!"),
        ("a\xff Zoë".encode(), "a\xff (erased)".encode()),
        (b"\xff\xfe", b"\xff\xfe"),
        (
            {"Zoë": ["Zoë", 1, None, True], "more": {"by": "Zoë"}},
            {"Zoë": ["(erased)", 1, None, True], "more": {"by": "(erased)"}},
        ),
    ],
)
def test_names_are_replaced_where_they_stand_by_themselves(value, without):
    assert ZOE.without(value) == without


def test_a_file_that_is_shared_is_looked_into():
    def upload(text):
        return {"do": "upload", "name": "x.md", "content": base64.b64encode(text.encode()).decode()}

    assert ZOE.without(upload("Led by Zoë.")) == upload("Led by (erased).")
    assert ZOE.without(upload("Led well.")) == upload("Led well.")
