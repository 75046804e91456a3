"""Masks secrets that people and programs leave in text: the well-known shapes of tokens, keys and passwords.

Shapes after gitleaks' rules (https://github.com/gitleaks/gitleaks). What has no shape, is encoded or is cut in two is
not found.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

_SHORTEST_KNOWN = 6


class _Shape(NamedTuple):
    """A kind of secret: searched for only where one of the literals is, which costs next to nothing."""

    literals: tuple[str, ...]
    pattern: re.Pattern[str]
    masked: str


# Every pattern begins with a literal, or where its own characters cannot stand before it, so that none looks at a
# character more than a few times however long the text is.
_SHAPES = (
    _Shape(
        ("-----BEGIN",),
        re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", re.DOTALL),
        "[private key masked]",
    ),
    _Shape(("A",), re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"), "[AWS key masked]"),
    _Shape(("xox", "xapp-"), re.compile(r"(?<![\w-])(?:xox[a-z]|xapp)-[\w-]{8,}"), "[Slack token masked]"),
    _Shape(
        ("hooks.slack",),
        re.compile(r"hooks\.slack(?:-gov)?\.com/[a-z]{1,12}/[\w/-]{10,}"),
        "hooks.slack.com/[webhook masked]",
    ),
    _Shape(
        ("gh", "github_pat_"),
        re.compile(r"(?<![\w-])(?:gh[pousr]_\w{20,}|github_pat_\w{20,})"),
        "[GitHub token masked]",
    ),
    _Shape(("eyJ",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), "[JWT masked]"),
    _Shape(
        ("sk-", "k_live_", "k_test_", "AIza", "glpat-", "glsa_", "npm_", "pypi-", "hvs.", "SG."),
        re.compile(
            r"(?<![\w-])(?:sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{16,}|AIza[\w-]{30,}|glpat-[\w-]{16,}|glsa_\w{16,}"
            r"|npm_\w{30,}|pypi-[\w-]{30,}|hvs\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,})"
        ),
        "[token masked]",
    ),
    _Shape(("://",), re.compile(r"://([^\s/:@]{0,200}):[^\s/@]{1,500}@"), r"://\1:[password masked]@"),
    _Shape(
        ("uthorization", "UTHORIZATION"),
        # A variable of a shell, as in a runbook's command, is no secret.
        re.compile(
            r"(authorization[\"']?\s{0,3}[:=]\s{0,3}[b\"']{0,2})(?:\w{1,20} )?(?!\$)[^\s\"',;]{3,}", re.IGNORECASE
        ),
        r"\1[masked]",
    ),
    _Shape(("earer ", "EARER "), re.compile(r"\b(bearer) +[\w.~+/=-]{12,}", re.IGNORECASE), r"\1 [token masked]"),
    _Shape(
        ("passw", "PASSW", "Passw", "pwd", "PWD"),
        re.compile(r"((?:password|passwd|pwd)[\"']?\s{0,3}[=:]\s{0,3}[\"']?)[^\s\"',;&]{3,}", re.IGNORECASE),
        r"\1[masked]",
    ),
    _Shape(
        ("ecret", "ECRET", "oken", "OKEN", "ey", "EY"),
        re.compile(
            r"((?:secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
            r"(?=[^\s\"',;&]{0,100}\d)[^\s\"',;&]{12,}",
            re.IGNORECASE,
        ),
        r"\1[masked]",
    ),
)


def redact(text: str, known: Collection[str] = ()) -> str:
    """Return the text with secrets masked: those of a known shape, and exactly those in `known`."""
    for secret in known:
        if len(secret) >= _SHORTEST_KNOWN and secret in text:
            text = text.replace(secret, "[masked]")
    for shape in _SHAPES:
        if any(literal in text for literal in shape.literals):
            text = shape.pattern.sub(shape.masked, text)
    return text
