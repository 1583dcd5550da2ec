"""sipvpn-ua that may open no more files: what needs one fails, with the
reason, and all is well when there are some again.
"""

import os
import resource
import socket
import time

from testlib import ua, uad
from testlib.lab import PASSWORD, USER

CLIENTS = 30
WAIT = 2.0  # seconds in which somebody who is let down may be busy


def limit(program, files):
    """So many more than it has open; None: as many as it likes."""
    unused, most = resource.prlimit(program.pid, resource.RLIMIT_NOFILE)
    if files is None:
        files = most
    else:
        files += len(os.listdir(f"/proc/{program.pid}/fd"))
    resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (files, most))


def cpu(program):
    """Seconds of work so far."""
    with open(f"/proc/{program.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_calls(lab):
    """At every step to a tunnel."""
    program = lab.waiting()
    codes = set()
    for files in range(12):
        limit(program, files)
        since = program.mark()
        call = lab.dial()
        code = call.invite(lab.good()).code
        codes.add(code)
        if code == 200:
            call.ack()
            call.bye()
        else:
            assert code == 500
            told = program.wait_for("(failed|no call is possible): .*"
                                    "Too many open files", since=since)
        if code == 200 or told[1] == "failed":
            program.wait_for(ua.WAITING, since=since)
    assert codes == {200, 500}
    limit(program, None)
    lab.assert_usable(program)
    assert program.stop() == ua.OK


def test_clients(lab, tmp_path):
    daemon = lab.keep(uad.Daemon(lab.pc, uad.configuration(
        tmp_path, lab.SERVER, USER, PASSWORD)))
    daemon.registered()
    limit(daemon, 3)
    waiting = []
    for unused in range(CLIENTS):
        waiting.append(socket.socket(socket.AF_UNIX))
        waiting[-1].connect(daemon.socket)
    daemon.wait_for("control socket: .*Too many open files")
    before, lines = cpu(daemon), daemon.mark()
    time.sleep(WAIT)
    assert cpu(daemon) - before < WAIT / 10
    assert daemon.mark() - lines <= WAIT + 1
    for one in waiting:
        one.close()
    limit(daemon, None)
    assert daemon.status()["accounts"][0]["state"] == "registered"
    assert daemon.stop() == ua.OK
