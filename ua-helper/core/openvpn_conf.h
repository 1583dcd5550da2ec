/*
 * openvpn_conf.h - what was agreed on -> OpenVPN's configuration.
 *
 * PURE. Nothing a peer wrote is copied into the text: addresses, ports and
 * fingerprints are printed again from their values. The text holds the
 * private key; it is meant for OpenVPN's standard input and for nothing else.
 */
#ifndef SIPVPN_OPENVPN_CONF_H
#define SIPVPN_OPENVPN_CONF_H

#include "core/device_name.h"
#include "core/static_key.h"
#include "core/tunnel_plan.h"

/*
 * What the text takes at most. A P-256 key and certificate make it 2 KB; not
 * more than PIPE_BUF, so that a pipe takes it in one piece.
 */
#define OPENVPN_CONF_MAX 4096

/* sun_path of a unix socket's address with its NUL, unix(7) */
#define OPENVPN_SOCKET_PATH_MAX 108

enum openvpn_conf_err {
	OPENVPN_CONF_OK = 0,
	OPENVPN_CONF_BIND, /* own UDP endpoint missing or unusable */
	OPENVPN_CONF_PEER, /* client: the peer's is, or of another family */
	OPENVPN_CONF_ADDRESSES, /* tunnel addresses: not a unicast pair */
	OPENVPN_CONF_LOOP,      /* a tunnel address is an outer address too */
	OPENVPN_CONF_SOCKET,    /* management path cannot be written */
	OPENVPN_CONF_PEM,       /* key or certificate is not PEM text */
	OPENVPN_CONF_DEVICE,    /* no name for a device */
	OPENVPN_CONF_TOO_LONG,  /* does not fit into the buffer */
};

struct openvpn_conf {
	const struct tunnel_plan *plan;
	struct slice socket; /* unix socket that OpenVPN is to connect to */
	struct slice key_pem, cert_pem; /* unused with a static key */
	/* the device's name, also as device_name_numbered() makes it; empty:
	 * the next tunN */
	struct slice device;
	/* STATIC_KEY_LEN bytes that both ends have, for a legacy peer; NULL:
	 * certificates */
	const uint8_t *static_key;
};

/*
 * Append the configuration to out. After an error what out holds is of no
 * use, but may hold the key.
 */
enum openvpn_conf_err openvpn_conf_write(
	const struct openvpn_conf *conf, struct sbuf *out);

const char *openvpn_conf_strerror(enum openvpn_conf_err err);

#endif
