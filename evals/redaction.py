"""What redaction finds of secrets and personal data, and what it hides that is none.

Order of work: first the rules (now in domain/shapes/, committed before this file existed),
then the samples below, from what vendors' pages print: CloudTrail's events, Azure's connection strings, GitLab's
token formats, sshd's, sudo's and Juniper's authentication lines, Kubernetes' audit events, PostgreSQL's and nginx's
log lines, Presidio's list of entities. Lines have the form of those pages; values are drawn here, so that none is
anybody's. The first run is the independent one: evals/README.md has its numbers. What it missed taught more rules, so
what is printed now is no measure of what comes next.

Whole lines are in redaction_lines.yaml: by an author who had not seen the rules, and by the rules' author afterwards.

False positives are counted over ordinary logs (loghub, 2,000 lines a system) where the shared data is.
"""

import os
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from incident_copilot.domain import checksums
from incident_copilot.domain.redaction import Redactor

DATA = Path(os.environ.get("LOGHUB", Path(__file__).parents[2] / "shared" / "data" / "logs" / "loghub2k"))
LINES = Path(__file__).with_name("redaction_lines.yaml")
ALNUM = string.ascii_letters + string.digits
Sample = tuple[str, str]

SECRETS: tuple[Sample, ...] = (
    ("AWS", '"accessKeyId":"AKIA{upper16}","userName":"bsmith"'),
    ("AWS", "aws_secret_access_key = {b64:40}"),
    ("AWS", "export AWS_SESSION_TOKEN={b64:180}"),
    ("AWS", "GET /b/o?X-Amz-Credential=x&X-Amz-Signature={hex64}&X-Amz-Date=20261121"),
    ("Azure", "DefaultEndpointsProtocol=https;AccountName=store;AccountKey={b64:86}==;EndpointSuffix=core.windows.net"),
    ("Azure", "BlobEndpoint=https://s.blob.core.windows.net;SharedAccessSignature=sv=2024-08-04&ss=b&sig={b64:43}%3D"),
    ("Azure", "Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={b64:43}="),
    ("Azure", "Server=tcp:db.database.windows.net;Database=d;User ID=app;Password={pass};Encrypt=true"),
    ("Google", "key=AIza{url:35}"),
    ("Google", '"private_key": "-----BEGIN PRIVATE KEY-----\\n{b64:60}\\n-----END PRIVATE KEY-----\\n"'),
    ("Google", "refresh_token: 1//0{url:60}"),
    ("GitHub", "remote: https://x-access-token:ghs_{alnum:36}@github.com/o/r.git"),
    ("GitHub", "GITHUB_TOKEN=github_pat_{alnum:22}_{alnum:59}"),
    ("GitLab", "PRIVATE-TOKEN: glpat-{url:20}"),
    ("GitLab", "token glpat-{url:27}.01.{alnum:9} revoked"),
    ("GitLab", "CI_JOB_TOKEN=glcbt-64_{url:20}"),
    ("Slack", "SLACK_BOT_TOKEN=xoxb-{digits:12}-{digits:13}-{alnum:24}"),
    ("Slack", "posting to https://hooks.slack.com/services/T{upper:8}/B{upper:10}/{alnum:24}"),
    ("Stripe", "using sk_live_{alnum:24} for charge"),
    ("Stripe", "whsec_{alnum:32} did not match"),
    ("Twilio", "auth SK{hex32} failed"),
    ("SendGrid", "SG.{url:22}.{url:43}"),
    ("npm", "//registry.example.org/:_authToken=npm_{alnum:36}"),
    ("Docker", '"auths": {"registry": {"auth": "{b64:40}=="}}'),
    ("Vault", "X-Vault-Token: hvs.{url:90}"),
    ("Vault", 'X-Vault-Token: "s.{alnum:24}"'),
    ("Terraform", 'token = "{alnum:14}.atlasv1.{alnum:67}"'),
    ("Databricks", "Authorization: Bearer dapi{hex32}"),
    ("Datadog", "DD-API-KEY: {hex32}"),
    ("Datadog", "DD_APP_KEY={hex:40}"),
    ("New Relic", "Api-Key NRAK-{upper:27} refused"),
    ("Discord", "https://discord.com/api/webhooks/{digits:18}/{url:68}"),
    ("Telegram", "POST https://api.telegram.org/bot{digits:10}:AA{url:33}/sendMessage"),
    ("Cloudflare", "CLOUDFLARE_API_TOKEN={url:40}"),
    ("Okta", "Authorization: SSWS 00{url:40}"),
    ("OpenAI", "OPENAI_API_KEY=sk-proj-{url:60}"),
    ("HTTP", "Authorization: Basic {b64:24}=="),
    ("HTTP", "Set-Cookie: session_id={alnum:32}; HttpOnly"),
    ("HTTP", "GET /callback?code={alnum:40}&state=x"),
    ("HTTP", "GET /v1/me?access_token={alnum:40} 401"),
    ("databases", "postgresql://app:{pass}@db.internal:5432/orders"),
    ("databases", "redis://:{pass}@cache:6379/0"),
    ("databases", "jdbc:oracle:thin:scott/{pass}@//db:1521/x"),
    ("databases", "mysql -u root -p{pass} orders"),
    ("databases", "CREATE USER app IDENTIFIED BY '{pass}'"),
    ("databases", "ALTER ROLE app WITH PASSWORD '{pass}'"),
    ("configuration", "spring.datasource.password={pass}"),
    ("configuration", '"db_password": "{pass}",'),
    ("configuration", "<password>{pass}</password>"),
    ("configuration", "--client-secret={alnum:40}"),
    ("configuration", "JWT_SECRET={hex64}"),
    ("configuration", "eyJ{alnum:17}.eyJ{alnum:40}.{url:43}"),
)
PERSONAL: tuple[Sample, ...] = (
    ("e-mail", "message accepted for delivery to <{name}.{surname}@{domain}>"),
    ("e-mail", '"email":"{name}+news@{domain}","ok":true'),
    ("e-mail", "RCPT TO:<{surname}@mail.{domain}> 550"),
    ("e-mail", "GET /reset?mail={name}%40{domain} 200"),
    ("sshd", "sshd[2374]: Failed password for {name} from {ipv4} port 36080 ssh2"),
    ("sshd", "sshd[2377]: Accepted publickey for {name} from {ipv4} port 49590 ssh2: ED25519 SHA256:x"),
    ("sshd", "sshd[99]: Invalid user {name} from {ipv4} port 22"),
    ("sshd", "pam_unix(sshd:auth): authentication failure; logname= uid=0 ruser= rhost={ipv4} user={name}"),
    ("sshd", "sshd[1]: Connection closed by authenticating user {name} {ipv4} port 1 [preauth]"),
    ("sudo", "sudo[2367]: {name} : PWD=/ ; USER=root ; COMMAND=/usr/bin/id"),
    ("sudo", "pam_unix(sudo:session): session opened for user {name}(uid=1000) by (uid=0)"),
    ("Juniper", "UI_AUTH_EVENT: Authenticated user '{name}' at permission level 'j-operator'"),
    ("Juniper", "UI_LOGIN_EVENT: User '{name}' login, class 'j-operator'"),
    ("CloudTrail", '"userIdentity":{"type":"IAMUser","userName":"{name}"},"sourceIPAddress":"{ipv4}"'),
    ("CloudTrail", "User: arn:aws:iam::111122223333:user/{name} is not authorized to perform: iam:Get"),
    ("Kubernetes", '"user":{"username":"{name}@{domain}","groups":["dev"]},"sourceIPs":["{ipv4}"]'),
    ("PostgreSQL", "LOG:  connection authorized: user={name} database=orders"),
    ("PostgreSQL", 'FATAL:  password authentication failed for user "{name}"'),
    ("nginx", '{ipv4} - {name} [21/Nov/2026:10:47:00 +0000] "GET / HTTP/1.1" 200 12'),
    ("nginx", '{ipv6} - - [21/Nov/2026:10:47:00 +0000] "GET / HTTP/1.1" 200 12'),
    ("application", "order placed customer_name='{name} {surname}' total=12"),
    ("application", "login username={name} ok"),
    ("application", '{"firstName":"{name}","lastName":"{surname}"}'),
    ("application", "Welcome back, {name} {surname}!"),
    ("phone", "sms to +4930{digits:8} failed"),
    ("phone", "call (415) 555-{digits:4} now"),
    ("phone", '"phoneNumber":"+1-202-555-{digits:4}"'),
    ("phone", "msisdn=44{digits:10}"),
    ("IBAN", "transfer to {iban} refused"),
    ("IBAN", "iban={iban_spaced}"),
    ("card", "charge pan={card} declined"),
    ("card", "card {card_spaced} expired"),
    ("national id", "ssn=219-{two}-{digits4} invalid"),
    ("national id", "tax code {cf}"),
    ("national id", "cpf {cpf}"),
    ("national id", "dni {dni}"),
)  # fmt: skip
"""What stands in braces, and AKIA or a like prefix before it, is what may not leave."""


def main(_argv: Sequence[str] | None = None) -> int:
    """Print recall by kind, what was missed, and what is hidden in ordinary logs."""
    print("| samples | lines | values | found | recall |\n|---|---|---|---|---|")
    missed: list[str] = []
    for name, samples in (("secrets", SECRETS), ("personal data", PERSONAL)):
        lines, values, found, left = recall(samples)
        missed += left
        print(f"| {name} | {lines} | {values} | {found} | {found / values:.3f} |")
    print("\nMissed (the form of the line):\n" + "\n".join(f"- {line}" for line in missed))
    print("\n| whole lines | to hide | left whole | left in part | to keep | hit |\n|---|---|---|---|---|---|")
    missed = []
    for name, lines_of in yaml.safe_load(LINES.read_text()).items():
        whole, part, hit = left_of(lines_of["hidden"], lines_of["kept"])
        missed += [f"- {name}: {one}" for one in (*whole, *part, *hit)]
        numbers = len(lines_of["hidden"]), len(whole), len(part), len(lines_of["kept"]), len(hit)
        print(f"| {name} | {' | '.join(map(str, numbers))} |")
    print("\nMissed, or hit:\n" + "\n".join(missed))
    if not DATA.is_dir():
        print("\nskipped: no shared data for false positives")
        return 0
    print("\n| ordinary log | lines | lines with something hidden | what |\n|---|---|---|---|")
    for path in sorted(DATA.rglob("*.log")):
        number, touched, kinds = hidden_in(path.read_text(errors="replace").splitlines())
        print(
            f"| {path.stem} | {number} | {touched} | {', '.join(f'{k} {n}' for k, n in kinds.most_common()) or '-'} |"
        )
    return 0


def recall(samples: Sequence[Sample], rounds: int = 20) -> tuple[int, int, int, list[str]]:
    """Return lines, values in them, values hidden, and the forms in which one stayed; each is drawn several times."""
    drawn = random.Random(6)  # noqa: S311 -- made-up values, the same in every run
    values = found = 0
    missed = []
    for kind, form in samples:
        left = 0
        for _ in range(rounds):
            line, hidden = _fill(form, drawn)
            told = Redactor().redact(line)
            left += sum(value in told for value in hidden)
            values += len(hidden)
            found += sum(value not in told for value in hidden)
        if left:
            missed.append(f"{kind}: `{form}` ({left} of {rounds * len(_PLACES.findall(form))})")
    return len(samples) * rounds, values, found, missed


def left_of(hidden: Sequence[Sequence[str]], kept: Sequence[Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """Return the kinds of what stays whole, of what stays in part, and the plain lines that were hit."""
    whole, part, hit = [], [], []
    for kind, marked in hidden:
        line, value = _unmarked(marked)
        told = Redactor().redact(line)
        size = max(5, len(value) // 3)
        if value in told:
            whole.append(kind)
        elif any(value[start : start + size] in told for start in range(len(value) - size + 1)):
            part.append(kind)
    for _, marked in kept:
        line, value = _unmarked(marked)
        if value not in Redactor().redact(line):
            hit.append(line)
    return whole, part, hit


def _unmarked(marked: str) -> tuple[str, str]:
    before, value, after = re.split("[⟦⟧]", marked.replace("¦", ""))
    return before + value + after, value


def hidden_in(lines: Sequence[str]) -> tuple[int, int, Counter[str]]:
    """Return the number of lines, of those in which something is hidden, and how much of which kind."""
    redactor = Redactor()
    touched = sum(redactor.redact(line) != line for line in lines)
    return len(lines), touched, redactor.hidden


_PLACES = re.compile(r"\{([a-z0-9_]+)(?::(\d+))?\}")
_NAMES = ("jonas", "priya", "mehmet", "chloe", "akira", "zanele", "ingrid", "diego")
_SURNAMES = ("Lindqvist", "Okafor", "Moreau", "Tanaka", "Yilmaz", "Novak")
_DOMAINS = ("corp.example", "mail.example.org", "firma.example.de")


def _fill(form: str, drawn: random.Random) -> tuple[str, list[str]]:
    hidden: list[str] = []

    def value(match: re.Match[str]) -> str:
        made = _make(match[1], int(match[2] or 0), drawn)
        hidden.append(made)
        return made

    return _PLACES.sub(value, form), hidden


def _make(kind: str, length: int, drawn: random.Random) -> str:
    sized = re.fullmatch(r"([a-z]+)(\d+)", kind)
    if sized and sized[1] in _LETTERS:
        kind, length = sized[1], int(sized[2])
    if kind in _LETTERS:
        return "".join(drawn.choices(_LETTERS[kind], k=length))
    return _MAKERS[kind](drawn)


_LETTERS = {
    "upper": string.ascii_uppercase + "234567",
    "hex": "0123456789abcdef",
    "alnum": ALNUM,
    "url": ALNUM + "_-",
    "b64": ALNUM + "+/",
    "digits": string.digits,
}


def _checked(
    make: Callable[[random.Random, int], str], check: Callable[[str], bool], most: int
) -> Callable[[random.Random], str]:
    def draw(drawn: random.Random) -> str:
        while True:
            seed = drawn.randrange(10**9)
            for number in range(most):
                if check(made := make(random.Random(seed), number)):  # noqa: S311 -- as above
                    return made

    return draw


def _digits(drawn: random.Random, many: int) -> str:
    return "".join(drawn.choices(string.digits, k=many))


def _spaced(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _public(drawn: random.Random) -> str:
    return ".".join(map(str, (drawn.choice((8, 34, 81, 93, 185)), *(drawn.randrange(1, 255) for _ in range(3)))))


_iban = _checked(lambda d, n: f"DE{n:02}{_digits(d, 18)}", checksums.is_iban, 99)
_card = _checked(lambda d, n: f"4{_digits(d, 14)}{n}", checksums.is_card, 10)
_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "name": lambda d: d.choice(_NAMES),
    "surname": lambda d: d.choice(_SURNAMES),
    "domain": lambda d: d.choice(_DOMAINS),
    "pass": lambda d: "".join(d.choices(ALNUM + "!#_", k=12)),
    "ipv4": _public,
    "ipv6": lambda d: f"2a02:{d.randrange(4096, 65535):x}:{d.randrange(4096, 65535):x}::{d.randrange(1, 65535):x}",
    "iban": _iban,
    "iban_spaced": lambda d: _spaced(_iban(d)),
    "card": _card,
    "card_spaced": lambda d: _spaced(_card(d)),
    "two": lambda d: f"{d.randrange(1, 99):02}",
    "digits4": lambda d: f"{d.randrange(1, 9999):04}",
    "cf": _checked(
        lambda d, n: f"RSSMRA{d.randrange(40, 99)}T10A{d.randrange(100, 999)}{chr(65 + n)}",
        checksums.is_codice_fiscale,
        26,
    ),
    "cpf": _checked(lambda d, n: f"{_digits(d, 3)}.{_digits(d, 3)}.{_digits(d, 3)}-{n:02}", checksums.is_cpf, 100),
    "dni": _checked(lambda d, n: f"{_digits(d, 8)}{'TRWAGMYFPDXBNJZSQVHLCKE'[n]}", checksums.is_dni, 23),
}

if __name__ == "__main__":
    raise SystemExit(main())
