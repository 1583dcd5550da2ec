/*
 * sipvpn_bystander.c - does anybody here edit the bodies of messages?
 */
#include "sipvpn_bystander.h"

#include <stddef.h>
#include <string.h>

#include "core/dprint.h"
#include "core/sr_module.h"

/*
 * The modules that sites have and that edit headers at most, sorted. Those
 * that run scripts of another language call what other modules export.
 */
static const char *const bystanders[] = {
	"acc",
	"alias_db",
	"app_lua",
	"app_python3",
	"app_ruby",
	"auth",
	"auth_db",
	"auth_ephemeral",
	"avpops",
	"cfg_rpc",
	"cfgutils",
	"corex",
	"counters",
	"ctl",
	"db_cluster",
	"db_mysql",
	"db_postgres",
	"db_sqlite",
	"db_text",
	"db_unixodbc",
	"debugger",
	"dialog",
	"dispatcher",
	"dmq",
	"dmq_usrloc",
	"domain",
	"group",
	"htable",
	"ipops",
	"jsonrpcs",
	"kex",
	"log_custom",
	"log_systemd",
	"maxfwd",
	"nat_traversal",
	"outbound",
	"path",
	"permissions",
	"pike",
	"pv",
	"ratelimit",
	"registrar",
	"rr",
	"rtimer",
	"sanity",
	"sipvpn",
	"siputils",
	"sl",
	"sqlops",
	"statistics",
	"stun",
	"tls",
	"tm",
	"tmx",
	"uac",
	"uri_db",
	"usrloc",
	"xhttp",
	"xhttp_prom",
	"xlog",
};

static bool is_bystander(const char *name)
{
	for (size_t i = 0; i < sizeof(bystanders) / sizeof(bystanders[0]); i++)
		if (strcmp(name, bystanders[i]) == 0)
			return true;
	return false;
}

bool sipvpn_bystander_all(void)
{
	for (sr_module_t *m = get_loaded_modules(); m; m = m->next) {
		if (is_bystander(m->exports.name))
			continue;
		LM_INFO("the module %s may edit bodies: protected media are "
			"watched\n",
			m->exports.name);
		return false;
	}
	LM_INFO("no module that edits bodies is loaded: protected media need "
		"no watch\n");
	return true;
}
