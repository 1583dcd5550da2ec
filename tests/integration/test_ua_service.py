"""sipvpn-ua as a service: the unit, the journal, no root, and completion."""

import json
import os
import pathlib
import re
import shutil
import sys

import pytest

from testlib import journal, proc, ua
from testlib.site import Site
from testlib.uad import Control, Daemon, cli, configuration, open_folder

CALLEE, CALLER = "2500", "2501"
UNIT = os.path.join(ua.TOP, "cfg", "systemd", "sipvpn-ua.service")
SYSUSERS = os.path.join(ua.TOP, "cfg", "systemd", "sipvpn-ua.sysusers")
COMPLETION = os.path.join(ua.TOP, "cfg", "completion", "sipvpn-ua")
OWN_USER = 4242
CAP_NET_ADMIN = 1 << 12  # capabilities(7)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as standing:
        callee = standing.ua(standing.pc1, CALLEE)
        callee.waiting()
        standing.callee = callee
        yield standing


@pytest.fixture
def config(site):
    """Of 2501, in a folder that others may enter."""
    with open_folder() as folder:
        yield configuration(folder, site.SERVER, CALLER, site.USERS[CALLER])
    proc.wait_gone(site.callee.openvpn())
    assert site.pc2.links() == ["eth0"]
    assert site.pc1.links() == ["eth0"]


# --- the unit -----------------------------------------------------------------

@pytest.fixture
def unit(tmp_path):
    """The unit as `make install` would put it, with our program in it."""
    path = tmp_path / "sipvpn-ua.service"
    with open(UNIT, encoding="utf-8") as source:
        path.write_text(re.sub("(?m)^ExecStart=[^ ]*/sipvpn-ua ",
                               f"ExecStart={ua.PROGRAM} ", source.read()))
    return str(path)


def test_systemd_finds_nothing_wrong(unit):
    done = proc.run(["systemd-analyze", "verify", "--man=no", unit])
    assert done.stdout == ""


def test_exposure(unit):
    """Half of what is left is the network, which is what it is for."""
    done = proc.run(["systemd-analyze", "security", "--offline=yes",
                     "--threshold=20", unit])
    score = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)[1]
    assert float(score) < 2.0


def test_user_is_made(tmp_path):
    (tmp_path / "etc").mkdir()
    proc.run(["systemd-sysusers", f"--root={tmp_path}", SYSUSERS])
    assert re.search("(?m)^sipvpn:x:[0-9]+:",
                     (tmp_path / "etc" / "passwd").read_text())
    assert re.search("(?m)^sipvpn:x:[0-9]+:",
                     (tmp_path / "etc" / "group").read_text())


# --- without root -------------------------------------------------------------

# As the unit runs it: a user, one capability, /proc with pids only; and the
# device as udev makes it, which a container may have for root alone.
UNPRIVILEGED = [
    "unshare", "--mount", "sh", "-c",
    "mount -t proc -o subset=pid,hidepid=invisible proc /proc && "
    "mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && "
    'exec "$@"', "sh", "setpriv", f"--reuid={OWN_USER}",
    f"--regid={OWN_USER}", "--clear-groups", "--no-new-privs",
    "--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin",
    "--bounding-set=-all,+net_admin"]


def facts(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1)
                    for line in file if ":\t" in line)


def test_without_root(site, config):
    """A call by a user with CAP_NET_ADMIN alone; OpenVPN has no more."""
    folder = os.path.dirname(config)
    program = shutil.copy(ua.PROGRAM, folder)
    secret = config.replace(".conf", ".password")
    os.chown(secret, OWN_USER, OWN_USER)
    os.chown(folder, OWN_USER, OWN_USER)
    with Daemon(site.pc2, config, before=UNPRIVILEGED,
                program=program) as daemon:
        daemon.registered()
        assert daemon.run("call", "-b", CALLEE).returncode == ua.OK
        assert site.pc2.ping(site.TUNNEL[CALLEE], 10, 0.05).received > 0
        own = [pid for pid, command in daemon.children().items()
               if program in command or "openvpn" in command]
        assert len(own) == 1, "openvpn; the daemon leads the session"
        for pid in [daemon.pid, *own]:
            got = facts(pid)
            assert set(got["Uid"].split()) == {str(OWN_USER)}
            for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
                assert int(got[name], 16) == CAP_NET_ADMIN, (pid, name)
        assert daemon.run("hangup", "all").returncode == ua.OK
        daemon.wait_for("call 1: call ended: hung up")
        assert daemon.stop() == ua.OK


# --- the journal --------------------------------------------------------------

class Journaled(proc.Proc):
    """sipvpn-ua whose standard output and error are the journal's."""

    def __init__(self, host, *argv):
        super().__init__(
            ["unshare", "--mount", sys.executable, journal.__file__,
             ua.PROGRAM, *argv], netns=host, name="journal", env=ua.STRICT)

    def entry(self, pattern):
        """The first entry whose message has the pattern."""
        line = self.wait_for(rf'^\{{"MESSAGE": "[^"]*{pattern}.*')[0]
        return json.loads(line)


def test_journal(site, config):
    with Journaled(site.pc2, "daemon", "-c", config) as program:
        entry = program.entry("registered sip:2501")
        assert entry["PRIORITY"] == "6"
        assert entry["SYSLOG_IDENTIFIER"] == "sipvpn-ua"
        assert "SIPVPN_CALL" not in entry
        path = config.replace(".conf", ".sock")
        with Control(path) as client:
            client.ask("call", user=CALLEE)
            client.event("up")
            client.ask("hangup", call="1")
            client.event("over")
            client.ask("call", user="2502")
            client.event("over")
        up, ended = program.entry("CONNECTED"), program.entry("call ended")
        for entry in (up, ended):
            assert entry["SIPVPN_CALL"] == "1"
            assert entry["SIPVPN_PEER"] == f"sip:{CALLEE}@{site.SERVER}"
        assert ended["SIPVPN_REASON"] == "hung up"
        refused = program.entry("refused: 403")
        assert refused["PRIORITY"] == "4"
        assert refused["SIPVPN_CALL"] == "2"
        assert "VPN group" in refused["SIPVPN_REASON"]
        program.send_signal(15)
        program.wait_for("^ended 0")
        assert "stdout:" not in program.output(), "nothing twice"


# --- completion ---------------------------------------------------------------

def bash(*words, path=None):
    """What bash offers for the last one of these words."""
    script = (f'source {COMPLETION}.bash; COMP_WORDS=("$@"); '
              "COMP_CWORD=$(($# - 1)); _sipvpn_ua; "
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = proc.run(["bash", "-c", script, "bash", "sipvpn-ua", *words],
                    env=found_first(path))
    return done.stdout.split()


# A shell that somebody types into; what it would offer goes to a file.
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1/typed"
zpty -w shell "${(j: :)@[2,-1]}"$'\\t'
while zpty -r shell; do :; done
"""
TYPED = """
PROMPT= fpath=({folder} $fpath)
autoload -Uz compinit
compinit -u -D
comppostfuncs=(exit)
zstyle ':completion:*' insert-tab false
compadd() {{
	local -a offered
	[[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\\ * ]] || {{
		builtin compadd -A offered "$@"
		(( $#offered )) && print -lr -- $offered >>{folder}/offered
	}}
	builtin compadd "$@"
}}
"""


def zsh(*words, path=None):
    """What zsh offers."""
    with open_folder() as folder:
        shutil.copy(f"{COMPLETION}.zsh", os.path.join(folder, "_sipvpn-ua"))
        offered = pathlib.Path(folder, "offered")
        offered.touch()
        pathlib.Path(folder, "typed").write_text(
            TYPED.format(folder=folder), encoding="ascii")
        proc.run(["zsh", "-f", "-c", ZSH, "zsh", folder, "sipvpn-ua", *words],
                 env=found_first(path))
        return offered.read_text(encoding="utf-8").split()


def found_first(path):
    return {"PATH": f"{path or '/nowhere'}:{os.environ['PATH']}"}


@pytest.fixture(params=[bash, zsh], ids=["bash", "zsh"])
def complete(request):
    return request.param


def test_completion_of_commands(complete):
    listed = re.findall(r"(?m)^  ([a-z-]+) ", cli("help").stdout)
    assert sorted(complete("")) == sorted(listed) and len(listed) == 9
    assert complete("st") == ["status"]
    assert complete("x") == []


@pytest.mark.parametrize("command", [
    "daemon", "call", "hangup", "hold", "resume", "status", "register",
    "check-config", "version"])
def test_completion_of_options(command, complete):
    known = re.findall(r"(?m)^  -.*?(--[a-z-]+)", cli(command, "--help").stdout)
    assert sorted(complete(command, "--")) == sorted(known)


def test_completion_of_names(tmp_path, complete):
    config = configuration(tmp_path, "192.0.2.1", CALLER, "x",
                           "[peer gateway]\nuri = 2500\n"
                           "[peer  office]\nuri = 2502\n")
    assert complete("call", "-c", config, "") == ["gateway", "office"]
    assert complete("call", "-c", config, "o") == ["office"]
    assert complete("call", "-c", config, "-a", "") == ["home"]
    assert complete("call", "--config", config, "--account", "") == ["home"]
    assert os.path.basename(config) in complete(
        "check-config", config[:-2])[-1]


def test_completion_of_calls(site, config, complete):
    with Daemon(site.pc2, config) as daemon:
        daemon.registered()
        where = os.path.dirname(ua.PROGRAM)
        socket = ["-s", daemon.socket]
        assert complete("hangup", *socket, "", path=where) == []
        assert daemon.run("call", "-b", CALLEE).returncode == ua.OK
        assert complete("hangup", *socket, "", path=where) == ["1"]
        assert daemon.stop() == ua.OK
