"""The peer's end of a tunnel without sipvpn-ua: OpenVPN with a certificate
of its own, and the SDP that announces it (or another one, for a liar).
"""

import os

from . import proc

PAIR = ("192.168.234.2", "192.168.234.1")  # the peer's end, the UA's
OPTIONS = """\
dev-type tun
dev tun
topology p2p
tun-mtu 1400
tls-version-min 1.3
data-ciphers AES-256-GCM:CHACHA20-POLY1305
allow-compression no
ping 10
ping-exit 30
disable-dco
script-security 0
verb 3
"""


class Cert:
    """A fresh self-signed certificate; fingerprint as SDP writes it."""

    def __init__(self, workdir, name):
        self.key = os.path.join(str(workdir), name + ".key")
        self.pem = os.path.join(str(workdir), name + ".pem")
        proc.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                  "-subj", "/CN=" + name, "-keyout", self.key,
                  "-out", self.pem])
        shown = proc.run(["openssl", "x509", "-in", self.pem, "-noout",
                          "-fingerprint", "-sha256"]).stdout
        self.fingerprint = shown.strip().partition("=")[2]


def sdp_lines(ip, fingerprint, port=9000, setup="actpass", pair=PAIR):
    """A good description, line by line."""
    return ["v=0", f"o=- 1 1 IN IP4 {ip}", "s=-", f"c=IN IP4 {ip}", "t=0 0",
            f"m=application/vpn {port} OpenVPN 0", f"a=IP4:{ip}",
            f"a=PORT:{port}", f"a=VPN_LOCAL_ADDR:{pair[0]}",
            f"a=VPN_REMOTE_ADDR:{pair[1]}", f"a=setup:{setup}",
            "a=tls-id:" + "Zk3q0uJm8w2R7bVx5NcT",
            f"a=fingerprint:SHA-256 {fingerprint}"]


def body(lines):
    return "".join(line + "\r\n" for line in lines).encode()


def changed(lines, start, *new):
    """The lines with the one that begins so replaced; not one less."""
    at, = [i for i, line in enumerate(lines) if line.startswith(start)]
    return [*lines[:at], *new, *lines[at + 1:]]


def attribute(sdp, name):
    """The value of a= or another line in a body of bytes."""
    found = [line.partition(":")[2] for line in sdp.decode().split("\r\n")
             if line.startswith(f"a={name}:")]
    value, = found
    return value


def listen(host, ip, cert, peer_fingerprint, port=9000, pair=PAIR,
           wait=True):
    """OpenVPN as the passive side; it listens when this returns, or (without
    wait) soon."""
    last = pair[1].rpartition(".")
    pool = f"{pair[1]} {last[0]}.{int(last[2]) + 1}"
    server = _start(host, cert, [peer_fingerprint], OPTIONS + f"""\
mode server
tls-server
dh none
max-clients 8
proto udp4
local {ip}
port {port}
ifconfig {pair[0]} {pair[1]}
ifconfig-pool {pool}
""")
    if wait:
        server.wait_for("Initialization Sequence Completed")
    return server


def connect(host, ip, cert, answer, port=0, pair=PAIR):
    """OpenVPN as the active side, towards the endpoint of an answer."""
    trusted = [attribute(answer, "fingerprint")]
    return _start(host, cert, trusted, OPTIONS + f"""\
client
tls-exit
tls-timeout 1
pull-filter accept "peer-id "
pull-filter accept "cipher "
pull-filter accept "protocol-flags "
pull-filter accept "key-derivation "
pull-filter ignore ""
proto udp4
local {ip}
lport {port}
remote {attribute(answer, "IP4")} {attribute(answer, "PORT")}
ifconfig {pair[0]} {pair[1]}
""")


def hub(host, ip, cert, fingerprints, port=9001):
    """OpenVPN as a server that passes packets on between its clients."""
    server = _start(host, cert, fingerprints, OPTIONS.replace(
        "topology p2p", "topology subnet") + f"""\
server 192.168.236.0 255.255.255.0
client-to-client
duplicate-cn
dh none
proto udp4
local {ip}
port {port}
""")
    server.wait_for("Initialization Sequence Completed")
    return server


def join_hub(host, ip, server, cert, fingerprint, port=9001):
    """One of its clients; the address is the server's choice."""
    return _start(host, cert, [fingerprint], OPTIONS.replace(
        "topology p2p\n", "") + f"""\
client
proto udp4
local {ip}
lport 0
remote {server} {port}
""")


def _start(host, cert, fingerprints, text):
    conf = cert.pem + ".conf"
    trusted = "".join(one.split()[-1] + "\n" for one in fingerprints)
    with open(conf, "w", encoding="ascii") as out:
        out.write(f"{text}cert {cert.pem}\nkey {cert.key}\n"
                  f"<peer-fingerprint>\n{trusted}</peer-fingerprint>\n")
    return proc.Proc(["openvpn", "--config", conf], netns=host,
                     name="openvpn of the peer")
