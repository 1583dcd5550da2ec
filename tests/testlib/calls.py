"""VPN calls that are up, for tests of what the server does with them."""

import threading
import time

from . import bed
from .kamailio import RpcError
from .talk import call

OFFER = bed.sdp(bed.vpn("lab"))
ANSWER = bed.sdp(bed.vpn("lab").replace("234.1", "234.0").replace(
    "234.2", "234.1").replace("234.0", "234.2"))
SOON = 1.0  # seconds from the command to the BYE on both sides


def up(one, two, offer=OFFER, answer=ANSWER, **fields):
    """one is in a call with two: both legs."""
    here, there, unused, unused = call(one, two, offer, answer, **fields)
    here.ack()
    two.take("ACK")
    return here, there


def listed(server, *words):
    return server.rpc("sipvpn.calls", *words)["calls"]


def wait_until(true, timeout=10.0):
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_listed(server, number, timeout=5.0):
    """The list, once it has so many calls."""
    deadline = time.monotonic() + timeout
    while True:
        found = listed(server)
        if len(found) == number:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


class Byes:
    """The BYEs that come to phones from now on, answered as fast as one can:
    as endpoints are, faster than a server sends two. call_id: of which call;
    None: of any.
    """

    def __init__(self, *phones, call_id=None):
        self._call_id = call_id
        self.started = time.monotonic()
        self.took = {}
        self.got = {}
        self._threads = [threading.Thread(target=self._wait, args=(phone,))
                         for phone in phones]
        for thread in self._threads:
            thread.start()

    def _wait(self, phone):
        try:
            bye = phone.take_and_answer("BYE", timeout=20.0,
                                        call_id=self._call_id)
        except AssertionError:
            return
        self.took[phone.user] = time.monotonic() - self.started
        self.got[phone.user] = bye

    def all(self):
        """{user: BYE}, when nobody waits any more."""
        for thread in self._threads:
            thread.join(40)
        return self.got

    def reasons(self):
        return {user: bye.get("reason") for user, bye in self.all().items()}


def fault(server, *words):
    """Code and message of the fault that a command ends with."""
    try:
        server.rpc(*words)
    except RpcError as error:
        return error.code, error.message
    raise AssertionError("no fault")
