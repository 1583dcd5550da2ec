"""A real Kamailio with sipvpn.so, in the foreground, from cfg/kamailio.cfg.

Rule: all it writes is in workdir/kamailio, and it is ready when start()
returns.
"""

import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import time

from . import proc

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
CFG = os.path.join(TOP, "cfg", "kamailio.cfg")
CREATE = os.path.join(TOP, "cfg", "schema", "create-sqlite.sh")
# As the service file of cfg/systemd says, which has the reasons.
MEMORY = ["-x", "fm", "-m", "256"]
MAX_REPLY = 65536  # a datagram of the RPC socket

# What a server that is well never logs.
ALARMS = ("CRITICAL:", "BUG:", "core was generated", "killed by signal",
          "runtime error:", "AddressSanitizer")
# ... except Kamailio's dialog, of a PRACK that comes behind the 200, of a 200
# that comes again behind the BYE, and of an ACK in the moment in which its
# call is ended from here: what it would have put off, the end of the call for
# its age, is no more then.
HARMLESS = ("next_state_dlg(): bogus event 5 in state 4 ",
            "next_state_dlg(): bogus event 3 in state 5 (with BYE)",
            "update_dlg_timer(): Trying to update a bogus dlg ")


# How many servers of one run may not get through their shutdown, see there.
MAY_BE_STUCK = 5
_stuck = []


def sanitizers():
    """What a Kamailio without sanitizers loads a module with them by (`make
    integration SAN=address,undefined`): their libraries, before all others.
    Their search for leaks knows nothing of shared memory.
    """
    if not os.environ.get("SAN"):
        return {}
    libraries = [proc.run(["gcc", f"-print-file-name=lib{name}.so"])
                 .stdout.strip() for name in ("asan", "ubsan")]
    return {"LD_PRELOAD": " ".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=0",
            "UBSAN_OPTIONS": "print_stacktrace=1"}


class RpcError(Exception):
    """The fault of a remote procedure: code and message."""

    def __init__(self, code, message):
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def free_port(ip="127.0.0.1"):
    """A port that neither UDP nor TCP uses on ip at the moment."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind((ip, 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind((ip, port))
            except OSError:
                continue
            return port


class Kamailio:
    """One server. Users and groups may be added before and after start().

    netns: namespace to run in. cfg: a configuration of the test's own in
    place of ours. extra: lines behind it. defines: more -A definitions;
    text among them needs its quotes. ready: finds the line of the log by
    which the sockets are bound. db: an SQLite database that is there already.
    """

    def __init__(self, workdir, listen_ip, port=5060, netns=None,
                 domain="example.org", cfg=CFG, extra="", defines=None,
                 module=None, ready=r"groups, \d+ members loaded", db=None):
        self.dir = os.path.join(str(workdir), "kamailio")
        self.ip, self.port, self.netns = listen_ip, port, netns
        self.domain = domain
        self.cfg, self.extra, self.ready = cfg, extra, ready
        self.db = db or os.path.join(self.dir, "sipvpn.db")
        self.ctl = "unix:" + os.path.join(self.dir, "ctl")
        self._rpc_socket = os.path.join(self.dir, "rpc")
        self._rpc_count = 0
        self.memory = MEMORY
        self.proc = None
        self.defines = {
            "DOMAIN": f'"{domain}"',
            "DB_URL": f'"sqlite:///{self.db}"',
            "LISTEN_IP": listen_ip,
            "LISTEN_PORT": port,
            "SIPVPN_SO": '"%s"' % (module or os.path.join(
                BUILD, "module", "sipvpn.so")),
            "CTL_SOCKET": f'"{self.ctl}"',
            "RPC_SOCKET": f'"{self._rpc_socket}"',
            **(defines or {}),
        }
        os.makedirs(self.dir)
        if not db:
            proc.run([CREATE, self.db])

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # --- the database ------------------------------------------------------

    def sql(self, statement, *values):
        """Run one statement; the rows it gives."""
        with sqlite3.connect(self.db, timeout=10) as con:
            rows = con.execute(statement, values).fetchall()
        con.close()
        return rows

    def add_user(self, user, password):
        ha1 = hashlib.md5(f"{user}:{self.domain}:{password}".encode())
        self.sql("insert into subscriber (username, domain, ha1) "
                 "values (?, ?, ?)", user, self.domain, ha1.hexdigest())

    def add_group(self, name, members=()):
        self.sql("insert into sipvpn_group (name) values (?)", name)
        for member in members:
            self.add_member(name, member)

    def add_member(self, group, user, domain=None):
        self.sql("insert into sipvpn_member (group_id, username, domain) "
                 "select id, ?, ? from sipvpn_group where name = ?",
                 user, domain or self.domain, group)

    def remove_member(self, group, user):
        self.sql("delete from sipvpn_member where username = ? and group_id "
                 "= (select id from sipvpn_group where name = ?)",
                 user, group)

    # --- the program -------------------------------------------------------

    def start(self, timeout=15.0):
        """Run it and wait until it answers."""
        cfg = os.path.join(self.dir, "kamailio.cfg")
        with open(cfg, "w", encoding="utf-8") as out:
            out.write(f'#!KAMAILIO\ninclude_file "{self.cfg}"\n{self.extra}')
        argv = ["kamailio", "-DD", "-E", *self.memory, "-f", cfg,
                "-P", os.path.join(self.dir, "pid"),
                "-Y", self.dir, "-w", self.dir]
        for name, value in self.defines.items():
            argv += ["-A", f"{name}={value}"]
        self.proc = proc.Proc(argv, netns=self.netns, name="kamailio",
                              cwd=self.dir, env=sanitizers())
        # By then the socket is bound, so what is sent there is not lost.
        self.proc.wait_for(self.ready, timeout)
        # A Kamailio told to end while it forks never ends.
        deadline = time.monotonic() + timeout
        while not self._complete(timeout):
            if time.monotonic() > deadline:
                raise proc.ProcError("kamailio does not get all its "
                                     f"processes\n{self.proc.tail()}")
        return self

    def _complete(self, timeout):
        """All processes are there and have done what they begin with; the
        one of TCP is the last.
        """
        try:
            found = self.rpc("core.psa", timeout=timeout)
        except ValueError:  # such a name, with a quote in it
            return False
        return found[-1]["description"] == "tcp main process" and all(
            one["status"] == 1 or one["index"] == 0 for one in found)

    def stop(self, timeout=10.0):
        """Ask it to end; fails when it was not well.

        Not counted is what it logs on its way out: Kamailio's TCP process
        calls it critical that the others leave.
        """
        alarms = self.alarms()
        self.proc.send_signal(signal.SIGTERM)
        try:
            code = self.proc.wait(timeout)
        except proc.ProcError:
            if not self._stuck_at_its_end():
                raise
            code = 0
        self.proc.close()
        assert code == 0 and not alarms, \
            f"kamailio ended with {code}, alarms {alarms}\n{self.proc.tail()}"

    def alarms(self):
        """Lines of its log that say that it is not well."""
        return [line for line in self.log.splitlines()
                if any(alarm in line for alarm in ALARMS)
                and not any(known in line for known in HARMLESS)]

    def _stuck_at_its_end(self):
        """Once in some hundred times Debian's 5.6.3 does not get through its
        own shutdown: processes end in their signal handler with a lock of the
        core in hand, and the others wait for it. No module's fault, if all
        have reached the handler; but one that hangs for ever, every time, is.
        """
        left = len(proc.session(self.proc.pid)) - 1  # without the main one
        reached = self.log.count("sig_usr(): signal 15 received")
        _stuck.append(self.log)
        return left <= reached and len(_stuck) <= MAY_BE_STUCK

    def close(self):
        """End it, whatever its state; for clean-up."""
        if self.proc:
            self.proc.close()

    @property
    def log(self):
        return self.proc.output()

    def logged(self, text, timeout=5.0):
        """Until a line with text is in the log; ProcError when none comes."""
        return self.proc.wait_for(re.escape(text), timeout)

    # --- remote procedures -------------------------------------------------

    def rpc(self, method, *params, timeout=10.0):
        """The result of a remote procedure (JSON-RPC); RpcError."""
        self._rpc_count += 1
        mine = f"{self._rpc_socket}.{os.getpid()}.{self._rpc_count}"
        call = {"jsonrpc": "2.0", "id": self._rpc_count, "method": method,
                "params": params}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            sock.bind(mine)
            try:
                sock.sendto(json.dumps(call).encode(), self._rpc_socket)
                # a process that is just being made has a name of any bytes
                reply = json.loads(
                    sock.recv(MAX_REPLY).decode("utf-8", "replace"))
            finally:
                os.unlink(mine)
        if "error" in reply:
            raise RpcError(reply["error"]["code"], reply["error"]["message"])
        return reply["result"]

    def kamcmd(self, *words, check=True):
        """What kamcmd prints."""
        return proc.run(["kamcmd", "-s", self.ctl, *words],
                        check=check).stdout

    def counters(self):
        """The counters of the group sipvpn: {name: value}."""
        lines = self.rpc("stats.get_statistics", "sipvpn:")
        pairs = (line.split(":", 1)[1].split(" = ") for line in lines)
        return {name: int(value) for name, value in pairs}
