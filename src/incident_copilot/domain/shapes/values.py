"""Whether what stands behind a name may be a secret: not a mask, a type, a name or a place where the secret is."""

import re
import string

_FORM = str.maketrans(string.digits + string.ascii_uppercase + string.ascii_lowercase, "0" * 10 + "A" * 26 + "a" * 26)
_SAYS_NOTHING = re.compile(
    r"(?:null|none|nil|undefined|true|false|yes|no|ok|on|off|set|unset|empty|missing|required|optional|unknown|not|n/a"
    r"|in?valid|expired|wrong|incorrect|failed|failure|denied|changed|reset|rotated|revoked|refused|rejected|mismatch"
    r"|present|absent|redacted|masked|hidden|filtered|secret|sensitive|protected|encrypted|removed|omitted|default"
    r"|bearer|basic|str|string|text|int|integer|number|bool|boolean|bytes|char|varchar|object|any|optional|field"
    r"|secretstr|authentication|authorization|verification|validation|policy|plain|(?:base|utf-?)\d+|sha-?\d+|md5"
    r"|bcrypt|argon2\w*|scrypt|pbkdf2|scram[\w-]*|trust|peer|ident|must|should|cannot|too|this|the|your|is|was|has)"
    r"\b(?:[^\w]*|[\[(].*| .*)",
    re.IGNORECASE,
)
_STANDS_FOR_ANOTHER = re.compile(
    r"(?:"
    r"\*+|[x•●█…]{3,}|\.{3,}|-+|\*{2,}.*"  # masks
    r"|[<(\[{].*|\$.*|%[\w({].*|!(?:Ref|Sub|GetAtt|vault|env|var|secret)\b.*|@\w+\(.*|#\{.*"
    r"|\w{0,20}\{\{.*"  # variables of shells, templates and vaults
    r"|ENC[\[(].*|(?:vault|ssm|secretsmanager|op|file|env|ref\+\w+|arn|gcp|projects|secrets?)[:/].*"  # where it is kept
    r"|(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\W*)+"  # names of variables
    r"|(?:(?:var|local|module|data|self|this|args|params|props|opts|process|os)\.[\w.]+"  # a path of names in a program
    r"|[A-Za-z_]+(?:\.[A-Za-z_]+)+)(?:[(\[].*|[)\]}]*)"
    r"|[A-Za-z_]\w*\(.*"  # a call
    r"|\w*?(?:password|passwd|passwort|pwd|pass|secret|token|key)s?[)\]},;]*"  # as in password=password
    r")",
    re.DOTALL,
)
_A_NAME = re.compile(r"[A-Za-z]+(?:[-_./][A-Za-z]+)+(?:[-_.]?v?\d{1,4})*|[A-Za-z]+|[\d.,:/-]+")
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w./\\~-]*")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OTHER_LETTERS = re.compile(r"[^A-Za-z0-9]+")
_RUN = re.compile(r"0+|A?a+|A+")


def is_password(text: str) -> bool:
    """Whether a password may be what stands there."""
    return not (_SAYS_NOTHING.fullmatch(text) or _STANDS_FOR_ANOTHER.fullmatch(text) or _is_path(text))


def is_mixed_password(text: str) -> bool:
    """Whether a password may be what stands behind a word that has other uses: it is no plain word or number."""
    return is_password(text) and not re.fullmatch(r"[a-zäöüß]+[.,;:!?)]*|\d{1,7}[,;)%]*", text)


def is_told_password(text: str) -> bool:
    """Whether a password may be what a sentence says one is: letters with digits or signs among them."""
    bare = text.rstrip(".,;:!?*_)")
    return (
        len(text) >= 6
        and is_password(text)
        and bool(re.search(r"[^\W\d_]", bare))
        and bool(re.search(r"\d|[!@#$%^&*_+=~]", bare))
        and not _A_NAME.fullmatch(bare)
        and not re.fullmatch(r"v?\d[\w.-]*|[A-Za-z]+\d?-[A-Za-z0-9-]+|[a-z]+(?:_[a-z]+)+", bare)
    )


def is_secret(text: str) -> bool:
    """Whether a key or token may be what stands there: digits among letters, and no name with a number."""
    if is_random(text, 12):
        return is_password(text)
    return len(text) >= 8 and bool(re.search(r"\d", text)) and not _A_NAME.fullmatch(text) and is_password(text)


def is_drawn(text: str) -> bool:
    """Whether chance made a text that is no id."""
    return is_random(text, 16) and is_password(text) and not _UUID.fullmatch(text)


def is_key(text: str) -> bool:
    """Whether a key may be what stands behind a word that mostly says which row or object it is: no hash either."""
    return is_drawn(text) and not re.fullmatch(r"(?:0x)?[0-9a-f]+", text)


def is_random(text: str, least: int) -> bool:
    """Whether letters and digits change places as no person would write them, in parts of `least` characters at all."""
    mixed = 0
    for part in _OTHER_LETTERS.split(text):
        runs = _RUN.findall(part.translate(_FORM))
        # Runs of letters and digits are three long by chance, and four where letters have one case.
        by_chance = len(part) <= 3.5 * len(runs) if len(runs) < 6 else len(part) <= 5 * len(runs)
        if len(part) >= 8 and len(runs) >= 3 and by_chance and not part.isalpha():
            mixed += len(part)
    return mixed >= least


def _is_path(text: str) -> bool:
    return bool(_PATH.fullmatch(text)) and not is_random(text, 12)
