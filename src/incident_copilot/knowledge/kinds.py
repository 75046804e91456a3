"""Kinds of incident as the field tells them apart, in the words of reports: what two incidents can have in common.

They follow public studies, so they hold kinds that one team may never see: Gunawi et al., "Why does the cloud stop
computing?" (SoCC 2016), appendix C of Google's SRE workbook, and for mistakes and attacks the actions of VERIS
(https://verisframework.org/actions.html).
"""

import re

from incident_copilot.analysis.signatures import SIGNATURES, Signature
from incident_copilot.knowledge.reading import Document, DocumentSection

_LETTERS_OF_PATTERNS = re.compile(r"\\[a-z]|[^A-Za-z0-9]+")

KINDS: dict[str, str] = {
    "An upgrade or migration breaks what worked": "upgraded, migrated, moved or switched over to a newer version,"
    " platform or cluster; a breaking change, deprecated or dropped support, incompatible; rolled back, downgraded",
    "A release has a defect": "bug, regression, race, corner case, unhandled, wrong assumption in code that was"
    " merged, released or deployed; fixed by a patch, a revert or a hotfix",
    "A setting is wrong": "misconfigured, configuration change, wrong value, typo, missing variable, flag, default,"
    " template, manifest, values; corrected the setting",
    "More load than planned for": "surge, spike or flood of traffic, users, logins or requests; announcement, event,"
    " campaign, news, popular, swamped, overwhelmed, many at once, simultaneous; scaled up, slow",
    "Overload feeds on itself": "retry storm, thundering herd, cascading, backlog, timeouts, saturated, metastable,"
    " shed load, back off, rate limit",
    "The provider has no more machines": "capacity shortage, insufficient capacity, stockout, no instances of a type"
    " available in the zone or region, exhausted resource pool, cannot provision or scale up, machines or GPUs"
    " unavailable, run out",
    "A limit is reached": "quota, maximum number, ceiling, cap, limit exceeded or hit, no more addresses, pods,"
    " connections, handles or names to allocate; full cluster; raised the limit",
    "A provider or third party is down": "outage or degradation of the cloud provider, a vendor, an upstream or"
    " external service; their status page, support case, wait until they recover",
    "Something was deleted or changed by mistake": "accidentally, unintentionally or mistakenly deleted, destroyed,"
    " removed, wiped, overwritten or dropped; wrong environment, account, workspace or cluster; human error;"
    " restored, recreated",
    "Maintenance takes away too much at once": "drain, cordon, replace, recycle, rotate, reboot, patch or terminate"
    " nodes or instances; rolling update, all evicted or rescheduled at the same time, disruption budget, downtime",
    "A machine or its agent is broken": "bad, unhealthy, unresponsive, lost or retired node, host, server or"
    " hardware; stuck in unknown or terminating, kernel, agent; rebooted, removed or replaced the node",
    "Storage fails": "volume, file system, disk or object store slow, read only, locked, detached, corrupted or"
    " unmounted; attach, mount, claim, snapshot, input and output errors",
    "Storage is full": "no space left, disk full, low on space, inodes, images, logs or database fill the volume;"
    " cleaned up, pruned, resized, enlarged",
    "Memory runs out": "out of memory, killed, memory limit, leak, swap, evicted, restarted; raised memory requests",
    "The processor is saturated": "cpu, load, throttled, busy, slow, too few workers",
    "A process crashes again and again": "crash, crash loop, restarts, exits, panics, fails to start, unable to"
    " recover by itself; restarted or deleted the pod",
    "A health check takes out what is healthy": "liveness, readiness or startup probe, health check, grace period,"
    " timeout too short, restarted before it is up, loop",
    "The way in is broken": "ingress, proxy, load balancer, gateway, router or redirect; bad gateway, 404, 502, 503,"
    " unreachable for everybody; routes, backends, headers",
    "Names do not resolve": "dns, record, zone, domain, delegation, nameserver, resolver, lookup, registrar, host not"
    " found",
    "A certificate is out of date or for another name": "tls, ssl, https, certificate expired, renew, renewal,"
    " issuer, browser warning, does not match the name, handshake",
    "Credentials stop being valid": "password, token, key, secret or login expired, rotated, revoked or rejected;"
    " authentication, unauthorized, failed login attempts, permission denied; renewed, updated the secret",
    "Rights are missing": "access denied, forbidden, role, policy, permission, group, identity provider, single"
    " sign-on",
    "A rule refuses requests": "admission, policy, validation, webhook, firewall, filter, blocked, refused, denied,"
    " false positive, blocklist",
    "Secrets become public": "leaked, exposed, published, committed or logged credentials, tokens, keys or personal"
    " data; disclosure, repository, revoked, rotated, audit of use",
    "An account is taken over": "phishing, stolen password, deceptive mail, fake site, social engineering,"
    " compromised or hijacked account; second factor, reset, warn users",
    "Malicious code is brought in": "malware, malicious or typosquatted package, release or dependency, supply chain,"
    " backdoor, obfuscated, exfiltrates; removed, quarantined, yanked, reported by researchers",
    "The service is abused or attacked": "denial of service, flood, bots, scraping, crawler, spam, mining, brute"
    " force, scanning, suspicious; blocked, banned, rate limited",
    "What is built upon changed": "upstream dependency, base image, package, library, operating system or plugin"
    " released a broken, faulty, removed or incompatible version; not pinned; pinned, held back",
    "Telemetry is lost": "monitoring, metrics, dashboards, alerting or logs missing, dropped, delayed or not"
    " collected; blind, no alert, gap",
    "The network is interrupted": "connectivity, packet loss, latency, route, subnet, peering, link, partition, zone,"
    " timeouts between parts",
    "Power, cooling or the building fails": "power cut, generator, overheating, fire, flood, storm, data centre",
    "The database cannot keep up": "queries, locks, connections, migration, replica, failover, vacuum, slow, read only",
    "Work piles up": "queue, jobs, workers, builds, scheduled, cron, stuck, delayed, backlog, pending",
    "Data is lost or wrong": "corrupt, inconsistent, missing, duplicated, stale, backup, restore, index, cache",
    "An image cannot be pulled": "pull, registry, image, manifest, not found, rate limit, cannot start new containers",
    "Automation does harm": "script, pipeline, controller, operator, cleanup or autoscaler acts on the wrong things,"
    " too often or too fast; disabled, paused",
    "A weakness is found or exploited": "vulnerability, advisory, cve, exploit, injection, disclosed by researchers;"
    " audited logs, patched, no evidence of misuse",
    "Rights are too wide": "public, world readable, privilege escalation, permission broader than meant, anyone could"
    " read, write or delete; restricted",
    "Data reaches the wrong people": "privacy, personal data shown, sent or mixed up between users, customers or"
    " tenants, misdelivered; notified",
    "Nobody can sign in": "login, sign-in, session, cookie, oauth, identity provider, callback, logged out, locked out",
    "Failover or recovery fails": "standby, replica, leader election, split brain, redundancy did not take over, single"
    " point of failure, backup could not be restored, recovery took long",
    "Versions do not fit each other": "half rolled out, mixed versions, skew, mismatch, schema, protocol, client and"
    " server, out of step",
    "A build or deployment does not go through": "pipeline, continuous integration, build, deploy, rollout or release"
    " failed or stuck, tests, artifact, cannot ship",
    "Messages do not arrive": "mail, notification, webhook, sms, delivery, bounced, spam folder, delayed, not sent",
    "A cache serves the wrong thing or nothing": "cache, content network, edge, purge, stale, cold, miss, origin"
    " overloaded",
    "Time or a payment runs out": "licence, subscription, domain or account expired, suspended, unpaid; clock, date,"
    " leap, time zone",
}


def kinds() -> list[Document]:
    """Every kind as search reads it: those above, and the causes whose signs diagnosis knows."""
    told = [_document(title, title, text) for title, text in KINDS.items()]
    return [*told, *(_document(one.id, _title(one), _text(one)) for one in SIGNATURES)]


def _title(cause: Signature) -> str:
    return cause.title.replace("{service}", "a service")


def _text(cause: Signature) -> str:
    signs = " ".join(_LETTERS_OF_PATTERNS.sub(" ", f"{sign.says} {sign.metric}") for sign in cause.signs)
    return f"{cause.mechanism} {cause.confirm} {cause.next_check} {signs} {cause.resource}".replace("{service}", "")


def _document(kind_id: str, title: str, text: str) -> Document:
    return Document(id=kind_id, title=title, sections=(DocumentSection(id="kind", heading="", text=text),))
