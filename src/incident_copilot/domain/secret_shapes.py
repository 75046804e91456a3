"""The shapes of secrets: tokens with a prefix of their vendor's, keys, and values after a name that says what they are.

Prefixes as vendors document them; many are in gitleaks' rules too (https://github.com/gitleaks/gitleaks).
"""

import re
from collections.abc import Callable
from typing import NamedTuple


class Shape(NamedTuple):
    """What is hidden, and where: searched for only where a prefilter finds something.

    Prefilters are `literals` as they stand, `words` in any case, and `forms` with 0 for every digit, A for every
    capital and a for every small letter. The group `it` is hidden, or all where there is none; `is_one` looks at it
    again, with a checksum for instance.
    """

    kind: str
    pattern: re.Pattern[str]
    literals: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    is_one: Callable[[str], bool] | None = None


def _is_value(text: str) -> bool:
    """Whether a password may be what stands there: not a mask, a type or a variable of a shell or template."""
    return not re.fullmatch(
        r"\*+|x{3,}|\.{3,}|<.*|\$.*|\{.*|%.*|\[.*|(?:null|none|nil|true|false|string|str|required|missing|empty|invalid"
        r"|expired|wrong|incorrect|failed|changed|reset|yes|no|unset|redacted|masked)\W*",
        text,
        re.IGNORECASE,
    )


_KEY = r"[\"']?\s{0,3}(?:[=:]|=>)\s{0,3}(?:[bu]?[\"'])?"
# Every pattern begins with a literal, or where its own characters cannot stand before it, so that none looks at a
# character more than a few times however long the text is.
SECRETS = (
    Shape(
        "private key",
        re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", re.DOTALL),
        literals=("-----BEGIN",),
    ),
    Shape("private key", re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"), literals=("AGE-SECRET-KEY-",)),
    Shape(
        "AWS key",
        re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        literals=("AKIA", "ASIA", "ABIA", "ACCA"),
    ),
    Shape(
        "Slack token",
        re.compile(r"(?<![\w-])(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]{8,}"),
        literals=("xox", "xapp-"),
    ),
    Shape(
        "webhook",
        re.compile(
            r"(?:hooks\.slack(?:-gov)?\.com/[a-z]{1,12}/|/api/webhooks/\d{5,25}/|webhook\.office\.com/webhookb2/)"
            r"(?P<it>[\w/@-]{10,})"
        ),
        literals=("hooks.slack", "/webhooks/", "webhook.office"),
    ),
    Shape(
        "GitHub token",
        re.compile(r"(?<![\w-])(?:gh[pousr]_\w{20,}|github_pat_\w{20,})"),
        literals=("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ),
    Shape("JWT", re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), literals=("eyJ",)),
    Shape(
        "token",
        re.compile(
            r"(?<![\w-])(?:sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{16,}|whsec_[\w+/=]{20,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}"
            r"|GOCSPX-[\w-]{20,}|gl(?:pat|dt|rt|ptt)-[\w-]{16,}(?:\.[\w-]{2}\.[\w-]{7,})?|glsa_\w{16,}|glc_[\w+/=]{20,})"
        ),
        literals=(
            "sk-",
            "k_live_",
            "k_test_",
            "whsec_",
            "AIza",
            "ya29.",
            "GOCSPX",
            "glpat-",
            "gldt-",
            "glrt-",
            "glptt-",
            "glsa_",
            "glc_",
        ),
    ),
    Shape(
        "token",
        re.compile(
            r"(?<![\w-])(?:npm_\w{30,}|pypi-[\w-]{30,}|hv[sb]\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|do[op]_v1_[0-9a-f]{40,}"
            r"|dckr_pat_[\w-]{20,}|hf_[A-Za-z]{30,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0(?:atp|csp|idp)-[\w-]{20,}"
            r"|EAAA[\w-]{56,}|lin_api_\w{30,})"
        ),
        literals=(
            "npm_",
            "pypi-",
            "hvs.",
            "hvb.",
            "SG.",
            "_v1_",
            "dckr_pat_",
            "hf_",
            "shpat_",
            "shpca_",
            "shppa_",
            "shpss_",
            "sq0",
            "EAAA",
            "lin_api_",
        ),
    ),
    Shape(
        "token",
        re.compile(
            r"(?<![\w-])(?:NRAK-[A-Z0-9]{20,}|NRJS-[0-9a-f]{16,}|sntry[su]_[\w=+/-]{30,}|AT[AC]TT3[\w=-]{50,}|dapi[0-9a-f]{32}"
            r"|HRKU-[\w-]{30,}|rubygems_[0-9a-f]{40,}|dp\.(?:pt|st|ct)\.[\w.]{30,}|PMAK-[0-9a-f]{20,}-[0-9a-f]{20,}"
            r"|ntn_\w{40,}|figd_[\w-]{36,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}(?!\w))"
        ),
        literals=(
            "NRAK-",
            "NRJS-",
            "sntry",
            "TT3",
            "dapi",
            "HRKU-",
            "rubygems_",
            "dp.",
            "PMAK-",
            "ntn_",
            "figd_",
            "key-",
            "SK",
        ),
    ),
    Shape("token", re.compile(r"[0-9](?<!\d.)[0-9]{7,9}:AA[\w-]{32,}"), literals=(":AA",)),  # Telegram's bots
    Shape("password", re.compile(r"://[^\s/:@]{0,200}:(?P<it>[^\s/@]{1,500})@"), literals=("://",), is_one=_is_value),
    Shape(
        "credentials",
        # A variable of a shell, as in a runbook's command, is no secret.
        re.compile(
            r"authorization[\"']?\s{0,3}[:=]\s{0,3}[b\"']{0,2}(?:\w{1,20} )?(?P<it>(?!\$)[^\s\"',;]{3,})", re.IGNORECASE
        ),
        words=("authorization",),
        is_one=_is_value,
    ),
    Shape("token", re.compile(r"\bbearer +(?P<it>[\w.~+/=-]{12,})", re.IGNORECASE), words=("bearer ",)),
    Shape(
        "cookie",
        re.compile(r"\b(?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<it>[\w.%-]{1,60}=[^\s\"']{8,})", re.IGNORECASE),
        words=("cookie",),
    ),
    Shape(
        "password",
        re.compile(rf"(?:password|passwd|pwd|passphrase){_KEY}(?P<it>[^\s\"',;&]{{3,}})", re.IGNORECASE),
        words=("passw", "pwd", "passphrase"),
        is_one=_is_value,
    ),
    Shape(
        "password",
        re.compile(r"(?<!\S)--pass(?:word)? (?P<it>[^\s\"',;&-][^\s\"',;&]{2,})"),
        literals=("--pass",),
        is_one=_is_value,
    ),
    Shape(
        "password",
        re.compile(
            r"(?:\b(?:identified by|with password|set password)|<pass(?:word)?>) ?'?(?P<it>[^\s<>';]{3,})",
            re.IGNORECASE,
        ),
        words=("identified by", "with password", "set password", "<pass"),
        is_one=_is_value,
    ),
    Shape("password", re.compile(r"\bmysql\w* [^|;&\n]{0,80}?(?<=\s)-p(?P<it>[^\s-]\S{2,})"), words=("mysql",)),
    Shape("password", re.compile(r":[a-z]{1,10}:\w{1,40}/(?P<it>[^\s/@]{3,60})@"), words=("jdbc:",)),
    Shape("credentials", re.compile(r"\"auth\": ?\"(?P<it>[\w+/=-]{8,})\""), literals=('"auth"',)),
    Shape(
        "secret",
        re.compile(
            rf"(?:secret|token|key(?:[_-]?id)?){_KEY}(?=[^\s\"',;&]{{0,100}}\d)(?P<it>[^\s\"',;&]{{12,}})",
            re.IGNORECASE,
        ),
        words=("secret", "token", "key"),
        is_one=_is_value,
    ),
    Shape(
        "signature",
        re.compile(r"[?&;](?:sig|[\w-]{0,20}signature|code)=(?P<it>[\w%.~+/=-]{16,})", re.IGNORECASE),
        words=("sig=", "ignature=", "code="),
    ),
)
