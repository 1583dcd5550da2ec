/*
 * conf.h - what is configured: accounts, peers, and the terms of one call.
 *
 * Made from the command line (options.h) or from a file (conf_read.h), never
 * changed afterwards, and shared: whoever works by it holds a reference.
 */
#ifndef SIPVPN_CONF_H
#define SIPVPN_CONF_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/aor.h"
#include "core/pool.h"
#include "daemon/options.h"
#include "sip/agent.h"

struct conf_proxy {
	enum agent_transport transport;
	char *host;    /* without brackets */
	uint16_t port; /* 0: found by SRV, else the transport's default */
};

/* Two tunnel addresses that were named; family 0: none were. */
struct conf_pair {
	struct vpnsdp_addr local, remote;
};

enum conf_accept {
	CONF_ACCEPT_ALL,
	CONF_ACCEPT_PEERS, /* those that have a section */
	CONF_ACCEPT_NONE,
};

struct account_conf {
	char *name;
	unsigned line; /* of its section */
	char *user, *domain;
	char *password; /* NULL: none */
	char *password_file;
	GPtrArray *proxies; /* struct conf_proxy, in order of preference */
	char *ca_file, *cert_file, *key_file; /* NULL: the system's; none */
	uint16_t port;
	bool port_fixed; /* else the next free one will do */
	bool registers;
	bool gruu; /* calls are to come by the one the server gives */
	uint16_t vpn_port;
	struct conf_pair pair; /* of each call, unless its peer has one */
	bool pair_given;       /* an offer must fit; else it is a proposal */
	struct pool pool;      /* bits 0: none */
	char *group;           /* NULL: none */
	char **program;        /* instead of OpenVPN; NULL: none */
	bool program_tls;      /* it gets certificate and key */
	bool legacy;           /* its peers are of the thesis's kind */
	char *secret_file;     /* their static key; NULL: none */
	enum conf_accept accept;
};

enum conf_dial {
	CONF_DIAL_NO,
	CONF_DIAL_START, /* once, when the account is registered */
	CONF_DIAL_KEEP,  /* again whenever the call has ended */
};

struct peer_conf {
	char *name;
	unsigned line;      /* of its section */
	char *uri;          /* user or user@domain, for agent_call() */
	char *account_name; /* NULL: the first one */
	const struct account_conf *account;
	char *group;
	struct conf_pair pair;
	char **program;
	bool program_tls;
	bool legacy;
	char *secret_file;
	enum conf_dial dial;
};

struct conf {
	char *log_file;
	bool debug;
	char *control; /* path of the control socket */
	char *openvpn;
	unsigned max_calls;  /* calls at a time; more are refused */
	GPtrArray *accounts; /* struct account_conf */
	GPtrArray *peers;    /* struct peer_conf */
};

/* An empty one with the defaults, to be filled in; one reference. */
struct conf *conf_new(void);
struct conf *conf_ref(const struct conf *conf);
void conf_unref(const struct conf *conf);

struct account_conf *account_conf_new(const char *name);
struct peer_conf *peer_conf_new(const char *name);
/* Owned by conf from now on. */
struct conf_proxy *account_conf_proxy(struct account_conf *a,
	enum agent_transport transport, const char *host, uint16_t port);

/* The thesis's command line as one account. */
struct conf *conf_of_options(const struct options *options);

/* By name; NULL stands for the first one. NULL: there is none. */
const struct account_conf *conf_account(
	const struct conf *conf, const char *name);
const struct peer_conf *conf_peer(const struct conf *conf, const char *name);
/* The section of a peer of this account; NULL: it has none. */
const struct peer_conf *conf_peer_of(const struct conf *conf,
	const struct account_conf *account, struct slice uri);
/* The same SIP account, so that its registration need not be touched? */
bool account_conf_same(
	const struct account_conf *a, const struct account_conf *b);

/* What one call goes by. Borrowed from the configuration. */
struct terms {
	const char *account;
	const char *openvpn;
	char *const *program; /* NULL: OpenVPN */
	bool program_tls;
	uint16_t vpn_port;
	struct conf_pair pair;
	bool pair_given;
	const struct pool *pool; /* when pair is empty; NULL: none */
	const char *group;       /* NULL: none */
	const char *name;        /* of the peer's section, or NULL */
	bool legacy;
	const char *secret_file;
};

/* peer may be NULL. */
void conf_terms(const struct conf *conf, const struct account_conf *account,
	const struct peer_conf *peer, struct terms *out);

#endif
