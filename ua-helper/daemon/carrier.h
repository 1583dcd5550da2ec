/*
 * carrier.h - what carries a call's data: OpenVPN or the user's program, and
 * what it is told beside the plan.
 */
#ifndef SIPVPN_CARRIER_H
#define SIPVPN_CARRIER_H

#include "tunnel/tunnel.h"

/* To our user, before each such tunnel: peer and file. */
#define CARRIER_SECRET_WARNING                                                 \
	"warning: the tunnel with %s has no TLS but a static key: there is "   \
	"no forward secrecy, whoever gets to read %s can read all that was "   \
	"ever sent, and forge it"

struct carrier_conf {
	const char *openvpn;     /* path or name */
	char *const *program;    /* instead of it, or NULL */
	const char *secret_file; /* legacy: static key, or NULL */
	const char *peer;        /* its address-of-record, "sip:2500@..." */
	const char *name;        /* to call the device after; NULL: peer */
	const char *tls_id;      /* ours */
	const struct tunnel_plan *plan;
	const struct cert *cert; /* NULL: none was announced */
	tunnel_report_fn *report;
	tunnel_log_fn *log;
	void *arg;
};

/* Start it, see tunnel.h. conf is only read during the call. */
struct tunnel *carrier_start(const struct carrier_conf *conf);

#endif
