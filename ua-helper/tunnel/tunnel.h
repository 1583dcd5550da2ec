/*
 * tunnel.h - one running tunnel, whoever carries it: OpenVPN or a program
 * of the user's.
 */
#ifndef SIPVPN_TUNNEL_H
#define SIPVPN_TUNNEL_H

#include "core/tunnel_plan.h"
#include "tunnel/cert.h"
#include "tunnel/warm.h"

enum tunnel_fact {
	TUNNEL_LISTENING, /* server role: the UDP port is bound */
	TUNNEL_UP,        /* packets pass */
	TUNNEL_MISFIT,    /* something came that our static key does not fit */
	TUNNEL_ENDED,     /* last report: no process and no device is left */
};

struct tunnel_report {
	enum tunnel_fact fact;
	enum tunnel_end end; /* for TUNNEL_ENDED */
	const char *device;  /* for TUNNEL_UP: "tun3"; NULL when not known */
	const char *detail;  /* printable, may be NULL: what the program said */
	const char *advice;  /* to our user, may be NULL: what to do about it */
};

typedef void tunnel_report_fn(void *arg, const struct tunnel_report *report);
/* Every line OpenVPN logs, for -d. Never a secret. May be NULL. */
typedef void tunnel_log_fn(void *arg, const char *line);

struct tunnel_env {
	const char *openvpn; /* path or name looked up in PATH */
	/* one that waits already, or NULL; the tunnel owns it from now on */
	struct warm *warm;
	/* what OpenVPN's device is to be called (device_name_ok()); one that
	 * is taken gets a number behind it. NULL: the next tunN */
	const char *device;
	/* it will be taken by the time it is made: number it in any case */
	bool device_numbered;
	/* a legacy peer: file with the static key. NULL: certificates */
	const char *secret_file;
	/* a program's environment beside what tunnel_program() puts into it;
	 * ends with NULL, may be NULL */
	const char *const *env;
	tunnel_report_fn *report;
	tunnel_log_fn *log;
	void *arg;
};

struct tunnel;

/* Bytes of UDP payload, both ways, and bytes a second of the last moments. */
struct tunnel_counters {
	uint64_t rx, tx;
	uint64_t rx_rate, tx_rate;
};

/*
 * Start OpenVPN for the plan. Reports come from the main loop, never from
 * inside this call; each fact at most once, TUNNEL_ENDED exactly once (also
 * when the program cannot be started). env's strings and cert (NULL with a
 * secret_file) are only read during the call.
 */
struct tunnel *tunnel_openvpn(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert);

/*
 * Start argv (NULL-terminated, at least one) with the thesis's arguments
 * behind it: server "PORT LOCAL REMOTE", client "PEER PORT" and the two
 * tunnel addresses as the peer's SDP carried them (its own first). What was
 * agreed on also stands in its environment, see sipvpn-ua(1). cert: ours, or
 * NULL where none were exchanged. What the program does is its affair:
 * LISTENING and UP are reported once it runs.
 */
struct tunnel *tunnel_program(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert,
	char *const *argv);

/*
 * Ask for the two below anew: they are some seconds old, and a peer that has
 * moved is not noticed at all. The answer comes from the main loop, within
 * milliseconds.
 */
void tunnel_refresh(struct tunnel *t);

/* False for a program of the user's: nobody counts there. */
bool tunnel_counters(const struct tunnel *t, struct tunnel_counters *out);

/*
 * Where the peer's packets come from, as OpenVPN sees it (behind a NAT that is
 * not what its SDP says). False as long as it does not know, or is no OpenVPN.
 */
bool tunnel_peer(
	const struct tunnel *t, struct vpnsdp_addr *addr, uint16_t *port);

/* End it; TUNNEL_ENDED follows with TUNNEL_END_STOPPED. Harmless twice. */
void tunnel_stop(struct tunnel *t);

/* Only after TUNNEL_ENDED, or at exit: then the process is killed first. */
void tunnel_free(struct tunnel *t);

#endif
