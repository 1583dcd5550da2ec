"""A Kamailio that speaks TLS beside UDP and TCP, for the tests of sipvpn-ua.

Rule: the certificate is the test's; another one means another server.
"""

import os

from .kamailio import Kamailio

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
