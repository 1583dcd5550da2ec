"""A journal for one program: run as a program of its own, in a mount
namespace of its own, since the journal's place in the file system is fixed.

    unshare --mount python3 journal.py PROGRAM ARGUMENT...

Prints what the program sends to the journal, one JSON object a line, and
then "ended CODE".
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys

FOLDER = "/run/systemd/journal"


def fields(datagram):
    """systemd's native protocol: NAME=value, or NAME, its length, value."""
    found = {}
    while datagram:
        line, unused, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8:8 + size], rest[9 + size:]
        found[name.decode()] = value.decode()
        datagram = rest
    return found


def main():
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.makedirs(FOLDER)
    native = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    native.bind(FOLDER + "/socket")
    stdout = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stdout.bind(FOLDER + "/stdout")
    stdout.listen(1)
    out = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    out.connect(FOLDER + "/stdout")
    ours = stdout.accept()[0]
    program = subprocess.Popen(sys.argv[1:], stdout=out, stderr=out)
    out.close()
    signal.signal(signal.SIGTERM, lambda *unused: program.terminate())
    streams = [native, ours]
    while ours in streams:
        for ready in select.select(streams, [], [])[0]:
            got = ready.recv(65536)
            if ready is native:
                print(json.dumps(fields(got)), flush=True)
            elif got:
                print("stdout:", got.decode().strip(), flush=True)
            else:
                streams.remove(ours)
    native.setblocking(False)
    try:
        while True:
            print(json.dumps(fields(native.recv(65536))), flush=True)
    except BlockingIOError:
        pass
    print("ended", program.wait(), flush=True)


if __name__ == "__main__":
    main()
