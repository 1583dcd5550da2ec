"""A call to a sipvpn-ua that stands, and the offers inside its dialog."""

from .vpnend import body, changed

OTHER_TLS_ID = "a=tls-id:another-one-of-20-bytes"


def connected(lab, *more, headers=()):
    """(program, call, the peer's OpenVPN): called, and the tunnel is up."""
    program = lab.waiting(*more)
    call = lab.dial()
    answer = call.invite(lab.good(), headers=headers)
    assert answer.code == 200, answer.first
    call.ack()
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    call.answer = answer
    return program, call, end


def offer(lab, version, *more, tls_id=None, **fields):
    """A description of the peer's with another o= version; more: lines."""
    lines = changed(lab.lines(**fields), "o=",
                    f"o=- 1 {version} IN IP4 {lab.SERVER}")
    if tls_id:
        lines = changed(lines, "a=tls-id", tls_id)
    return body([*lines, *more])


def version_of(sdp):
    line, = [line for line in sdp.decode().split("\r\n")
             if line.startswith("o=")]
    return int(line.split(" ")[2])


def reply_to(peer, call, method, timeout=5.0):
    """The final reply to the call's last request."""
    return peer.final(call.call_id, f"{call.cseq} {method}", timeout)
