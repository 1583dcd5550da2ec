"""`sipvpn-ua daemon` of a test: its configuration, its control socket, and
the commands that talk to it.
"""

import json
import os
import socket
import tempfile

from . import proc, reaper, ua


def open_folder():
    """A folder that other users may enter, to be used with `with`; pytest's
    own are closed to them.
    """
    folder = tempfile.TemporaryDirectory(prefix=reaper.name())
    os.chmod(folder.name, 0o755)
    return folder


def configuration(folder, server, user, password, more="", **daemon):
    """A file with one account, "home"; its path. more: further sections."""
    secret = os.path.join(str(folder), f"{user}.password")
    with open(secret, "w", encoding="ascii",
              opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(password + "\n")
    path = os.path.join(str(folder), f"{user}.conf")
    daemon.setdefault("control", os.path.join(str(folder), f"{user}.sock"))
    keys = "".join(f"{key} = {value}\n" for key, value in daemon.items())
    with open(path, "w", encoding="ascii") as file:
        file.write(f"[daemon]\n{keys}\n[account home]\nuser = {user}\n"
                   f"domain = {server}\nproxies = udp:{server}:5060\n"
                   f"password_file = {secret}\n{more}")
    return path


class Daemon(proc.Proc):
    """The daemon by this configuration, started in a namespace; before: a
    command that starts it, which then needs a program it can read.
    """

    def __init__(self, host, config, more=(), before=(), env=None,
                 program=ua.PROGRAM):
        super().__init__([*before, program, "daemon", "-c", config, *more],
                         netns=host, name="daemon",
                         env={**ua.STRICT, **(env or {})})
        self.config = config
        self.socket = config.replace(".conf", ".sock")
        self.clients = []

    def registered(self, timeout=5.0):
        return self.wait_for(ua.REGISTERED, timeout)

    def client(self):
        """A new connection to the control socket."""
        client = Control(self.socket)
        self.clients.append(client)
        return client

    def ask(self, what, **members):
        """The answer to one request."""
        with Control(self.socket) as client:
            return client.ask(what, **members)

    def status(self):
        return self.ask("status")["status"]

    def run(self, command, *words, **options):
        """A command for this daemon, run to its end."""
        return cli(command, "-s", self.socket, *words, **options)

    def start(self, command, *words):
        """The same, running."""
        return proc.Proc([ua.PROGRAM, command, "-s", self.socket, *words],
                         name=command, env=ua.STRICT)

    def close(self):
        for client in self.clients:
            client.close()
        super().close()


def cli(*words, **options):
    """A command of sipvpn-ua, run to its end."""
    options.setdefault("check", False)
    return proc.run([ua.PROGRAM, *words], env=ua.STRICT, **options)


class Control:
    """A client of the control socket, byte by byte if need be."""

    def __init__(self, path, timeout=5.0):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.connect(path)
            self.sock.settimeout(timeout)
        except OSError:
            self.sock.close()
            raise
        self._left = b""
        self._id = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, raw):
        self.sock.sendall(raw)

    def request(self, what, **members):
        """Ask; the id that the answer will have."""
        self._id += 1
        self.send(json.dumps({"v": 1, "id": self._id, "do": what,
                              **members}).encode() + b"\n")
        return self._id

    def line(self):
        """The next object; None when the daemon has closed."""
        while b"\n" not in self._left:
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self._left += more
        line, unused, self._left = self._left.partition(b"\n")
        got = json.loads(line)
        assert got["v"] == 1
        return got

    def ask(self, what, **members):
        """The answer to this request; events before it are left out."""
        wanted = self.request(what, **members)
        while True:
            got = self.line()
            assert got is not None, "closed"
            if got["id"] == wanted and "event" not in got:
                return got

    def event(self, step):
        """The next event with this step (or what, without one)."""
        while True:
            got = self.line()
            assert got is not None, f"closed before {step}"
            event = got.get("event")
            if event and event.get("step", event["what"]) == step:
                return event
