"""sipvpn-ua as a user of its own, with CAP_NET_ADMIN and nothing else, and as
root of a container: calls work, and what is missing is said with the way out.
"""

import os
import signal

import pytest

from testlib import proc, ua
from testlib.lab import LabUA, is_openvpn

NOBODY = 65534
NET_ADMIN = 1 << 12  # capability.h

# A /dev/net of its own and a program that this user may reach, then the rest.
PRIVATE = """set -e
mount -t tmpfs none /dev/net
cp "$0" /dev/net/sipvpn-ua
{prepare}
exec {become} /dev/net/sipvpn-ua "$@"
"""
NODE = "mknod -m {mode} /dev/net/tun c 10 200"

AS_NOBODY = (f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "
             "--bounding-set=-all,+net_admin ")
AMBIENT = AS_NOBODY + ("--inh-caps=-all,+net_admin "
                       "--ambient-caps=-all,+net_admin --no-new-privs")
NO_CAPABILITY = AS_NOBODY + "--inh-caps=-all --ambient-caps=-all"


def private(become, prepare=NODE.format(mode=666)):
    """The command before sipvpn-ua's."""
    script = PRIVATE.format(prepare=prepare, become=become)
    return ("unshare", "--mount", "sh", "-c", script)


def status(pid):
    """/proc/PID/status as a dict."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return dict(line.rstrip("\n").split(":\t", 1) for line in lines)


def openvpn_of_a_call(lab, program):
    """Make a call, look at its OpenVPN, and end it."""
    call = lab.dial()
    answer = call.invite(lab.good())
    assert answer.code == 200, f"{answer.first}\n{program.tail()}"
    call.ack()
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    assert lab.far.reach("192.168.234.1")
    pid, = [pid for pid in lab.pc.pids() if is_openvpn(pid)]
    found = status(pid)
    assert call.bye().code == 200
    program.ended()
    proc.wait_gone([pid])
    lab.clear_peers()
    return found


def assert_one_capability(found):
    assert found["Uid"].split() == [str(NOBODY)] * 4
    for which in ("CapPrm", "CapEff"):
        assert int(found[which], 16) == NET_ADMIN, which
    assert found["NoNewPrivs"] == "1"


def test_ambient_capability(lab):
    """As a unit with User= and AmbientCapabilities= starts it."""
    program = lab.waiting(before=private(AMBIENT))
    assert_one_capability(openvpn_of_a_call(lab, program))
    assert_one_capability(status(program.pid))
    lab.assert_usable(program)
    assert program.stop() == ua.OK


def test_capability_of_the_file(lab):
    """setcap on our program is enough: OpenVPN needs none of its own."""
    program = lab.waiting(before=private(
        NO_CAPABILITY, NODE.format(mode=666) +
        "\nsetcap cap_net_admin=p /dev/net/sipvpn-ua"))
    assert_one_capability(openvpn_of_a_call(lab, program))
    assert program.stop() == ua.OK


def test_caller_without_root(lab):
    program, invite = lab.calling(before=private(AMBIENT))
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    program.connected()
    assert lab.far.reach("192.168.234.1")
    assert program.stop() == ua.OK
    lab.clear_peers()


MISSING = {
    "capability": (NO_CAPABILITY, NODE.format(mode=666),
                   "CAP_NET_ADMIN is missing.*AmbientCapabilities"),
    "right to the file": (AMBIENT, NODE.format(mode=600),
                          "may not open /dev/net/tun: chmod 0666"),
    "file": (AMBIENT, "", "/dev/net/tun is not there.*modprobe tun"),
    "driver": (AMBIENT, "mknod -m 666 /dev/net/tun c 10 251",
               "/dev/net/tun is not there.*modprobe tun"),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_is_missing(lab, what):
    become, prepare, words = MISSING[what]
    program = lab.waiting(before=private(become, prepare))
    reply = lab.dial().invite(lab.good())
    assert reply.code == 500
    assert "the tun device is refused to us" in reply.get("warning")
    program.wait_for(f"^sipvpn-ua: .*{words}")
    assert program.stop() == ua.OK


# What a container's root has beside CAP_NET_ADMIN, unless told otherwise.
CONTAINER_CAPS = ("chown", "dac_override", "fowner", "fsetid", "kill",
                  "setgid", "setuid", "setpcap", "net_bind_service",
                  "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap")
CONTAINER = """set -e
mkdir -p {root}/net
mount -t tmpfs none {root}
mkdir {root}/net
for node in null zero full random urandom net/tun; do
	: >{root}/$node
	mount --bind /dev/$node {root}/$node
done
mount --rbind {root} /dev
mount -t proc none /proc
exec setpriv --bounding-set=-all,+net_admin,{caps} "$0" "$@"
"""


def test_root_of_a_container(lab, tmp_path):
    """Namespaces of its own, few devices, and process number 1."""
    script = CONTAINER.format(root=tmp_path / "dev",
                              caps=",".join("+" + c for c in CONTAINER_CAPS))
    program = lab.keep(LabUA(
        lab.pc, lab.SERVER, before=("unshare", "--mount", "--pid", "--fork",
                                    "--ipc", "--uts", "--kill-child", "sh",
                                    "-c", script)))
    program.waiting()
    lab.assert_usable(program)
    first, = [pid for pid in program.children()
              if status(pid)["NSpid"].split()[-1] == "1"]
    os.kill(first, signal.SIGTERM)
    assert program.wait() == ua.OK
    program.wait_for(ua.UNREGISTERED)
