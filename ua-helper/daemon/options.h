/*
 * options.h - the command line (the thesis's, and a few long options).
 */
#ifndef SIPVPN_OPTIONS_H
#define SIPVPN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/exit_code.h"
#include "vpnsdp.h"

#define SIP_PORT 5060 /* RFC 3261 section 19.1.2 */
#define SIPS_PORT 5061
#define VPN_PORT 8000 /* the thesis's default */

#define OPTIONS_MAX_PROXIES 4

/* As the agent's agent_transport. */
enum options_transport { OPTIONS_UDP, OPTIONS_TCP, OPTIONS_TLS };

struct options {
	char *server_host; /* without port and brackets */
	uint16_t server_port;
	bool server_port_given;
	/* asked when the one before fails */
	struct options_proxy {
		char *host;
		uint16_t port; /* 0: not given */
	} more[OPTIONS_MAX_PROXIES];
	size_t n_more;
	enum options_transport transport;
	char *ca_file;   /* NULL: the system's authorities */
	char *cert_file; /* with its key; NULL: none */
	bool gruu;
	char *domain; /* of our address-of-record */
	char *user;
	char *password; /* NULL: none */
	uint16_t sip_port;
	bool sip_port_given;
	char *peer; /* NULL: wait for calls */
	uint16_t vpn_port;
	struct vpnsdp_addr local, remote;
	bool addresses_given;
	char *log_file;
	bool debug;
	char **program; /* -m and all behind it; borrowed from argv, or NULL */
	bool program_tls;  /* it gets certificate and key */
	bool legacy;       /* peers are of the thesis's kind */
	char *secret_file; /* their static key; NULL: none */
	char *openvpn;
	char *group; /* NULL: none */
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* said so on standard error */
};

/*
 * Also takes the password out of SIPVPN_PASSWORD (and removes it from the
 * environment) or reads the file. *out is filled in any case; free it.
 */
enum options_verdict options_parse(int argc, char **argv, struct options *out);
void options_clear(struct options *o);

#endif
