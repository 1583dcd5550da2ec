/*
 * carrier.h - what carries a call's data: OpenVPN or the user's program, and
 * what it is told beside the plan.
 */
#ifndef SIPVPN_CARRIER_H
#define SIPVPN_CARRIER_H

#include "core/device_name.h"
#include "tunnel/tunnel.h"

#define CARRIER_SECRET_WARNING                                                 \
	"warning: the tunnel with %s has no TLS but a static key: there is "   \
	"no forward secrecy, whoever gets to read %s can read all that was "   \
	"ever sent, and forge it"
/* When it never came up: file. */
#define CARRIER_SECRET_ADVICE                                                  \
	"are the static keys the same? 'sha256sum %s' here and the like at "   \
	"the peer show it"

struct carrier_conf {
	const char *openvpn;     /* path or name */
	struct warm *warm;       /* one that waits, or NULL; is taken over */
	char *const *program;    /* instead of it, or NULL */
	const char *secret_file; /* legacy: static key, or NULL */
	const char *peer;        /* its address-of-record, "sip:2500@..." */
	const char *name;        /* to call the device after; NULL: peer */
	bool numbered;           /* another call's device is called so */
	const char *tls_id;      /* ours */
	const struct tunnel_plan *plan;
	const struct cert *cert; /* NULL: none was announced */
	tunnel_report_fn *report;
	tunnel_log_fn *log;
	void *arg;
};

/* What the device of a call is called, unless that is taken; name: of the
 * peer's section, or NULL. */
void carrier_device(
	const char *peer, const char *name, char out[static DEVICE_NAME_SIZE]);

/* Start it, see tunnel.h. conf is only read during the call. */
struct tunnel *carrier_start(const struct carrier_conf *conf);

#endif
