"""A test run that is killed leaves nothing behind."""

import glob
import os
import signal
import sys
import tempfile
import time

import pytest

from testlib import proc, reaper
from testlib.kamailio import TOP

# A run that has a namespace with a tunnel device, a folder, a file system, and
# programs: one starts others in sessions of their own, and may not want to end.
RUN = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
from testlib import netns, proc, reaper, smalldisk, uad
netns.exit_on_signals()
watched = reaper.watch()
net, folder = netns.Net(), uad.open_folder()
disk = smalldisk.SmallDisk()
host = net.host("pc")
host.run("openvpn", "--mktun", "--dev", "tun0")
stubborn = host.start("sh", "-c", sys.argv[2] + "; echo up; while :; do "
                      "setsid sleep 1000; done")
stubborn.wait_for("up")
outside = proc.Proc(["sleep", "1000"])
print(f"pids {os.getpid()} {stubborn.pid} {outside.pid}", flush=True)
stubborn.wait(1000)
"""


@pytest.mark.parametrize("number,trap", [
    (signal.SIGKILL, "trap '' TERM"), (signal.SIGINT, ":"),
    (signal.SIGTERM, ":")], ids=["SIGKILL", "SIGINT", "SIGTERM"])
def test_killed(number, trap):
    with proc.Proc([sys.executable, "-c", RUN, os.path.join(TOP, "tests"),
                    trap], env={reaper.MARK: ""}) as run:
        started = run.wait_for(r"^pids (\d+) (\d+) (\d+)")
        pid = int(started[1])
        mine = glob.glob(os.path.join(tempfile.gettempdir(),
                                      reaper.name(pid) + "*"))
        assert mine and namespaces(pid) and reaper.marked(pid)
        run.send_signal(number)
        run.wait(10.0)
        deadline = time.monotonic() + 15.0
        while namespaces(pid) or reaper.marked(pid) or \
                any(map(os.path.exists, mine)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def namespaces(pid):
    listed = proc.run(["ip", "netns", "list"]).stdout.split()
    return [name for name in listed if name.startswith(reaper.name(pid))]
