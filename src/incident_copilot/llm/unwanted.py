"""What no sentence of a model may have, whatever its evidence says: links, mentions, commands, decisions, orders."""

import re

from incident_copilot.domain.plain_letters import plain

LONGEST = 400
_REPEATED = 8  # words in a row
# An arrow is none: facts say "pool_size 20 -> 4", and a model is to repeat them as they are.
_MARKUP = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|[<`\[\]|]|(?<! -)>|(?<!\w)@\w|\$\(|\n")
_DECIDES = re.compile(
    r"\b(?:(?:^\W*|(?:please|must|should|you|can|may|now|and|then|(?:ready|safe|ok|okay|fine|free) to) )approve"
    r"|(?:(?:is|was|been|already|pre)[ -]?|^\W*)approved|approved (?:by|for|to)\b"
    r"|approvals? (?:is |was |has been )?(?:given|granted|not (?:needed|required)|unnecessary)"
    r"|buttons?|ignore|instructions?|instruct\w*"
    r"|install(?:s|ing)?|execut(?:e|ing)|authori[sz](?:es?|ed|ing)"
    r"|sign(?:s|ed|ing)? off|no (?:further |more )?(?:actions?|steps?) (?:is|are) (?:needed|required|necessary)"
    r"|sudo|curl|wget|apt|apt-get|ppa|kubectl|systemctl|chmod|helm (?:install|upgrade|rollback)"
    r"|docker (?:run|exec|pull)|(?:pip|npm|yum|dnf|brew) \w+|rm -\w+|bash|powershell)\b"
    # Not within a name, such as that of the flag one-click-checkout.
    r"|(?<![\w-])click(?:s|ed|ing)? (?:on\b|the\b|here\b|it\b|this\b|that\b|below\b|above\b|yes\b|ok\b|[A-Z])"
    r"|^\W*click|\b(?:to|must|should|can|may|please|and|then) click\b"
    # One is spoken of where it is changed or expires; to give it away, or to tell what it is, is another matter.
    r"|\b(?:your|my|whose|the following) (?:\w+ )?(?:passwords?|secrets?)\b"
    r"|\b(?:shar(?:e|ing)|send|sent|post|print|reveal|giv(?:e|ing)|enter|includ(?:e|ing)|paste|leak|exfiltrat"
    r"|dump)\w*"
    r"\b[^.;]{0,40}\b(?:passwords?|secrets?)\b"
    r"|\b(?:passwords?|secrets?)(?: (?:of|for|to|on|in) \S+(?: \S+)?)?(?: is| are|:|=)(?!\s?(?:not\b|no\b|expired"
    r"|unchanged|outdated|old\b"
    r"|wrong|missing|invalid|valid|rotated|changed|stored|read\b|set\b|used\b|still\b|now\b|being|due\b|the same\b))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:please|(?:people|every(?:one|body)|engineers?) (?:should|must|need to)"
    r"|you (?:should|must|need|can|have to)|we (?:should|must|need to|recommend)"
    r"|(?:should|must) be (?:rolled|restarted|reverted|scaled|disabled|deleted)"
    r"|(?:need|needs|ought|has|have|remains?) to be (?:re|un)?(?:started|booted|rolled|verted|placed|scaled|sized"
    r"|disabled"
    r"|enabled|deleted|moved|deployed|creased|raised|lowered|fixed|patched|upgraded|rotated|stopped|killed|set"
    r"|changed|updated"
    r"|cleared|flushed|drained|restarted|reverted|replaced|removed|increased|reduced|paired)\b|needs? (?:an? "
    r"|another |to be )?(?:restart|reboot"
    r"|rollback|fix|patch|new|larger|bigger|manual)\w*"
    r"|recommend(?:s|ed|ing|ations? (?:is|are|to))?\b(?!-)|advis(?:e|ed|able)|(?:it is|would be|is) (?:best|better"
    r"|safer?) to"
    r"|fix(?:ed)? (?:it |this )?by|to fix (?:this|it)"
    r"|^\W*mark (?:[\w-]+ ){0,3}as|mark(?:ed)? (?:\w+ ){0,3}as (?:resolved|fixed|solved|closed|done|safe|approved|false"
    r"|mitigated)"
    r"|(?:set|lower|raise|change) (?:the )?severity|severity (?:to|should|is now))\b",
    re.IGNORECASE,
)
# Remedies come from runbooks and the catalogue: what telemetry calls one may be an attacker's (AIOpsDoom).
_REMEDIES = re.compile(
    r"\b(?:the (?:fix|solution|remedy|workaround|mitigation) (?:is to|was to|is an?\b|is simpl[ey]|is easy|would|here)"
    r"|(?:fixes|resolves|solves|cures|repairs) (?:it|this|that|the)|will (?:fix|resolve|solve|help)"
    # What doing something brings: "Putting key 9c04 into the secret clears the errors".
    r"|^\W*(?!during|according|following|including|regarding|nothing|something|everything|anything|missing|(?:ris"
    r"|fall|grow|fail"
    r"|exist|remain|pend|runn|wait|incom|outgo)ing)[a-z]+ing\b[^,;]{3,80}?"
    r"\b(?:would|will|should|resolves|fixes|clears|solves|restores|stops|ends|cures|repairs|prevents|helps)\b"
    r"|(?:would|will|should|could|can) (?:\w+ )?(?:resolve|fix|help|solve|restore|clear|cure|repair|stop the"
    r"|end the)\b"
    r"|by (?:installing|adding|restarting|rebooting|running|executing|deleting|disabling|enabling|upgrading"
    r"|downgrading"
    r"|applying|setting|removing))\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"^\W*(?:then |now |first,? |next,? |just |immediately )?(?:"
    r"(?:roll ?back|restart|reboot|revert|delete|drop|disable|enable|scale|kill|run|deploy|redeploy|upgrade|downgrade"
    r"|flush|purge|terminate|remove|visit|propose|resolve|escalate|apply|drain|cordon|go to|say|repeat|tell)\b"
    r"(?! (?:of|rates?|times?|paths?|errors?|is|was|are|were|has|had|failed|failures?)\b)"
    # Words that begin statements too, as in "Page load time rose".
    r"|(?:add|stop|open|close|use|set|change|check|page|call|ask|send|post|print|write|output|return|contact|forward"
    r"|rotate|patch|reply|fail ?over) (?:the|it|this|that|these|your|all|every|each|to|with|him|her|them"
    r"|everyone|up|down|back)\b)",
    re.IGNORECASE,
)


# A small model repeated an alert that spoke as the system.
_ROLE = re.compile(r"\b(?:SYSTEM|ASSISTANT)\s?:")
# Some programs make a link of a host with a path, and of schemes that need no slashes.
_ADDRESS = re.compile(
    r"\b(?:[a-z0-9-]+\.)+[a-z]{2,24}/\w|\b(?:mailto|tel|sms|slack|javascript|vbscript):\S|\bhxxps?\b", re.IGNORECASE
)


def unwanted(said: str, told: str = "") -> str | None:
    """Return why a sentence is no statement of fact, in words people read; None where it may be one.

    `told` is what the model was told to do: nothing that repeats it is shown.
    """
    if len(said) > LONGEST:
        return "it is too long"
    said = plain(said)
    if _MARKUP.search(said) or _ADDRESS.search(said):
        return "it has a link, a mention or markup"
    if reads_like_an_order(said) or _ROLE.search(said):
        return "it tells people what to do"
    if not _runs_of_words(told).isdisjoint(_runs_of_words(said)):
        return "it repeats what the model was told to do"
    return None


def as_shown(said: str, most: int = 40) -> str:
    """Return words of a model as people may see them where code speaks of them: cut, and none that are unwanted."""
    return "(words that are not shown)" if unwanted(said) else said[:most]


def reads_like_an_order(text: str) -> bool:
    """Whether a text decides, asks for something or tells somebody to do it, as no fact does."""
    text = plain(text)
    return any(pattern.search(text) for pattern in (_DECIDES, _ASKS, _REMEDIES, _ORDERS))


def _runs_of_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + _REPEATED]) for start in range(len(words) - _REPEATED + 1)}
