"""The GRUU that a registrar gives (RFC 5627), and what is made of it."""

import pytest

from testlib.lab import LabUA
from testlib.peer import Peer, uri_of

PORT = 5078
GRUU = "sip:2500@198.51.100.10;gr=urn:uuid:1-2-3"


def giving(gruu):
    """A registrar that names our contact, and others, with a GRUU each."""
    def register(request):
        ours = request.get("contact")
        return 200, "OK", [
            'Contact: <sip:2500@192.0.2.99:5060>;expires=60;pub-gruu='
            f'"{GRUU}-another";+sip.instance="<urn:uuid:another>"',
            f'Contact: {ours};expires=60;pub-gruu="{gruu}"']
    return register


@pytest.mark.parametrize("gruu, more, used", [
    (GRUU, ["--gruu"], True),
    # whoever did not ask for it is reached at the address
    (GRUU, [], False),
    # what would end the <> of Contact, or is no SIP URI
    ("sip:a@b>;expires=0,<sip:evil@b", ["--gruu"], False),
    ("tel:+1", ["--gruu"], False),
    ("", ["--gruu"], False),
], ids=["used", "not asked for", "bracket", "tel", "empty"])
def test_contact_of_a_call(lab, gruu, more, used):
    with Peer(lab.far, lab.SERVER, PORT, register=giving(gruu)) as peer:
        program = LabUA(lab.pc, f"{lab.SERVER}:{PORT}", to="peer", more=more)
        with program:
            invite = peer.take("INVITE")
            contact = invite.get("contact")
            if used:
                assert uri_of(contact) == GRUU
            else:
                assert uri_of(contact) == f"sip:2500@{lab.PC}:5060"
            assert '+sip.app-subtype="openvpn"' in contact
            # the binding is of the address in any case
            register = peer.take("REGISTER")
            assert uri_of(register.get("contact")) == \
                f"sip:2500@{lab.PC}:5060"
            peer.reply(invite, 486, "Busy Here")
            program.wait()
