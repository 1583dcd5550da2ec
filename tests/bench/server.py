"""A Kamailio with one worker, to be measured; under callgrind if wanted."""

import json
import os
import re
import signal
import socket
import time

from testlib import proc
from testlib.kamailio import BUILD, free_port

from . import variants

MODULE = os.path.join(BUILD, "module", "sipvpn.so")
MARK = os.path.join(BUILD, "tests", "bench", "mark.so")
SHARED = 2048  # megabytes, taken when they are used
PRIVATE = 1024  # of each process, where a whole table is held in one at once
READY = 300.0  # seconds: a million of members, under valgrind
CALLGRIND = ("valgrind", "--tool=callgrind", "--instr-atstart=no", "-q",
             "--callgrind-out-file=cg.%p")


class Server:
    """variant: of variants.py. callgrind: whether instructions are counted,
    between the marks of mark.c. callee: port that calls are sent to.
    """

    def __init__(self, workdir, variant, db, callee, callgrind=False):
        self.dir = str(workdir)
        os.makedirs(self.dir, exist_ok=True)
        self.address = ("127.0.0.1", free_port())
        self._socket = os.path.join(self.dir, "rpc")
        self._count = 0
        lua = os.path.join(self.dir, "kamailio.lua")
        text, script = variants.text(
            variants.VARIANTS[variant], self.address[1], callee,
            self._socket, db, MODULE, lua)
        cfg = os.path.join(self.dir, "kamailio.cfg")
        for path, content in ((cfg, text), (lua, script or "")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        argv = ["kamailio", "-DD", "-E", "-x", "fm", "-f", cfg,
                "-P", os.path.join(self.dir, "pid"),
                "-Y", self.dir, "-w", self.dir, "-m", str(SHARED)]
        if "htable" in variants.VARIANTS[variant].modules:
            argv += ["-M", str(PRIVATE)]
        env = {}
        if callgrind:
            argv = [*CALLGRIND, *argv]
            env["LD_PRELOAD"] = MARK
        self.proc = proc.Proc(argv, name=f"kamailio-{variant}", cwd=self.dir,
                              env=env)
        try:
            self._wait()
            self.worker = next(
                one["pid"] for one in self.rpc("core.psa") if
                one["description"].startswith("udp receiver"))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _wait(self):
        """Until all processes have begun."""
        deadline = time.monotonic() + READY
        while True:
            if not self.proc.running():
                raise proc.ProcError("kamailio ended\n" + self.proc.tail())
            try:
                found = self.rpc("core.psa", timeout=1.0)
                if all(one["status"] == 1 or one["index"] == 0
                       for one in found):
                    return
            except (OSError, ValueError):
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def rpc(self, method, *params, timeout=120.0):
        self._count += 1
        mine = f"{self._socket}.{self._count}"
        call = {"jsonrpc": "2.0", "id": self._count, "method": method,
                "params": params}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            sock.bind(mine)
            try:
                sock.sendto(json.dumps(call).encode(), self._socket)
                reply = json.loads(
                    sock.recv(65536).decode("utf-8", "replace"))
            finally:
                os.unlink(mine)
        if "error" in reply:
            raise proc.ProcError(f"{method}: {reply['error']}")
        return reply["result"]

    def cpu(self):
        """Seconds the worker has worked so far, to the nanosecond."""
        with open(f"/proc/{self.worker}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    def private_memory(self):
        """Bytes that the worker has of its own."""
        with open(f"/proc/{self.worker}/smaps_rollup",
                  encoding="ascii") as file:
            return sum(int(number) * 1024 for number in re.findall(
                r"^Private_\w+: +(\d+)", file.read(), re.M))

    def dumps(self, label):
        """The file that a dump of this label was written to."""
        for name in sorted(os.listdir(self.dir)):
            if not name.startswith(f"cg.{self.worker}"):
                continue
            path = os.path.join(self.dir, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                if f"Client Request: {label}\n" in file.read(4096):
                    return path
        raise proc.ProcError(f"no callgrind dump {label} in {self.dir}")

    def close(self):
        if self.proc.running():
            self.proc.send_signal(signal.SIGTERM)
        self.proc.close()
