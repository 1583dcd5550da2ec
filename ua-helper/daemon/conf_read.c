/* conf_read.c - the configuration file: sections and keys. */
#include "daemon/conf_read.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "core/ini.h"
#include "daemon/conf_check.h"
#include "daemon/conf_value.h"

#define MAX_FILE 1048576 /* ten thousand peers */
#define MAX_KEYS 32

struct key {
	const char *name;
	conf_value_fn *set;
	size_t at;
};

static const struct key daemon_keys[] = {
	{"log", conf_path, offsetof(struct conf, log_file)},
	{"debug", conf_yes, offsetof(struct conf, debug)},
	{"control", conf_path, offsetof(struct conf, control)},
	{"openvpn", conf_text, offsetof(struct conf, openvpn)},
	{"max_calls", conf_count, offsetof(struct conf, max_calls)},
	{NULL, NULL, 0},
};

#define AT(field) offsetof(struct account_conf, field)
static const struct key account_keys[] = {
	{"user", conf_user, AT(user)},
	{"domain", conf_domain, AT(domain)},
	{"password_file", conf_path, AT(password_file)},
	{"proxies", conf_proxies, AT(proxies)},
	{"ca_file", conf_path, AT(ca_file)},
	{"cert_file", conf_path, AT(cert_file)},
	{"key_file", conf_path, AT(key_file)},
	{"port", conf_port, AT(port)},
	{"register", conf_yes, AT(registers)},
	{"gruu", conf_yes, AT(gruu)},
	{"accept", conf_accepts, AT(accept)},
	{"vpn_port", conf_port, AT(vpn_port)},
	{"address_pool", conf_pool, AT(pool)},
	{"local", conf_address, AT(pair.local)},
	{"remote", conf_address, AT(pair.remote)},
	{"group", conf_group, AT(group)},
	{"program", conf_program, AT(program)},
	{"program_tls", conf_yes, AT(program_tls)},
	{NULL, NULL, 0},
};
#undef AT

#define AT(field) offsetof(struct peer_conf, field)
static const struct key peer_keys[] = {
	{"uri", conf_uri, AT(uri)},
	{"account", conf_text, AT(account_name)},
	{"group", conf_group, AT(group)},
	{"local", conf_address, AT(pair.local)},
	{"remote", conf_address, AT(pair.remote)},
	{"program", conf_program, AT(program)},
	{"program_tls", conf_yes, AT(program_tls)},
	{"legacy", conf_yes, AT(legacy)},
	{"secret_file", conf_path, AT(secret_file)},
	{"call", conf_dials, AT(dial)},
	{NULL, NULL, 0},
};
#undef AT

/* The section that is being read. */
struct section {
	const struct key *keys; /* NULL: an unknown one; its keys are skipped */
	void *object;
	unsigned seen[MAX_KEYS]; /* line of each key, 0: not yet */
};

struct reading {
	struct conf_errors errors;
	struct conf *conf;
	struct section section;
	unsigned daemon_line; /* 0: no such section yet */
	bool inside;          /* of some section */
};

static void open_account(struct reading *r, const char *name, unsigned line)
{
	const struct account_conf *twin = conf_account(r->conf, name);
	struct account_conf *a = account_conf_new(name);

	if (twin)
		conf_wrong(&r->errors, line, "[account %s]: see line %u", name,
			twin->line);
	a->line = line;
	g_ptr_array_add(r->conf->accounts, a);
	r->section = (struct section){.keys = account_keys, .object = a};
}

static void open_peer(struct reading *r, const char *name, unsigned line)
{
	const struct peer_conf *twin = conf_peer(r->conf, name);
	struct peer_conf *p = peer_conf_new(name);

	if (twin)
		conf_wrong(&r->errors, line, "[peer %s]: see line %u", name,
			twin->line);
	p->line = line;
	g_ptr_array_add(r->conf->peers, p);
	r->section = (struct section){.keys = peer_keys, .object = p};
}

static void open_daemon(struct reading *r, const char *name, unsigned line)
{
	if (name[0] != '\0')
		conf_wrong(&r->errors, line, "[daemon] has no name");
	if (r->daemon_line > 0)
		conf_wrong(&r->errors, line, "[daemon]: see line %u",
			r->daemon_line);
	r->daemon_line = line;
	r->section = (struct section){.keys = daemon_keys, .object = r->conf};
}

static void open_section(struct reading *r, const struct ini_line *line)
{
	char *kind = g_strndup(line->key.p, line->key.len);
	char *name = g_strndup(line->value.p, line->value.len);
	bool is_account = strcmp(kind, "account") == 0;

	r->inside = true;
	r->section = (struct section){.keys = NULL};
	if (strcmp(kind, "daemon") == 0)
		open_daemon(r, name, line->number);
	else if (!is_account && strcmp(kind, "peer") != 0)
		conf_wrong(&r->errors, line->number,
			"[%s]: there are daemon, account NAME and peer NAME",
			kind);
	else if (name[0] == '\0')
		conf_wrong(&r->errors, line->number,
			"[%s]: its name is missing: [%s NAME]", kind, kind);
	else if (is_account)
		open_account(r, name, line->number);
	else
		open_peer(r, name, line->number);
	g_free(kind);
	g_free(name);
}

static const struct key *find_key(const struct section *s, struct slice name)
{
	for (const struct key *k = s->keys; k->name; k++)
		if (slice_eq(slice_cstr(k->name), name))
			return k;
	return NULL;
}

static void take_key(struct reading *r, const struct ini_line *line)
{
	struct section *s = &r->section;
	const struct key *k;
	const char *why;
	char *value;

	if (!s->keys)
		return; /* said so at its head */
	k = find_key(s, line->key);
	if (!k) {
		conf_wrong(&r->errors, line->number,
			"%.*s: no such key in this section",
			SLICE_ARG(line->key));
		return;
	}
	if (s->seen[k - s->keys] > 0) {
		conf_wrong(&r->errors, line->number, "%s: see line %u", k->name,
			s->seen[k - s->keys]);
		return;
	}
	s->seen[k - s->keys] = line->number;
	value = g_strndup(line->value.p, line->value.len);
	why = k->set((char *)s->object + k->at, value);
	if (why)
		conf_wrong(&r->errors, line->number, "%s: '%s' %s", k->name,
			value, why);
	if (k->set == conf_port && strcmp(k->name, "port") == 0)
		((struct account_conf *)s->object)->port_fixed = true;
	g_free(value);
}

static void read_lines(struct reading *r, struct slice text)
{
	struct ini in = ini_over(text);
	struct ini_line line;

	while (ini_next(&in, &line) != INI_END) {
		if (line.kind == INI_SECTION)
			open_section(r, &line);
		else if (line.kind == INI_BAD)
			conf_wrong(&r->errors, line.number, "%s", line.why);
		else if (r->inside)
			take_key(r, &line);
		else
			conf_wrong(&r->errors, line.number,
				"%.*s: stands before the first section",
				SLICE_ARG(line.key));
	}
}

/*
 * A FIFO would be waited for, a device may never end: the daemon that is to
 * read its file again must not hang. Here and not in what reads, so that the
 * file is not even opened.
 */
static bool is_readable(struct reading *r, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return true; /* reading says why not */
	if (!S_ISREG(st.st_mode))
		conf_wrong(&r->errors, 1, "is not a file");
	else if (st.st_size > MAX_FILE)
		conf_wrong(&r->errors, 1, "larger than %d bytes", MAX_FILE);
	else
		return true;
	return false;
}

/* Some editors begin a file with a mark of its encoding, which nobody sees. */
static struct slice without_mark(struct slice text)
{
	const struct slice mark = SLICE("\xef\xbb\xbf");

	if (text.len < mark.len || memcmp(text.p, mark.p, mark.len) != 0)
		return text;
	return slice_skip(text, mark.len);
}

struct conf *conf_read(const char *path, GPtrArray *errors)
{
	struct reading r = {.errors = {path, errors}, .conf = conf_new()};
	guint before = errors->len;
	GError *error = NULL;
	char *text = NULL;
	gsize len = 0;

	if (is_readable(&r, path) &&
		!g_file_get_contents(path, &text, &len, &error))
		g_ptr_array_add(errors, g_strdup(error->message));
	if (text)
		read_lines(&r, without_mark((struct slice){text, len}));
	g_clear_error(&error);
	g_free(text);
	if (errors->len == before)
		conf_check(&r.errors, r.conf);
	if (errors->len == before)
		return r.conf;
	conf_unref(r.conf);
	return NULL;
}
