"""Certificates for SIP servers, made by openssl: one authority, and whatever
a test wants it to sign.
"""

import datetime
import os

from . import proc


# What "openssl ca" wants to know; "openssl x509" from 3.4 on refuses to make
# a certificate that has expired.
CONFIG = """
[ca]
database = {dir}/issued
new_certs_dir = {dir}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
"""


def day(days):
    """The same time of another day, as openssl writes it."""
    then = datetime.datetime.now(datetime.timezone.utc)
    return f"{then + datetime.timedelta(days):%Y%m%d%H%M%SZ}"


class Authority:
    """A certificate authority in a directory; .ca is what to trust."""

    def __init__(self, workdir, name="ca"):
        self.dir = str(workdir)
        self.name = name
        self.ca = self._path(name, "pem")
        self._key = self._path(name, "key")
        self._openssl("req", "-x509", *self._new_key(self._key),
                      "-subj", f"/CN={name}", "-days", "2", "-out", self.ca)
        self._config = self._path(name, "cnf")
        with open(self._config, "w", encoding="ascii") as out:
            out.write(CONFIG.format(dir=self.dir))
        with open(os.path.join(self.dir, "issued"), "w", encoding="ascii"):
            pass

    def _path(self, name, kind):
        return os.path.join(self.dir, f"{name}.{kind}")

    @staticmethod
    def _openssl(*argv):
        proc.run(["openssl", *argv])

    @staticmethod
    def _new_key(path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", path)

    def sign(self, name, cn="sip server", san=(), expired=False):
        """Certificate and key files of a server (or client).

        san: as openssl writes them, "DNS:example.org".
        """
        cert, key = self._path(name, "pem"), self._path(name, "key")
        request, more = self._path(name, "csr"), self._path(name, "ext")
        with open(more, "w", encoding="ascii") as out:
            out.write("basicConstraints=CA:FALSE\n")
            if san:
                out.write(f"subjectAltName={','.join(san)}\n")
        self._openssl("req", *self._new_key(key), "-subj", f"/CN={cn}",
                      "-out", request)
        self._openssl("ca", "-batch", "-notext", "-config", self._config,
                      "-name", "ca", "-in", request, "-cert", self.ca,
                      "-keyfile", self._key, "-extfile", more, "-out", cert,
                      "-startdate", day(-2),
                      "-enddate", day(-1 if expired else 2))
        os.chmod(key, 0o644)  # Kamailio may not be who made it
        return cert, key
