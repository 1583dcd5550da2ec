/*
 * tunnel.h - one running tunnel, whoever carries it: OpenVPN or a program
 * of the user's.
 */
#ifndef SIPVPN_TUNNEL_H
#define SIPVPN_TUNNEL_H

#include "core/tunnel_plan.h"
#include "tunnel/cert.h"

enum tunnel_fact {
	TUNNEL_LISTENING, /* server role: the UDP port is bound */
	TUNNEL_UP,        /* packets pass */
	TUNNEL_ENDED,     /* last report: no process and no device is left */
};

struct tunnel_report {
	enum tunnel_fact fact;
	enum tunnel_end end; /* for TUNNEL_ENDED */
	const char *device;  /* for TUNNEL_UP: "tun3"; NULL when not known */
	const char *detail;  /* printable, may be NULL: what the program said */
};

typedef void tunnel_report_fn(void *arg, const struct tunnel_report *report);
/* Every line OpenVPN logs, for -d. Never a secret. May be NULL. */
typedef void tunnel_log_fn(void *arg, const char *line);

struct tunnel_env {
	const char *openvpn; /* path or name looked up in PATH */
	tunnel_report_fn *report;
	tunnel_log_fn *log;
	void *arg;
};

struct tunnel;

/*
 * Start OpenVPN for the plan. Reports come from the main loop, never from
 * inside this call; each fact at most once, TUNNEL_ENDED exactly once (also
 * when the program cannot be started). cert is only read during the call.
 */
struct tunnel *tunnel_openvpn(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert);

/*
 * Start argv (NULL-terminated, at least one) with the thesis's arguments
 * behind it: server "PORT LOCAL REMOTE", client "PEER PORT" and the two
 * tunnel addresses as the peer's SDP carried them (its own first). What the
 * program does is its affair: LISTENING and UP are reported once it runs.
 */
struct tunnel *tunnel_program(const struct tunnel_env *env,
	const struct tunnel_plan *plan, char *const *argv);

/* End it; TUNNEL_ENDED follows with TUNNEL_END_STOPPED. Harmless twice. */
void tunnel_stop(struct tunnel *t);

/* Only after TUNNEL_ENDED, or at exit: then the process is killed first. */
void tunnel_free(struct tunnel *t);

#endif
