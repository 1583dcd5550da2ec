"""sipvpn-ua check-config: what is wrong is told, all of it, with its line."""

import os
import re
from unittest.mock import ANY

import pytest

from testlib import proc, ua

GOOD = """# a comment
[daemon]
log = {dir}/log
debug = no
control = {dir}/control
openvpn = /usr/sbin/openvpn
max_calls = 20

[account home]
user = 2500
domain = example.org
password_file = {dir}/password
proxies = udp:sip.example.org, [2001:db8::1]:5070,192.0.2.1
port = 5061
register = yes
accept = peers
vpn_port = 9000
address_pool = fd00:1::/64
group = lab

[account second]
; local and remote instead of a pool
user = a.b
proxies = 192.0.2.1:5062
local = 10.0.0.1
remote = 10.0.0.2
program = /usr/local/bin/vpn "two words"

[peer office]
uri = sip:2501@example.org
account = second
group = other
local = 10.1.0.1
remote = 10.1.0.2
call = keep

[peer old]
uri = 2502
legacy = yes
secret_file = {dir}/static.key
call = no
program = /bin/true
"""


def secret(path):
    """A static key as OpenVPN writes one."""
    path.write_text("-----BEGIN OpenVPN Static key V1-----\n"
                    + 16 * (16 * "5a" + "\n")
                    + "-----END OpenVPN Static key V1-----\n")
    path.chmod(0o600)


def write(tmp_path, text):
    password = tmp_path / "password"
    if not password.exists():
        password.write_text("secret\n")
        password.chmod(0o600)
    secret(tmp_path / "static.key")
    path = tmp_path / "ua.conf"
    path.write_text(text.replace("{dir}", str(tmp_path)))
    return str(path)


def check(path, env=None):
    """(exit code, [(line or None, what)])."""
    done = proc.run([ua.PROGRAM, "check-config", path], check=False, env=env)
    found = []
    for line in done.stdout.splitlines():
        told = re.match(rf"sipvpn-ua: {re.escape(path)}:(\d+): (.*)", line)
        found.append((int(told[1]), told[2]) if told else (None, line))
    return done.returncode, found


def test_good(tmp_path):
    path = write(tmp_path, GOOD)
    code, said = check(path)
    assert (code, said) == (ua.OK, [(None, f"{path}: OK, 2 accounts, "
                                           "2 peers")])


def test_one_is_one(tmp_path):
    path = write(tmp_path, ACCOUNT)
    assert check(path)[1] == [(None, f"{path}: OK, 1 account, 0 peers")]
    path = write(tmp_path, ACCOUNT + "[peer p]\nuri = 2\n")
    assert check(path)[1] == [(None, f"{path}: OK, 1 account, 1 peer")]


ACCOUNT = "[account a]\nuser = 1\ndomain = d\n"
BAD = {
    "no account": ("[daemon]\n", [(1, "no .account NAME")]),
    "empty": ("", [(1, "no .account NAME")]),
    "unknown section": (ACCOUNT + "[acount b]\nuser = 2\nx = y\n",
                        [(4, "acount")]),
    "unknown section first": ("[x]\ny = 1\n" + ACCOUNT, [(1, "x")]),
    "no name": ("[account]\nuser = 1\n[peer]\n", [(1, "name"), (3, "name")]),
    "daemon with a name": (ACCOUNT + "[daemon x]\n", [(4, "no name")]),
    "doubled section": (ACCOUNT + ACCOUNT + "[daemon]\n[daemon]\n",
                        [(4, "see line 1"), (8, "see line 7")]),
    "doubled peer": (ACCOUNT + 2 * "[peer p]\nuri = 2\n",
                     [(6, "see line 4")]),
    "before the first section": ("user = 1\n" + ACCOUNT, [(1, "user")]),
    "unknown key": (ACCOUNT + "usr = 2\n", [(4, "usr: no such key")]),
    "misplaced key": ("[daemon]\nuser = 1\n" + ACCOUNT + "log = /x\n",
                      [(2, "user: no such"), (6, "log: no such")]),
    "doubled key": (ACCOUNT + "user = 2\n", [(4, "user: see line 2")]),
    "garbage": (ACCOUNT + "what\n[\n= 1\n",
                [(4, "key = value"), (5, ""), (6, "")]),
    "values": (ACCOUNT + "port = 0\nvpn_port = 65536\nregister = true\n"
               "accept = some\naddress_pool = 192.0.2.0/24\n"
               "local = 0.0.0.0\nremote = x\nca_file = ca.pem\n"
               "proxies = udp:\ngroup = a b\nprogram = \"x\n",
               [(4, "'0' is not a port"), (5, "'65536' is not a port"),
                (6, "yes nor no"), (7, "all, peers, none"),
                (8, "private network"), (9, "'0.0.0.0' is not an IP"),
                (10, "'x' is not an IP"), (11, "begins with /"),
                (12, "'udp:' is not a list"), (13, "group"),
                (14, "quotes")]),
    "daemon's values": ("[daemon]\nlog = x\nmax_calls = 0\nopenvpn =\n"
                        "debug = 1\n",
                        [(2, "begins with /"), (3, "number"),
                         (4, "is empty"), (5, "yes nor no")]),
    "proxies": ("[account a]\nuser = 1\nproxies = ftp:a:b\n"
                "[account b]\nuser = 1\nproxies = [::1\n"
                "[account c]\nuser = 1\nproxies = a,,b\n"
                "[account d]\nuser = 1\nproxies = a/b\n",
                [(n, "is not a list of") for n in (3, 6, 9, 12)]),
    "missing": ("[account a]\n[peer p]\n",
                [(1, "user is missing"), (1, "domain or proxies"),
                 (2, "uri is missing")]),
    "pairs": (ACCOUNT + "local = 10.0.0.1\n"
              "[account b]\nuser = 1\ndomain = d\nlocal = 10.0.0.1\n"
              "remote = fd00::1\n"
              "[peer p]\nuri = 2\nlocal = 10.0.0.1\nremote = 10.0.0.1\n",
              [(1, "only one of the two"), (5, "IPv6"),
               (10, "two addresses")]),
    "pair and pool": (ACCOUNT + "local = 10.0.0.1\nremote = 10.0.0.2\n"
                      "address_pool = 10.0.0.0/24\n", [(1, "no use")]),
    "no such account": (ACCOUNT + "[peer p]\nuri = 2\naccount = b\n",
                        [(4, r"no \[account b\]")]),
    "same peer twice": (ACCOUNT + "[peer p]\nuri = 2\n[peer q]\n"
                        "uri = sip:2@D\n", [(6, r"\[peer p\] in line 4")]),
    "half a certificate": (ACCOUNT + "key_file = {dir}/password\n",
                           [(1, "without cert_file")]),
    "files": (ACCOUNT + "ca_file = {dir}/nowhere\n", [(1, "cannot be read")]),
    "legacy": (ACCOUNT + "[peer p]\nuri = 2\nlegacy = yes\n"
               "[peer q]\nuri = 3\nsecret_file = {dir}/static.key\n",
               [(4, "needs secret_file or program"),
                (7, "legacy = yes only")]),
    "secret": (ACCOUNT + "[peer p]\nuri = 2\nlegacy = yes\n"
               "secret_file = {dir}/password\n", [(4, "secret_file .*: ")]),
    "program_tls": (ACCOUNT + "program_tls = yes\n[peer p]\nuri = 2\n"
                    "program_tls = yes\n",
                    [(1, "for a program"), (5, "for a program")]),
    "uri": (ACCOUNT + "[peer p]\nuri = <sip:2@d>\n[peer q]\nuri = a@b@c\n"
            "[peer r]\nuri = 3\ncall = always\n",
            [(5, "user@domain"), (7, "user@domain"), (10, "no, start")]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad(name, tmp_path):
    text, wanted = BAD[name]
    code, told = check(write(tmp_path, text))
    assert code == ua.USAGE
    assert [line for line, unused in told] == [line for line, unused in wanted]
    for (unused, what), (unused, pattern) in zip(told, wanted):
        assert re.search(pattern, what), what


NO_FILE = ["fifo", "/dev/zero", "folder"]


def no_file(tmp_path, name):
    """Of that kind; nobody writes to the FIFO, the device has no end."""
    path = str(tmp_path / name)
    if name == "fifo":
        os.mkfifo(path)
    elif name == "folder":
        os.mkdir(path)
    return path


@pytest.mark.parametrize("name", NO_FILE)
def test_what_is_no_file(name, tmp_path):
    assert check(no_file(tmp_path, name)) == (ua.USAGE,
                                              [(1, "is not a file")])


@pytest.mark.parametrize("name", NO_FILE)
def test_password_in_what_is_no_file(name, tmp_path):
    path = no_file(tmp_path, name)
    code, told = check(write(tmp_path, f"{ACCOUNT}password_file = {path}\n"))
    assert code == ua.USAGE
    (line, what), = told
    assert line == 1 and path in what


def test_larger_than_allowed(tmp_path):
    path = write(tmp_path, 40000 * "# a line that is here far too often\n")
    assert check(path) == (ua.USAGE, [(1, "larger than 1048576 bytes")])


def test_marks_of_other_systems(tmp_path):
    """A byte order mark, and lines that end in CR LF."""
    path = write(tmp_path, "\ufeff" + ACCOUNT.replace("\n", "\r\n"))
    assert check(path)[0] == ua.OK


def test_no_file(tmp_path):
    for path in (str(tmp_path / "none"), str(tmp_path)):
        done = proc.run([ua.PROGRAM, "check-config", path], check=False)
        assert done.returncode == ua.USAGE
        assert path in done.stdout


PASSWORD = ACCOUNT + "password_file = {dir}/password\n"


@pytest.mark.parametrize("mode,uid,good", [
    (0o600, 0, True), (0o640, 0, True), (0o400, 0, True), (0o440, 0, True),
    (0o644, 0, False), (0o604, 0, False), (0o660, 0, False),
    (0o602, 0, False), (0o610, 0, False), (0o600, 65534, False)])
def test_password_file(mode, uid, good, tmp_path):
    path = write(tmp_path, PASSWORD)
    os.chmod(tmp_path / "password", mode)
    os.chown(tmp_path / "password", uid, 0)
    code, told = check(path)
    assert code == (ua.OK if good else ua.USAGE)
    if not good:
        (line, what), = told
        assert line == 1 and "password_file" in what
        assert "chmod" in what or "chown" in what
        assert "secret" not in what.replace("/secret", "")


@pytest.mark.parametrize("content", ["", "\n", "x" * 1024, "a\0b\n"])
def test_password_content(content, tmp_path):
    path = write(tmp_path, PASSWORD)
    (tmp_path / "password").write_text(content)
    code, told = check(path)
    assert code == ua.USAGE
    assert len(told) == 1 and "password_file" in told[0][1]


def test_credential(tmp_path):
    """systemd's folder: a bad file in it is an error, no file is none."""
    path = write(tmp_path, ACCOUNT)
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert check(path, env)[0] == ua.OK
    credential = tmp_path / "sipvpn-ua.a"
    credential.write_text("secret\n")
    credential.chmod(0o444)
    code, told = check(path, env)
    assert code == ua.USAGE and "credential" in told[0][1]
    credential.chmod(0o440)
    assert check(path, env)[0] == ua.OK


def test_daemon_refuses_a_bad_one(tmp_path):
    path = write(tmp_path, "[daemon]\nx = 1\n[account a]\n")
    done = proc.run([ua.PROGRAM, "daemon", "--config", path], check=False)
    assert done.returncode == ua.USAGE
    assert f"{path}:2: x: no such key" in done.stdout


def sample():
    with open(os.path.join(ua.TOP, "cfg", "sipvpn-ua.conf"),
              encoding="utf-8") as text:
        return text.read()


def test_sample_is_good(tmp_path):
    assert check(write(tmp_path, sample()))[0] == ua.OK


def test_sample_with_everything(tmp_path):
    """Each key that is shown as a comment is one, with such a value."""
    text = re.sub(r"(?m)^#(?=[a-z_]+ = )", "", sample())
    for name in ("ca.pem", "home.pem", "home.key", "gateway.key",
                 "home.password"):
        (tmp_path / name).write_text("secret\n")
        (tmp_path / name).chmod(0o600)
    secret(tmp_path / "gateway.key")
    text = text.replace("/etc/sipvpn", str(tmp_path))
    text = text.replace("legacy = no", "legacy = yes")
    # either the pool or the two addresses
    text = re.sub("(?m)^address_pool.*", "#", text, count=1)
    assert check(write(tmp_path, text)) == (ua.OK, [(None, ANY)])


def test_sample_names_every_key():
    with open(os.path.join(ua.TOP, "ua-helper", "daemon", "conf_read.c"),
              encoding="utf-8") as source:
        keys = re.findall(r'\{"(\w+)", conf_\w+, ', source.read())
    assert len(keys) > 25
    shown = re.findall(r"(?m)^#?([a-z_]+) = ", sample())
    assert sorted(keys) == sorted(shown)
