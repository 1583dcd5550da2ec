/* carrier.c - what carries a call's data; see carrier.h. */
#include "daemon/carrier.h"

#include <glib.h>

/* In a shell, none of these is more than itself. */
#define PLAIN G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.@:+%"

/*
 * NAME=value for a program's environment. A peer may have written the value:
 * what is not plain is escaped as in a URI (RFC 3986 section 2.1).
 */
static char *variable(const char *name, const char *value)
{
	GString *s = g_string_new(name);

	g_string_append_c(s, '=');
	for (; *value; value++) {
		if (strchr(PLAIN, *value))
			g_string_append_c(s, *value);
		else
			g_string_append_printf(
				s, "%%%02X", (unsigned)(unsigned char)*value);
	}
	return g_string_free(s, FALSE);
}

static struct tunnel *start_program(
	const struct carrier_conf *conf, struct tunnel_env *env)
{
	GPtrArray *vars = g_ptr_array_new_with_free_func(g_free);
	struct tunnel *t;

	g_ptr_array_add(vars, variable("SIPVPN_PEER", conf->peer));
	if (conf->plan->group[0])
		g_ptr_array_add(
			vars, variable("SIPVPN_GROUP", conf->plan->group));
	if (conf->cert)
		g_ptr_array_add(vars, variable("SIPVPN_TLS_ID", conf->tls_id));
	g_ptr_array_add(vars, NULL);
	env->env = (const char *const *)vars->pdata;
	t = tunnel_program(env, conf->plan, conf->cert, conf->program);
	g_ptr_array_free(vars, TRUE);
	return t;
}

void carrier_device(
	const char *peer, const char *name, char out[static DEVICE_NAME_SIZE])
{
	char *named = name ? g_strdup_printf("sip:%s@", name) : NULL;

	device_name_of_peer(slice_cstr(named ? named : peer), out);
	g_free(named);
}

struct tunnel *carrier_start(const struct carrier_conf *conf)
{
	char device[DEVICE_NAME_SIZE];
	struct tunnel_env env = {
		.openvpn = conf->openvpn,
		.warm = conf->warm,
		.device = device,
		.device_numbered = conf->numbered,
		.secret_file = conf->secret_file,
		.report = conf->report,
		.log = conf->log,
		.arg = conf->arg,
	};

	carrier_device(conf->peer, conf->name, device);
	if (conf->program)
		return start_program(conf, &env);
	return tunnel_openvpn(&env, conf->plan, conf->cert);
}
