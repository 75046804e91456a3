"""Fields that a symptom and a diff may both be about without sharing a word: `OOMKilled` and `cache_size`."""

from incident_copilot.analysis.words import tokens

_WORDS = {
    "memory": "memory mem heap oom oomkilled cache buffer xmx alloc allocation leak gc garbage rss swap evicted batch",
    "the processor": "cpu processor throttled throttling loop regex hash sort compress encode worker thread",
    "connections": "connection conn pool session socket keepalive idle client slot pgbouncer leak close acquire",
    "storage": "disk storage space volume inode filesystem retention rotate logrotate archive tmp upload wal vacuum",
    "the database": "sql query index table column migration schema select join transaction lock deadlock orm",
    "names": "dns resolve resolver resolution lookup nameserver ndots coredns hostname nxdomain host endpoint domain",
    "certificates": "tls ssl cert certificate x509 ca issuer handshake https truststore mtls expiry expired",
    "rights": "auth authentication authorization token oauth jwt credential password permission role rbac iam policy"
    " unauthorized forbidden denied 401 403 secret scope",
    "time limits": "timeout deadline retry backoff ttl expire slow latency delay wait elapsed",
    "limits of calls": "quota ratelimit rate throttle limit 429 burst token bucket concurrency",
    "queues": "queue topic partition consumer producer offset broker kafka rabbitmq sqs lag backlog ack rebalance",
    "the rollout": "image tag pull registry replica deployment helm chart probe readiness liveness container pod"
    " crashloop crashloopbackoff imagepullbackoff entrypoint command node affinity toleration",
    "settings": "config setting env environment variable flag toggle default yaml parameter option feature configmap",
    "the shape of data": "json schema parse parser serialize deserialize decode unmarshal proto field null none nil"
    " type keyerror typeerror attributeerror nullpointerexception undefined",
    "models": "model prompt token embedding llm gpu cuda inference context temperature tokenizer vector",
    "the network": "proxy ingress egress gateway route firewall security group subnet mtu loadbalancer upstream port"
    " networkpolicy refused unreachable reset",
}
THEMES = {name: frozenset(word for word in tokens(words) if len(word) > 1) for name, words in _WORDS.items()}


def bridges(one: set[str], other: set[str]) -> list[str]:
    """Return the fields that both sets of words are about, by one word in common at most and by another of its own."""
    return [
        name
        for name, words in THEMES.items()
        if words & one and words & other and len(words & one & other) < min(2, len(words & (one | other)))
    ]
