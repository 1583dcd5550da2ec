"""A real rtpengine daemon in user space, for one test run, and what its
control protocol says of its calls.

Rule: it listens on one address alone, 127.0.0.50 unless a test wants it in a
namespace, logs to its own output and is gone with close().
"""

import itertools
import socket
import time

from . import proc
from .peer import socket_in

IP = "127.0.0.50"
PORTS = (20000, 60000)  # for media; a call takes sixteen and keeps them
_cookies = itertools.count(1)


def encode(value):
    """Bencode, the language of the control protocol."""
    if isinstance(value, dict):
        return b"d" + b"".join(encode(key) + encode(value[key])
                               for key in sorted(value)) + b"e"
    raw = value.encode()
    return b"%d:%b" % (len(raw), raw)


def decode(raw, at=0):
    """What is at raw[at]: (value, where it ends)."""
    kind = raw[at:at + 1]
    if kind == b"i":
        end = raw.index(b"e", at)
        return int(raw[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        found, at = [], at + 1
        while raw[at:at + 1] != b"e":
            value, at = decode(raw, at)
            found.append(value)
        if kind == b"d":
            found = dict(zip(found[::2], found[1::2]))
        return found, at + 1
    colon = raw.index(b":", at)
    end = colon + 1 + int(raw[at:colon])
    return raw[colon + 1:end].decode("utf-8", "replace"), end


class Rtpengine:
    """Running when the constructor returns."""

    def __init__(self, workdir, ip=IP, netns=None):
        self.ip, self.netns = ip, netns
        with self._socket() as free:
            self.port = free.getsockname()[1]
        self.control = f"udp:{ip}:{self.port}"
        self.proc = proc.Proc(
            ["rtpengine", "--config-file=none", "--table=-1", "--foreground",
             "--log-stderr", "--log-level=6", f"--interface={ip}",
             f"--listen-ng={ip}:{self.port}", f"--port-min={PORTS[0]}",
             f"--port-max={PORTS[1]}", "--num-threads=2",
             # a call that was hung up is gone at once
             "--delete-delay=0"],
            name="rtpengine", cwd=str(workdir), netns=netns)
        try:
            self._ready(15.0)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _socket(self):
        if self.netns:
            return socket_in(self.netns, self.ip)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((self.ip, 0))
        return sock

    def ask(self, command, **words):
        """The answer to a command of the control protocol."""
        cookie = b"ask%d " % next(_cookies)
        with self._socket() as sock:
            sock.settimeout(5.0)
            sock.sendto(cookie + encode({"command": command, **words}),
                        (self.ip, self.port))
            raw = sock.recv(65535)
        assert raw.startswith(cookie), raw
        return decode(raw, len(cookie))[0]

    def calls(self):
        """Call-IDs of what it holds open."""
        return self.ask("list")["calls"]

    def _ready(self, timeout):
        """Until it answers a ping of its control protocol."""
        deadline = time.monotonic() + timeout
        with self._socket() as sock:
            sock.connect((self.ip, self.port))
            sock.settimeout(0.2)
            while time.monotonic() < deadline and self.proc.running():
                try:
                    sock.send(b"ready d7:command4:pinge")
                    if b"pong" in sock.recv(4096):
                        return
                except TimeoutError:
                    pass
                except ConnectionRefusedError:
                    # not there yet; the pause is the timeout of an ear that
                    # nobody talks to
                    try:
                        sock.recv(1)
                    except (TimeoutError, ConnectionRefusedError):
                        pass
        raise proc.ProcError(f"rtpengine does not answer\n{self.proc.tail()}")

    def close(self):
        self.proc.close()
