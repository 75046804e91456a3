"""Names, logins, places and dates of people, behind a word that says so: what is in plain sentences is not found."""

import re

from incident_copilot.domain.shapes.shape import QUOTE, Shape, behind

# Accounts of programs, which say nothing of a person.
_NOBODY = frozenset(
    """
    root nobody admin administrator system daemon postgres mysql www-data nginx apache redis kafka jenkins git
    ubuntu ec2-user service default anonymous guest test unknown none null user app deploy backup operator sshd cron
    bin sys mail ftp oracle hadoop hdfs spark yarn zookeeper elasticsearch prometheus grafana true false undefined
    id name password is not has was and or for from with runner node shared public
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)
# Words of names that things have: a card, an alert, a step of a pipeline.
_OF_A_THING = frozenset(
    """
    access account action and agent alert alerts analytics api app application apps archive auth average backend backup
    balancer batch beta bot broker browser bucket build bus cache canary card cart catalog center central check
    checkout chrome client cloud cluster code config connection connector console consumer container controller core
    count country cron customer daemon daily dashboard data database db default delivery deploy deployment desk dev
    development device disk dns docker domain down edge email engine english environment error errors event events
    explorer export external failed failure feature file filter firefox flow frontend function gateway global google
    group health high host hourly http image import incident index infra ingress install instance integration
    internal internet inventory invoice job jobs kafka key lambda latency launch layer limit lint linux live load
    local log logging login logs low mail main manager master memory message messages metric metrics microsoft mobile
    model monitor monitoring network new nightly node not notification null office old onboarding online operator
    order orders page partition payment payments pipeline platform plugin pod policy pool portal post pre primary
    private process producer prod product production profile project proxy public publish push query queue rate
    read realtime redis region registry release remote replica report request requests response rest retail retry role
    rollback room rule run runner safari sales sandbox scheduler search secondary secret security segment server
    service services session set shared shipping shop site slow smoke smtp source staging standard stage start state
    status stop storage store stream studio sub suite super support sync system table target task team terraform test
    tests time token tool topic tracking traffic transfer unit unknown update upload usage user users validate verify
    version view volume warning web webhook windows worker workflow write zone to do done in progress graph license
    fix that regular
    """.split()  # noqa: SIM905 -- as above
)
_CAPITAL = "A-Z" + "".join(letter for letter in map(chr, range(0xC0, 0x530)) if letter.isupper())
_WORD = rf"[{_CAPITAL}](?:[^\W\d_]|['’.-](?=[^\W\d_])){{0,40}}\.?"  # noqa: RUF001 -- as it is in names
_OF = "(?:(?:van|von|de|del|della|di|da|dos|du|la|le|den|der|zu|zur|bin|al|el|ter|ten) ){0,2}"
_WORDS = rf"{_WORD}(?:(?: |\+|%20){_OF}{_WORD}){{0,4}}"
_SEP = rf"(?:{QUOTE})?\s{{0,3}}[=:：]\s{{0,3}}(?:{QUOTE})?"  # noqa: RUF001 -- as Chinese and Japanese write it
_NAMED = behind(
    """
    first last full sur given family middle maiden nick real legal contact customer client patient employee
    cardholder holder beneficiary recipient receiver sender payee payer debtor creditor passenger guest student member
    visitor caller owner author person applicant tenant driver doctor buyer seller shipping billing ship[_-]to
    bill[_-]to consignee account
    """.split()  # noqa: SIM905 -- as above
)
_PERSON = (
    r"(?:vorname|nachname|familienname|kundenname|kund(?:e|in)|inhaber(?:in)?|empfänger(?:in)?|ansprechpartner(?:in)?"
    r"|pr[ée]nom|nom(?: de famille)?|nombre|apellidos?|cognome|nome|sobrenome|imi[ęe]|nazwisko|naam|voornaam|achternaam"
    r"|förnamn|efternamn|titulaire|titular|patient(?:in)?|cardholder|card[_ -]holder|account[_ -]?holder|beneficiary"
    r"|passenger|insured|policy[_ -]?holder|payee|mitarbeiter(?:in)?|absender)"
)
_MAY_BE_A_PERSON = (
    r"(?:(?<!\w )name|author|assignee|reporter|owner|cliente?|customer|contact|caller|recipient|employee|sender|signed"
    r"|display[_ -]?name)"
)
_MONTH = r"[^\W\d_]{3,10}"


def _is_login(text: str) -> bool:
    return text.casefold() not in _NOBODY and not text.casefold().startswith(("system:", "svc-", "svc_", "arn:"))


def _is_person(text: str) -> bool:
    """Whether words with capitals may be a person's name, and not a thing's."""
    words = re.split(r"[ -]", text.casefold())
    return not _OF_A_THING.intersection(words) and not _NOBODY.intersection(words) and len(text) > 2


def _is_place(text: str) -> bool:
    """Whether it begins with a word with a capital and the number of a house, in either order."""
    return bool(
        re.match(
            rf"[{_CAPITAL}][^\d:/()=]{{3,60}} \d{{1,5}} ?[a-z]?(?![\w:.])"
            r"|\d{1,5}[a-z]?(?: bis| ter)?,? [^\W\d_]{2,}\.? [^\W\d_]{2,}",
            text,
        )
    )


NAMES = (
    Shape(  # of who sent a mail, or wrote a change
        "user",
        re.compile(rf"(?P<it>{_WORDS})(?:{QUOTE})? <(?=[^<>\s@]{{1,64}}@|\[email-\d+\]>)"),
        literals=("@", "[email-"),
        is_one=_is_person,
    ),
    Shape(
        "user",
        re.compile(
            r"(?:[Uu](?:ser|SER)(?:[_-]?[Nn](?:ame|AME))?|[Ll]ogin|[Bb]enutzer(?:name)?|[Uu]suario|[Uu]tilisateur"
            rf"|(?i:{behind(('first', 'last', 'full', 'sur', 'given', 'customer', 'account'))}(?:name"
            rf"|holder|owner)))"
            rf"[\"']?\s{{0,2}}[=:]\s{{0,2}}[\"']?(?!arn:)(?P<it>[^\W\d_][\w.@'-]{{1,63}}+(?!/)(?: {_WORD}){{0,3}})"
        ),
        words=(*("user", "login", "benutzer", "usuario", "utilisateur", "name", "holder", "owner"),),
        begins=True,
        is_one=_is_login,
    ),
    Shape(
        "user",
        re.compile(rf"(?i:{_NAMED}name|(?<![^\W\d_]){_PERSON}){_SEP}(?P<it>{_WORDS})(?![\w/])"),
        words=(
            *("name", "vorname", "nachname", "familienn", "kund", "inhaber", "empfänger", "ansprech"),
            *("prénom", "prenom"),
            *("nom", "apellido", "cognome", "sobrenome", "imi", "nazwisko", "naam", "voornaam", "achternaam"),
            *("förnamn",),
            *("efternamn", "titula", "patient", "cardholder", "card holder", "card_holder", "card-holder"),
            *("account holder", "account_holder", "account-holder", "accountholder", "beneficiary", "passenger"),
            *("insured", "policyholder", "policy holder", "policy_holder", "payee", "mitarbeiter", "absender"),
        ),
        begins=True,
        is_one=_is_person,
    ),
    Shape(  # what has other uses has two words of a person's name behind it
        "user",
        re.compile(
            rf"(?<![\w.-])(?i:{_MAY_BE_A_PERSON}){_SEP}"
            rf"(?P<it>{_WORD}(?: {_OF}{_WORD}){{1,3}})(?![\w-])"
        ),
        words=(
            *("name", "author", "assignee", "reporter", "owner", "client", "customer", "contact", "caller"),
            *("recipient",),
            *("employee", "sender", "signed", "display"),
        ),
        is_one=_is_person,
        begins=True,
    ),
    Shape(
        "user",
        re.compile(
            rf"(?<!\w)(?:Herrn?|Frau|Mr|Mrs|Ms|Mx|Dr|Prof|Mme|Mlle|Monsieur|Madame|Señora?|Sra|Signora?|Sig|Dhr|Mevr"
            rf"|Fru)\.? (?P<it>{_WORDS})(?!\w)"
        ),
        literals=(
            "Herr",
            "Frau ",
            "Mr",
            "Ms",
            "Mx",
            "Dr",
            "Prof",
            "Mme",
            "Mlle",
            "Mons",
            "Mada",
            "Señor",
            "Sra",
            "Sig",
            "Dhr",
            "Mevr",
            "Fru",
        ),
        is_one=_is_person,
        begins=True,
    ),
    Shape(
        "user",
        re.compile(
            rf"(?<!\w)(?:[Kk]und(?:e|in)|[Pp]atient(?:in)?|[Cc]ustomer|[Mm]itarbeiter(?:in)?|[Cc]lient(?:e|a)?)"
            rf" (?P<it>{_WORD} {_OF}{_WORD}(?: {_WORD})?)(?!\w)"
        ),
        words=("kund", "patient", "customer", "mitarbeiter", "client"),
        is_one=_is_person,
        begins=True,
    ),
    Shape(
        "user",
        re.compile(
            r"(?:氏名|お名前|姓名|名前|お客様|客户|성명|이름)\s{0,3}[=:：]?\s{0,3}"  # noqa: RUF001 -- as above
            r"(?P<it>\w{2,10}(?: \w{1,10})?)"
        ),
        literals=("氏名", "お名前", "姓名", "名前", "お客様", "客户", "성명", "이름"),
    ),
    Shape(
        "user",
        re.compile(
            r"(?:(?:[Ff]or|[Ii]nvalid|[Bb]y|authenticating|Authenticated) user"
            r"|(?:password|publickey) for(?: invalid user)?|UI_\w{4,20}: User|arn:aws:iam::\d{12}:user/)"
            r" ?[\"']?(?P<it>[^\W\d_][\w.-]{0,63})(?![\w:])"
        ),
        words=(" user ", "password for ", "publickey for ", ": user '", ":user/", "invalid user "),
        is_one=_is_login,
    ),
    Shape(
        "user",
        re.compile(r"(?<=sudo\[)\d{1,8}\]: +(?P<it>[^\W\d_][\w.-]{0,63}) : (?:TTY|PWD|USER)="),
        literals=("sudo[",),
        is_one=_is_login,
    ),
    Shape(  # the third field of web servers' logs
        "user",
        re.compile(r" - (?P<it>[^\W\d_][\w.@-]{1,63}) \[\d\d/[A-Z][a-z]{2}/\d{4}:"),
        forms=(" [00/Aaa/0000:",),
        is_one=_is_login,
    ),
    Shape(  # directories and homes
        "user",
        re.compile(
            r"(?:(?i:\b(?:uid|cn)=)(?P<it>[^,=\n]{2,80})(?=,\s?(?i:ou=(?:people|users|staff|employees|mitarbeiter))))"
        ),
        words=("ou=",),
        is_one=_is_login,
    ),
    Shape(
        "user",
        re.compile(r"(?:/Users/|[A-Z]:\\{1,2}Users\\{1,2})(?P<it>[^\W\d_][\w.-]{1,60})"),
        literals=("Users",),
        is_one=_is_login,
    ),
    Shape(
        "birth",
        re.compile(
            r"(?:\bdob|d\.o\.b\.|(?:date|day)[_ ]?of[_ ]?birth|birth[_ ]?(?:day|date)?|\bborn(?: on)?|geburts(?:datum"
            r"|tag)"
            r"|geb(?:oren|\.)(?: am)?|n[ée]e? le"
            r"|date de naissance|(?:fecha de )?nacimiento|data di nascita|data de nascimento|geboortedatum|födelsedatum"
            r"|生年月日|出生日期)"
            rf"(?:{QUOTE})?\s{{0,3}}(?:[:=：]|is|on)?\s{{0,3}}(?:{QUOTE})?"  # noqa: RUF001 -- as above
            rf"(?P<it>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|\d{{8}}|\d{{1,2}}\.? {_MONTH} \d{{4}}"
            rf"|{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}}-{_MONTH}-\d{{2,4}}|\d{{4}}年\d{{1,2}}月\d{{1,2}}日)(?!\d)",
            re.IGNORECASE,
        ),
        words=(
            *("dob", "d.o.b", "date", "day", "born", "birth", "geb", "né", "ne le", "nacimiento", "fecha", "data di"),
            *("data de",),
            *("geboorted", "födelsed", "生年月日", "出生日期"),
        ),
        begins=True,
    ),
    Shape(
        "place",
        re.compile(
            r"(?:(?:street|home|postal|shipping|billing|delivery|mailing|customer|residential)[_ -]?address|\baddress"
            r"(?:[_ -]?(?:line)?[_ -]?1)?|\bstreet|adresse|anschrift"
            r"|stra(?:ß|ss)e|wohnhaft(?: in)?|direcci[óo]n|domicilio|indirizzo|endere[çc]o|\badres|gatuadress|lives at"
            r"|deliver(?:y|ed)? to|ship(?:ped)? to)"
            rf"(?:{_SEP}| )(?P<it>[^\n\"'|;<>{{}}=]{{6,120}}?)(?=$|[\n\"'|;<>]| \w{{1,30}}=| - )",
            re.IGNORECASE,
        ),
        words=(
            *("street", "home", "postal", "shipping", "billing", "delivery", "mailing", "customer", "residential"),
            *("address", "adresse", "anschrift", "straße", "strasse", "wohnhaft", "direcci", "domicilio"),
            *("indirizzo", "endere", "adres", "gatuadress", "lives at", "deliver", "ship to", "shipped to"),
        ),
        is_one=_is_place,
        begins=True,
    ),
    Shape(
        "place",
        re.compile(
            rf"(?<![\w-])(?:[{_CAPITAL}][^\W\d_]{{1,30}}[ -]?){{1,3}}(?:(?<=[^ ])(?:stra(?:ß|ss)e|str\.|gasse|allee"
            rf"|straat|gracht|gatan|vägen)|[Ss]tra(?:ß|ss)e|Str\.|Allee) \d{{1,4}} ?[a-z]?(?!\w)"
            rf"(?:, ?\d{{4,5}} {_WORD})?"
            rf"|(?<![\w.-])\d{{1,5}}[a-z]? (?:{_WORD} ){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Court"
            rf"|Boulevard|Blvd|Close|Crescent|Terrace|Square)\b\.?(?:, ?{_WORDS})?"
            rf"|(?<![\w.-])\d{{1,4}}(?: bis| ter)?,? (?:rue|avenue|boulevard|allée|chemin|quai"
            rf"|impasse) [^\n\"',;]{{3,60}}(?:, ?\d{{5}} {_WORD})?"
            rf"|(?<!\w)(?:Calle|Avda\.?|Avenida|Plaza|Paseo|Via|Viale|Piazza|Rua|Travessa"
            rf"|ul\.) {_WORDS},? \d{{1,4}}(?!\w)"
        ),
        literals=(
            *("straße", "Straße", "strasse", "Strasse", "str. ", "Str. ", "gasse ", "llee ", "straat "),
            *("gracht ", "gatan ", "vägen "),
            *(" Street", " St,", " St.", " St ", " Road", " Rd", " Ave", " Lane", " Ln", " Drive", " Court"),
            *(" Boulevard", " Blvd", " Close", " Crescent"),
            *(" Terrace", " Square", " rue ", " avenue ", " boulevard ", " allée ", " chemin ", " quai "),
            *(" impasse ", "Calle ", "Avda"),
            *("Avenida ", "Plaza ", "Paseo ", "Via ", "Viale ", "Piazza ", "Rua ", "Travessa ", "ul. "),
        ),
    ),
    Shape(
        "place",
        re.compile(
            rf"(?:latitude|longitude|\blng|\blon|\blat(?=.{{1,40}}\bl(?:on|ng)))(?:{QUOTE})?\s{{0,3}}[=:]\s{{0,3}}"
            rf"(?:{QUOTE})?(?P<it>-?\d{{1,3}}\.\d{{3,}})",
            re.IGNORECASE,
        ),
        words=("latitude", "longitude", "lng", "lon", "lat"),
        begins=True,
    ),
    Shape(
        "place",
        re.compile(
            r"(?:\bgps|location|coordinates?|coords?|position|geo|standort|(?<=[?&@/])(?:q|ll|query)="
            r"|maps/@)[^\d\n-]{0,12}"
            r"(?P<it>-?\d{1,2}\.\d{3,}°?[NS]?[,; ] ?-?\d{1,3}\.\d{3,}°?[EWO]?)",
            re.IGNORECASE,
        ),
        words=("gps", "location", "coord", "position", "geo", "standort", "q=", "ll=", "query=", "maps/@"),
        begins=True,
    ),
)
