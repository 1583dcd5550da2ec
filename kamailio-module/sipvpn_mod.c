/*
 * sipvpn_mod.c - what Kamailio sees of the module: exports, parameters, start
 * and end; nothing else.
 */
#include <limits.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"
#include "core/timer.h"
#include "core/timer_proc.h"

#include "kam_slice.h"
#include "sipvpn_bystander.h"
#include "sipvpn_call.h"
#include "sipvpn_cmd.h"
#include "sipvpn_edit.h"
#include "sipvpn_end.h"
#include "sipvpn_event.h"
#include "sipvpn_fault.h"
#include "sipvpn_identity.h"
#include "sipvpn_keep.h"
#include "sipvpn_load.h"
#include "sipvpn_manage.h"
#include "sipvpn_media.h"
#include "sipvpn_name.h"
#include "sipvpn_pass.h"
#include "sipvpn_pv.h"
#include "sipvpn_rpc.h"
#include "sipvpn_stats.h"
#include "sipvpn_store.h"
#include "sipvpn_table.h"
#include "sipvpn_watch.h"

MODULE_VERSION

/* Seconds between looks for a replaced membership that can be freed. */
#define RECLAIM_INTERVAL 5

static str domain = STR_NULL;
static str trusted_caller = STR_NULL;
static str event_callback = STR_NULL;
static str secret = STR_NULL;

static struct sipvpn_load_conf conf = {
	.db =
		{
			.url = STR_NULL,
			.group_table = str_init("sipvpn_group"),
			.group_id_col = str_init("id"),
			.group_name_col = str_init("name"),
			.group_policy_col = str_init("policy"),
			.group_subnet4_col = str_init("subnet4"),
			.group_subnet6_col = str_init("subnet6"),
			.member_table = str_init("sipvpn_member"),
			.member_id_col = str_init("id"),
			.member_group_col = str_init("group_id"),
			.member_user_col = str_init("username"),
			.member_domain_col = str_init("domain"),
			.member_role_col = str_init("role"),
			.member_addr4_col = str_init("addr4"),
			.member_addr6_col = str_init("addr6"),
			.meta_table = str_init("sipvpn_meta"),
		},
	.domain = &domain,
	.reload_delta = 5,
	.poll_interval = 5,
};

/* Media sections that leave as they came, and whether by themselves. */
enum { NEVER, WHERE_NEEDED, ALWAYS };
static str protect = str_init(SIPVPN_MEDIA_VPN);
static int preserve = WHERE_NEEDED;

/* May a phone call become a VPN call? */
static int upgrade;

static param_export_t params[] = {
	{"db_url", PARAM_STR, &conf.db.url},
	{"group_table", PARAM_STR, &conf.db.group_table},
	{"group_id_col", PARAM_STR, &conf.db.group_id_col},
	{"group_name_col", PARAM_STR, &conf.db.group_name_col},
	{"group_policy_col", PARAM_STR, &conf.db.group_policy_col},
	{"group_subnet4_col", PARAM_STR, &conf.db.group_subnet4_col},
	{"group_subnet6_col", PARAM_STR, &conf.db.group_subnet6_col},
	{"member_table", PARAM_STR, &conf.db.member_table},
	{"member_id_col", PARAM_STR, &conf.db.member_id_col},
	{"member_group_col", PARAM_STR, &conf.db.member_group_col},
	{"member_user_col", PARAM_STR, &conf.db.member_user_col},
	{"member_domain_col", PARAM_STR, &conf.db.member_domain_col},
	{"member_role_col", PARAM_STR, &conf.db.member_role_col},
	{"member_addr4_col", PARAM_STR, &conf.db.member_addr4_col},
	{"member_addr6_col", PARAM_STR, &conf.db.member_addr6_col},
	{"meta_table", PARAM_STR, &conf.db.meta_table},
	{"members_file", PARAM_STR, &conf.file},
	{"reload_delta", PARAM_INT, &conf.reload_delta},
	{"poll_interval", PARAM_INT, &conf.poll_interval},
	{"domain", PARAM_STR, &domain},
	{"trusted_caller", PARAM_STR, &trusted_caller},
	{"event_callback", PARAM_STR, &event_callback},
	{"secret", PARAM_STR, &secret},
	{"protect", PARAM_STR, &protect},
	{"upgrade", PARAM_INT, &upgrade},
	{"preserve", PARAM_INT, &preserve},
	{0, 0, 0},
};

static cmd_export_t cmds[] = {
	{"sipvpn_is_offer", sipvpn_cmd_is_offer, 0, 0, 0, ANY_ROUTE},
	{"sipvpn_authorize", sipvpn_cmd_authorize, 0, 0, 0, REQUEST_ROUTE},
	{"sipvpn_authorize", sipvpn_cmd_authorize, 1, fixup_spve_null,
		fixup_free_spve_null, REQUEST_ROUTE},
	{"sipvpn_manage", sipvpn_cmd_manage, 0, sipvpn_cmd_manage_fixup, 0,
		REQUEST_ROUTE},
	{"sipvpn_manage", sipvpn_cmd_manage, 1, fixup_spve_null,
		fixup_free_spve_null, REQUEST_ROUTE},
	{"sipvpn_strip", sipvpn_cmd_strip, 0, 0, 0,
		REQUEST_ROUTE | BRANCH_ROUTE | ONREPLY_ROUTE},
	{"sipvpn_restore", sipvpn_cmd_restore, 0, 0, 0, ANY_ROUTE},
	{0, 0, 0, 0, 0, 0},
};

static void reclaim(unsigned int ticks, void *param)
{
	(void)ticks;
	(void)param;
	sipvpn_table_reclaim();
}

static bool preserves(void)
{
	return preserve == ALWAYS ||
	       (preserve == WHERE_NEEDED && !sipvpn_bystander_all());
}

/* Kamailio's default searches long lists for each block. */
static void mind_memory(void)
{
	if (strcmp(_pkg_root.mname, "q_malloc") == 0)
		LM_WARN("a call costs many times as much with q_malloc: start "
			"Kamailio with -x fm\n");
}

static bool in_range(const char *name, int value, int max)
{
	if (value >= 0 && value <= max)
		return true;
	LM_ERR("parameter %s: %d is not one from 0 to %d\n", name, value, max);
	return false;
}

/* With another one nobody would be a member, and nothing would say why. */
static bool domain_is_good(void)
{
	struct slice name = slice_of_str(&domain);

	if (name.len == 0 ||
		(name.len <= SIPVPN_MAX_NAME && sipvpn_name_is_host(name)))
		return true;
	LM_ERR("parameter domain: '%.*s' is no domain\n", STR_FMT(&domain));
	return false;
}

static bool params_are_good(void)
{
	return in_range("upgrade", upgrade, 1) &&
	       in_range("preserve", preserve, ALWAYS) &&
	       in_range("reload_delta", conf.reload_delta, INT_MAX) &&
	       in_range("poll_interval", conf.poll_interval, INT_MAX) &&
	       domain_is_good();
}

static int mod_init(void)
{
	mind_memory();
	if (!params_are_good())
		return -1;
	if (sipvpn_identity_init(&domain, &trusted_caller) < 0 ||
		sipvpn_pass_init(&secret) < 0)
		return -1;
	sipvpn_manage_init(upgrade != 0);
	if (sipvpn_keep_init(&protect) < 0 ||
		sipvpn_watch_init(preserves()) < 0)
		return -1;
	if (sipvpn_call_init() < 0 || sipvpn_end_init() < 0)
		return -1;
	sipvpn_event_init(&event_callback);
	if (sipvpn_stats_init() < 0 || sipvpn_rpc_init(&domain) < 0)
		return -1;
	if (sipvpn_table_init() < 0 || sipvpn_fault_init() < 0 ||
		sipvpn_load_init(&conf) < 0 || sipvpn_load_poll_register() < 0)
		return -1;
	sipvpn_edit_init(&conf.db);
	if (register_timer(reclaim, NULL, RECLAIM_INTERVAL) < 0) {
		LM_ERR("cannot register a timer\n");
		return -1;
	}
	return 0;
}

static int child_init(int rank)
{
	/* Only here is the number of processes known, and nothing forked. */
	if (rank == PROC_INIT)
		return sipvpn_table_init_procs();
	if (rank == PROC_MAIN && sipvpn_load_poll_fork() < 0)
		return -1;
	return sipvpn_end_fork(rank);
}

static void destroy(void)
{
	sipvpn_store_destroy();
	sipvpn_table_destroy();
	sipvpn_fault_destroy();
}

struct module_exports exports = {"sipvpn", DEFAULT_DLFLAGS, cmds, params, 0,
	sipvpn_pvs, 0, mod_init, child_init, destroy};

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
