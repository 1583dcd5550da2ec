/*
 * sipvpn_allot.h - the lowest free address of a group's subnet.
 *
 * Free is what no member has in the database and no call in progress holds: a
 * member may have left the group whose tunnel is still being taken down.
 */
#ifndef SIPVPN_ALLOT_H
#define SIPVPN_ALLOT_H

#include "sipvpn_db.h"

enum sipvpn_allotted {
	SIPVPN_ALLOTTED,
	SIPVPN_ALLOT_FULL,   /* the subnet has no free address left */
	SIPVPN_ALLOT_FAILED, /* the database; the log says why */
};

struct sipvpn_allot_group {
	int64_t id; /* in the database */
	struct slice name;
};

/*
 * *out has family 0 when there is no subnet. Nothing is reserved: the insert
 * fails when another node was faster with the same address.
 */
enum sipvpn_allotted sipvpn_allot(db1_con_t *con,
	const struct sipvpn_db_conf *conf,
	const struct sipvpn_allot_group *group, const struct sipvpn_subnet *net,
	struct vpnsdp_addr *out);

#endif
