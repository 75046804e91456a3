"""Secrets behind a name that says what they are: in configuration, headers, URLs, SQL, XML and chat.

A name is told by its last word in whatever style it is written, so `db.password`, `DB_PASSWORD`, `dbPassword` and
`X-Db-Password` are one to it; a number or a word such as `old` may follow. What stands behind a name that has other
uses (key, token, session) is hidden only where it looks drawn by chance.
"""

import re

from incident_copilot.domain.shapes.shape import QUOTE, SIGN, VALUE, Shape, behind, not_behind
from incident_copilot.domain.shapes.values import (
    is_drawn,
    is_key,
    is_mixed_password,
    is_password,
    is_secret,
    is_told_password,
)

_FOREIGN = (
    *("passwort", "kennwort", "mot de passe", "contrase", "senha", "hasło", "haslo", "wachtwoord", "lösenord"),
    *("losenord", "clave", "mdp", "psk", "adgangskode", "passord", "salasana", "parola d'ordine", "heslo"),
    *("jelszó", "şifre", "parolă"),
    *("пароль", "κωδικός", "パスワード", "密码", "密碼", "口令", "비밀번호", "पासवर्ड", "סיסמה", "كلمة المرور"),
)
_PASSWORD_WORDS = ("passw", "passphrase", "passcode", "pwd", "passwd", "pswd", *_FOREIGN)
_CALLED = (
    r"(?:passw(?:or[dt]|d)s?|passphrase|passcode|pass?wd|pwd|pswd|kennwort|mot de passe|contrase(?:ñ|n|ny)a|senha"
    r"|has[łl]o|wachtwoord|l[öo]senord(?:et)?|adgangskode[nr]?|passord(?:et)?|(?<!\w)(?:clave|mdp|psk)|salasana"
    r"|parola d'ordine|parolă|heslo|jelszó|şifre|пароль"
    r"|κωδικός|パスワード|密码|密碼|口令|비밀번호|पासवर्ड|סיסמה|كلمة المرور)"
)
_AFTER = (
    r"(?:[_-]?(?:value|hash|text|plain(?:text)?|base64|b64|enc(?:rypted)?|old|new|current|confirm(?:ation)?|prod|dev"
    r"|stag(?:e|ing)|test|live|[a-z]?\d{1,3}))?"
)
_SECRET_KEYS = """
    api access secret private signing sign encryption encrypt master auth account license licence subscription shared
    service admin app application storage fernet ssh hmac aes crypto cipher session function functions host webhook
    client deploy consumer rsa jwt cookie publish write ingest integration security token data
""".split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
_OF_OTHERS = not_behind(("public", "primary", "partition", "cache", "idempotency", "dedup", "object", "lock"))
_OF = (  # for the test system
    r"(?: (?:for|of|to|on|in|do|dla|für|zu[mr]?|vo[mn]|der|del?|da|du|pour|para|per|voor|till|для|от)"
    r"(?: [^\s:=]{1,30}){1,3})?"
)
_SAYS = r" (?:is|was|ist|war|lautet|est|es|é|è|är|er|jest|to|now|jetzt|heißt)(?: now| jetzt)?:? |は ?"
_TOLD = r"(?P<it>[^\s\"'`,<>()\[\]]{6,200})"
_SESSIONS = (
    r"(?:jsessionid|phpsessid|asp\.net_sessionid|aspsessionid\w{8}|connect\.sid|laravel_session|sessionid"
    r"|session[_-]?id"
    r"|session|sess|cfid|cftoken|_csrf|csrf[_-]?token|xsrf-token|remember[_-]?(?:me|token)|\.aspnetcore\.[\w.-]{1,40}"
    r"|wordpress_logged_in_\w{1,40}|wordpress_sec_\w{1,40}|sid|sso|ticket|auth)"
)


def _is_cookie(text: str) -> bool:
    return bool(re.search(r"=[^\s;]{8}", text))


def _is_session(text: str) -> bool:
    return is_drawn(text) and not text.startswith("0x")


ASSIGNED = (
    Shape(
        "password",
        re.compile(r"://[^\s/:@\"'<>]{0,200}:(?P<it>[^\s/\"'<>]{1,500})@(?=[\w\[(.-])"),
        literals=("://",),
        is_one=is_password,
    ),
    Shape(  # a token in the place of the user
        "token",
        re.compile(r"://(?P<it>[\w.~%-]{20,300})(?::(?:x-oauth-basic|\[[\w-]{1,30}\])?)?@"),
        literals=("://",),
        is_one=is_secret,
    ),
    Shape("password", re.compile(r":[a-z]{1,10}:\w{1,40}/(?P<it>[^\s/@]{3,60})@"), words=("jdbc:",)),
    Shape(
        "credentials",
        # A variable of a shell, as in a runbook's command, is no secret.
        re.compile(
            rf"authorization(?:{SIGN}|\s{{1,3}}(?={QUOTE}))(?:[bB]?{QUOTE})?(?:[A-Za-z][\w-]{{1,30}} {{1,2}})?"
            r"(?P<it>(?!\$)[^\s\"',;\\]{3,}(?:,? ?[\w-]{1,30}=(?:\"[^\"]*\"|[^\s\"',;]+))*)",
            re.IGNORECASE,
        ),
        words=("authorization",),
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "token",
        re.compile(r"\bbearer +(?P<it>[\w.~+/=-]{12,})", re.IGNORECASE),
        words=("bearer ",),
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "cookie",
        re.compile(
            rf"\bcookies?(?:{QUOTE})?\s{{0,3}}[:=]\s{{0,3}}(?:{QUOTE})?"
            r"(?P<it>[^\s=;,\"'\\]{1,80}=[^\s\"';]{0,4096}(?:; ?[^\s=;,\"'\\]{1,80}=[^\s\"';]{0,4096}){0,40})",
            re.IGNORECASE,
        ),
        words=("cookie",),
        is_one=_is_cookie,
        begins=True,
    ),
    Shape(
        "cookie",
        re.compile(rf"(?<![\w-]){_SESSIONS}{SIGN}{VALUE}", re.IGNORECASE),
        words=(
            *("jsess", "phpsess", "asp.net_sess", "aspsess", "connect.sid", "laravel_", "sess", "sid"),
            *("cfid", "cftoken"),
            *("csrf", "_csrf", "xsrf", "remember", ".aspnetcore", "wordpress_", "sso", "ticket", "auth"),
        ),
        is_one=_is_session,
        begins=True,
    ),
    Shape(
        "password",
        re.compile(rf"{_CALLED}{_AFTER}{SIGN}{VALUE}", re.IGNORECASE),
        words=_PASSWORD_WORDS,
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "password",  # not compass or bypass
        re.compile(
            rf"(?:(?<!by)(?<!com)(?<!tres)(?<!sur)(?<!over)(?<!under)pass|(?<![a-z])(?:pw|pin)){_AFTER}{SIGN}{VALUE}",
            re.IGNORECASE,
        ),
        words=("pass", "pw", "pin"),
        is_one=is_mixed_password,
        begins=True,
    ),
    Shape(
        "password",  # chat
        re.compile(
            rf"(?:(?:{_CALLED}|(?<!\w)pw)(?:(?: [^\s:=]{{1,20}}){{1,2}}: |{_OF}(?:{_SAYS}|: )|:? )|(?:(?<!\w)pass"
            rf"|secret"
            rf"|token){_OF}(?:{_SAYS}|: ))"
            rf"[\"'`]?{_TOLD}",
            re.IGNORECASE,
        ),
        words=(*_PASSWORD_WORDS, "pw", "pass", "secret", "token"),
        is_one=is_told_password,
        begins=True,
    ),
    Shape(
        "password",
        re.compile(
            r"(?:login|credentials?|creds|zugang(?:sdaten)?|identifiants|acceso)"
            rf"(?:{SIGN}| (?:are |is |sind )?)[\w.@-]{{2,40}} ?/ ?{_TOLD}",
            re.IGNORECASE,
        ),
        words=("login", "cred", "zugang", "identifiant", "acceso"),
        is_one=is_told_password,
        begins=True,
    ),
    Shape(
        "password",
        re.compile(
            r"(?:\bidentified (?:with \S{1,40} )?(?:by|as) (?:password )?|password(?: for \S{1,80})? ?(?:=|\(| ) ?)"
            r"n?'(?P<it>[^'\n]{3,200})'",
            re.IGNORECASE,
        ),
        words=("identified ", "password"),
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "password",
        re.compile(r"\bidentified by (?P<it>[^\s';]{3,})", re.IGNORECASE),
        words=("identified by",),
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "password",
        re.compile(
            r"<(?:[\w-]{1,40}:)?[\w.-]{0,40}(?:passw(?:or)?d|pass|pwd|passphrase|secret|token|api-?_?key)"
            r"(?: [^<>]{0,200})?>"
            r"(?:<!\[cdata\[)?\s{0,5}(?P<it>[^<>\n\]]{3,500}?)\s{0,5}(?:\]\]>)?</",
            re.IGNORECASE,
        ),
        literals=("</",),
        is_one=is_password,
    ),
    Shape(
        "password",  # the same where the name is an attribute
        re.compile(
            r"(?:name|key|id)=[\"'][\w.:-]{0,80}(?i:passw(?:or)?d|pass|pwd|secret|token|api-?_?key)[\"'][^<>]{0,100}>"
            r"\s{0,5}(?P<it>[^<>\n]{3,500}?)\s{0,5}</"
        ),
        literals=("</",),
        is_one=is_password,
    ),
    Shape(
        "secret",  # a name, and its value as a thing of its own
        re.compile(
            rf"(?:[Nn]ame|NAME|[Kk]ey){SIGN}(?:{QUOTE})?[\w.:-]{{0,60}}(?i:passw(?:or)?d|pass|pwd|secret|token|key"
            rf"|credentials?|dsn)"
            rf"\w{{0,3}}(?:{QUOTE})?[\s,]{{1,20}}(?:{QUOTE})?[Vv]alue{SIGN}{VALUE}"
        ),
        literals=("value", "Value"),
        is_one=is_secret,
        spans_lines=True,
    ),
    Shape("credentials", re.compile(r"\\?\"_?auth\\?\": ?\\?\"(?P<it>[\w+/=-]{8,})\\?\""), words=('auth"', 'auth\\"')),
    Shape(
        "secret",
        re.compile(
            r"(?:secret|token|credentials?|creds|connection[_.-]?string|\bdsn|webhook[_.-]?url|\bsas|\bseed|mnemonic)"
            rf"{_AFTER}{SIGN}{VALUE}",
            re.IGNORECASE,
        ),
        words=(
            *("secret", "token", "cred", "connection_str", "connection-str", "connection.str", "connectionstr", "dsn"),
            *("webhook_url", "webhook-url", "webhook.url", "webhookurl", "sas", "seed", "mnemonic"),
        ),
        is_one=is_secret,
        begins=True,
    ),
    Shape(  # what is short for a token or key
        "secret",
        re.compile(rf"(?:[_-](?:pat|auth|salt)|-api){_AFTER}{SIGN}{VALUE}", re.IGNORECASE),
        words=("_pat", "-pat", "_auth", "-auth", "_salt", "-salt", "-api"),
        is_one=is_drawn,
        begins=True,
    ),
    Shape(  # a program's call with a name and its value
        "secret",
        re.compile(
            rf"(?:{_CALLED}|secret|token|key|pass){_AFTER}{QUOTE}, ?{QUOTE}(?P<it>[^\s\"'`]{{6,200}}){QUOTE}\s?\)",
            re.IGNORECASE,
        ),
        words=(*_PASSWORD_WORDS, "secret", "token", "key", "pass"),
        is_one=is_told_password,
        begins=True,
    ),
    Shape(
        "secret",
        re.compile(
            rf"(?=key[\w-]{{0,20}}{SIGN})(?:{behind(_SECRET_KEYS)}|(?<=[?&]))key(?:[_-]?(?:id|base|value|secret|prod"
            rf"|dev|test|live"
            rf"|[a-z]?\d{{1,3}}))*{SIGN}{VALUE}",
            re.IGNORECASE,
        ),
        words=("key",),
        is_one=is_secret,
        begins=True,
    ),
    Shape(
        "secret",
        re.compile(rf"{_OF_OTHERS}key{_AFTER}{SIGN}{VALUE}", re.IGNORECASE),
        words=("key",),
        is_one=is_key,
        begins=True,
    ),
    Shape(
        "secret",  # the last resort: a string drawn by chance right behind a word for it
        re.compile(
            rf"(?:secret|token|{behind(_SECRET_KEYS)}key|passphrase|credential|auth ?code|bearer)s?"
            r"(?: (?:is|was|of|for|ist|lautet|value|with|using|code"
            r"|id))?[\"'`:]? {1,2}[(\"'`]?(?P<it>[\w+/=.~-]{20,500})",
            re.IGNORECASE,
        ),
        words=("secret", "token", "key", "passphrase", "credential", "auth", "bearer"),
        is_one=is_drawn,
        begins=True,
    ),
    Shape(
        "signature",
        re.compile(
            r"(?:(?<=[?&; ])sig|signature|(?<=[?&;])code|security-token|saml(?:response|request)"
            r"|code_verifier|id_token_hint|assertion)=(?P<it>[\w%.~+/=-]{16,})",
            re.IGNORECASE,
        ),
        words=(
            *("sig=", "signature=", "code=", "security-token=", "samlre", "code_verifier=", "id_token_hint="),
            *("assertion=",),
        ),
        is_one=is_password,
        begins=True,
    ),
    Shape(
        "password",  # .pgpass: host, port, database, user
        re.compile(
            r"(?:(?<=\s)|^)(?:\*|localhost|[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}):(?:\d{4,5}"
            r"|\*):[\w*-]{1,63}:[\w.*-]{1,63}:(?P<it>[^\s:]{4,200})(?=\s|$)"
        ),
        forms=(":0000:", ":00000:", ":*:"),
        is_one=is_told_password,
    ),
    Shape(
        "password",  # .netrc
        re.compile(r"(?:\blogin \S{1,200}|^)\s{1,20}password {1,8}(?P<it>\S{3,200})", re.MULTILINE),
        literals=("machine ",),
        is_one=is_mixed_password,
    ),
    Shape(
        "password",  # a program's call with a user's name and password
        re.compile(
            r"(?:login|auth(?:enticate)?|credentials?|getconnection)[= ]{0,3}\("
            rf"(?:[\w.@-]{{1,40}}=)?{QUOTE}[^\"'\n]{{1,200}}{QUOTE}, ?"
            rf"(?:[\w.@-]{{1,40}}=)?{QUOTE}(?P<it>[^\"'\\\n]{{4,200}}){QUOTE}\)",
            re.IGNORECASE,
        ),
        words=("login", "auth", "cred", "getconnection"),
        is_one=is_mixed_password,
        begins=True,
    ),
)
