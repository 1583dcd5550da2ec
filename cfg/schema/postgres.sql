-- sipvpn: who may call whom. For PostgreSQL; needs the table "version" of
-- Kamailio's own standard-create.sql. sqlite.sql says what the columns mean.

CREATE TABLE sipvpn_group (
	id SERIAL PRIMARY KEY NOT NULL,
	name VARCHAR(64) NOT NULL CHECK (length(name) > 0),
	policy VARCHAR(8) NOT NULL DEFAULT 'open'
		CHECK (policy IN ('open', 'hub', 'off')),
	subnet4 VARCHAR(18) DEFAULT NULL,
	subnet6 VARCHAR(43) DEFAULT NULL,
	CONSTRAINT sipvpn_group_name_idx UNIQUE (name)
);

CREATE TABLE sipvpn_member (
	id SERIAL PRIMARY KEY NOT NULL,
	group_id INTEGER NOT NULL
		REFERENCES sipvpn_group (id) ON DELETE CASCADE,
	username VARCHAR(255) NOT NULL CHECK (length(username) > 0),
	domain VARCHAR(255) NOT NULL CHECK (length(domain) > 0),
	role VARCHAR(8) NOT NULL DEFAULT 'member'
		CHECK (role IN ('member', 'hub')),
	addr4 VARCHAR(15) DEFAULT NULL,
	addr6 VARCHAR(45) DEFAULT NULL,
	CONSTRAINT sipvpn_member_addr4_idx UNIQUE (group_id, addr4)
);

-- Domains, and the digits of IPv6, are the same in either case.
CREATE UNIQUE INDEX sipvpn_member_idx
	ON sipvpn_member (group_id, username, lower(domain));
CREATE UNIQUE INDEX sipvpn_member_addr6_idx
	ON sipvpn_member (group_id, lower(addr6));
CREATE INDEX sipvpn_member_user_idx ON sipvpn_member (username, domain);

CREATE TABLE sipvpn_meta (
	id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
	generation BIGINT NOT NULL
);

INSERT INTO sipvpn_meta (id, generation) VALUES (1, 1);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_group', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_member', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_meta', 1);
