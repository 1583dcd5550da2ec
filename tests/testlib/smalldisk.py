"""A file system of the test's own that can be full: a small tmpfs.

Rule: it is gone when it is closed, and when the run is killed (reaper.py).
"""

import os
import shutil
import tempfile

from . import proc, reaper


class SmallDisk:
    """dir is where it is mounted. size: as `mount -o size=` takes it."""

    def __init__(self, size="8m", owner=None):
        self.dir = tempfile.mkdtemp(prefix=reaper.name() + "disk-")
        self._ballast = os.path.join(self.dir, "ballast")
        try:
            proc.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700",
                      "sipvpn-test", self.dir])
            if owner:
                shutil.chown(self.dir, owner, owner)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def fill(self):
        """Not one byte more fits. Again, when something was given back."""
        with open(self._ballast, "ab", buffering=0) as out:
            for size in (65536, 1):
                try:
                    while True:
                        out.write(b"x" * size)
                except OSError:
                    pass

    def give_room(self):
        if os.path.exists(self._ballast):
            os.unlink(self._ballast)

    def close(self):
        # Lazily: whoever still has a file open there does not keep it.
        if os.path.ismount(self.dir):
            proc.run(["umount", "-l", self.dir])
        shutil.rmtree(self.dir, ignore_errors=True)
