"""Finds what a sentence calls by name: services, hosts, metrics, commits, versions, people, products, quotations."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from incident_copilot.llm.sentences.number_words import WORDS, number

_QUOTED = re.compile(
    r"[\"\u201c\u201d\u00ab]([^\"\u201c\u201d\u00ab\u00bb]{2,300})[\"\u201c\u201d\u00bb]|(?<!\w)'([^']{2,300})'(?!\w)"
)
_TOKEN = re.compile(r"[^\W_][\w./:@#+-]*[\w]|_[\w.]*\w|\w")
_HEX = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_TYPED = re.compile(
    r"(?:\b(?:the\s)?(?P<kind>service|host|node|pod|metric|commit|runbook)(?![-\w])\s(?:called\s"
    r"|named\s)?[`'\"]?(?P<name>[\w./:-]*\w))"
    r"|(?:(?<!['\u2019])\b(?P<name2>[\w./:-]*\w)\s(?P<kind2>service|host|node|pod|metric|commit|runbook)s?(?![-\w]))",
    re.IGNORECASE,
)
_NEUTRAL = frozenset({"UTC", "GMT", "HTTP", "HTTPS", "API", "I", "A", "OK", "ID"})
_COMPOUND = re.compile(
    # With a small word in it, as in "out-of-date"; or such a beginning; or such an ending.
    r"(?:\S+-)?(?:of|to|the|in|on|off|out|up|down|by|and|or|at|for|per|so|as|a|than|over|under|back|away)(?:-\S+)?"
    r"|(?:non|re|pre|post|un|de|co|multi|semi|self|mid|well|ill|all|half|near|ever|long|short|high|low|early|late|large"
    rf"|small|full|real|first|second|third|single|double|one|year|{'|'.join(WORDS)})-[a-z-]+"
    r"|[a-z-]+-(?:[a-z]+(?:ed|ing|able|ible)|wide|long|term|free|based|only|like|level|size|scale|time|hand|driven"
    r"|bound|specific|side|known|high|low|less|prone|heavy|fold|grade|style|party|call)",
    re.IGNORECASE,
)
"""What is written with a hyphen and is an ordinary word, as no system is called."""
_PRODUCTS = frozenset(
    """
    airflow ansible argocd aurora aws azure cassandra celery clickhouse cloudflare cloudfront consul dynamodb
    elasticsearch envoy etcd fastly flink gcp github gitlab grafana haproxy helm istio jenkins kafka kibana
    kubernetes lambda launchdarkly linkerd loki memcached mongodb mysql nginx okta openai oracle paypal pgbouncer
    postgres postgresql prometheus pulsar rabbitmq redis s3 sidekiq spark sqs stripe terraform twilio vault
    zookeeper
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)
"""Parts that systems are made of, in small letters too: a sentence that brings one in has to have it from somewhere."""
_SHORT = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{3,4}|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?![A-Za-z])"
)
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{3,}\b")
_OF_PEOPLE = re.compile(r"(?:ish|man|ian|ean|ese)s?$")
_VAGUE = frozenset(
    """
    a affected affecting all an another any backend background calling critical dependent downstream each every external
    failing first frontend head internal its latest main major merge new no of old one other our own previous primary
    private public same second slow that the their this underlying unhealthy unnamed upstream web which whole worker
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)
"""What stands before "service" or "host" and names none."""
_ADJECTIVE = re.compile(
    r"(?:ed|ing|er|est|ful|[ai]ble|ent|ic|al|ous|ive|less|y)$|^(?:bad|good|full|next)$", re.IGNORECASE
)
"""What names no host or node that it stands before; before "service" it may, as in "the billing service"."""
_ABBREVIATIONS = frozenset({"e.g", "i.e", "etc", "vs", "a.m", "p.m", "approx", "no"})


@dataclass(frozen=True)
class Known:
    """Names that exist, by kind. A kind of which nothing is known is not checked."""

    services: frozenset[str] = field(default_factory=frozenset)
    hosts: frozenset[str] = field(default_factory=frozenset)
    metrics: frozenset[str] = field(default_factory=frozenset)
    commits: frozenset[str] = field(default_factory=frozenset)
    runbooks: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def all(self) -> frozenset[str]:
        """Every name, whatever its kind."""
        return self.services | self.hosts | self.metrics | self.commits | self.runbooks

    @cached_property
    def systems(self) -> frozenset[str]:
        """Services and hosts, in small letters."""
        return frozenset(name.casefold() for name in self.services | self.hosts)

    def lacks(self, kind: str, name: str) -> bool:
        """Whether there is no such service, host, metric, commit or runbook, as far as is known."""
        kinds: Mapping[str, frozenset[str]] = {
            "service": self.services,
            "host": self.hosts,
            "node": self.hosts,
            "metric": self.metrics,
            "commit": self.commits,
            "runbook": self.runbooks,
        }
        known = {one.casefold() for one in kinds.get(kind, frozenset())}
        low = name.casefold()
        if kind == "commit":
            return bool(known) and not any(one.startswith(low) or low.startswith(one) for one in known)
        return bool(known) and low not in known


@lru_cache(maxsize=8)
def folded(known: frozenset[str]) -> frozenset[str]:
    """Return names in small letters, as they are compared."""
    return frozenset(name.casefold() for name in known)


def quotations(text: str) -> list[str]:
    """Return what a text has between quotation marks."""
    return [(match[1] or match[2]).strip(" .,;:…") for match in _QUOTED.finditer(text)]


def holds_quotation(quoted: str, evidence: str) -> bool:
    """Whether the evidence has these words in this order; spaces and capitals may differ."""
    return _squeezed(quoted) in _squeezed(evidence)


def names(text: str, known: Collection[str] = ()) -> list[str]:
    """Return what looks like a name in a text, or is a known one, in its order and each once.

    The word that begins a sentence has its capital from there, so it counts only if it is a name otherwise too.
    """
    low = folded(frozenset(known))
    found = []
    for match in _TOKEN.finditer(text):
        token = _bare(match[0])
        begins = not text[: match.start()].strip(" \"'(*-") or text[: match.start()].rstrip()[-1:] in ".!?:"
        if token.casefold() in low or _is_name(token, begins=begins):
            found.append(token)
    return list(dict.fromkeys(found))


def unknown(text: str, known: Known, evidence: str = "") -> tuple[str, str] | None:
    """Return the first (kind, name) that a text speaks of and that does not exist, as in "the billing service".

    What evidence calls a "time service" may be called so.
    """
    for match in _TYPED.finditer(text):
        kind = (match["kind"] or match["kind2"]).lower()
        name = _bare(match["name"] or match["name2"])
        is_one = match["name2"] is not None and match[0].lower().endswith(kind)
        is_one = is_one and f"{name} {kind}".casefold() not in evidence.casefold()
        is_one = is_one and (kind == "service" or not (_ADJECTIVE.search(name) or number(name)))
        begins = not text[: match.start("name" if match["name"] else "name2")].strip(" \"'(*-")
        is_name = name.casefold() not in _VAGUE and (_is_name(name, begins=begins) or is_one)
        if is_name and known.lacks(kind, name):
            return kind, name
    return None


def holds_name(name: str, evidence: str, known: Collection[str] = ()) -> bool:
    """Whether evidence speaks of a name: `checkout` is held by checkout-7d9f, unless that is itself a known name."""
    low, text = name.casefold(), evidence.casefold()
    if _HEX.fullmatch(low) and any(seen.startswith(low) or low.startswith(seen) for seen in _HEX.findall(text)):
        return True
    # An acronym stands for what it is, as in "CI jobs": part of a system's name, it is in the evidence.
    others = frozenset() if re.fullmatch(r"[A-Z]{2,4}s?", name) else folded(frozenset(known))
    return any(_stands_alone(variant, text, others) for variant in _variants(low)) or _is_form_of(name, evidence)


def _is_form_of(name: str, evidence: str) -> bool:
    """Whether evidence has a shorter form of a word with a capital, or its people: AMS, Wed, Poland for Polish."""
    if not re.fullmatch(r"[A-Z][a-z]{3,}", name):
        return False
    if any(name.casefold().startswith(seen.casefold()) for seen in _SHORT.findall(evidence)):
        return True
    alike = [seen for seen in _CAPITALISED.findall(evidence) if seen[:3] == name[:3]]
    return bool(alike) and any(map(_OF_PEOPLE.search, (name, *alike)))


def mixed_letters(text: str) -> str | None:
    """Return a word whose letters are of several alphabets, as a name in disguise has; None where there is none."""
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in word}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
            return str(word)
    return None


def _variants(name: str) -> list[str]:
    short = re.sub(r"[-_](?:service|svc)$", "", name)
    versionless = name[1:] if re.match(r"v\d", name) else f"v{name}" if name[:1].isdigit() and "." in name else name
    plural = name[:-1] if name.endswith("s") and len(name) > 3 else f"{name}s"
    return list(dict.fromkeys([name, short, versionless, plural]))


def _stands_alone(name: str, text: str, known: Collection[str]) -> bool:
    for match in re.finditer(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text):
        longer = re.compile(r"[\w-]*$").search(text[: match.start()])
        after = re.compile(r"[\w-]*").match(text, match.end())
        whole = f"{longer[0] if longer else ''}{name}{after[0] if after else ''}"
        if whole == name or whole not in known:
            return True
    return False


def _is_name(token: str, *, begins: bool) -> bool:
    low = token.casefold()
    if token in _NEUTRAL or low in _ABBREVIATIONS or token.isdigit() or number(low) is not None:
        return False
    has_digit, has_letter = any(map(str.isdigit, token)), any(map(str.isalpha, token))
    if (has_digit and has_letter) or re.search(r"[_/@#]|\w[.:]\w", token) or token.count(".") > 1:
        return True
    if "-" in token:
        return not _COMPOUND.fullmatch(token) and not re.fullmatch(r"\d+-\d+", token)
    if low in _PRODUCTS or re.search(r"[a-z][A-Z]|^[A-Z]{2,}s?$", token):
        return True
    return token[:1].isupper() and not begins


def _bare(token: str) -> str:
    return re.sub(r"(?:'s|\u2019s)$", "", token.strip(".,:;!?/-"))


def _squeezed(text: str) -> str:
    return " ".join(re.sub(r"[`*\"\u201c\u201d]", " ", text).casefold().split())
