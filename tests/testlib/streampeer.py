"""The SIP side of sipvpn-ua over TCP or TLS: a server that it connects to.

Rule: as peer.py; one connection at a time, the last one that came.
"""

import re
import select
import socket
import ssl

from .peer import Peer, granted, socket_in
from .sip import Message


class StreamPeer(Peer):
    """Peer(), but what is sent goes over the connection that there is."""

    transport = "TCP"

    def __init__(self, netns, ip, port=0, register=granted, silent=False):
        self._conn, self._rest = None, b""
        self.ended = 0  # connections that are no more
        super().__init__(netns, ip, port, register, silent)

    def _bind(self, port):
        sock = socket_in(self.netns, self.ip, port, socket.SOCK_STREAM)
        sock.listen(1)
        return sock

    def close(self):
        super().close()
        if self._conn:
            self._conn.close()

    def _read(self):
        while True:
            wait = [self.sock, self._end] + [self._conn] * bool(self._conn)
            ready = select.select(wait, [], [])[0]
            if self._end in ready:
                return
            if self.sock in ready:
                self._let_go()
                self._conn, self._rest = self._accept(), b""
            elif self._conn in ready:
                self._read_on()

    def _accept(self):
        return self.sock.accept()[0]

    def _let_go(self):
        with self._news:
            if self._conn:
                self._conn.close()
                self._conn = None
                self.ended += 1
                self._news.notify_all()

    def _read_on(self):
        try:
            got = self._conn.recv(65535)
        except ConnectionError:
            got = b""
        if not got:
            self._let_go()
            return
        self._rest += got
        while True:
            rest = self._rest.lstrip(b"\r\n\0")  # pings and their answers
            head, end, body = rest.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
            size = int(length.group(1)) if length else 0
            if not end or len(body) < size:
                return
            cut = len(head) + len(end) + size
            raw, self._rest = rest[:cut], rest[cut:]
            self._sort(Message(raw, (self.ip, self.port)))

    def send(self, raw, to):
        """False: there is no connection (any more)."""
        conn = self._conn
        try:
            conn.sendall(raw.encode() if isinstance(raw, str) else raw)
        except (AttributeError, OSError):
            return False
        return True

    def wait_for(self, what, timeout=5.0):
        """Until what() is true, looked at whenever something has come."""
        with self._news:
            return self._news.wait_for(what, timeout)


class TlsPeer(StreamPeer):
    """The same over TLS, with this certificate."""

    transport = "TLS"

    def __init__(self, netns, ip, cert, key, **options):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(cert, key)
        super().__init__(netns, ip, **options)

    def _accept(self):
        return self._context.wrap_socket(super()._accept(), server_side=True)

    def _read_on(self):
        super()._read_on()
        while self._conn and self._conn.pending():
            super()._read_on()
