-- sipvpn: who may call whom. For SQLite 3; needs the table "version", which
-- create-sqlite.sh takes from Kamailio's own scripts.

-- A VPN group. Its name is what a phone book, a script or a=VPN_ID calls it.
-- AUTOINCREMENT: an id that was deleted never comes back, so rows of members
-- that were left behind cannot slip into a new group.
CREATE TABLE sipvpn_group (
	id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
	name VARCHAR(64) NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
	CONSTRAINT sipvpn_group_name_idx UNIQUE (name)
);

-- An address-of-record in a group. Somebody in two groups has two rows.
CREATE TABLE sipvpn_member (
	id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
	group_id INTEGER NOT NULL
		REFERENCES sipvpn_group (id) ON DELETE CASCADE,
	username VARCHAR(255) NOT NULL CHECK (length(username) > 0),
	domain VARCHAR(255) COLLATE NOCASE NOT NULL CHECK (length(domain) > 0),
	CONSTRAINT sipvpn_member_idx UNIQUE (group_id, username, domain)
);

CREATE INDEX sipvpn_member_user_idx ON sipvpn_member (username, domain);

INSERT INTO version (table_name, table_version) VALUES ('sipvpn_group', 1);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_member', 1);
