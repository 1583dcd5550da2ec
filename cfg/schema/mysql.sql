-- sipvpn: who may call whom. For MySQL 8.0.16 and MariaDB 10.2 or newer, which
-- enforce CHECK; needs the table "version" of Kamailio's own
-- standard-create.sql. sqlite.sql says what the columns mean.
-- Names and users differ by case (_bin), domains and IPv6 digits do not.
-- ascii keeps the keys within InnoDB's limit; SIP escapes all else.

CREATE TABLE sipvpn_group (
	id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL,
	name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
		CHECK (length(name) BETWEEN 1 AND 64),
	policy VARCHAR(8) NOT NULL DEFAULT 'open'
		CHECK (policy IN ('open', 'hub', 'off')),
	subnet4 VARCHAR(18) DEFAULT NULL,
	subnet6 VARCHAR(43) DEFAULT NULL,
	CONSTRAINT sipvpn_group_name_idx UNIQUE (name)
) ENGINE = InnoDB;

CREATE TABLE sipvpn_member (
	id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL,
	group_id INT UNSIGNED NOT NULL,
	username VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
		CHECK (length(username) > 0),
	domain VARCHAR(255) CHARACTER SET ascii COLLATE ascii_general_ci
		NOT NULL CHECK (length(domain) > 0),
	role VARCHAR(8) NOT NULL DEFAULT 'member'
		CHECK (role IN ('member', 'hub')),
	addr4 VARCHAR(15) CHARACTER SET ascii DEFAULT NULL,
	addr6 VARCHAR(45) CHARACTER SET ascii COLLATE ascii_general_ci
		DEFAULT NULL,
	CONSTRAINT sipvpn_member_group_fk FOREIGN KEY (group_id)
		REFERENCES sipvpn_group (id) ON DELETE CASCADE,
	CONSTRAINT sipvpn_member_idx UNIQUE (group_id, username, domain),
	CONSTRAINT sipvpn_member_addr4_idx UNIQUE (group_id, addr4),
	CONSTRAINT sipvpn_member_addr6_idx UNIQUE (group_id, addr6)
) ENGINE = InnoDB;

CREATE INDEX sipvpn_member_user_idx ON sipvpn_member (username, domain);

CREATE TABLE sipvpn_meta (
	id INT PRIMARY KEY NOT NULL CHECK (id = 1),
	generation BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO sipvpn_meta (id, generation) VALUES (1, 1);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_group', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_member', 2);
INSERT INTO version (table_name, table_version) VALUES ('sipvpn_meta', 1);
