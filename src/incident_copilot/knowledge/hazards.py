"""What a command that a runbook shows would do when somebody runs it: the risk, and what to beware of.

Nothing here is ever run by the copilot. An author who names the risk knows better; this is for those who did not.
"""

import re
from collections.abc import Iterable

from incident_copilot.domain.proposal import Risk

# What cannot be taken back, or takes more with it than it names.
_DESTROYS = re.compile(
    r"\brm\s+(-\w+\s+)*-\w*[rf]|\b(drop|truncate)\s+(table|database|schema|index|keyspace|topic)\b|\bdelete\s+from\b"
    r"|\bterraform\s+(-\S+\s+)*destroy\b|\bmkfs\b|\bdd\s+.*\bof=|\bflush(all|db)\b|\bwipefs\b"
    r"|\bkubectl\s.*\bdelete\s+(ns|namespaces?|pv|pvc|persistentvolume\w*|nodes?|crds?|customresourcedefinitions?)\b"
    r"|\bdelete\b.*--(all|force)\b|\s--delete(?![\w-])|--grace-period=0|\bdelete-(db-instance|bucket|stack|volume|table)\b|\bpurge\b"
    r"|\betcdctl\b.*\b(del|snapshot\s+restore)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(kubectl|oc)\s[^|\n]*\b(delete|scale|patch|drain|cordon|uncordon|apply|replace|edit|create|annotate|label|taint)\b"
    r"|\b(kubectl|oc)\s[^|\n]*\b(rollout\s+(undo|restart|pause|resume)|set\s+(image|env|resources))\b"
    r"|\b(systemctl|service)\b.*\b(restart|stop|start|reload|disable|mask)\b|\b(reboot|shutdown|kill|pkill|killall)\b"
    r"|\bhelm\s.*\b(upgrade|rollback|uninstall|install)\b|\bterraform\s+(-\S+\s+)*apply\b|\bdocker\s+(restart|stop|rm)\b"
    r"|\bcurl\b.*(-X\s*|--request[ =])(POST|PUT|DELETE|PATCH)\b|\baws\s.*\b(modify|update|put|create|reboot|terminate)-"
    r"|\b(alter|update|insert\s+into|vacuum|reindex)\b.*\b(table|set|values|full|index|database|system)\b"
    r"|\bpg_(terminate|cancel)_backend\b|\bsysctl\s+-w\b|\bgit\s+(revert|push|reset)\b|--(execute|alter)\b",
    re.IGNORECASE,
)
_RUNS_UNREAD = re.compile(
    r"\b(curl|wget|fetch)\b[^\n|]*\|\s*(sudo\s+)?(\w+=\S+\s+)*(ba|z|da|k)?sh\b"
    r"|\b(ba|z|da)?sh\b\s+(-c\s+)?[\"']?(<\(|\$\()\s*(curl|wget)\b|\beval\b.*\$\(\s*(curl|wget)\b",
    re.IGNORECASE,
)
RUNS_UNREAD = "It runs what a server sends, unread: look at the script first."


def risk_of(commands: Iterable[str]) -> Risk | None:
    """The risk of running these, None where they only look."""
    text = "\n".join(commands)
    if _DESTROYS.search(text) or _RUNS_UNREAD.search(text):
        return Risk.HIGH
    return Risk.MEDIUM if _CHANGES.search(text) else None


def caution_about(commands: Iterable[str]) -> str:
    """What to beware of before pasting these; "" where there is nothing."""
    return RUNS_UNREAD if _RUNS_UNREAD.search("\n".join(commands)) else ""
