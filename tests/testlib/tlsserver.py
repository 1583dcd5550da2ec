"""SIP servers with TLS for the tests of sipvpn-ua: a Kamailio that speaks it
beside UDP and TCP, and a registrar that takes everybody.

Rule: the certificate is the test's; another one means another server.
"""

import os
import socket
import ssl
import threading

from .kamailio import Kamailio
from .peer import socket_in

CONFIG = """[server:default]
method = TLSv1.2+
certificate = {cert}
private_key = {key}
verify_certificate = {verify}
require_certificate = {verify}
{ca}
"""

MORE = """
enable_tls=yes
listen=tls:LISTEN_IP:{port}
loadmodule "tls.so"
modparam("tls", "config", "{config}")
"""


def tls_server(workdir, listen_ip, cert, key, port=5061, ca=None, **options):
    """A Kamailio with TLS on a port; with ca, clients must have a
    certificate of that authority. Not started.
    """
    config = os.path.join(str(workdir), "tls.cfg")
    with open(config, "w", encoding="utf-8") as out:
        out.write(CONFIG.format(
            cert=cert, key=key, verify="yes" if ca else "no",
            ca=f"ca_list = {ca}" if ca else ""))
    return Kamailio(workdir, listen_ip,
                    extra=MORE.format(port=port, config=config), **options)


class TlsRegistrar:
    """Takes TLS connections with one certificate and answers REGISTER."""

    def __init__(self, netns, ip, cert, key, port=0, client_ca=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        if client_ca:
            self.context.load_verify_locations(client_ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.names = []  # what clients have asked for (SNI)
        self.context.sni_callback = \
            lambda sock, name, context: self.names.append(name)
        self.sock = socket_in(netns, ip, port, socket.SOCK_STREAM)
        self.port = self.sock.getsockname()[1]
        self.sock.listen(5)
        self.registered = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self._thread.join(2.0)

    def _serve(self):
        while True:
            try:
                plain, unused = self.sock.accept()
            except OSError:
                return
            plain.settimeout(5.0)
            try:
                with self.context.wrap_socket(plain, server_side=True) as conn:
                    self._answer(conn)
            except OSError:  # the client did not like us
                pass

    def _answer(self, conn):
        data = b""
        while True:
            more = conn.recv(65536)
            if not more:
                return
            data += more
            while b"\r\n\r\n" in data:
                head, unused, data = data.partition(b"\r\n\r\n")
                keep = [line for line in head.decode().split("\r\n")
                        if line.lower().startswith(
                            ("via:", "from:", "to:", "call-id:", "cseq:"))]
                self.registered += head.startswith(b"REGISTER")
                conn.sendall("\r\n".join(
                    ["SIP/2.0 200 OK", *keep, "Expires: 60",
                     "Content-Length: 0", "", ""]).encode())
