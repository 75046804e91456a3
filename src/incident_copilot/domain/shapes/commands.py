"""Secrets on command lines: long options of any program, and what well-known ones take without a name."""

import re

from incident_copilot.domain.shapes.shape import ARGUMENT, Shape
from incident_copilot.domain.shapes.values import is_mixed_password, is_password, is_secret

_PAIR = r"[\"']?[^\s:\"'%]{1,200}[:%](?P<it>[^\s\"'|]{2,300})"
# Programs, and which of their options hold a password. Most have -p for a port or a path otherwise.
_OPTIONS = (
    ("mysql* mariadb* mycli mytop xtrabackup 7z 7za", "", r"-p(?P<it>[^\s-]\S{2,})"),
    (
        "docker podman buildah nerdctl oras helm crane skopeo oc az cf acr ibmcloud argocd",
        " login",
        rf"-p[ =]?{ARGUMENT}",
    ),
    (
        "sshpass mongo* twine cqlsh rabbitmqadmin influx snowsql impala-shell nodetool kinit usql",
        "",
        rf"-p ?{ARGUMENT}",
    ),
    ("ldap* vsql dsconf dsidm", "", rf"-w ?{ARGUMENT}"),
    ("redis-cli valkey-cli keydb-cli", "", rf"-a ?{ARGUMENT}"),
    ("sqlcmd bcp isql tsql zip unzip ipmitool mosquitto_pub mosquitto_sub", "", rf"-P ?{ARGUMENT}"),
    ("snmp*", "", rf"-[cAX] ?{ARGUMENT}"),
    ("curl", "", rf"(?:-[a-zA-Z]{{0,5}}[uU] ?|--(?:proxy-)?user[= ]){_PAIR}"),
    ("http https xh httpie", "", rf"(?:-a ?|--auth[= ]){_PAIR}"),
    ("ab siege hey", "", rf"-[Aa] ?{_PAIR}"),
    ("skopeo podman buildah crictl ctr nerdctl", "", rf"(?:--(?:src-|dest-)?creds|--user|-u)[= ]{_PAIR}"),
    ("smbclient smbmap rpcclient net", "", rf"(?:-U|--user)[= ]?{_PAIR}"),
    ("openssl", "", r"-?pass(?:in|out)? (?:pass:)(?P<it>\S{3,})"),
    ("xfreerdp* wlfreerdp mstsc", "", r"/p:(?P<it>\S{3,})"),
    ("sqlplus expdp impdp rman sqlldr", "", r"[\w$#]{1,40}/(?P<it>[^\s@/]{3,60})(?=@)"),
    ("htpasswd", "", r"-\w{0,3}b\w{0,3} \S{1,200} \S{1,100} (?P<it>\S{3,})"),
    ("rabbitmqctl", "", r"(?:add_user|change_password|authenticate_user) \S{1,100} (?P<it>\S{3,})"),
    ("kubectl oc", "", r"--from-literal[= ][\"']?[\w.-]{1,100}=(?P<it>[^\s\"']{3,})"),
    ("az aws", " (?:secret set|put-parameter)", rf"--value[= ]{ARGUMENT}"),
    ("aws", " secretsmanager", rf"--secret-string[= ]{ARGUMENT}"),
    ("vault", " (?:login|operator unseal)", r"(?:token=)?(?P<it>[^\s=-]\S{15,})"),
    ("net", " use", r"(?:\\\\)\S{1,100} (?P<it>[^\s/\\]\S{2,}) /user:"),
    ("net", " user", r"(?P<it>[^\s/]\S{2,}) /add"),
)


def _shape(programs: str, verb: str, option: str) -> Shape:
    names = programs.split()
    either = "|".join(re.escape(name).replace(r"\*", r"[\w-]*") for name in names)
    pattern = rf"(?<![\w.-])(?:{either})(?:\.exe)? (?:[^|;&\n]{{0,400}}? )??{option}"
    if verb:
        pattern = (
            rf"(?<![\w.-])(?:{either})(?:\.exe)?(?: [\w-]{{1,40}}){{0,3}}?{verb} (?:[^|;&\n]{{0,400}}? )??{option}"
        )
    literals = tuple(name.removesuffix("*") if name.endswith("*") else f"{name} " for name in names)
    return Shape("password", re.compile(pattern), literals=literals, is_one=is_mixed_password, begins=True)


COMMANDS = (
    Shape(
        "password",
        re.compile(
            r"-(?<![\w-].)-?(?:[A-Za-z0-9]{1,30}[.-]){0,4}(?:[Pp]ass(?:w(?:or)?[dt]|phrase|wd)?|[Pp]wd|pw|requirepass"
            r"|masterauth"
            rf"|\w{{0,12}}pass|\w{{0,20}}Password)(?:[= ]|[\"'], ?)(?!-){ARGUMENT}"
        ),
        words=("pass", "-pwd", "-pw", "masterauth"),
        is_one=is_password,
    ),
    Shape(
        "secret",
        re.compile(
            r"-(?<![\w-].)-?(?:[A-Za-z0-9]{1,30}[._-]){0,4}(?:\w{0,20}[Ss]ecret|\w{0,20}[Tt]oken|\w{0,20}[Kk]ey"
            r"|[Cc]redentials?|connection-string|dsn|sas)"
            rf"(?:-id|-value)?(?:[= ]|[\"'], ?)(?!-){ARGUMENT}"
        ),
        words=("secret", "token", "key", "credential", "connection-string", "-dsn", "-sas"),
        is_one=is_secret,
    ),
    *(_shape(*row) for row in _OPTIONS),
    Shape(
        "password",
        re.compile(
            r"(?<![\w-])(?:requirepass|masterauth|rootpw|auth_pass|rpcpassword|enable (?:secret|password)(?: \d)?"
            r"|snmp-server community|password [07]|secret 5) +(?P<it>\S{3,200})"
        ),
        literals=(
            "requirepass",
            "masterauth",
            "rootpw",
            "auth_pass",
            "rpcpassword",
            "enable ",
            "snmp-server",
            "password 0 ",
            "password 7 ",
            "secret 5 ",
        ),
        is_one=is_mixed_password,
    ),
    Shape(
        "password",
        re.compile(rf"(?i:ConvertTo-SecureString)(?: -[Ss]tring)? {ARGUMENT}"),
        words=("convertto-securestring",),
        is_one=is_password,
    ),
    Shape(
        "password",
        re.compile(
            r"\becho (?:-n )?[\"']?(?:[\w.-]{1,60}:)?(?P<it>[^\s\"':|]{4,200})[\"']? ?\| ?(?:sudo )?(?:chpasswd|passwd"
            r"|\S{1,40} [^|\n]{0,200}--password-stdin|sudo -S)"
        ),
        literals=("chpasswd", "--password-stdin", "sudo -S", "passwd"),
        is_one=is_password,
    ),
    Shape(
        "secret",  # what programs are told to keep
        re.compile(
            rf"\b(?:set|put|add|create)(?: -{{1,2}}[\w-]{{1,40}}(?:=\S{{1,60}})?)* [\"']?[\w./:@-]{{0,80}}(?i:password"
            rf"|secret|token|key)[\"']? {ARGUMENT}"
        ),
        words=(" set ", " put ", " add "),
        is_one=is_secret,
    ),
)
