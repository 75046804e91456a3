"""Failures of names, certificates and connections."""

from incident_copilot.analysis.signatures.signature import Sign, Signature

NETWORK = (
    Signature(
        id="network.name_resolution",
        kind="infrastructure",
        title="names cannot be resolved by {service}",
        mechanism="The resolver does not answer or does not know the name, by a wrong record, search path or policy, or"
        " an overloaded resolver, so connections fail before they begin.",
        signs=(
            Sign(
                0.65,
                says=r"no such host|nxdomain|servfail|name or service not known|temporary failure in name resolution"
                r"|could not resolve|getaddrinfo|enotfound|eai_again|unknownhostexception|i/o timeout.{0,40}:53\b",
            ),
            Sign(0.3, metric="dns"),
        ),
        next_check="Resolve the name from a pod of {service} and from elsewhere.",
        confirm="The name fails there and works elsewhere, or fails everywhere.",
        refute="The name resolves and the connection fails.",
        precision=0.8,
        explains=("platform.dependency_unreachable",),
    ),
    Signature(
        id="network.certificate",
        kind="configuration",
        title="a certificate on the way to or from {service} is not accepted",
        mechanism="The certificate has expired, is not valid yet, is for another name or from an unknown authority, so"
        " handshakes fail.",
        signs=(
            Sign(
                0.7,
                says=r"certificate (?:has expired|is not yet valid|verify failed|is valid for)|x509:|cert\w* expired"
                r"|unable to get local issuer|self[- ]signed certificate|pkix path|bad certificate",
            ),
            Sign(0.3, says=r"tls handshake|ssl handshake|handshake failure"),
        ),
        next_check="Read the dates and names of the certificate that {service} is shown.",
        confirm="The certificate is out of date or for another name.",
        refute="The same certificate is accepted by others.",
        precision=0.9,
        explains=("platform.dependency_unreachable",),
    ),
    Signature(
        id="network.policy",
        kind="configuration",
        title="traffic of {service} is blocked on its way",
        mechanism="A firewall rule, security group, network policy or route was changed, so that packets are dropped"
        " (timeouts) or refused.",
        signs=(
            Sign(0.5, says=r"no route to host|network is unreachable|ehostunreach|administratively prohibited"),
            Sign(0.5, says=r"(?:networkpolicy|security group|firewall).{0,60}(?:den|drop|block)"),
            Sign(0.2, says=r"connect(?:ion)? timed out|dial tcp .{1,60} i/o timeout"),
        ),
        next_check="Open the same connection from another place, and compare rules changed lately.",
        confirm="Only what crosses that border fails.",
        refute="Connections from the same place to the same port succeed.",
        precision=0.6,
    ),
    Signature(
        id="network.loss",
        kind="infrastructure",
        title="packets to or from {service} are lost or late",
        mechanism="A link, interface or node drops packets, so that connections retransmit, stall and break.",
        signs=(
            Sign(0.4, metric="retransmit"),
            Sign(0.4, metric="packet drop"),
            Sign(0.4, metric="packet loss"),
            Sign(0.3, says=r"connection reset by peer|broken pipe|econnreset"),
        ),
        next_check="Compare retransmissions by node and zone.",
        confirm="One node, link or zone has most of them.",
        refute="They are spread evenly and as usual.",
        precision=0.5,
    ),
    Signature(
        id="network.ports_used_up",
        kind="saturation",
        resource="ports",
        title="{service} runs out of ports or tracked connections",
        mechanism="Connections are opened faster than closed ones are forgotten, until no local port or no entry of the"
        " connection table is free.",
        signs=(
            Sign(0.6, says=r"cannot assign requested address|eaddrnotavail|conntrack.{0,20}table full|port exhaustion"),
            Sign(0.4, metric="conntrack", moves="full"),
        ),
        next_check="Count connections of {service} by state and by where they go.",
        confirm="Most wait to be forgotten, to one address.",
        refute="Ports are free.",
        precision=0.85,
    ),
    Signature(
        id="network.balancer",
        kind="infrastructure",
        title="the load balancer has no healthy target for {service}",
        mechanism="All targets fail the balancer's health check or none is registered, so it answers by itself.",
        signs=(
            Sign(0.6, says=r"no healthy (?:upstream|target|host|backend)|no live upstreams|no endpoints available"),
            Sign(0.3, metric="unhealthy host"),
        ),
        next_check="Call a target of {service} directly, with the path of the health check.",
        confirm="The target answers, the check does not.",
        refute="The target fails as well.",
        precision=0.6,
    ),
    Signature(
        id="network.clock",
        kind="infrastructure",
        title="clocks around {service} disagree",
        mechanism="A host lost its time source, so that tokens, leases and certificates seem expired or not yet valid.",
        signs=(
            Sign(0.6, says=r"clock skew|token used before issued|requesttimetooskewed|not synchroni[sz]ed"),
            Sign(0.4, metric="clock offset"),
        ),
        next_check="Compare the clocks of the hosts of {service}.",
        confirm="They differ by more than the tolerance.",
        refute="They agree.",
        precision=0.8,
    ),
)
