"""Fixtures of the integration tests; after the last test nothing is left."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

from testlib import netns, proc, reaper  # noqa: E402 (the path comes first)
from testlib.lab import Lab  # noqa: E402
from testlib.site import Site  # noqa: E402
from testlib.talk import talker  # noqa: E402


# Files and tests that wait for the timers of SIP and OpenVPN most of their time
# (or compile): `make integration` runs them beside the others.
PATIENT = {"test_database_gone", "test_make", "test_ua_failover",
           "test_ua_killed", "test_ua_loss", "test_ua_server_gone",
           "test_ua_sigterm", "test_ua_timer",
           "test_callee_whose_openvpn_does_nothing",
           "test_connections_that_die", "test_peer_falls_silent",
           "test_two_keys_that_differ"}


def pytest_configure(config):
    config.addinivalue_line("markers", "patient: waits most of its time")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if {item.module.__name__, item.originalname} & PATIENT:
            item.add_marker("patient")


def tun_devices():
    """Tunnel devices where we are (those in a namespace go with it)."""
    done = proc.run(["ip", "-o", "tuntap", "list"])
    return {line.split(":")[0] for line in done.stdout.splitlines()}


@pytest.fixture(scope="session", autouse=True)
def nothing_left():
    """Fails the session when a test leaves something behind."""
    netns.exit_on_signals()
    before = tun_devices()
    watched = reaper.watch()
    yield
    assert watched.poll() is None, "the reaper has ended"
    assert not proc.leftover(), "a process is left"
    assert not netns.leftover(), "a namespace is left"
    assert tun_devices() <= before, "a tun device is left"


@pytest.fixture
def net():
    """An empty network, gone after the test."""
    with netns.Net() as network:
        yield network


@pytest.fixture
def site(tmp_path):
    """Server, router and two PCs with Kamailio running: testlib/site.py."""
    with Site(tmp_path) as standing:
        yield standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One site for all tests of a file."""
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def kept_site(standing):
    """The file's site; after each test nothing of it is left there."""
    before = len(standing.programs)
    yield standing
    while len(standing.programs) > before:
        standing.programs.pop().close()
    for host in (standing.pc1, standing.pc2):
        assert host.links() == ["eth0"]
        assert not host.pids()


@pytest.fixture(scope="module")
def standing_lab(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab(standing_lab):
    """A sipvpn-ua's machine and its peer's: testlib/lab.py. One for all tests
    of a file; after each of them nothing of it is left.
    """
    yield standing_lab
    standing_lab.clear()
    standing_lab.assert_clean()


@pytest.fixture
def callee(server):
    """2500 of the file's own server (testlib/bed.py); a phone as far as that
    knows, so that all reach it.
    """
    with talker(server, "2500") as phone:
        yield phone.register()
        phone.register(0)


@pytest.fixture
def member(server):
    with talker(server, "2501") as phone:
        yield phone


@pytest.fixture
def stranger(server):
    with talker(server, "2502") as phone:
        yield phone
