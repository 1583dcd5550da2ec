/* options.c - the command line. */
#include "daemon/options_int.h"

#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "daemon/password.h"

enum {
	OPT_PASSWORD_FILE = 256,
	OPT_GROUP,
	OPT_OPENVPN,
	OPT_LEGACY,
	OPT_SECRET,
	OPT_PROGRAM_TLS,
	OPT_DOMAIN,
	OPT_TRANSPORT,
	OPT_CA,
	OPT_CERT,
	OPT_GRUU,
	OPT_HELP,
	OPT_VERSION
};

static const struct option longs[] = {
	{"password-file", required_argument, NULL, OPT_PASSWORD_FILE},
	{"group", required_argument, NULL, OPT_GROUP},
	{"openvpn", required_argument, NULL, OPT_OPENVPN},
	{"legacy", no_argument, NULL, OPT_LEGACY},
	{"secret", required_argument, NULL, OPT_SECRET},
	{"program-tls", no_argument, NULL, OPT_PROGRAM_TLS},
	{"domain", required_argument, NULL, OPT_DOMAIN},
	{"transport", required_argument, NULL, OPT_TRANSPORT},
	{"ca", required_argument, NULL, OPT_CA},
	{"cert", required_argument, NULL, OPT_CERT},
	{"gruu", no_argument, NULL, OPT_GRUU},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: sipvpn-ua -s PROXY[:PORT] -u USER [options]\n"
	"\n"
	"Registers USER at a SIP server and waits for VPN calls, or makes one\n"
	"(-t) and ends with it. The tunnel runs directly between the two.\n"
	"\n"
	"  -s PROXY[:PORT]     the SIP server; without PORT by SRV, else port\n"
	"                      5060 (TLS: 5061); further -s: used when the\n"
	"                      one before fails\n"
	"  -u USER             our user name there\n"
	"  -t USER[@DOMAIN]    call this user; without -t: wait for calls\n"
	"  -p PORT             own SIP port (default: 5060 or the next free)\n"
	"  -v PORT             own VPN port (default: 8000), or the next free\n"
	"  -l ADDRESS          own tunnel address (default: 192.168.234.1)\n"
	"  -r ADDRESS          the peer's (default: own + 1); with -l or -r "
	"an\n"
	"                      offer must fit, without them the called side\n"
	"                      takes what the caller proposes\n"
	"  -f FILE             log to FILE as well\n"
	"  -d                  log details: SIP messages, OpenVPN's log\n"
	"  -m PROGRAM [ARGS]   start PROGRAM instead of OpenVPN; must come "
	"last\n"
	"      --password-file FILE   the SIP password; else it is taken from\n"
	"                      the environment, SIPVPN_PASSWORD\n"
	"      --domain NAME   our SIP domain (default: PROXY)\n"
	"      --group ID      name this VPN group in offers\n"
	"      --openvpn PATH  the OpenVPN program (default: openvpn)\n"
	"      --program-tls   PROGRAM gets a certificate and the peer's\n"
	"                      fingerprint, so the peer need not use -m\n"
	"      --legacy        the peer is the program of 2007: it calls "
	"without\n"
	"                      an offer and knows no certificates; needs "
	"--secret\n"
	"                      or -m\n"
	"      --secret FILE   with --legacy: the static key that both sides\n"
	"                      have; no forward secrecy\n"
	"      --transport udp|tcp|tls  to the server (default: udp)\n"
	"      --ca FILE       trust these authorities with TLS (PEM; "
	"default:\n"
	"                      the system's)\n"
	"      --gruu          be called back by the GRUU that the server "
	"gives\n"
	"      --cert FILE     our own certificate for TLS, and its key (PEM)\n"
	"      --help, --version\n"
	"\n"
	"Exit status: 0 done, 1 fault of this machine, 2 wrong usage, 3 server "
	"not\n"
	"reachable, 4 user or password not accepted, 5 call refused or not\n"
	"answered, 6 tunnel failed.\n";

/* How the tunnel is to be made: what goes together. */
static bool carrier_fits(const struct options *o)
{
	if (o->legacy && !o->secret_file && !o->program)
		return options_wrong(
			"--legacy: the peer has no certificate; give the "
			"key that both sides have with --secret FILE, or "
			"a program with -m");
	if (o->secret_file && !o->legacy)
		return options_wrong(
			"--secret: only for a peer without certificates; "
			"add --legacy if it is one");
	if (o->program_tls && (!o->program || o->legacy))
		return options_wrong(
			"--program-tls: only for a program (-m), and not "
			"with --legacy");
	return true;
}

static bool take(int c, const char *text, struct options *o)
{
	switch (c) {
	case 's':
		return options_take_server(text, o);
	case 'u':
		return options_take_name("-u", text, USER_CHARS, &o->user);
	case 't':
		return options_take_peer(text, o);
	case 'p':
		o->sip_port_given = true;
		return options_take_port('p', text, &o->sip_port);
	case 'v':
		return options_take_port('v', text, &o->vpn_port);
	case 'l':
		o->addresses_given = true;
		return options_take_address('l', text, &o->local);
	case 'r':
		o->addresses_given = true;
		return options_take_address('r', text, &o->remote);
	case 'f':
		options_replace(&o->log_file, text);
		return true;
	case 'd':
		o->debug = true;
		return true;
	case OPT_PASSWORD_FILE:
		return password_from_file(text, &o->password);
	case OPT_GROUP:
		return options_take_name(
			"--group", text, GROUP_CHARS, &o->group);
	case OPT_OPENVPN:
		options_replace(&o->openvpn, text);
		return true;
	case OPT_LEGACY:
		o->legacy = true;
		return true;
	case OPT_PROGRAM_TLS:
		o->program_tls = true;
		return true;
	case OPT_SECRET:
		return options_take_secret(text, o);
	case OPT_DOMAIN:
		return options_take_name(
			"--domain", text, HOST_CHARS "[]", &o->domain);
	case OPT_TRANSPORT:
		return options_take_transport(text, o);
	case OPT_CA:
		options_replace(&o->ca_file, text);
		return true;
	case OPT_CERT:
		options_replace(&o->cert_file, text);
		return true;
	case OPT_GRUU:
		o->gruu = true;
		return true;
	default:
		/* getopt has said what is wrong */
		(void)fputs("Try 'sipvpn-ua --help' for more.\n", stderr);
		return false;
	}
}

/* The address behind; for the last one of all there is none. */
static bool next_address(const struct vpnsdp_addr *a, struct vpnsdp_addr *out)
{
	struct vpnsdp_addr next = *a;

	for (size_t i = a->family == 6 ? 16 : 4; i-- > 0;)
		if (++next.b[i] != 0)
			break;
	if (!vpnsdp_addr_unicast(&next))
		return false;
	*out = next;
	return true;
}

static bool complete(struct options *o)
{
	if (!o->server_host)
		return options_wrong("-s: which SIP server?");
	if (!o->user)
		return options_wrong("-u: which user name?");
	if (!o->server_port_given)
		o->server_port =
			o->transport == OPTIONS_TLS ? SIPS_PORT : SIP_PORT;
	if (!o->domain)
		o->domain = strchr(o->server_host, ':')
				    ? g_strdup_printf("[%s]", o->server_host)
				    : g_strdup(o->server_host);
	if (o->local.family == 0)
		(void)vpnsdp_addr_parse(SLICE("192.168.234.1"), &o->local);
	if (o->remote.family == 0 && !next_address(&o->local, &o->remote))
		return options_wrong(
			"-l: there is no address behind it; add -r");
	if (o->local.family != o->remote.family)
		return options_wrong("-l and -r: one is IPv4, the other IPv6");
	if (vpnsdp_addr_eq(&o->local, &o->remote))
		return options_wrong(
			"-l and -r: the two ends need two addresses");
	if (!carrier_fits(o))
		return false;
	if (!o->password)
		o->password = password_from_environment();
	return true;
}

enum options_verdict options_parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){
		.sip_port = SIP_PORT,
		.vpn_port = VPN_PORT,
		.openvpn = g_strdup("openvpn"),
	};
	/* '+': what stands behind -m PROGRAM is the program's */
	while ((c = getopt_long(argc, argv, "+s:u:p:t:v:l:r:f:dm:", longs,
			NULL)) != -1) {
		if (c == OPT_HELP || c == OPT_VERSION) {
			(void)fputs(c == OPT_HELP ? help
						  : "sipvpn-ua " SIPVPN_VERSION
						    "\n",
				stdout);
			return OPTIONS_DONE;
		}
		if (c == 'm') {
			o->program = &argv[optind - 1];
			if (optarg != argv[optind - 1]) {
				(void)options_wrong(
					"-m: put a blank behind it");
				return OPTIONS_WRONG;
			}
			break;
		}
		if (!take(c, optarg, o))
			return OPTIONS_WRONG;
	}
	if (!o->program && optind < argc) {
		(void)options_wrong("'%s': not an option", argv[optind]);
		return OPTIONS_WRONG;
	}
	return complete(o) ? OPTIONS_RUN : OPTIONS_WRONG;
}

void options_clear(struct options *o)
{
	password_free(o->password);
	g_free(o->server_host);
	for (size_t i = 0; i < o->n_more; i++)
		g_free(o->more[i].host);
	g_free(o->ca_file);
	g_free(o->cert_file);
	g_free(o->domain);
	g_free(o->user);
	g_free(o->peer);
	g_free(o->log_file);
	g_free(o->openvpn);
	g_free(o->secret_file);
	g_free(o->group);
	memset(o, 0, sizeof(*o));
}
