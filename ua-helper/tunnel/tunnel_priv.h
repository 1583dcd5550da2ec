/*
 * tunnel_priv.h - what the tunnels of openvpn.c and program.c have in common.
 * Private to this folder.
 */
#ifndef SIPVPN_TUNNEL_PRIV_H
#define SIPVPN_TUNNEL_PRIV_H

#include <glib.h>
#include <net/if.h>

#include "core/meter.h"
#include "tunnel/knock.h"
#include "tunnel/management.h"
#include "tunnel/process.h"
#include "tunnel/tunnel.h"

struct tunnel {
	struct tunnel_env env;
	struct tunnel_plan plan;
	struct process *process;       /* NULL: could not be started */
	struct management *management; /* OpenVPN's; NULL for a program */
	struct knock *knock;           /* while a legacy peer is silent */
	guint source_id;               /* a report to come, or a deadline */
	bool stopping;                 /* the owner wants it to end */
	bool listening, up, misfit;    /* reported */
	bool has_end;                  /* why it ends is known: */
	enum tunnel_end end;
	bool static_key; /* OpenVPN without TLS */
	struct meter meter;
	struct vpnsdp_addr peer; /* family 0: not known yet */
	uint16_t peer_port;
	char device[IF_NAMESIZE];
	char detail[LINES_MAX + 1];     /* to has_end; may be empty */
	char last_words[LINES_MAX + 1]; /* of its standard output */
};

struct tunnel *tunnel_new(
	const struct tunnel_env *env, const struct tunnel_plan *plan);

/* The clock of the meter. */
uint64_t tunnel_now_ms(void);

/* Start the program; conf's line, ended and arg are filled in here. */
void tunnel_start(struct tunnel *t, struct process_conf *conf);

/* Begin to end what runs. */
void tunnel_end_process(struct tunnel *t);

/* Report all but the end, unless that was done or the end has begun. */
void tunnel_report_once(struct tunnel *t, enum tunnel_fact fact);

/* Why it is going to end; the first reason given stays. detail may be NULL. */
void tunnel_because(struct tunnel *t, enum tunnel_end end, const char *detail);

/* Nothing runs: report the end from the main loop. */
void tunnel_fail(struct tunnel *t, enum tunnel_end end, const char *detail);

#endif
