-- sipvpn: who may call whom. For SQLite 3; needs the table "version", which
-- create-sqlite.sh takes from Kamailio's own scripts.

-- A VPN group. Its name is what a phone book, a script or a=VPN_ID calls it.
-- policy: open (every member calls every member), hub (one of the two is a
-- hub), off. A group with a subnet ("10.8.0.0/24", "fd00:8::/64") assigns its
-- members their tunnel addresses.
-- AUTOINCREMENT: an id that was deleted never comes back, so rows of members
-- that were left behind cannot slip into a new group.
CREATE TABLE sipvpn_group (
	id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
	name VARCHAR(64) NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
	policy VARCHAR(8) NOT NULL DEFAULT 'open'
		CHECK (policy IN ('open', 'hub', 'off')),
	subnet4 VARCHAR(18) DEFAULT NULL,
	subnet6 VARCHAR(43) DEFAULT NULL,
	CONSTRAINT sipvpn_group_name_idx UNIQUE (name)
);

-- An address-of-record in a group. Somebody in two groups has two rows.
CREATE TABLE sipvpn_member (
	id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
	group_id INTEGER NOT NULL
		REFERENCES sipvpn_group (id) ON DELETE CASCADE,
	username VARCHAR(255) NOT NULL CHECK (length(username) > 0),
	domain VARCHAR(255) COLLATE NOCASE NOT NULL CHECK (length(domain) > 0),
	role VARCHAR(8) NOT NULL DEFAULT 'member'
		CHECK (role IN ('member', 'hub')),
	addr4 VARCHAR(15) DEFAULT NULL,
	addr6 VARCHAR(45) COLLATE NOCASE DEFAULT NULL,
	CONSTRAINT sipvpn_member_idx UNIQUE (group_id, username, domain),
	CONSTRAINT sipvpn_member_addr4_idx UNIQUE (group_id, addr4),
	CONSTRAINT sipvpn_member_addr6_idx UNIQUE (group_id, addr6)
);

CREATE INDEX sipvpn_member_user_idx ON sipvpn_member (username, domain);

-- One row. Whoever changes the tables above by hand counts it up afterwards:
--   UPDATE sipvpn_meta SET generation = generation + 1;
-- and every server loads them again within seconds.
CREATE TABLE sipvpn_meta (
	id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
	generation BIGINT NOT NULL
);

INSERT INTO sipvpn_meta (id, generation) VALUES (1, 1);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_group', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_member', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_meta', 1);
