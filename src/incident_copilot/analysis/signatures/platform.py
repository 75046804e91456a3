"""Failures of hosts, queues, caches, quotas, configuration and what a service depends on."""

from incident_copilot.analysis.signatures.signature import Sign, Signature

PLATFORM = (
    Signature(
        id="platform.memory_leak",
        kind="defect",
        resource="memory",
        title="{service} runs out of memory",
        mechanism="Memory is taken and not given back, or a single request takes too much, until allocations fail or"
        " collecting garbage leaves no time for work.",
        signs=(
            Sign(
                0.6, says=r"outofmemoryerror|out of memory|heap out of memory|gc overhead limit|cannot allocate memory"
            ),
            Sign(0.4, says=r"pause full|full gc|allocation failure|gc pause|garbage collect\w* took"),
            Sign(0.4, metric="memory", moves="full"),
            Sign(0.3, metric="heap", moves="full"),
            Sign(0.2, metric="heap"),
            Sign(0.2, metric="gc"),
            Sign(0.3, metric="swap free", moves="full"),
            Sign(0.3, metric="mem available", moves="full"),
        ),
        next_check="Compare a heap profile of {service} with one from before.",
        confirm="Memory grows with time or requests and falls only by a restart.",
        refute="Memory is level.",
        precision=0.65,
        explains=("platform.processor",),
    ),
    Signature(
        id="platform.disk_full",
        kind="saturation",
        resource="disk",
        title="a disk of {service} is full",
        mechanism="Logs, data or temporary files fill the disk, or its inodes are used up; writes fail.",
        signs=(
            Sign(0.7, says=r"no space left on device|disk quota exceeded|enospc|read-only file ?system"),
            Sign(0.5, metric="disk", moves="full"),
            Sign(0.5, metric="filesystem", moves="full"),
            Sign(0.4, metric="inode", moves="full"),
        ),
        next_check="Find the largest and fastest growing directory on {service}.",
        confirm="Writes succeed once space is freed.",
        refute="Space and inodes are free.",
        precision=0.85,
    ),
    Signature(
        id="platform.file_descriptors",
        kind="saturation",
        resource="file descriptors",
        title="{service} runs out of file descriptors",
        mechanism="Files or sockets are opened and not closed, or the limit is too low for the load.",
        signs=(Sign(0.7, says=r"too many open files|emfile|enfile"), Sign(0.4, metric="open fds", moves="full")),
        next_check="List what {service} holds open, by kind.",
        confirm="Most are of one kind and grow.",
        refute="The number is far from the limit.",
        precision=0.85,
    ),
    Signature(
        id="platform.queue_backlog",
        kind="saturation",
        resource="queue",
        title="{service} falls behind its queue",
        mechanism="Messages arrive faster than they are worked off: consumers are too few, slow, stuck on one message,"
        " or keep leaving and joining their group.",
        signs=(
            Sign(0.5, metric="consumer lag"),
            Sign(0.5, metric="queue depth"),
            Sign(0.5, metric="backlog"),
            Sign(0.5, metric="age of oldest message"),
            Sign(0.4, says=r"rebalanc|max\.poll\.interval|consumer .{0,60}(?:stuck|lag|behind|left the group)"),
            Sign(0.2, says=r"dead.?letter|redeliver|poison"),
        ),
        against=(Sign(0.5, metric="disk queue"),),
        next_check="Compare the rates in and out of the queue of {service}, and the errors of its consumers.",
        confirm="The rate out fell, or the rate in rose, at the onset.",
        refute="The queue is as deep as usual at this time.",
        precision=0.6,
    ),
    Signature(
        id="platform.broker",
        kind="infrastructure",
        title="the message broker behind {service} lost replicas or its leader",
        mechanism="A broker left or a partition has no leader, so that producing and consuming wait or fail.",
        signs=(
            Sign(
                0.6,
                says=r"not.?leader|leader.?not.?available|under.?replicated|not enough (?:in-sync )?replicas"
                r"|no brokers? available|offline partition",
            ),
            Sign(0.3, metric="under replicated"),
        ),
        next_check="See which broker left, and whether its partitions have new leaders.",
        confirm="All failing partitions had the same leader.",
        refute="All partitions have leaders and replicas in sync.",
        precision=0.8,
    ),
    Signature(
        id="platform.quota",
        kind="saturation",
        resource="quota",
        title="{service} runs into a quota or rate limit",
        mechanism="More is asked of a provider or platform in a time than is granted, so that it refuses the rest.",
        signs=(
            Sign(
                0.6,
                says=r"quota (?:exceeded|exhausted)|rate.?limit|too many requests|\b429\b|throttling(?:exception)?"
                r"|requestlimitexceeded|resource_exhausted|limitexceeded",
            ),
            Sign(0.3, metric="throttled"),
            Sign(0.3, metric="429"),
        ),
        next_check="Compare the calls of {service} a minute with the limit, and who else shares it.",
        confirm="The errors follow the rate of calls.",
        refute="The rate is far below the limit.",
        precision=0.75,
    ),
    Signature(
        id="platform.cache",
        kind="saturation",
        resource="cache",
        title="the cache in front of {service} no longer helps",
        mechanism="Entries were flushed, expire at once or are evicted for want of room, so that all requests go to"
        " what is behind it.",
        signs=(
            Sign(0.4, metric="cache miss"),
            Sign(0.4, metric="evicted keys"),
            Sign(0.5, says=r"cache (?:miss storm|stampede|flush|eviction)|oom command not allowed"),
            Sign(0.4, metric="hit ratio", moves="down"),
        ),
        next_check="See when the cache of {service} was last emptied, and how long its entries live.",
        confirm="Hits return, and the load behind falls, as it fills.",
        refute="The share of hits is as usual.",
        precision=0.6,
    ),
    Signature(
        id="platform.pool",
        kind="saturation",
        resource="connection pool",
        title="the connection pool of {service} is used up",
        mechanism="Connections are held longer than before, leak, or the pool was made smaller, so that requests wait"
        " for one until they time out.",
        signs=(
            Sign(
                0.6,
                says=r"pool (?:limit|exhausted|timeout|is full|empty)|queuepool|unable to (?:acquire|obtain|get)"
                r" (?:a )?connection|timeout waiting for (?:idle object|connection)|hikaripool.{0,80}not available",
            ),
            Sign(0.3, metric="pool", moves="full"),
        ),
        next_check="Compare the size of the pool of {service} with the connections in use and how long each is held.",
        confirm="Requests wait for a connection while the database has room.",
        refute="Connections are free.",
        precision=0.75,
    ),
    Signature(
        id="platform.threads",
        kind="saturation",
        resource="threads",
        title="all workers of {service} are busy or stuck",
        mechanism="Each worker waits for something slow or for another, so that new requests queue and time out.",
        signs=(
            Sign(0.6, says=r"thread ?pool.{0,40}(?:exhaust|full|reject)|rejectedexecution|worker timeout|server busy"),
            Sign(0.4, metric="threads", moves="full"),
            Sign(0.3, metric="worker busy"),
        ),
        next_check="Take a thread dump of {service}, and see what most of them wait for.",
        confirm="Most wait for the same call.",
        refute="Workers are idle.",
        precision=0.65,
    ),
    Signature(
        id="platform.dependency_unreachable",
        kind="dependency",
        title="{service} cannot reach something that it depends on",
        mechanism="Connections are refused, reset or time out, so that requests which need the other side fail.",
        signs=(
            Sign(
                0.5, says=r"connection refused|econnrefused|dial tcp|circuit ?breaker.{0,20}open|upstream connect error"
            ),
            Sign(0.3, says=r"\b50[234]\b|bad gateway|service unavailable|gateway timeout|deadline exceeded"),
        ),
        next_check="Call what {service} cannot reach from its own host.",
        confirm="It fails there in the same way.",
        refute="It answers, also from there.",
        precision=0.4,
    ),
    Signature(
        id="platform.wrong_setting",
        kind="configuration",
        title="{service} does not accept its configuration",
        mechanism="A setting is missing, misspelt or of the wrong kind since it was last changed, so the service starts"
        " without it or not at all.",
        signs=(
            Sign(
                0.6,
                says=r"(?:invalid|unknown|missing|unrecogni[sz]ed|malformed) (?:config\w*|setting|option|parameter|flag"
                r"|environment variable|value for)|failed to (?:parse|load) config|environment variable .{1,60} (?:not"
                r" set|is required)|keyerror: ['\"][A-Z_]+['\"]",
            ),
        ),
        next_check="Compare the configuration of {service} with the last one that worked.",
        confirm="It starts with the former configuration.",
        refute="The configuration is the same as before.",
        precision=0.75,
    ),
    Signature(
        id="platform.authentication",
        kind="configuration",
        title="{service} is refused by what it calls, or refuses its callers",
        mechanism="A token, key or secret has expired or was rotated on one side only, or a right was taken away.",
        signs=(
            Sign(
                0.6,
                says=r"\b401\b|unauthori[sz]ed|invalid (?:token|api key|signature|credentials)|token (?:has )?expired"
                r"|accessdenied|\b403\b|forbidden|permission.?denied",
            ),
        ),
        next_check="See when the credentials of {service} were last rotated, and what they may do.",
        confirm="The same call with new credentials succeeds.",
        refute="The credentials work by hand.",
        precision=0.6,
    ),
    Signature(
        id="platform.defect",
        kind="defect",
        title="the code of {service} fails on what it is given",
        mechanism="A version or an input leads to a path that was not thought of, and every such request fails.",
        signs=(
            Sign(
                0.5,
                says=r"nullpointerexception|typeerror|attributeerror|keyerror|indexerror|undefined is not|nil pointer"
                r"|segmentation fault|cannot read propert|classcastexception|unmarshal|deserializ"
                r"|unexpected (?:token|field)",
            ),
        ),
        next_check="Find the first request of {service} that failed so, and the version that served it.",
        confirm="The same input fails on this version and not on the one before.",
        refute="Other inputs fail as well.",
        precision=0.5,
    ),
    Signature(
        id="platform.hardware",
        kind="infrastructure",
        title="hardware below {service} is failing",
        mechanism="A disk, memory module or machine reports errors, or the provider is about to retire it.",
        signs=(
            Sign(0.7, says=r"i/o error|blk_update_request|smart .{0,40}fail|uncorrectable|machine check|ecc error"),
            Sign(
                0.5,
                says=r"scheduled for retirement|instance .{0,40}(?:terminated|stopped) (?:by|due)|spot interruption",
            ),
        ),
        next_check="Move {service} off that machine, and compare.",
        confirm="Only what runs there fails.",
        refute="Other machines show the same.",
        precision=0.8,
    ),
    Signature(
        id="platform.processor",
        kind="saturation",
        resource="CPU",
        title="{service} has no CPU left",
        mechanism="More work, or more work for each request, takes all of the CPU, so that everything waits its turn.",
        signs=(Sign(0.5, metric="cpu", moves="full"), Sign(0.3, metric="load average"), Sign(0.2, load=r"^cpu")),
        next_check="Take a CPU profile of {service} and compare it with one from before.",
        confirm="One function or caller takes most of it and did not before.",
        refute="The CPU was as busy before the onset.",
        precision=0.55,
    ),
)
