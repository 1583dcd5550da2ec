"""baresip, a real softphone, on a machine of the test: no sound card and no
screen. It sends a tone, shows every SIP message, and is told what to do over
a socket of its own.
"""

import json
import os
import socket
import time

from . import proc
from .peer import socket_in
from .site import Site

MODULES = "/usr/lib/baresip/modules"
CONTROL = ("127.0.0.1", 4444)  # in the namespace
CONFIG = """\
poll_method epoll
sip_listen {ip}:{port}
rtp_ports {rtp}
audio_source ausine,440
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 48000
ausrc_channels 2
auplay_srate 8000
module_path {modules}
module g711.so
module ausine.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"""


class Softphone(proc.Proc):
    """A user's phone at the address ip of host; registered when the
    constructor returns. Calls that come ring until it is told to accept.
    """

    SIP_PORT = 5080  # and the next one, for TLS
    RTP_PORTS = "10000-10999"

    def __init__(self, workdir, host, ip, user, password, server):
        self.ip = ip
        folder = os.path.join(str(workdir), f"baresip-{user}")
        os.makedirs(folder)
        texts = {"contacts": "",
                 "accounts": f"<sip:{user}@{server}>;auth_user={user};"
                             f"auth_pass={password};regint=300;"
                             "answermode=manual;audio_codecs=PCMU\n",
                 "config": CONFIG.format(
                     ip=ip, port=self.SIP_PORT, rtp=self.RTP_PORTS,
                     modules=MODULES, control="%s:%d" % CONTROL)}
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w",
                      encoding="ascii") as out:
                out.write(text)
        super().__init__(["baresip", "-s", "-f", folder], netns=host,
                         name=f"baresip-{user}", cwd=folder)
        self._rest = b""
        self.events = []  # every one that has come and was not waited for
        self.control = None
        try:
            self.wait_for(r"\b200 OK .*\[\d+ binding", 10)
            self.control = socket_in(host, "127.0.0.1",
                                     kind=socket.SOCK_STREAM)
            self.control.connect(CONTROL)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.control:
            self.control.close()
        super().close()

    def _receive(self, deadline):
        """The next netstring of the control socket, as JSON."""
        while True:
            length, colon, rest = self._rest.partition(b":")
            if colon and len(rest) > int(length):
                self._rest = rest[int(length) + 1:]
                return json.loads(rest[:int(length)])
            self.control.settimeout(max(0.01, deadline - time.monotonic()))
            got = self.control.recv(65535)
            assert got, f"baresip is gone\n{self.tail()}"
            self._rest += got

    def event(self, kind, timeout=5.0):
        """The next event of this type; those before it are kept."""
        deadline = time.monotonic() + timeout
        while True:
            for event in self.events:
                if event.get("type") == kind:
                    self.events.remove(event)
                    return event
            try:
                got = self._receive(deadline)
            except TimeoutError:
                raise proc.ProcError(
                    f"{self.name}: no {kind} within {timeout} s, but "
                    f"{self.events}\n{self.tail()}") from None
            if got.get("event"):
                self.events.append(got)

    def command(self, name, params="", timeout=5.0):
        """Tell it something; what it says to that."""
        raw = json.dumps({"command": name, "params": params}).encode()
        self.control.sendall(b"%d:%b," % (len(raw), raw))
        deadline = time.monotonic() + timeout
        while True:
            got = self._receive(deadline)
            if got.get("response"):
                assert got["ok"], f"{self.name}: {name} {params}: {got}"
                return got["data"]
            self.events.append(got)


class PhoneSite(Site):
    """The site, where users may have phones, too."""

    def phone(self, host, ip, user):
        phone = Softphone(self.workdir, host, ip, user, self.USERS[user],
                          self.SERVER)
        self.programs.append(phone)
        return phone
