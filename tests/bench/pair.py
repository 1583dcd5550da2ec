"""Two servers on one core, called through in turn: what each needs of the
same second.

Rule: one sipp calls through both and another answers for both, so each server
gets the same messages in the same bursts. WINDOW calls are open all the time:
the core is never idle and no answer late.
"""

import contextlib
import os
import tempfile
import time

from testlib import proc
from testlib.kamailio import free_port

from . import rates, server, talker
from .helper_many import cpu

HERE = os.path.dirname(os.path.abspath(__file__))
IP = "127.0.0.1"  # pair-call.xml says so, too
WINDOW = 50  # calls at a time: no socket's buffer is full
ENDLESS = 10 ** 9  # calls
FAST = 20000  # calls a second, more than any core brings through
PAIRS = 20000  # of members, who call one after the other
WARM = 2.0  # seconds before anything is measured
WARM_EACH = 8e-6  # more for each member: 20,000 calls touch most of a table
EACH = 1.0  # seconds of a block
PATIENCE = 30.0  # seconds, for a line that is due every tenth of one


class Pair:
    """variants: of variants.py, two; kind: of call, "vpn" or "audio",
    between members of a database of so many.
    """

    def __init__(self, context, variants, db, size, kind="vpn"):
        self.workdir = tempfile.mkdtemp(prefix="pair-", dir=context.workdir)
        self.size = size
        self.core = max(os.sched_getaffinity(0))
        self.port = free_port(IP)
        self._answer = self._scenario("answer", talker.text(
            kind, "-", "[$2]", "passive"))
        self._call = self._scenario("call", talker.text(
            kind, "[field1]", "[field3]", "actpass"))
        self.servers, self._sipps, self._files, self._runs = [], [], [], 0
        try:
            for number, variant in enumerate(variants):
                with on(self.core):
                    self.servers.append(server.Server(
                        self._path(str(number)), variant, db, self.port))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.quiet()
        for one in self.servers:
            one.close()

    def _path(self, name):
        return os.path.join(self.workdir, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self._path(name)

    def _scenario(self, name, body):
        """A file of the scenario with that body in it."""
        with open(os.path.join(HERE, f"pair-{name}.xml"),
                  encoding="ascii") as file:
            return self._write(f"{name}.xml", file.read().replace(
                "@BODY@", body))

    def _callers(self, first):
        """A file of who calls whom: each two once through each server."""
        who = talker.pairs(self.size, first)
        ports = [one.address[1] for one in
                 self.servers[first:] + self.servers[:first]]
        lines = ["SEQUENTIAL"]
        for one, two in (next(who) for unused in range(PAIRS)):
            lines += [f"{port};{talker.user(one)};{talker.user(two)};"
                      f"{talker.group(one)};" for port in ports]
        return self._write("callers.csv", "\n".join(lines) + "\n")

    def _sipp(self, scenario, port, *more):
        stats = scenario + f"-{self._runs}.csv"
        argv = ["sipp", "-sf", scenario, "-i", IP, "-p", port,
                "-m", ENDLESS, "-nostdin", "-cp", free_port(IP),
                "-buff_size", 1 << 21, "-nd", "-trace_stat", "-fd", "100ms",
                "-stf", stats, *more, "%s:%d" % self.servers[0].address]
        with on(self.core):
            self._sipps.append(proc.Proc(argv, name="sipp",
                                         cwd=self.workdir))
        self._files.append(stats)
        return self._sipps[-1]

    def begin(self, first):
        """Start the sipps. first: which server gets the first call."""
        self._runs += 1
        wait_bound(self.port, self._sipp(self._answer, self.port))
        self._sipp(self._call, free_port(IP), "-inf", self._callers(first),
                   "-r", FAST, "-l", WINDOW)

    def quiet(self):
        """End the sipps."""
        for program in self._sipps[::-1]:
            program.close()
        self._sipps, self._files = [], []

    def sample(self):
        for program in self._sipps:
            if not program.running():
                raise proc.ProcError("sipp has ended\n" + program.tail())
        return rates.Sample(time.time(),
                            [one.cpu() for one in self.servers],
                            sum(cpu(program.pid) for program in self._sipps))

    def _histories(self):
        return [rates.history(read(path)) for path in self._files]

    def written(self, when):
        """Until the sipps have written down what was until then."""
        deadline = time.monotonic() + PATIENCE
        while not all(lines and lines[-1].when >= when
                      for lines in self._histories()):
            if time.monotonic() > deadline:
                raise proc.ProcError(
                    f"for {PATIENCE:.0f} s a sipp has written no "
                    "statistics\n" + self._sipps[-1].tail())
            time.sleep(0.05)

    def blocks(self, samples):
        there, here = self._histories()
        return rates.blocks(samples, here, there)


@contextlib.contextmanager
def on(core):
    """What is started in here runs on that core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def read(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def wait_bound(port, program):
    """Until it listens: what is sent before is lost."""
    wanted = f":{port:04X} "
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and program.running():
        with open("/proc/net/udp", encoding="ascii") as table:
            if any(wanted in line for line in table):
                return
        os.sched_yield()
    raise proc.ProcError("sipp does not listen\n" + program.tail())


def once(pair, first, seconds):
    """[a block of each server] for each second"""
    try:
        pair.begin(first)
        began = time.time()
        time.sleep(WARM + pair.size * WARM_EACH)
        pair.written(began)
        samples = [pair.sample()]
        for unused in range(seconds):
            time.sleep(EACH)
            samples.append(pair.sample())
        pair.written(samples[-1].when)
        return pair.blocks(samples)
    finally:
        pair.quiet()


def together(pair, seconds, times):
    """([blocks of each server], how many were thrown away). Each time with
    new sipps, and the other one first: no process's luck lasts.
    """
    return rates.good([row for number in range(times)
                       for row in once(pair, number % 2, seconds)])
