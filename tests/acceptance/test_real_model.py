"""The whole story with a real language model, which may be a small one; the model is named in the environment."""

import json
import os
import sys

import pytest

from incident_copilot import demo

URL, MODEL = os.environ.get("COPILOT_TEST_LLM_URL", ""), os.environ.get("COPILOT_TEST_LLM_MODEL", "")
pytestmark = pytest.mark.skipif(
    not (URL and MODEL), reason="no language model: name one with COPILOT_TEST_LLM_URL and COPILOT_TEST_LLM_MODEL"
)
UNHURRIED = {"COPILOT_BRIEF_DEADLINE_S": "20", "COPILOT_LLM_DEADLINE_S": "300"}


async def test_the_demo_happens_with_a_model_in_it(tmp_path, capsys):
    out = tmp_path / "out"

    code = await demo.headless(out, settings=demo.model_settings(URL, MODEL) | UNHURRIED, steps=demo.WITH_MODEL)

    said = capsys.readouterr().out
    sys.__stdout__.write(f"\n{said}")  # with what the model said, which is another each time
    assert code == 0, said
    rows = [json.loads(line) for line in (out / "action-log.jsonl").read_text().splitlines()]
    assert [row["payload"]["computed_first"] for row in rows if row["kind"] == "model:investigated"] != []
    (log,) = tmp_path.glob("var/demo/*/copilot.log")
    assert "Traceback" not in log.read_text()
