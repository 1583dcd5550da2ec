"""A TCP relay that cuts a connection where the test wants: when a client says
this or that. The next one that comes is relayed as if nothing had been.
"""

import select
import socket
import threading


class Cutter:
    """In front of 127.0.0.1:port. cut is the text, once; None: nothing."""

    def __init__(self, port):
        self.cut = None
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._server.close()

    def _run(self):
        other = {}  # each socket's other end; clients: those who came to us
        clients = set()
        while True:
            ready = select.select([self._server, *other], [], [])[0]
            for sock in ready:
                if sock is self._server:
                    try:
                        client = sock.accept()[0]
                    except OSError:
                        for one in other:
                            one.close()
                        return
                    clients.add(client)
                    there = socket.create_connection(("127.0.0.1", self._to))
                    other[client], other[there] = there, client
                elif sock in other and not self._passes(sock, other[sock],
                                                        sock in clients):
                    for one in (other.pop(sock), sock):
                        other.pop(one, None)
                        clients.discard(one)
                        one.close()

    def _passes(self, source, target, is_client):
        try:
            data = source.recv(65536)
            if is_client and self.cut and self.cut in data:
                self.cut = None
                return False
            target.sendall(data)
            return data != b""
        except OSError:
            return False
