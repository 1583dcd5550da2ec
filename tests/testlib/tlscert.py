"""Certificates for SIP servers, made by openssl: one authority, and whatever
a test wants it to sign.
"""

import os

from . import proc


class Authority:
    """A certificate authority in a directory; .ca is what to trust."""

    def __init__(self, workdir, name="ca"):
        self.dir = str(workdir)
        self.name = name
        self.ca = self._path(name, "pem")
        self._key = self._path(name, "key")
        self._openssl("req", "-x509", *self._new_key(self._key),
                      "-subj", f"/CN={name}", "-days", "2", "-out", self.ca)

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
        # in openssl 3.0, "-days -1" is how a certificate is born expired
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca,
                      "-CAkey", self._key, "-CAcreateserial",
                      "-days", "-1" if expired else "2",
                      "-extfile", more, "-out", cert)
        os.chmod(key, 0o644)  # Kamailio may not be who made it
        return cert, key
