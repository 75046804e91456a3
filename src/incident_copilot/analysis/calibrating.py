"""Turns how a hypothesis was weighed into how often such a one is right, so that its number and word can be trusted.

Platt's map of log-odds, below a ceiling. Its two parameters were fitted by `evals/calibration.py` on 2026-11-28: on
PetShop's issues and on those of the written cases that no rule was mended on. evals/README.md says how well it holds.
"""

from math import exp, log

SLOPE, OFFSET = 2.75, 1.75
HIGHEST = 0.9
"""No evidence of this kind is more certain than that, however well the cases went that it was fitted on."""
LOWEST = 0.01
_NOTHING = 0.005  # neither nothing nor all has odds


def calibrated(weighed: float) -> float:
    """Return the share of hypotheses weighed so that are right, 0 to 1; what has no weight has no chance."""
    return max(LOWEST, mapped(weighed, SLOPE, OFFSET)) if weighed > 0 else 0.0


def uncalibrated(confidence: float) -> float:
    """Return how a hypothesis of this confidence was weighed."""
    return _share((_log_odds(confidence / HIGHEST) - OFFSET) / SLOPE) if confidence > 0 else 0.0


def mapped(weighed: float, slope: float, offset: float) -> float:
    """Return the map of a weight by given parameters."""
    return HIGHEST * _share(slope * _log_odds(weighed) + offset)


def _log_odds(share: float) -> float:
    inside = min(1 - _NOTHING, max(_NOTHING, share))
    return log(inside / (1 - inside))


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds))
