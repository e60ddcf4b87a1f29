import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.broker import Address
from workqueue_spec.errors import SetupError

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
secrets = st.text("~^\N{SNOWMAN}", min_size=1, max_size=8)
hosts = st.sampled_from(["localhost", "127.0.0.1", "::1", "broker.example"])
ports = st.integers(1, 65535)
addresses = st.builds(Address, hosts, ports, texts, texts, st.booleans())


@given(addresses, texts)
def test_a_url_says_what_the_address_is(address: Address, virtual_host: str) -> None:
    assert Address.parse(address.url(virtual_host)) == (address, virtual_host)


@given(st.builds(Address, hosts, ports, texts, texts), texts)
def test_pika_reads_the_url_as_we_do(address: Address, virtual_host: str) -> None:
    parameters = pika.URLParameters(address.url(virtual_host))

    assert (parameters.host, parameters.port) == (address.host, address.port)
    assert (parameters.credentials.username, parameters.credentials.password) == (
        address.user,
        address.password,
    )
    assert parameters.virtual_host == virtual_host


@given(addresses, hosts, ports)
def test_a_url_may_have_another_host_and_port(address: Address, host: str, port: int) -> None:
    other, _virtual_host = Address.parse(address.url(host=host, port=port))

    assert (other.host, other.port) == (host, port)
    assert (other.user, other.password) == (address.user, address.password)


@given(st.builds(Address, hosts, ports, st.just("guest"), secrets))
def test_the_password_is_shown_nowhere(address: Address) -> None:
    assert not set(address.password) & set(address.shown() + repr(address) + str(address))
    assert "%" not in address.shown()


@pytest.mark.parametrize(
    ("url", "address", "virtual_host"),
    [
        ("amqp://", None, None),
        ("amqp://host", Address("host", 5672, "guest", "guest"), "/"),
        ("amqp://host/", Address("host", 5672, "guest", "guest"), "/"),
        ("amqp://host/%2F", Address("host", 5672, "guest", "guest"), "/"),
        ("amqp://host/a%2Fb", Address("host", 5672, "guest", "guest"), "a/b"),
        ("amqps://me:p%40ss@host", Address("host", 5671, "me", "p@ss", tls=True), "/"),
        ("amqp://me@[::1]:9", Address("::1", 9, "me", "guest"), "/"),
        ("amqp://me:secret@host:none", None, None),
        ("amqp://me:secret@[::1", None, None),
        ("http://me:secret@host", None, None),
    ],
)
def test_what_a_url_leaves_out_is_guests(url: str, address: Address | None, virtual_host: str | None) -> None:
    if address is None:
        with pytest.raises(SetupError) as refusal:
            Address.parse(url)
        assert "secret" not in str(refusal.value)
    else:
        assert Address.parse(url) == (address, virtual_host)
