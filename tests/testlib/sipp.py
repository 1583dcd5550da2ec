"""Run a scenario of sipp-scenarios/ against the server of a test."""

import os
import time

from . import proc

SCENARIOS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "sipp-scenarios")

# sipp's exit codes
CODES = {0: "all calls as the scenario says", 1: "a call failed",
         97: "timeout", 99: "no call at all", 253: "RTP error",
         254: "connection error", 255: "fatal error"}


class SippError(Exception):
    """The scenario did not go as it is written; carries what sipp says."""


class Sipp:
    """One run of a scenario for one call; keys are its [key] parameters."""

    def __init__(self, workdir, scenario, server, ip="127.0.0.1", port=0,
                 user=None, password=None, to=None, netns=None, seconds=10,
                 **keys):
        """server is (ip, port); to is the user in the request URI."""
        self.name = scenario
        self.seconds = seconds
        self._errors = os.path.join(
            str(workdir), f"sipp-{scenario}-{port}-{id(self)}.err")
        argv = ["sipp", "-sf", os.path.join(SCENARIOS, scenario + ".xml"),
                "-i", ip, "-m", "1", "-nostdin",
                "-timeout", f"{seconds}s", "-timeout_error",
                "-recv_timeout", str(seconds * 1000),
                "-trace_err", "-error_file", self._errors]
        if port:
            argv += ["-p", str(port)]
        if user:
            argv += ["-au", user, "-key", "user", user]
        if password:
            argv += ["-ap", password]
        if to:
            argv += ["-s", to]
        for key, value in keys.items():
            argv += ["-key", key, str(value)]
        argv.append("%s:%d" % server)
        self._port = port
        self._proc = proc.Proc(argv, netns=netns, name="sipp " + scenario,
                               cwd=str(workdir))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._proc.close()

    def ready(self, timeout=5.0):
        """Until it listens on its port: what waits for calls needs that."""
        wanted = f":{self._port:04X} "
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with open(f"/proc/{self._proc.pid}/net/udp",
                      encoding="ascii") as table:
                if any(wanted in line for line in table):
                    return self
            if not self._proc.running():
                break
            os.sched_yield()
        raise SippError(f"{self.name} does not listen\n{self._proc.tail()}")

    def finish(self):
        """Until the scenario is over; SippError when it did not pass."""
        try:
            code = self._proc.wait(self.seconds + 5)
        finally:
            self._proc.close()
        if code != 0:
            raise SippError(f"{self.name}: {CODES.get(code, code)}\n"
                            f"{self.errors()}")

    def errors(self):
        """What sipp found wrong."""
        try:
            with open(self._errors, encoding="utf-8",
                      errors="replace") as text:
                return text.read()
        except FileNotFoundError:
            return self._proc.tail()


def run(workdir, scenario, server, **options):
    """Run a scenario to its end."""
    with Sipp(workdir, scenario, server, **options) as sipp:
        sipp.finish()
