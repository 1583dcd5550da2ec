#!/usr/bin/env python3
"""Users, groups and pairs for the scenarios that take them from files.

Writes into FOLDER:
  users.csv      all users                        (register-many.xml)
  members.csv    pairs of members of one group    (many-members.xml)
  strangers.csv  somebody of no group, a member   (many-strangers.xml)
  phones.csv     pairs of any two users           (many-phones.xml)
  groups.csv     group;user, one line a member
  database.sql   puts them all into the server's database
  remove.sql     takes them away again

Rule: the same arguments with the same --secret give the same files. Without
it, each user gets a password that nobody can guess, for these people are
users of a real server as soon as database.sql has been read there.
"""

import argparse
import hashlib
import os
import random
import secrets
import sys
from collections import namedtuple

MAX = 1000000  # users: what a server of one machine is asked for
NAME = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")

# members: {group: [user, ...]}; passwords: {user: password}
People = namedtuple("People", "domain members strangers passwords")


def people(domain, prefix, users, groups, strangers, secret=None):
    """Members are spread evenly, at least two to a group."""
    names = [f"{prefix}{number:06d}" for number in range(users)]
    outside = [f"{prefix}x{number:06d}" for number in range(strangers)]
    members = {f"{prefix}-group-{number:05d}": names[number::groups]
               for number in range(groups)}
    return People(domain, members, outside, {
        user: password(user, secret) for user in names + outside})


def password(user, secret):
    if secret is None:
        return secrets.token_hex(12)
    return hashlib.sha256(f"{secret}:{user}".encode()).hexdigest()[:24]


def credentials(who, user):
    """What sipp makes the header of, once it has been challenged."""
    return f"[authentication username={user} password={who.passwords[user]}]"


def pairs(who, count, dice):
    """Lines for members.csv, strangers.csv and phones.csv."""
    groups, everybody = list(who.members), list(who.passwords)
    members, strangers, phones = [], [], []
    for unused in range(count):
        group = dice.choice(groups)
        one, two = dice.sample(who.members[group], 2)
        members.append((one, two, who.domain, group, credentials(who, one)))
        if who.strangers:
            one = dice.choice(who.strangers)
            strangers.append((one, two, who.domain, group,
                              credentials(who, one)))
        one, two = dice.sample(everybody, 2)
        phones.append((one, two, who.domain, "-", credentials(who, one)))
    return members, strangers, phones


def insert(who):
    """SQL that SQLite, PostgreSQL and MySQL understand."""
    for user, word in who.passwords.items():
        ha1 = hashlib.md5(f"{user}:{who.domain}:{word}".encode())
        yield ("insert into subscriber (username, domain, ha1) values "
               f"('{user}', '{who.domain}', '{ha1.hexdigest()}');")
    for group, users in who.members.items():
        yield f"insert into sipvpn_group (name) values ('{group}');"
        for user in users:
            yield ("insert into sipvpn_member (group_id, username, domain) "
                   f"select id, '{user}', '{who.domain}' from sipvpn_group "
                   f"where name = '{group}';")
    yield "update sipvpn_meta set generation = generation + 1;"


def remove(who):
    for group in who.members:
        yield ("delete from sipvpn_member where group_id in (select id from "
               f"sipvpn_group where name = '{group}');")
        yield f"delete from sipvpn_group where name = '{group}';"
    for user in who.passwords:
        yield (f"delete from subscriber where username = '{user}' and "
               f"domain = '{who.domain}';")
    yield "update sipvpn_meta set generation = generation + 1;"


def write(folder, name, lines):
    """Readable for its owner alone: there are passwords in it."""
    path = os.path.join(folder, name)
    fresh = path + ".new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)
    os.replace(fresh, path)


def write_all(folder, who, count, dice):
    os.makedirs(folder, exist_ok=True)
    csv = {"users.csv": [(user, who.domain, credentials(who, user))
                         for user in who.passwords]}
    csv["members.csv"], csv["strangers.csv"], csv["phones.csv"] = pairs(
        who, count, dice)
    for name, rows in csv.items():
        write(folder, name, ["SEQUENTIAL"] + [";".join(row) for row in rows])
    write(folder, "groups.csv", [f"{group};{user}" for group, users in
                                 who.members.items() for user in users])
    write(folder, "database.sql", ["begin;", *insert(who), "commit;"])
    write(folder, "remove.sql", ["begin;", *remove(who), "commit;"])


def number(text, least):
    value = int(text)
    if not least <= value <= MAX:
        raise ValueError(text)
    return value


def name(text):
    if not text or not set(text) <= NAME:
        raise ValueError(text)
    return text


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Make CSV files of users, groups and pairs for sipp.")
    add = parser.add_argument
    add("folder", help="where the files go; made when it is not there")
    add("--users", type=lambda text: number(text, 2), default=100,
        help="how many members there are, in all groups (100)")
    add("--groups", type=lambda text: number(text, 1), default=10,
        help="how many groups they are spread over (10)")
    add("--strangers", type=lambda text: number(text, 0), default=20,
        help="how many users are in no group (20)")
    add("--pairs", type=lambda text: number(text, 1), default=1000,
        help="how many lines a file of pairs has (1000)")
    add("--domain", type=name, default="example.org",
        help="the server's domain (example.org)")
    add("--prefix", type=name, default="load",
        help="what all the names begin with (load)")
    add("--secret", help="what the passwords are made of; random without it")
    add("--seed", default="1", help="another text gives other pairs")
    given = parser.parse_args(argv)
    if given.users < 2 * given.groups:
        parser.error(f"--users {given.users} in --groups {given.groups}: a "
                     "group needs two members; take more users or less groups")
    return given


def main():
    given = arguments(sys.argv[1:])
    who = people(given.domain, given.prefix, given.users, given.groups,
                 given.strangers, given.secret)
    write_all(given.folder, who, given.pairs, random.Random(given.seed))


if __name__ == "__main__":
    main()
