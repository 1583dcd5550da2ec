"""The control socket: who may use it, and what hostile clients cannot do.

After whatever a client does, the daemon still answers the next one.
"""

import json
import os
import pathlib
import signal
import socket
import stat
import time

import pytest

from testlib import proc, ua
from testlib.lab import PASSWORD, USER, Lab
from testlib.uad import Control, Daemon, cli, configuration, open_folder

LINE_MAX = 65536
NOBODY = 65534


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as standing:
        yield standing


@pytest.fixture(scope="module")
def folder():
    with open_folder() as path:
        yield pathlib.Path(path)


@pytest.fixture(scope="module")
def daemon(lab, folder):
    with Daemon(lab.pc, configuration(folder, lab.SERVER, USER,
                                      PASSWORD)) as standing:
        standing.registered()
        yield standing


@pytest.fixture(autouse=True)
def lives_on(daemon):
    """And it has forgotten who has left."""
    yield
    assert daemon.ask("version")["version"]
    assert daemon.running()


def open_files(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def wait_until(fact, timeout=5.0):
    """For what no event tells: how many files another process has open."""
    deadline = time.monotonic() + timeout
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_status_has_the_account(daemon):
    status = daemon.status()
    account, = status["accounts"]
    assert account["name"] == "home"
    assert account["aor"] == f"sip:{USER}@{Lab.SERVER}"
    assert account["state"] == "registered"
    assert 0 < account["expires"] <= 3600
    assert account["server"] == f"udp {Lab.SERVER}:5060"
    assert account["error"] is None
    assert status["calls"] == []


def test_answers_have_the_id_of_the_request(daemon):
    with daemon.client() as client:
        for number in (0, -5, 2 ** 62):
            client.send(json.dumps({"v": 1, "id": number, "do": "version"})
                        .encode() + b"\r\n")
            assert client.line()["id"] == number


def test_many_requests_at_once_are_answered_in_order(daemon):
    with daemon.client() as client:
        client.send(b"".join(
            b'{"v":1,"id":%d,"do":"version"}\n' % i for i in range(500)))
        assert [client.line()["id"] for unused in range(500)] \
            == list(range(500))


def test_a_request_in_single_bytes(daemon):
    with daemon.client() as client:
        for byte in b'{"v":1,"id":3,"do":"version"}\n':
            client.send(bytes([byte]))
        assert client.line()["id"] == 3


def test_who_has_shut_down_its_side_is_answered(daemon):
    with daemon.client() as client:
        client.send(b'{"v":1,"id":3,"do":"status"}\n')
        client.sock.shutdown(socket.SHUT_WR)
        assert client.line()["status"]
        assert client.line() is None


GARBAGE = {
    "empty": b"\n",
    "text": b"GET / HTTP/1.1\r\n",
    "binary": bytes(range(11, 256)) + b"\n",
    "nul": b'{"v":1,"id":1,"do":"status"}\0\n',
    "deep": b"[" * 30000 + b"\n",
    "other-version": b'{"v":2,"id":1,"do":"status"}\n',
    "unknown": b'{"v":1,"id":1,"do":"halt"}\n',
    "unknown-member": b'{"v":1,"id":1,"do":"status","x":1}\n',
    "wrong-type": b'{"v":1,"id":1,"do":"hangup","call":1}\n',
    "longest": b'{"v":1,"id":1,"do":"call","user":"'
               + b"x" * (LINE_MAX - 37) + b'"}\n',
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_in_words(daemon, name):
    """And what comes behind it is heard."""
    assert len(GARBAGE[name]) <= LINE_MAX
    with daemon.client() as client:
        client.send(GARBAGE[name])
        error = client.line()["error"]
        assert error["code"] in ("request", "version") and error["text"]
        assert client.ask("version")["version"]


def test_a_line_that_is_too_long_ends_the_connection(daemon):
    with daemon.client() as client:
        client.send(b"x" * LINE_MAX)
        assert "65535 bytes" in client.line()["error"]["text"]
        assert client.line() is None


def test_what_cannot_be_done_is_said(daemon):
    for what, members, code, word in (
            ("hangup", {"call": "7"}, "call", "'7'"),
            ("hangup", {"call": "nobody@nowhere"}, "call", "nobody@nowhere"),
            ("register", {"account": "work"}, "account", "'work'"),
            ("call", {"user": "2501", "account": "work"}, "request", "work"),
            ("call", {"user": "a b"}, "request", "a b"),
            ("call", {"user": "a>\r\nVia: x"}, "request", "not a SIP user")):
        error = daemon.ask(what, **members)["error"]
        assert error["code"] == code and word in error["text"], what


def test_a_client_that_never_reads(daemon):
    """Its requests wait; memory does not grow, others are served."""
    with daemon.client() as client:
        client.sock.settimeout(0.3)
        with pytest.raises(socket.timeout):
            while True:
                client.send(b'{"v":1,"id":1,"do":"status"}\n' * 100)
        assert daemon.status()["accounts"]
        with open(f"/proc/{daemon.pid}/status", encoding="ascii") as file:
            rss, = [int(line.split()[1]) for line in file
                    if line.startswith("VmRSS")]
        assert rss < 100000
        # and whoever begins to read gets them all
        client.sock.settimeout(5)
        for unused in range(1000):
            assert client.line()["status"]


def test_a_watcher_that_never_reads_is_dropped(daemon):
    seen = daemon.mark()
    with daemon.client() as client, daemon.client() as reader:
        client.request("watch")
        reader.ask("watch")
        while "does not read" not in "".join(daemon.lines[seen:]):
            before = daemon.mark()
            assert before < seen + 20000
            daemon.send_signal(signal.SIGHUP)
            daemon.wait_for("read again|does not read", since=before)
            reader.event("reloaded")
        assert reader.ask("version")["version"], "who reads stays"


def test_too_many_clients(daemon):
    """Root always finds room, up to a bound; and room comes back."""
    before = open_files(daemon)
    clients = []
    try:
        error = None
        while error is None and len(clients) < 200:
            clients.append(Control(daemon.socket))
            clients[-1].request("version")
            error = clients[-1].line().get("error")
        assert error["code"] == "busy"
        assert len(clients) == 65
        assert clients[-1].line() is None
        clients.pop().close()
        assert clients[0].ask("version")["version"], "who is in is served"
    finally:
        for client in clients:
            client.close()
    wait_until(lambda: open_files(daemon) <= before)


def test_clients_that_come_and_go_leave_nothing(daemon):
    before = open_files(daemon)
    for unused in range(200):
        with Control(daemon.socket) as client:
            client.send(b'{"v":1,"id":1,"do":"watch"}\n{"v"')
    wait_until(lambda: open_files(daemon) <= before)


# --- who may ----------------------------------------------------------------

ASKER = """
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(5)
try:
    sock.connect(sys.argv[1])
except PermissionError:
    sys.exit("no permission")
try:
    sock.sendall(b'{"v":1,"id":1,"do":"version"}\\n')
except BrokenPipeError:
    pass  # refused before it has asked; it is said why all the same
print(sock.recv(65536).decode())
"""


def ask_as(path, *who):
    """What this user gets to hear: "no permission", or the first line."""
    return proc.run(["setpriv", *who, "/usr/bin/python3", "-c", ASKER, path],
                    check=False).stdout


def test_others_cannot_even_connect(daemon):
    mode = os.stat(daemon.socket)
    assert stat.S_IMODE(mode.st_mode) == 0o660
    assert "no permission" in ask_as(
        daemon.socket, f"--reuid={NOBODY}", f"--regid={NOBODY}",
        "--clear-groups")


def test_who_may_connect_but_is_not_of_the_group_is_refused(daemon):
    os.chmod(daemon.socket, 0o666)
    try:
        said = ask_as(daemon.socket, f"--reuid={NOBODY}",
                      f"--regid={NOBODY}", "--clear-groups")
    finally:
        os.chmod(daemon.socket, 0o660)
    assert "not-allowed" in said
    daemon.wait_for(f"control socket: user {NOBODY} is refused")


@pytest.mark.parametrize("groups", [
    ["--regid=4242", "--clear-groups"],
    ["--regid=65534", "--groups=4000,4242,4300"]], ids=["own", "other"])
def test_members_of_the_group_may(daemon, groups):
    os.chown(daemon.socket, 0, 4242)
    try:
        said = ask_as(daemon.socket, f"--reuid={NOBODY}", *groups)
        assert json.loads(said)["version"]
    finally:
        os.chown(daemon.socket, 0, 0)


# --- the file ---------------------------------------------------------------

def test_a_second_daemon_is_refused(lab, daemon):
    with Daemon(lab.pc, daemon.config) as second:
        assert second.wait() == 1
        assert "another sipvpn-ua daemon" in second.output()
    assert os.path.exists(daemon.socket)


def test_a_socket_left_behind_is_replaced(lab, folder):
    config = configuration(folder, lab.SERVER, "2507", "x")
    with Daemon(lab.pc, config) as first:
        first.registered()
        os.kill(first.pid, 9)
        first.wait()
        assert os.path.exists(first.socket)
    with Daemon(lab.pc, config) as second:
        second.registered()
        assert second.status()["accounts"]
        assert second.stop() == ua.OK
        assert not os.path.exists(second.socket)


@pytest.mark.parametrize("path,word", [
    ("FOLDER/file", "something else is there"),
    ("FOLDER/no/such/folder/sock", "is no folder FOLDER/no/such/folder; make it, or"),
    ("FOLDER/none/sock", "is no folder FOLDER/none; make it, or"),
    ("FOLDER/file/sock", "is no folder FOLDER/file; make it, or"),
    ("FOLDER/" + "x" * 120, "107 bytes")])
def test_paths_that_cannot_be(lab, folder, path, word):
    path = path.replace("FOLDER", str(folder))
    (folder / "file").write_text("mine")
    config = configuration(folder, lab.SERVER, "2508", "x", control=path)
    with Daemon(lab.pc, config) as program:
        assert program.wait() == 1
        said = program.output().replace(str(folder), "FOLDER")
        assert path in program.output() and word in said
    assert (folder / "file").read_text() == "mine"
    assert not (folder / "none").exists(), "only the default's is made"


EMPTY_RUN = ["unshare", "--mount", "sh", "-c",
             'mount -t tmpfs -o mode=755 none /run && exec "$@"', "sh"]
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.parametrize("who, word", [
    ([], "^registered"),
    (AS_NOBODY, "the folder /run/sipvpn cannot be made: Permission denied; "
     "choose another")], ids=["root", "nobody"])
def test_the_default_after_a_boot(lab, folder, who, word):
    """Nothing is below /run then."""
    config = configuration(folder, lab.SERVER, USER, PASSWORD,
                           control="/run/sipvpn/control")
    if who:
        os.chown(config.replace(".conf", ".password"), 65534, 65534)
    with Daemon(lab.pc, config, before=[*EMPTY_RUN, *who]) as program:
        program.wait_for(word)


def test_nobody_is_there(folder):
    done = cli("status", "-s", str(folder / "none"))
    assert done.returncode == 7
    assert "systemctl start" in done.stdout
