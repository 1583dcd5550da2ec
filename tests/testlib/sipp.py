"""Run a scenario of sipp-scenarios/ against the server of a test."""

import os
import re
import shlex
import time

from . import proc
from .kamailio import free_port

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
        argv = ["sipp", "-sf", path(scenario), "-i", ip, "-m", "1"]
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
        self._start(workdir, scenario, argv, port, netns, seconds)

    def _start(self, workdir, scenario, argv, port, netns, seconds):
        self.name, self.seconds, self._port = scenario, seconds, port
        self._errors = os.path.join(
            str(workdir), f"sipp-{scenario}-{port}-{id(self)}.err")
        self._proc = proc.Proc(
            [*argv, "-nostdin", "-timeout", f"{seconds}s", "-timeout_error",
             "-recv_timeout", str(seconds * 1000), "-trace_err",
             "-error_file", self._errors],
            netns=netns, name="sipp " + scenario, cwd=str(workdir))

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


class ByHand(Sipp):
    """A scenario as its head comment says that it is run, with the server
    of a test, a port, and passwords in place of those that stand there.

    file: runs that one, which was made of the scenario. change: (words,
    other words) in the command. words: {option: value} that stand there.
    """

    def __init__(self, workdir, scenario, server, password, port=0,
                 file=None, change=("", ""), words=None, seconds=10):
        argv = shlex.split(command(scenario, *change))
        values = {"-sf": file or path(scenario), "-i": server[0],
                  "-p": port or free_port(server[0]), **(words or {})}
        for option, value in values.items():
            at = option_at(argv, option.split())
            argv[at] = str(value)
        if "SECRET" in argv:
            argv[argv.index("SECRET")] = \
                password + argv[argv.index("-au") + 1]
        argv[-1] = "%s:%d" % server
        self._start(workdir, scenario, argv, port, None, seconds)


def option_at(argv, words):
    """Where the value of an option (or of a -key NAME) stands."""
    return next(at + len(words) for at in range(len(argv))
                if argv[at:at + len(words)] == words)


def path(scenario):
    return os.path.join(SCENARIOS, scenario + ".xml")


def comment(scenario):
    """The head comment: what it is, and how it is run."""
    with open(path(scenario), encoding="iso-8859-1") as file:
        return re.search(r"<!--(.*?)-->", file.read(), re.S).group(1)


def command(scenario, words="", others=""):
    """The command in the head comment, words in it replaced by others."""
    found = re.search(r"^  (sipp (?:.*\\\n)*.*)$", comment(scenario), re.M)
    return found.group(1).replace("\\\n", " ").replace(words, others)


def run(workdir, scenario, server, **options):
    """Run a scenario to its end."""
    with Sipp(workdir, scenario, server, **options) as sipp:
        sipp.finish()
