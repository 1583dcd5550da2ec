"""A real rtpengine daemon on loopback, in user space, for one test run.

Rule: it listens on 127.0.0.50 alone, logs to its own output and is gone
with close().
"""

import socket
import time

from . import proc

IP = "127.0.0.50"
PORTS = (20000, 60000)  # for media; a call takes sixteen and keeps them


class Rtpengine:
    """Running when the constructor returns."""

    def __init__(self, workdir):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((IP, 0))
            self.port = free.getsockname()[1]
        self.control = f"udp:{IP}:{self.port}"
        self.proc = proc.Proc(
            ["rtpengine", "--config-file=none", "--table=-1", "--foreground",
             "--log-stderr", "--log-level=6", f"--interface={IP}",
             f"--listen-ng={IP}:{self.port}", f"--port-min={PORTS[0]}",
             f"--port-max={PORTS[1]}", "--num-threads=2"],
            name="rtpengine", cwd=str(workdir))
        try:
            self._ready(15.0)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _ready(self, timeout):
        """Until it answers a ping of its control protocol."""
        deadline = time.monotonic() + timeout
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((IP, self.port))
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
