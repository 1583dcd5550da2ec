"""What a person types first: install, uninstall, and what stands in the way.

A missing step ends in one sentence that says the way out.
"""

import os
import shutil

import pytest

from testlib import proc, ua

TREE = os.environ.get("KAMAILIO_SRC", os.path.join(
    ua.BUILD, "kamailio", "src-tree"))
ENV = {name: "" for name in ("MAKEFLAGS", "MFLAGS", "DESTDIR", "PREFIX")}


def make(*arguments, **options):
    return proc.run(["make", "-C", ua.TOP, *arguments],
                    env={**ENV, "PREFIX": "/usr/local", "BUILD": ua.BUILD},
                    timeout=60, **options)


def tree(top):
    """Files below top, as names from top."""
    return {os.path.relpath(os.path.join(folder, name), top)
            for folder, unused, names in os.walk(top) for name in names}


def test_uninstall_takes_away_what_install_put_there(tmp_path):
    module = "usr/lib/modules/sipvpn.so"
    where = [f"DESTDIR={tmp_path}", "MODDIR=/usr/lib/modules"]
    make("install", *where)
    installed = tree(tmp_path)
    assert {module, "usr/local/bin/sipvpn-ua",
            "usr/local/share/man/man1/sipvpn-ua.1",
            "usr/local/share/man/man5/sipvpn-ua.conf.5",
            "usr/local/lib/systemd/system/sipvpn-ua.service",
            "usr/local/lib/sysusers.d/sipvpn-ua.conf",
            "usr/local/share/bash-completion/completions/sipvpn-ua",
            "usr/local/share/zsh/site-functions/_sipvpn-ua",
            "usr/local/share/sipvpn/kamailio.cfg",
            "usr/local/share/sipvpn/schema/sqlite.sql",
            "usr/local/share/sipvpn/systemd/kamailio.service.d/sipvpn.conf",
            "usr/local/share/doc/sipvpn/README.md",
            "usr/local/share/doc/sipvpn/LICENSE"} <= installed
    assert os.access(tmp_path / "usr/local/bin/sipvpn-ua", os.X_OK)
    make("uninstall", *where)
    assert tree(tmp_path) == set()
    assert not (tmp_path / "usr/local/share/sipvpn").exists()


def test_uninstall_leaves_the_files_of_others(tmp_path):
    where = [f"DESTDIR={tmp_path}", "MODDIR=/usr/lib/modules"]
    make("install", *where)
    other = tmp_path / "usr/local/share/sipvpn/site.cfg"
    other.write_text("mine\n")
    make("uninstall", *where)
    assert tree(tmp_path) == {"usr/local/share/sipvpn/site.cfg"}


def test_module_goes_where_kamailio_looks(tmp_path):
    make("install", f"DESTDIR={tmp_path}")
    known = proc.run(["dpkg", "-L", "kamailio"]).stdout
    folder, = {os.path.dirname(line) for line in known.splitlines()
               if line.endswith("/modules/tm.so")}
    assert (tmp_path / folder[1:] / "sipvpn.so").is_file()


MAKE = ("make", "-j2", "-C", "src/modules/sipvpn")


def in_env(module, *command):
    """Run in the tree that module is in; what it says. Our own environment may
    have a make above it, whose knobs are not Kamailio's.
    """
    return proc.run(["env", "-i", f"-C{module.parents[2]}",
                     f"PATH={os.environ['PATH']}", *command],
                    timeout=180).stdout


def in_tree(tmp_path, *command):
    """The module's folder dropped into a copy of Kamailio's tree, as any other
    module, and built there without a warning by command.
    """
    shutil.copytree(TREE, tmp_path / "tree", symlinks=True)
    module = tmp_path / "tree" / "src" / "modules" / "sipvpn"
    shutil.copytree(os.path.join(ua.TOP, "kamailio-module"), module)
    said = in_env(module, *command)
    assert not [line for line in said.splitlines()
                if "warning" in line and ("sipvpn" in line or "vpnsdp" in line)]
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return in_tree(tmp_path_factory.mktemp("tree"), *MAKE)


def test_module_builds_within_a_kamailio_tree(tmp_path, built):
    config = tmp_path / "kamailio.cfg"
    config.write_text(f'''listen=udp:127.0.0.1:5060
loadmodule "{built}/sipvpn.so"
modparam("sipvpn", "members_file", "/nowhere")
request_route {{ sipvpn_manage(); sipvpn_restore(); }}
''')
    assert "config file ok" in proc.run(
        ["kamailio", "-c", "-f", config]).stdout


def test_within_a_kamailio_tree_nothing_old_is_left(built):
    """A header is newer, as with another version of ours; then make clean."""
    proc.run(["touch", built / "vpnsdp" / "vpnsdp_priv.h"])
    old = {path.name: path.stat().st_mtime_ns
           for path in built.rglob("*.o")
           if "vpnsdp_priv.h" in path.with_suffix(".d").read_text()}
    in_env(built, *MAKE)
    new = {path.name: path.stat().st_mtime_ns for path in built.rglob("*.o")}
    assert old and [name for name in old if old[name] == new[name]] == []
    in_env(built, *MAKE, "proper")
    assert [*built.rglob("*.o"), *built.rglob("*.d")] == []


if os.path.exists(os.path.join(TREE, "CMakeLists.txt")):  # from 6.0 on
    def test_module_builds_by_cmake_within_a_kamailio_tree(tmp_path):
        """Not loaded: a whole server of the same build would be needed."""
        in_tree(tmp_path, "sh", "-ec", '''
            cmake -B build -DMODULE_GROUP_NAME= -DINCLUDE_MODULES=sipvpn
            cmake --build build -j2 --target sipvpn''')
        assert (tmp_path / "tree/build/src/modules/sipvpn/sipvpn.so").exists()


def test_module_is_made_anew_for_another_kamailio():
    """As after an upgrade: Kamailio refuses a module of another version."""
    ask = ["make", "-C", os.path.join(ua.TOP, "kamailio-module"), "-q"]
    env = {**ENV, "BUILD": ua.BUILD, "KAMAILIO_SRC": TREE}
    newer = ["-W", os.path.join(TREE, "src", "config.mak")]
    proc.run(ask, env=env)
    assert proc.run([*ask, *newer], env=env, check=False).returncode == 1


@pytest.mark.parametrize("target", ["all", "clean"])
@pytest.mark.parametrize("folder, knobs", [
    ("a tree", []), ("tree", ["BUILD=a build"])])
def test_a_blank_in_a_path_is_refused(tmp_path, target, folder, knobs):
    """`rm -rf` of such a name is one of others, too."""
    tree = tmp_path / folder
    tree.mkdir()
    shutil.copy(os.path.join(ua.TOP, "Makefile"), tree)
    for other in (tmp_path, tree):
        (other / "a").mkdir()
    done = proc.run(["env", "-u", "BUILD", "make", "-C", tree, target, *knobs],
                    env=ENV, check=False)
    assert done.returncode == 2
    assert "has a blank in it" in done.stdout, done.stdout
    assert len(done.stdout.splitlines()) <= 3
    assert (tmp_path / "a").exists() and (tree / "a").exists()


# How to be on a machine where something is missing -> what is said then.
MISSING = [
    ("setpriv --reuid=65534 --clear-groups", "need root"),
    ("setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin",
     "network namespaces"),
    ("unshare --mount sh -c 'mount -t tmpfs none /dev/net; exec \"$@\"' sh",
     "no /dev/net/tun"),
    ("unshare --mount sh -c 'mount -t tmpfs none /dev/net; "
     "mknod /dev/net/tun c 10 250; exec \"$@\"' sh", "cannot be opened"),
]


@pytest.mark.parametrize("where,words", MISSING,
                         ids=[words for unused, words in MISSING])
def test_what_is_missing_is_said_in_one_sentence(where, words):
    # over standard input: others may not be able to enter our folder
    with open(os.path.join(ua.TOP, "scripts", "preflight.sh"),
              encoding="utf-8") as script:
        done = proc.run(["sh", "-c", f"{where} sh -s"], check=False,
                        text=script.read())
    said = done.stdout.splitlines()
    assert done.returncode == 1
    assert len(said) == 1 and words in said[0]


def test_another_distribution_is_named_with_the_way_out(tmp_path):
    release = tmp_path / "os-release"
    release.write_text('ID=other\nVERSION_ID="1"\nPRETTY_NAME="Other 1"\n')
    script = os.path.join(ua.TOP, "scripts", "setup.sh")
    done = proc.run(
        ["unshare", "--mount", "sh", "-c", f"mount --bind {release} "
         f"/etc/os-release && exec sh {script} --check build"], check=False)
    assert done.returncode == 1
    assert "Other 1" in done.stdout and "DEPS=no" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_missing_packages_are_named_and_nothing_is_installed(tmp_path):
    """An empty package database: everything is missing, apt is not asked."""
    admin = tmp_path / "dpkg"
    (admin / "info").mkdir(parents=True)
    (admin / "updates").mkdir()
    (admin / "status").write_text("")
    script = os.path.join(ua.TOP, "scripts", "setup.sh")
    done = proc.run(["sh", script, "--check", "build"], check=False,
                    env={"DPKG_ADMINDIR": str(admin), "DEPS": ""})
    assert done.returncode == 1
    assert "libosip2-dev" in done.stdout and "make deps" in done.stdout
    assert len(done.stdout.splitlines()) == 1
