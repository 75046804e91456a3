"""Takes words down to what they have in common: "rotated" and "rotation" are one, and so are the field's synonyms."""

import re
from functools import lru_cache

from incident_copilot.llm.sentences.number_words import WORDS

_PHRASES = (
    (re.compile(r"\b(?:tim(?:e[sd]?|ing)[ -]?out|timeouts)\b", re.IGNORECASE), "timeout"),
    (re.compile(r"\blook(?:ed|s|ing)?[ -]up\b", re.IGNORECASE), "lookup"),
    (re.compile(r"\broll(?:ed|s|ing)?[ -]?out\b|\b(?:went|go(?:es)?|put|brought) live\b", re.IGNORECASE), "rollout"),
    (re.compile(r"\broll(?:ed|s|ing)?[ -]?back\b|\bback(?:ed)? out\b", re.IGNORECASE), "rollback"),
    (re.compile(r"\b(?:turn|switch|set)(?:ed|s|ing)?[ -]on\b", re.IGNORECASE), "enabled"),
    (re.compile(r"\b(?:turn|switch)(?:ed|s|ing)?[ -]off\b", re.IGNORECASE), "disabled"),
    (re.compile(r"\bfail(?:ed|s|ing)?[ -]?over\b", re.IGNORECASE), "failover"),
    (re.compile(r"\bput (?:[\w.-]+ ){1,5}?back\b", re.IGNORECASE), "rollback"),
    (re.compile(r"\b(?:took|takes?|taken|taking) (?:[\w-]+ ){0,6}?(?:off|out)\b", re.IGNORECASE), "removed"),
    (re.compile(r"\b(?:took|takes?|taken|taking) over\b(?! from)", re.IGNORECASE), "takeover"),
    (re.compile(r"\b(?:took|takes?|taken|taking) the place of|took over from\b", re.IGNORECASE), "replaced"),
    (re.compile(r"\bstatus(?: page)?(?: is)? (?:green|ok)\b", re.IGNORECASE), "unaffected"),
    (re.compile(r"\b(?:is|are) (?:still )?running\b|\bin progress\b|\bunder way\b", re.IGNORECASE), "ongoing"),
    (re.compile(r"\bon time\b", re.IGNORECASE), "punctual"),
    (re.compile(r"\bno (?:problems?|issues?|incidents?|outages?)\b", re.IGNORECASE), "unaffected"),
    (re.compile(r"\bout[ -]of[ -]date\b", re.IGNORECASE), "outdated"),
    (re.compile(r"\bup[ -]to[ -]date\b", re.IGNORECASE), "current"),
)
_IRREGULAR = {
    **dict.fromkeys(("rose", "risen", "rise", "rising"), "rise"),
    **dict.fromkeys(("fell", "fallen"), "fall"),
    **dict.fromkeys(("grew", "grown", "growth"), "grow"),
    **dict.fromkeys(("began", "begun", "begin", "beginning", "started", "start"), "begin"),
    **dict.fromkeys(("took", "taken", "takes", "take"), "tak"),
    **dict.fromkeys(("ran", "run", "running"), "run"),
    **dict.fromkeys(("kept", "keep"), "keep"),
    **dict.fromkeys(("sent", "send"), "send"),
    **dict.fromkeys(("saw", "seen", "sees", "see"), "see"),
    **dict.fromkeys(("wrote", "written", "write", "writes"), "writ"),
    **dict.fromkeys(("broke", "broken", "break"), "break"),
    **dict.fromkeys(("held", "hold"), "hold"),
    **dict.fromkeys(("lost", "lose", "loss"), "los"),
    **dict.fromkeys(("came", "come", "went", "gone", "goes"), "go"),
    **dict.fromkeys(("got", "get", "gets", "getting", "gotten"), "get"),
    **dict.fromkeys(("made", "make", "making"), "mak"),
    **dict.fromkeys(("stale", "outdated"), "outdat"),
    **dict.fromkeys(("approval", "approvals"), "approv"),
    "removal": "remov",
}
_SAME = (
    # Words that incident briefs put for one another; each is the first one's stem.
    "fail error failure unsuccessful",
    "lag backlog behind",
    "slow slower latency p50 p90 p95 p99 long longer",
    "usual usually normal normally typical typically",
    "deploy rollout release ship rolled",
    "restart reboot",
    "refuse reject deny",
    "user customer people",
    "config configuration",
    "certificate cert",
    "database db",
    "old older previous",
    "stop pause halt",
    "answer respond reply response",
    "memory oom oomkill",
    "backup snapshot",
    "message event",
    "host machine server",
    "finish done complete",
)
_ENDINGS = (
    *("ations", "ation", "ating", "ated", "ates", "ate", "ments", "ment", "ities", "ity", "ions", "ion"),
    *("ings", "ing", "ures", "ure", "ies", "ied", "ers", "er", "ed", "es", "ly", "s", "e"),
)
_STOP = frozenset(
    """
    the and for are was were has had have been being its this that than then them they their there these those with
    into onto from about after again also although among because before both but can could did does during each may
    might must not now off only other our out over own per possibly possible probably likely same should since some
    still such through too under until very what when where which while who will within would yet you your all any
    more most less just near nearly almost cause caused causes currently incident service services issue
    problem appears seems due says said shows shown show time times began begin how why here however
    itself upon between down reached one half third quarter twice
    none nothing nobody never without
    first last few minute minutes second seconds hour hours day days shortly soon right came come comes happened happens
    became become becomes log logs occurred place number according much many have yet even well far ago today
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)


@lru_cache(maxsize=2048)  # all sentences of an answer are held against the same lines
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that carry meaning."""
    return frozenset(stem(word) for word in words(text) if word not in _STOP and word not in WORDS)


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, with `lookup` for "looking up"; names come in their parts."""
    for phrase, word in _PHRASES:
        text = phrase.sub(word, text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [word.lower() for word in re.findall(r"p\d\d|[^\W\d_]{3,}|\b(?:db|up)\b", text)]


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return what a word has in common with its other forms and with words that mean the same."""
    return _FIRST.get(_bare(word), _bare(word))


def _bare(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.rstrip("eiy") if len(word.rstrip("eiy")) >= 3 else word


_FIRST = {_bare(word): _bare(line.split()[0]) for line in _SAME for word in line.split()}
