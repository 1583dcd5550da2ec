/*
 * sipvpn_mod.c - what Kamailio sees of the module: exports, parameters, start
 * and end; nothing else.
 */
#include "core/dprint.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"
#include "core/timer.h"
#include "core/timer_proc.h"

#include "sipvpn_cmd.h"
#include "sipvpn_db.h"
#include "sipvpn_keep.h"
#include "sipvpn_media.h"
#include "sipvpn_rpc.h"
#include "sipvpn_stats.h"
#include "sipvpn_table.h"

MODULE_VERSION

/* Seconds between looks for a replaced membership that can be freed. */
#define RECLAIM_INTERVAL 5

static struct sipvpn_db_conf db_conf = {
	.url = STR_NULL,
	.group_table = str_init("sipvpn_group"),
	.group_id_col = str_init("id"),
	.group_name_col = str_init("name"),
	.member_table = str_init("sipvpn_member"),
	.member_id_col = str_init("id"),
	.member_group_col = str_init("group_id"),
	.member_user_col = str_init("username"),
	.member_domain_col = str_init("domain"),
	.reload_delta = 5,
};

static str domain = STR_NULL;

/* Media sections that leave as they came, and whether by themselves. */
static str protect = str_init(SIPVPN_MEDIA_VPN);
static int preserve = 1;

static param_export_t params[] = {
	{"db_url", PARAM_STR, &db_conf.url},
	{"group_table", PARAM_STR, &db_conf.group_table},
	{"group_id_col", PARAM_STR, &db_conf.group_id_col},
	{"group_name_col", PARAM_STR, &db_conf.group_name_col},
	{"member_table", PARAM_STR, &db_conf.member_table},
	{"member_id_col", PARAM_STR, &db_conf.member_id_col},
	{"member_group_col", PARAM_STR, &db_conf.member_group_col},
	{"member_user_col", PARAM_STR, &db_conf.member_user_col},
	{"member_domain_col", PARAM_STR, &db_conf.member_domain_col},
	{"reload_delta", PARAM_INT, &db_conf.reload_delta},
	{"domain", PARAM_STR, &domain},
	{"protect", PARAM_STR, &protect},
	{"preserve", PARAM_INT, &preserve},
	{0, 0, 0},
};

static cmd_export_t cmds[] = {
	{"sipvpn_is_offer", sipvpn_cmd_is_offer, 0, 0, 0, ANY_ROUTE},
	{"sipvpn_authorize", sipvpn_cmd_authorize, 0, 0, 0, REQUEST_ROUTE},
	{"sipvpn_authorize", sipvpn_cmd_authorize, 1, fixup_spve_null,
		fixup_free_spve_null, REQUEST_ROUTE},
	{"sipvpn_restore", sipvpn_cmd_restore, 0, 0, 0, ANY_ROUTE},
	{0, 0, 0, 0, 0, 0},
};

static void reclaim(unsigned int ticks, void *param)
{
	(void)ticks;
	(void)param;
	sipvpn_table_reclaim();
}

static int mod_init(void)
{
	sipvpn_cmd_init(&domain);
	if (sipvpn_stats_init() < 0 || sipvpn_rpc_init(&domain) < 0)
		return -1;
	if (sipvpn_keep_init(&protect, preserve) < 0)
		return -1;
	if (sipvpn_table_init() < 0 || sipvpn_db_init(&db_conf) < 0)
		return -1;
	if (register_timer(reclaim, NULL, RECLAIM_INTERVAL) < 0) {
		LM_ERR("cannot register a timer\n");
		return -1;
	}
	return 0;
}

/* Only here is the number of processes known, and nothing forked yet. */
static int child_init(int rank)
{
	return rank == PROC_INIT ? sipvpn_table_init_procs() : 0;
}

static void destroy(void)
{
	sipvpn_table_destroy();
}

struct module_exports exports = {"sipvpn", DEFAULT_DLFLAGS, cmds, params, 0, 0,
	0, mod_init, child_init, destroy};

/* Kamailio looks it up by name and declares it nowhere. */
int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	(void)path;
	(void)dlflags;
	(void)p1;
	(void)p2;
	return sr_kemi_modules_add(sipvpn_kemi);
}
