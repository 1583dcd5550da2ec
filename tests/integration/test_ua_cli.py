"""The subcommands, as people and scripts type them."""

import json
import os
import pty
import re
import select
import shutil
import time

import pytest

from testlib import proc, ua
from testlib.lab import PASSWORD, USER
from testlib.site import Site
from testlib.uad import Daemon, cli, configuration, open_folder

CALLEE, CALLER, STRANGER = "2500", "2501", "2502"
NO_DAEMON = 7
COMMANDS = ["daemon", "call", "hangup", "hold", "resume", "status", "register",
            "check-config", "version"]
TIME = r"^ *\d+\.\d{3} s  "


class World:
    """The network, 2500 waiting on one side, 2501's daemon on the other."""

    def __init__(self, folder, site):
        self.folder, self.site = folder, site
        self.callee = site.ua(site.pc1, CALLEE)
        self.callee.waiting()
        self.config = configuration(folder, site.SERVER, CALLER,
                                    site.USERS[CALLER])
        self.daemon = Daemon(site.pc2, self.config)
        site.programs.append(self.daemon)
        self.daemon.registered()
        self.programs = []

    def start(self, command, *words):
        program = self.daemon.start(command, *words)
        self.programs.append(program)
        return program

    def here(self, *words):
        """The command without a daemon."""
        program = self.site.pc2.start(ua.PROGRAM, *words, env=ua.STRICT)
        self.programs.append(program)
        return program

    def quiet(self):
        """No call is left, and both sides take the next one."""
        while self.programs:
            self.programs.pop().close()
        if self.daemon.status()["calls"]:
            with self.daemon.client() as client:
                client.ask("watch")
                client.request("hangup", call="all")
                while client.ask("status")["status"]["calls"]:
                    client.event("over")
        proc.wait_gone(self.callee.openvpn())
        assert self.site.pc2.links() == ["eth0"]
        assert self.site.pc1.links() == ["eth0"]


@pytest.fixture(scope="module")
def standing_world(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as site, \
            open_folder() as folder:
        yield World(folder, site)


@pytest.fixture
def world(standing_world):
    yield standing_world
    standing_world.quiet()


def steps(text):
    """The lines of `call`, without their times; those must ascend."""
    lines = [line for line in text.splitlines() if re.match(TIME, line)]
    times = [float(line.split()[0]) for line in lines]
    assert times == sorted(times)
    return [re.sub(TIME, "", line) for line in lines]


def table(text, name):
    """Rows of the table whose first column is this: dicts, by awk's rules."""
    lines = text.splitlines()
    first, = [i for i, line in enumerate(lines) if line.startswith(name)]
    names = lines[first].split()
    rows = []
    for line in lines[first + 1:]:
        if not line:
            break
        cells = line.split(None, len(names) - 1)
        assert len(cells) == len(names), line
        rows.append(dict(zip(names, cells)))
        for column in names[:-1]:  # and aligned, for people
            at = lines[first].index(column)
            assert at == 0 or line[at - 1] == " " != line[at], line
    return rows


# --- help and wrong usage ----------------------------------------------------

@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    done = cli(command, "--help")
    assert done.returncode == ua.OK
    assert f"sipvpn-ua {command}" in done.stdout
    assert "Exit status: 0 done" in done.stdout


def test_help_names_all_commands():
    for words in (["--help"], ["help"]):
        done = cli(*words)
        assert done.returncode == ua.OK
        for command in COMMANDS:
            assert f"\n  {command} " in done.stdout


WRONG = {
    "unknown-command": (["dial"], "'dial'"),
    "empty": ([""], "''"),
    "call-nobody": (["call"], "call whom"),
    "call-two": (["call", "a", "b"], "one argument"),
    "hangup-nothing": (["hangup"], "which call"),
    "status-word": (["status", "now"], "no arguments"),
    "unknown-option": (["status", "--colour"], "--colour"),
    "option-of-another": (["version", "--json"], "--json"),
    "option-without-value": (["status", "-s"], "-s"),
    "version-word": (["version", "x"], "no arguments"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name):
    words, word = WRONG[name]
    done = cli(*words)
    assert done.returncode == ua.USAGE
    assert word in done.stdout
    assert "Usage" in done.stdout or "--help' for more" in done.stdout


def test_no_configuration(tmp_path):
    missing = str(tmp_path / "none.conf")
    for words in (["daemon", "-c", missing], ["check-config", missing],
                  ["check-config", "-c", missing],
                  ["call", "-c", missing, "2500"]):
        done = cli(*words)
        assert done.returncode == ua.USAGE, words
        assert missing in done.stdout


def test_check_config(world):
    for words in ([world.config], ["-c", world.config]):
        done = cli("check-config", *words)
        assert done.returncode == ua.OK
        assert done.stdout.startswith(f"{world.config}: OK")


# --- no daemon ----------------------------------------------------------------

@pytest.mark.parametrize("words", [
    ["status"], ["status", "--watch"], ["hangup", "1"], ["register"],
    ["call", "2500"], ["call", "-b", "2500"], ["version"]])
def test_no_daemon(tmp_path, words):
    path = str(tmp_path / "none")
    done = cli(words[0], "-s", path, *words[1:])
    assert done.returncode == NO_DAEMON
    assert path in done.stdout and "sipvpn-ua daemon" in done.stdout


def test_a_user_who_may_not(world):
    program = shutil.copy(ua.PROGRAM, world.folder)  # ours they cannot enter
    done = proc.run(["setpriv", "--reuid=65534", "--regid=65534",
                     "--clear-groups", program, "status", "-s",
                     world.daemon.socket], check=False)
    assert done.returncode == NO_DAEMON
    assert "member of its group" in done.stdout


def test_version(world):
    done = world.daemon.run("version")
    assert done.returncode == ua.OK
    assert re.fullmatch(r"sipvpn-ua (\S+)\ndaemon \1\n", done.stdout)


# --- status -------------------------------------------------------------------

def test_status(world):
    done = world.daemon.run("status")
    assert done.returncode == ua.OK
    assert "\033" not in done.stdout, "no terminal, no colours"
    row, = table(done.stdout, "ACCOUNT")
    assert row["ACCOUNT"] == "home" and row["STATE"] == "registered"
    assert row["ADDRESS"] == f"sip:{CALLER}@{world.site.SERVER}"
    assert row["SERVER"] == f"udp:{world.site.SERVER}:5060"
    assert done.stdout.endswith("no calls\n")


def test_status_of_a_call(world):
    call = world.start("call", CALLEE)
    call.wait_for("tunnel up")
    row, = table(world.daemon.run("status").stdout, "CALL")
    assert row["DIR"] == "out" and row["STATE"] == "up"
    assert row["PEER"] == f"sip:{CALLEE}@{world.site.SERVER}"
    assert row["LOCAL"] == world.site.TUNNEL[CALLER]
    assert row["REMOTE"] == world.site.TUNNEL[CALLEE]
    assert row["ENDPOINT"].startswith(world.site.PC1 + ":")
    assert row["DEVICE"] in world.site.pc2.links()
    status = json.loads(world.daemon.run("status", "--json").stdout)
    facts, = status["calls"]
    assert facts["id"] == row["CALL"] and facts["state"] == "up"
    assert facts["device"] == row["DEVICE"]


class Terminal:
    """A command with a terminal as its output."""

    def __init__(self, *argv, env=None):
        self.master, slave = pty.openpty()
        self.proc = proc.Proc(
            ["sh", "-c", f'exec "$@" >{os.ttyname(slave)}', "sh", *argv],
            env={**ua.STRICT, **(env or {})})
        self._slave, self.text = slave, ""

    def wait_for(self, pattern, timeout=5.0):
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            left = deadline - time.monotonic()
            assert left > 0, self.text
            if select.select([self.master], [], [], left)[0]:
                self.text += os.read(self.master, 65536).decode()

    def close(self):
        self.proc.close()
        os.close(self.master)
        os.close(self._slave)


def test_watch_on_a_terminal(world):
    """Redrawn when something happens; colours unless NO_COLOR."""
    argv = [ua.PROGRAM, "status", "-s", world.daemon.socket, "--watch"]
    screen, plain = Terminal(*argv), Terminal(*argv, env={"NO_COLOR": "1"})
    try:
        screen.wait_for("\033\\[32mregistered\033\\[0m")
        call = world.start("call", CALLEE)
        screen.wait_for("\033\\[32mup\033\\[0m")
        plain.wait_for(r" up ")
        assert "\033[H\033[2J" in screen.text
        assert "\033[32m" not in plain.text
        call.send_signal(2)
        seen = len(screen.text)
        screen.wait_for(f"(?s)^.{{{seen}}}.*no calls")
        screen.proc.send_signal(2)
        assert screen.proc.wait() == ua.OK
    finally:
        screen.close()
        plain.close()


def test_watch_as_json_lines(world):
    watch = world.start("status", "--watch", "--json")
    watch.wait_for('"accounts"')
    call = world.start("call", CALLEE)
    watch.wait_for('"step":"up"')
    call.send_signal(2)
    watch.wait_for('"step":"over"')
    events = [json.loads(line) for line in watch.lines]
    for step in ("calling", "ringing", "checking", "up", "over"):
        found = [e for e in events if e.get("step") == step]
        assert len(found) == 1 and found[0]["call"]["id"], step
    assert watch.stop() == ua.OK


def test_watch_ends_with_the_daemon(world, tmp_path):
    config = configuration(tmp_path, world.site.SERVER, STRANGER,
                           world.site.USERS[STRANGER])
    with Daemon(world.site.pc2, config) as daemon:
        daemon.registered()
        with daemon.start("status", "--watch") as watch:
            watch.wait_for("no calls")
            assert daemon.stop() == ua.OK
            assert watch.wait() == NO_DAEMON
            assert "the daemon has gone" in watch.output()


# --- calls --------------------------------------------------------------------

PROGRESS = [
    r"calling sip:2500@198\.51\.100\.10 with account home", "ringing",
    "answered; checking the path",
    r"tunnel up in \d\.\d{3} s: 192\.168\.234\.2 -> 192\.168\.234\.1 on "
    r"\S+, peer 198\.51\.100\.20:\d+"]


def assert_progress(text, before=()):
    got = steps(text)
    for pattern, line in zip([*before, *PROGRESS], got):
        assert re.fullmatch(pattern, line), line
    return got[len(before) + len(PROGRESS):]


def test_call_and_ctrl_c(world):
    call = world.start("call", CALLEE)
    call.wait_for("tunnel up")
    assert world.site.pc2.reach(world.site.TUNNEL[CALLEE])
    call.send_signal(2)
    assert call.wait() == ua.OK
    assert assert_progress(call.output())[-1] == "call ended: hung up"
    assert world.daemon.status()["calls"] == []


def test_call_that_is_killed_ends_too(world):
    call = world.start("call", CALLEE)
    call.wait_for("tunnel up")
    with world.daemon.client() as client:
        client.ask("watch")
        call.send_signal(9)
        assert client.event("over")["text"] == "hung up"


def test_call_in_the_background(world):
    done = world.daemon.run("call", "--background", CALLEE)
    assert done.returncode == ua.OK
    assert assert_progress(done.stdout) == []
    number = re.search(r"'sipvpn-ua hangup (\d+)'", done.stdout)[1]
    assert world.site.pc2.reach(world.site.TUNNEL[CALLEE])
    done = world.daemon.run("call", CALLEE)
    assert done.returncode == ua.REFUSED_CALL, "one tunnel to a peer"
    assert f"call {number} " in done.stdout
    with world.daemon.client() as client:
        client.ask("watch")
        assert world.daemon.run("hangup", number).returncode == ua.OK
        client.event("over")
    done = world.daemon.run("hangup", number)
    assert done.returncode == ua.REFUSED_CALL
    assert f"'{number}'" in done.stdout


def test_hangup_by_peer_tells_whoever_called(world):
    call = world.start("call", CALLEE)
    call.wait_for("tunnel up")
    assert world.daemon.run("hangup", CALLEE).returncode == ua.OK
    assert call.wait() == ua.OK
    assert steps(call.output())[-1] == "call ended: hung up"


@pytest.mark.parametrize("background", [[], ["-b"]], ids=["plain", "-b"])
def test_call_that_is_refused(world, background):
    done = world.daemon.run("call", *background, STRANGER)
    assert done.returncode == ua.REFUSED_CALL
    assert "refused: 403" in done.stdout
    assert steps(done.stdout)[-1] == "call failed"


def test_call_to_nobody(world):
    for user in ("a b", "", "x" * 300, "a>\r\nVia: x"):
        done = world.daemon.run("call", user)
        assert done.returncode == ua.USAGE, user
    done = world.daemon.run("call", "-a", "work", CALLEE)
    assert done.returncode == ua.USAGE and "work" in done.stdout


def test_register(world):
    for more in ([], ["-a", "home"]):
        done = world.daemon.run("register", *more)
        assert done.returncode == ua.OK
        assert done.stdout == (f"registered sip:{CALLER}@{world.site.SERVER} "
                               f"at udp {world.site.SERVER}:5060\n")
    done = world.daemon.run("register", "-a", "work")
    assert done.returncode == ua.USAGE and "'work'" in done.stdout


def test_register_that_is_refused(world, tmp_path):
    config = configuration(tmp_path, world.site.SERVER, CALLER, "wrong")
    with Daemon(world.site.pc2, config) as daemon:
        daemon.wait_for("refused: 401")
        done = daemon.run("register")
        assert done.returncode == ua.AUTH
        assert "is not registered: refused: 401" in done.stdout
        row, = table(daemon.run("status").stdout, "ACCOUNT")
        assert row["STATE"] == "failed" and "401" in row["NOTE"]


@pytest.fixture(params=["daemon", "alone"])
def ringing(lab, tmp_path, request):
    """A call that rings at the test's own peer, and its INVITE."""
    config = configuration(tmp_path, lab.SERVER, USER, PASSWORD)
    if request.param == "daemon":
        daemon = lab.keep(Daemon(lab.pc, config))
        daemon.registered()
        call = lab.keep(daemon.start("call", "peer"))
    else:
        call = lab.keep(lab.pc.start(ua.PROGRAM, "call", "-c", config, "peer",
                                     env=ua.STRICT))
    invite = lab.peer.take("INVITE")
    lab.peer.reply(invite, 180, "Ringing")
    call.wait_for("ringing")
    return call, invite


def test_ctrl_c_while_it_rings(lab, ringing):
    call, invite = ringing
    call.send_signal(2)
    lab.peer.take("CANCEL")
    assert call.running(), "it waits for what comes of it"
    lab.peer.reply(invite, 487, "Request Terminated")
    assert call.wait() == ua.OK
    assert steps(call.output())[-1] == "call ended: given up before an answer"


def test_ctrl_c_twice_does_not_wait(lab, ringing):
    call, invite = ringing
    call.send_signal(2)
    lab.peer.take("CANCEL")
    call.send_signal(2)
    assert call.wait(1.0) == ua.OK
    lab.peer.reply(invite, 487, "Request Terminated")


# --- without a daemon ---------------------------------------------------------

@pytest.fixture
def alone(world, tmp_path):
    """A configuration of 2501 whose daemon does not run."""
    if os.path.exists("/run/sipvpn/control"):
        pytest.fail("a daemon of this machine is running")
    return configuration(tmp_path, world.site.SERVER, CALLER,
                         world.site.USERS[CALLER])


def test_call_without_a_daemon(world, alone):
    call = world.here("call", "-c", alone, CALLEE)
    call.wait_for("tunnel up")
    assert world.site.pc2.reach(world.site.TUNNEL[CALLEE])
    call.send_signal(2)
    assert call.wait() == ua.OK
    rest = assert_progress(call.output(), [
        "waiting until the account is registered",
        r"registered sip:2501@198\.51\.100\.10 at udp 198\.51\.100\.10:5060"])
    assert rest[-1] == "call ended: hung up"


def test_call_without_a_daemon_that_is_refused(world, alone):
    call = world.here("call", "-c", alone, STRANGER)
    assert call.wait() == ua.REFUSED_CALL
    assert steps(call.output())[-1] == "call failed"
    assert call.output().count("403") == 1, "said once"


def test_call_without_a_daemon_wrong_password(world, tmp_path):
    config = configuration(tmp_path, world.site.SERVER, CALLER, "wrong")
    call = world.here("call", "-c", config, CALLEE)
    assert call.wait() == ua.AUTH
    assert "401" in call.output()


def test_call_without_a_daemon_usage(world, alone):
    for words, word in ((["a b"], "'a b'"), (["-a", "work", CALLEE], "work")):
        call = world.here("call", "-c", alone, *words)
        assert call.wait() == ua.USAGE
        assert word in call.output()
