"""E: where the copilot may be made to call, and what it may be made to carry out there."""

import asyncio
import contextlib
import socket
import ssl

import httpcore
import httpx
import pytest
import respx
from pydantic import ValidationError

from incident_copilot.domain.effect import Effect, EffectClass, RunAction
from incident_copilot.domain.proposal import Choice, ProposalState
from incident_copilot.errors import ConfigError, OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.jobs.couriers import ActionCourier
from incident_copilot.pipeline import carry_out, decide, people
from incident_copilot.plugins.actions.github_workflow import Options, Params, create
from incident_copilot.ports import PluginEnv
from incident_copilot.vendors import outbound
from incident_copilot.vendors.http import call, check_target
from incident_copilot.vendors.outbound import Pinned, hosts_in, may_call
from quick import TLS

from .bench import SHOWN, now

# Names that lead to where no vendor lives; their answers are given here, for there is no name server in a test.
NAMES = {
    "localtest.me": "127.0.0.1",
    "127.0.0.1.nip.io": "127.0.0.1",
    "spoofed.evil.example": "127.0.0.1",
    "internal.evil.example": "10.0.0.1",
    "metadata.google.internal": "169.254.169.254",
    "instance-data": "169.254.169.254",
    "kubernetes.default.svc": "10.96.0.1",
    "six.evil.example": "::1",
    "mapped.evil.example": "::ffff:169.254.169.254",
}
SPELLINGS = [
    # loopback
    "127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "127.000.000.001", "2130706433", "0x7f000001",
    "0x7f.0x0.0x0.0x1", "0x7f.1", "017700000001", "0177.0.0.1", "0177.0.0.0x1", "0", "0.0.0.0", "00.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "LocalHost.",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[2001:0:7f00:1::8080:8080]",
    # digits that are not ASCII
    "\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020.0.1",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    # one's own network
    "10.0.0.1", "10.1", "0xa000001", "167772161", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1",
    "0xc0a80001", "100.64.0.1", "[fc00::1]", "[fd12:3456:789a::1]", "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]",
    # cloud metadata and link-local
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe", "169.254.43518",
    "169.16689662", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]", "100.100.100.200", "192.0.0.192", "169.254.0.1",
    # neither here nor there
    "255.255.255.255", "224.0.0.1", "[ff02::1]", "240.0.0.1", "198.18.0.1", "192.0.2.1",
    # names
    *NAMES,
]  # fmt: skip
ODD_URLS = [
    "http://user@127.0.0.1/",
    "http://api.github.com@127.0.0.1/",
    "http://127.0.0.1\\@api.github.com/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_x",
    "dict://127.0.0.1:11211/",
    "http:///127.0.0.1/",
    "//127.0.0.1/",
    "http://[::1",
    "http://127.0.0.1:99999/",
    "",
]


async def resolve(host, port):
    """As the system does for numbers and localhost; as NAMES say for the rest."""
    known = NAMES.get(host.lower().rstrip("."))
    if known:
        return [known]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class Recording(httpcore.AsyncMockBackend):
    """Connects nowhere, and remembers where it should have."""

    def __init__(self, *fails):
        super().__init__([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])
        self.fails = fails
        self.to = []

    async def connect_tcp(self, host, port, *rest, **more):
        self.to.append(host)
        if host in self.fails:
            raise httpcore.ConnectError
        return await super().connect_tcp(host, port, *rest, **more)


class Written(httpcore.AsyncMockBackend):
    """Connects nowhere, and keeps what was written."""

    def __init__(self):
        super().__init__([])
        self.sent = b""

    async def connect_tcp(self, *place, **more):
        stream = await super().connect_tcp(*place, **more)
        written = self

        class Keeping(type(stream)):
            async def write(self, buffer, timeout=None):
                written.sent += buffer

        return Keeping([])


async def public(host, port):
    """Every name is somewhere on the internet."""
    return ["93.184.216.34"]


@contextlib.asynccontextmanager
async def client(*named, resolve=resolve, inner=None):
    """A client as the program has one, over these names and connections."""
    transport = outbound._Transport(Pinned(frozenset(named), resolve, inner))
    async with httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False) as http:
        yield http


@contextlib.asynccontextmanager
async def server(answer):
    """A server on this machine that says the same to everybody; yields its port and the connections it got."""
    got = []

    async def serve(reader, writer):
        got.append(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], got
        for task in got:
            task.cancel()
        await asyncio.gather(*got)


async def nothing(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    await asyncio.Event().wait()


@pytest.mark.parametrize("field", ["service", "version", "repo", "workflow", "ref", "environment"])
@pytest.mark.parametrize(
    "value",
    ["checkout/../../admin", "../x", "a b\n", "a?b=c", "a#b", "%2e%2e", "{key}", "-x", "", "http://evil.example"],
)
def test_e01_parameter_that_leads_elsewhere(field, value):
    given = {key: SHOWN["params"][key] for key in ("service", "version", "repo", "workflow", "ref")}
    if (field, value) == ("ref", "checkout/../../admin"):
        value = "/" + value  # a ref is sent in the body and may hold slashes

    with pytest.raises(ValidationError):
        Params.model_validate(given | {field: value})


def test_e02_there_are_about_seventy_spellings():
    assert len(SPELLINGS) >= 75


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_e02_address_that_is_not_public_in_any_spelling(spelling):
    inner = Recording()
    async with client("api.github.com", inner=inner) as http:
        with pytest.raises((VendorRefused, VendorUnavailable)):
            await call(http, "GitHub", "GET", f"http://{spelling}/x", deadline_s=2, retries=0)

    assert inner.to == []


@pytest.mark.parametrize("url", ODD_URLS)
async def test_e02_url_that_is_not_what_it_seems(url):
    inner = Recording()
    async with client("api.github.com", inner=inner) as http:
        with pytest.raises((VendorRefused, VendorUnavailable)):
            await call(http, "GitHub", "GET", url, deadline_s=2, retries=0)

    assert inner.to == []


@pytest.mark.parametrize(
    ("host", "address", "named", "allowed"),
    [
        ("api.github.com", "140.82.112.3", (), True),
        ("prometheus.corp", "10.1.2.3", ("prometheus.corp",), True),
        ("Prometheus.corp.", "fd12::1", ("prometheus.corp",), True),
        ("prometheus.corp", "127.0.0.1", ("prometheus.corp",), False),
        ("prometheus.corp", "169.254.169.254", ("prometheus.corp",), False),
        ("prometheus.corp", "fd00:ec2::254", ("prometheus.corp",), False),
        ("127.0.0.1", "127.0.0.1", ("127.0.0.1",), True),
        ("localhost", "::1", ("localhost",), True),
        ("::1", "::1", ("::1",), True),
        ("fe80::1", "fe80::1%eth0", ("fe80::1",), False),
        (socket.gethostname(), "127.0.1.1", (socket.gethostname().lower(),), True),
    ],
)
def test_e02_what_the_configuration_names_may_be_near(host, address, named, allowed):
    assert may_call(host, address, frozenset(named)) is allowed


def test_e02_hosts_are_named_by_the_urls_of_the_configuration():
    options = {"url": "http://Prometheus.corp.:9090/x", "pages": ["https://status.example", {"u": "http://[::1]/"}]}

    assert hosts_in([options, {"n": 7, "text": "not http://a", "bad": "http://[::x"}]) == {
        "prometheus.corp",
        "status.example",
        "::1",
    }


async def test_e03_name_that_changes_its_address():
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "127.0.0.1"]])

    async def rebinding(host, port):
        return next(answers)

    inner = Recording()
    async with client("rebind.evil.example", resolve=rebinding, inner=inner) as http:
        await call(http, "X", "GET", "http://rebind.evil.example/", deadline_s=2)
    for _ in range(2):
        async with client("rebind.evil.example", resolve=rebinding, inner=inner) as http:
            with pytest.raises(VendorRefused, match="which is not public; if it is meant, name it"):
                await call(http, "X", "GET", "http://rebind.evil.example/", deadline_s=2)

    assert inner.to == ["93.184.216.34"]


async def test_e03_next_address_is_tried_where_one_does_not_answer():
    async def two(host, port):
        return ["93.184.216.34", "93.184.216.35"]

    inner = Recording("93.184.216.34")
    async with client(resolve=two, inner=inner) as http:
        await call(http, "X", "GET", "http://two.example/", deadline_s=2)

    assert inner.to == ["93.184.216.34", "93.184.216.35"]


async def test_e03_name_that_is_not_resolved_is_no_answer():
    async def slow(host, port):
        await asyncio.Event().wait()

    async def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    for resolver in (slow, unknown):
        async with client(resolve=resolver) as http:
            with pytest.raises(VendorUnavailable):
                await call(http, "X", "GET", "http://gone.example/", deadline_s=0.1, retries=0)
    with pytest.raises(httpcore.ConnectTimeout):
        await Pinned(frozenset(), slow).connect_tcp("gone.example", 80, timeout=0.01)


async def test_e03_connection_to_what_is_named_is_made_by_the_program_s_own_client():
    async with server(nothing) as (port, got), outbound.client(frozenset({"localhost"})) as http:
        await call(http, "X", "GET", f"http://localhost:{port}/", deadline_s=2)
        with pytest.raises(VendorRefused):
            await call(http, "X", "GET", f"http://127.0.0.1:{port}/", deadline_s=2)
        await http._transport._pool._network_backend.sleep(0)

    assert len(got) == 1


async def test_e04_redirect_to_the_metadata_service():
    async def redirect(writer):
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n")
        await asyncio.Event().wait()

    async with server(redirect) as (port, got), outbound.client(frozenset({"127.0.0.1"})) as http:
        with pytest.raises(VendorRefused, match="HTTP 302"):
            await call(http, "X", "GET", f"http://127.0.0.1:{port}/", deadline_s=2)

    assert len(got) == 1


async def test_e05_answer_of_a_gigabyte_or_without_end():
    async def endless(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def dripping(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    for answer, problem in ((endless, VendorRefused), (dripping, VendorUnavailable)):
        async with server(answer) as (port, _), outbound.client(frozenset({"127.0.0.1"})) as http:
            async with asyncio.timeout(3):
                with pytest.raises(problem):
                    await call(http, "X", "GET", f"http://127.0.0.1:{port}/", deadline_s=0.5, retries=0)


async def test_e06_action_that_is_not_installed(bench):
    put = await bench.propose(await bench.open(), shown=SHOWN | {"action": "drop_database"})
    ana = await people.known(bench.deps, "U0ANA")
    await decide.vote(bench.deps, put.id, 1, Choice.APPROVE, ana)
    deed = RunAction(proposal_id=put.id, version=1, action="drop_database", params={}, key="k", approved_by=("U0ANA",))
    outcome = await ActionCourier({}).send(_effect(deed), None)
    assert (outcome.verdict.value, outcome.error) == ("refused", "there is no action drop_database any more")
    assert await bench.state(put) is ProposalState.APPROVED


def _effect(deed):
    return Effect(
        id="e",
        workspace_id="w",
        incident_id="i",
        stream="s",
        seq=1,
        deed=deed,
        effect_class=EffectClass.ASK,
        run_at=now(),
        created_at=now(),
    )


@pytest.mark.parametrize("value", ["v1\r\nX-Injected: 1", "v1\nX", "v1\x00"])
async def test_e07_header_or_parameter_with_a_line_of_its_own(value):
    with respx.mock(assert_all_called=False) as mock:
        route = mock.route().respond(204)
        async with httpx.AsyncClient(verify=TLS) as http:
            action = create(PluginEnv(http=http, now=now, secret="t", instance="github_workflow"), Options())
            params = {key: SHOWN["params"][key] for key in ("service", "version", "repo", "workflow", "ref")}
            result = await action.execute(
                RunAction(
                    proposal_id="p",
                    version=1,
                    action="github_workflow",
                    params=params | {"version": value},
                    key="k",
                    approved_by=("U0ANA",),
                )
            )

    assert (result.ok, route.call_count) == (False, 0)
    written = Written()
    async with client(resolve=public, inner=written) as http:
        with pytest.raises((VendorUnavailable, OutcomeUnknown)):
            await call(http, "X", "POST", "http://x.example/", deadline_s=1, headers={"x-key": value}, json={})
    assert written.sent == b""


async def test_e08_run_that_comes_again_with_another_body(bench):
    put = await bench.propose(await bench.open())
    await decide.vote(bench.deps, put.id, 1, Choice.APPROVE, await people.known(bench.deps, "U0ANA"))
    same_key = RunAction(
        proposal_id=put.id,
        version=1,
        action="github_workflow",
        params=SHOWN["params"] | {"service": "everything"},
        key=f"{put.id}-1",
        approved_by=("U0ANA",),
    )

    assert await carry_out.recheck_rights(bench.deps, same_key) == "it is not what was approved"
    assert await carry_out.recheck_rights(bench.deps, same_key.model_copy(update={"params": SHOWN["params"]})) is None
    assert await bench.runs() == 1


def test_e02_target_is_judged_before_it_is_called():
    for url in ODD_URLS[:9]:
        with contextlib.suppress(VendorRefused):
            check_target("X", url)
            raise AssertionError(url)


def test_certificates_of_ones_own_are_trusted_only_where_they_are_named(tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(TLS.get_ca_certs(binary_form=True)[0]))

    assert outbound._trusting(file) is not outbound._trusting(None)
    assert outbound._trusting(None) is outbound._trusting(None)

    file.write_text("no certificate")

    with pytest.raises(ConfigError, match=r"^COPILOT_CA_FILE: .*ca\.pem: .*; name a PEM file$"):
        outbound.client(frozenset(), file)
