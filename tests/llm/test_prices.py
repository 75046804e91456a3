"""What a call costs, from the file of prices that people keep."""

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.llm.prices import Price, Prices, load_prices
from incident_copilot.settings import ROOT

PRICES = Prices({"small": Price(input=0.5, output=2), "small-2026-01-02": Price(input=1, output=4)})


@pytest.mark.parametrize(
    ("model", "cost"),
    [("small", 4.5), ("small-2025-04-14", 4.5), ("small-0613", 4.5), ("small-2026-01-02", 9), ("other", None)],
)
def test_a_dated_version_costs_what_its_model_does_unless_it_is_named(model, cost):
    assert PRICES.cost(model, input_tokens=1_000_000, output_tokens=2_000_000) == cost


def test_the_prices_that_come_along_load():
    assert load_prices(ROOT / "prices.yaml").cost("gpt-4.1", 1_000_000, 1_000_000) == 10


def test_without_a_file_no_model_has_a_price(tmp_path):
    assert load_prices(tmp_path / "prices.yaml").of("small") is None


def test_an_empty_file_has_no_prices(tmp_path):
    (tmp_path / "prices.yaml").write_text("# none yet\n")

    assert load_prices(tmp_path / "prices.yaml").of("small") is None


@pytest.mark.parametrize("text", ["small: 3", "small: {input: -1, output: 1}", "small: {input: 1}", "a: [", "- small"])
def test_a_file_that_is_no_price_list_is_named(tmp_path, text):
    path = tmp_path / "prices.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"prices\.yaml: it should name models, each with `input` and `output`"):
        load_prices(path)
