"""A database of many members, for ours and for what one would write instead.

Rule: member n is in group n // 10; the same people stand in every table.
"""

import os
import sqlite3

from testlib import proc
from testlib.kamailio import CREATE

NUMBERS = ("with recursive n(i) as (select 0 union all select i + 1 from n "
           "where i + 1 < {count}) ")
USER = "printf('u%07d', i)"
GROUP = "printf('g%06d', i / 10)"
OTHERS = """
create table grp (id integer primary key not null, username varchar(64),
    domain varchar(64), grp varchar(64),
    constraint grp_idx unique (username, domain, grp));
create table htable (id integer primary key not null, key_name varchar(64),
    key_type integer not null default 0, value_type integer not null
    default 0, key_value varchar(128), expires integer not null default 0);
insert into version (table_name, table_version) values ('grp', 2);
insert into version (table_name, table_version) values ('htable', 2);
"""


def create(path, count):
    """A new database with so many members (a multiple of ten)."""
    if os.path.exists(path):
        os.unlink(path)
    proc.run([CREATE, path])
    with sqlite3.connect(path) as con:
        con.execute("pragma journal_mode = off")
        con.execute("pragma synchronous = off")
        con.executescript(OTHERS)
        for statement in (
                NUMBERS.format(count=count // 10) +
                "insert into sipvpn_group (id, name) select i + 1, "
                "printf('g%06d', i) from n",
                NUMBERS.format(count=count) +
                "insert into sipvpn_member (group_id, username, domain) "
                f"select i / 10 + 1, {USER}, 'example.org' from n",
                NUMBERS.format(count=count) +
                "insert into grp (username, domain, grp) "
                f"select {USER}, 'example.org', 'vpn' from n",
                NUMBERS.format(count=count) +
                "insert into htable (key_name, key_value) "
                f"select {GROUP} || '::' || {USER}, '1' from n"):
            con.execute(statement)
    con.close()
    return path
