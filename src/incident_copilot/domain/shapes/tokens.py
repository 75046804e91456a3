"""Tokens with a prefix of their vendor's, and keys, as vendors document them.

Many are in gitleaks' rules too (https://github.com/gitleaks/gitleaks).
"""

import re
from collections.abc import Sequence

from incident_copilot.domain.shapes.shape import Shape

_PREFIXED = (
    (
        "AWS key",
        (
            *((prefix, r"[A-Z0-9]{16}(?![A-Za-z0-9])") for prefix in ("AKIA", "ASIA", "ABIA", "ACCA")),
            ("ABSK", r"[\w+/]{60,}={0,2}"),
        ),
    ),
    (
        "Slack token",
        (("xox", r"[a-z](?:\.xox[a-z])?-[\w-]{8,}"), ("xapp-", r"[\w-]{8,}")),
    ),
    (
        "GitHub token",
        (
            *((prefix, r"\w{20,}") for prefix in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
            ("github_pat_", r"\w{20,}"),
        ),
    ),
    (
        "token",  # GitLab: https://docs.gitlab.com/security/tokens/#token-prefixes
        tuple(
            (prefix, r"[\w-]{16,}(?:\.[\w-]{2}\.[\w-]{7,})?")
            for prefix in (
                *("glpat-", "gldt-", "glrt-", "glrtr-", "glptt-", "glcbt-", "glft-", "glimt-", "glagent-", "glsoat-"),
                *("gloas-", "glffct-", "glwt-"),
            )
        ),
    ),
    (
        "token",  # clouds
        (
            ("AIza", r"[\w-]{30,}"),
            ("ya29.", r"[\w-]{20,}"),
            ("1//0", r"[\w-]{30,}"),
            ("GOCSPX-", r"[\w-]{20,}"),
            ("LTAI", r"[A-Za-z0-9]{12,26}(?![A-Za-z0-9])"),
            ("AKID", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
            ("dop_v1_", r"[0-9a-f]{40,}"),
            ("doo_v1_", r"[0-9a-f]{40,}"),
            ("dor_v1_", r"[0-9a-f]{40,}"),
            ("HRKU-", r"[\w-]{30,}"),
            ("dapi", r"[0-9a-f]{32}"),
            ("hvs.", r"[\w-]{20,}"),
            ("hvb.", r"[\w-]{20,}"),
            ("hvr.", r"[\w-]{20,}"),
            ("sha256~", r"[\w-]{43}"),
            ("FlyV1 ", r"[\w-]{20,}"),
            ("fo1_", r"[\w-]{30,}"),
            ("nfp_", r"\w{30,}"),
            ("pscale_", r"(?:tkn|pw|oauth)_[\w=.-]{30,}"),
            ("sbp_", r"[0-9a-f]{40}"),
            ("sb_secret_", r"[\w-]{20,}"),
            ("tskey-", r"[a-z]{2,9}-[\w-]{16,}"),
            ("pul-", r"[0-9a-f]{40}"),
            ("v1.0-", r"[0-9a-f]{24}-[0-9a-f]{100,}"),
        ),
    ),
    (
        "token",  # registries of packages and images
        (
            ("npm_", r"\w{30,}"),
            ("pypi-", r"[\w-]{30,}"),
            ("rubygems_", r"[0-9a-f]{40,}"),
            ("oy2", r"[a-z0-9]{43}(?!\w)"),
            ("CLOJARS_", r"[a-z0-9]{60}"),
            ("dckr_", r"(?:pat|oat)_[\w-]{20,}"),
            ("AKCp", r"[A-Za-z0-9]{30,}"),
            ("cmVmd", r"[A-Za-z0-9]{50,}"),
            ("ATBB", r"[A-Za-z0-9]{28,}"),
        ),
    ),
    (
        "token",  # payments, shops and mail
        (
            *((f"{kind}_{mode}_", r"\w{16,}") for kind in ("sk", "rk", "rzp") for mode in ("live", "test")),
            ("whsec_", r"[\w+/=]{20,}"),
            ("access_token$", r"(?:production|sandbox)\$\w{10,}\$\w{20,}"),
            *((f"shp{kind}_", r"[0-9a-fA-F]{32}") for kind in ("at", "ca", "pa", "ss")),
            ("sq0", r"(?:atp|csp|idp)-[\w-]{20,}"),
            ("EAAA", r"[\w-]{56,}"),
            ("FLWSECK", r"[\w-]{20,}"),
            ("SG.", r"[\w-]{16,}\.[\w-]{16,}"),
            ("key-", r"[0-9a-f]{32}"),
            ("xkeysib-", r"[\w-]{40,}"),
            ("xsmtpsib-", r"[\w-]{40,}"),
            ("SK", r"[0-9a-f]{32}(?!\w)"),
            ("EZ", r"[AT]K[A-Za-z0-9]{54}"),
        ),
    ),
    (
        "token",  # models
        (
            ("sk-", r"[\w-]{20,}"),
            ("sk.eyJ", r"[\w-]{20,}\.[\w-]{16,}"),
            ("hf_", r"[A-Za-z0-9]{30,}"),
            ("gsk_", r"\w{40,}"),
            ("xai-", r"\w{40,}"),
            ("pplx-", r"\w{40,}"),
            ("r8_", r"\w{30,}"),
        ),
    ),
    (
        "token",  # observability and work
        (
            ("NRAK-", r"[A-Z0-9]{20,}"),
            ("NRJS-", r"[0-9a-f]{16,}"),
            ("NRII-", r"[\w-]{20,}"),
            ("sntry", r"[su]_[\w=+/-]{30,}"),
            ("glsa_", r"\w{16,}"),
            ("glc_", r"[\w+/=]{20,}"),
            ("dt0c01.", r"[A-Z0-9]{20,}\.[A-Z0-9]{40,}"),
            ("hcaik_", r"\w{20,}"),
            ("phc_", r"\w{30,}"),
            ("phx_", r"\w{30,}"),
            *((f"sq{kind}_", r"[0-9a-f]{40}") for kind in "upa"),
            ("ATATT3", r"[\w=-]{50,}"),
            ("ATCTT3", r"[\w=-]{50,}"),
            ("lin_api_", r"\w{30,}"),
            ("ntn_", r"\w{40,}"),
            ("figd_", r"[\w-]{36,}"),
            ("PMAK-", r"[0-9a-f]{20,}-[0-9a-f]{20,}"),
            *((f"dp.{kind}.", r"[\w.]{30,}") for kind in ("pt", "st", "ct", "sa")),
            *((f"{kind}-", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{22}") for kind in ("sdk", "mob", "pat-na1", "pat-eu1")),
            ("pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
            ("ops_eyJ", r"[\w-]{60,}"),
            ("CFPAT-", r"[\w-]{40,}"),
            ("CCIPAT_", r"\w{20,}"),
            ("bkua_", r"[0-9a-f]{30,}"),
            ("API-", r"[A-Z0-9]{26,}(?!\w)"),
        ),
    ),
)


def _shape(kind: str, rows: Sequence[tuple[str, str]]) -> Shape:
    either = "|".join(re.escape(prefix) + rest for prefix, rest in rows)
    return Shape(
        kind, re.compile(rf"(?<![\w-])(?:{either})"), literals=tuple(prefix for prefix, _ in rows), begins=True
    )


TOKENS = (
    Shape(
        "private key",
        re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", re.DOTALL),
        literals=("-----BEGIN",),
        spans_lines=True,
    ),
    Shape(
        "private key",  # the same in base64, as Kubernetes keeps it; certificates and public keys are none
        re.compile(r"LS0tLS1CRUdJTiB(?!DRVJU|QVUJMSU)[\w+/]{20,}={0,2}"),
        literals=("LS0tLS1CRUdJTiB",),
    ),
    Shape(
        "private key",
        re.compile(r"PuTTY-User-Key-File-\d.*?(?:Private-MAC: \w+|\Z)", re.DOTALL),
        ("PuTTY-User-Key",),
        spans_lines=True,
    ),
    Shape("private key", re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"), literals=("AGE-SECRET-KEY-",)),
    *(_shape(kind, rows) for kind, rows in _PREFIXED),
    Shape("JWT", re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*(?:\.[\w-]+\.[\w-]+)?"), literals=("eyJ",)),
    Shape("token", re.compile(r"[\w-]{7,14}:APA91b[\w-]{80,}"), literals=(":APA91b",)),  # Firebase
    Shape("token", re.compile(r"[0-9](?<!\d.)[0-9]{7,9}:AA[\w-]{32,}"), literals=(":AA",)),  # Telegram's bots
    Shape("token", re.compile(r"\w{14}\.atlasv1\.[\w=-]{40,}"), literals=(".atlasv1.",)),
    Shape("token", re.compile(r"(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}"), literals=("Q~",)),  # Entra's client secrets
    Shape(
        "token", re.compile(r"(?<![\w+/-])(?<!sha512:)[A-Za-z0-9+/]{86}==(?!=)"), literals=("==",)
    ),  # keys of Azure's stores
    Shape("token", re.compile(r"(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)"), literals=("-us",)),  # Mailchimp
    Shape("token", re.compile(r"(?<!\w)[0-9a-zA-Z]{36}NRAL(?!\w)"), literals=("NRAL",)),  # New Relic's licences
    Shape(
        "token",  # Twilio's pairs: an account or key, and its secret
        re.compile(
            r"(?:(?<!\w)AC[0-9a-f]{32}|(?<!\w)SK[0-9a-f]{32}|\[token-\d+\]"
            r"|\[token masked\])[:,][\"' ]{0,3}(?P<it>[0-9a-f]{32})(?!\w)"
        ),
        literals=("AC", "SK", "[token"),
    ),
    Shape(
        "webhook",
        re.compile(
            r"(?:hooks\.slack(?:-gov)?\.com/[a-z]{1,12}/|/api/webhooks/\d{5,25}/|webhook\.office\.com/webhookb2/"
            r"|hooks\.zapier\.com/hooks/catch/|chat\.googleapis\.com/v1/spaces/[\w-]{1,40}/messages\?"
            r"|maker\.ifttt\.com/use/"
            r"|/integration/[\w-]{1,40}/enqueue/|alert\.victorops\.com/integrations/generic/\d+/alert/)"
            r"(?P<it>[\w/@=&%.-]{10,})"
        ),
        words=("hooks.", "/webhooks/", "webhook.office", "chat.googleapis", "maker.ifttt", "alert.victorops"),
    ),
    Shape(
        "password hash",
        re.compile(
            r"\$(?:[1567y]|2[abxy]|apr1|argon2id?|scrypt|pbkdf2[\w-]{0,10})\$[\w./$=,+-]{16,}"
            r"|(?<!\w)pbkdf2_sha\d+\$\d+\$[\w+/=$.-]{20,}|\{(?:S?SHA\d*|S?MD5|CRYPT)\}[\w+/=$.-]{16,}"
        ),
        literals=("$2", "$apr1$", "$argon2", "$scrypt$", "pbkdf2", "SHA}", "SHA256}", "SHA512}", "MD5}", "CRYPT}"),
        forms=("$0$", "$a$"),
    ),
)
