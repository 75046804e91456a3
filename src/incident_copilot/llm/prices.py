"""Prices of models, from a file that people keep: dollars for a million tokens, in and out."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from incident_copilot.errors import ConfigError

_DATE = re.compile(r"-\d{4}(?:-\d\d-\d\d|\d{4})?$")
MILLION = 1_000_000


class Price(BaseModel):
    """Dollars for a million tokens that the model reads (`input`) and writes (`output`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)


_FILE = TypeAdapter(dict[str, Price])


class Prices:
    """What models cost; one without a price costs nobody knows what, which is not nothing."""

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        self._prices = dict(prices or {})

    def of(self, model: str) -> Price | None:
        """Return the price of a model; a dated version costs what its model does, unless it has a price of its own."""
        return self._prices.get(model) or self._prices.get(_DATE.sub("", model))

    def cost(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """Return what a call costs in dollars, or None where that is unknown."""
        price = self.of(model)
        if price is None:
            return None
        return (input_tokens * price.input + output_tokens * price.output) / MILLION


def load_prices(path: Path) -> Prices:
    """Return the prices in a file; none where there is no file.

    Raises:
        ConfigError: it is not a mapping of models to prices.
    """
    try:
        return Prices(_FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
    except FileNotFoundError:
        return Prices()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(
            f"{path}: it should name models, each with `input` and `output` in dollars: {error}"
        ) from None
