/*
 * tls.h - TLS to a SIP server: whom we trust, and who we say we are.
 *
 * The server has to be our SIP domain's (RFC 5922), whatever host name an SRV
 * record has led to.
 */
#ifndef SIPVPN_TLS_H
#define SIPVPN_TLS_H

#include <gio/gio.h>
#include <stdbool.h>

struct tls;
struct tls_session; /* one connection */

/*
 * ca_file: the authorities to trust, PEM; NULL: the system's. cert_file and
 * key_file: our own certificate; NULL: none. NULL and *error when a file is no
 * good.
 */
struct tls *tls_new(const char *domain, const char *ca_file,
	const char *cert_file, const char *key_file, GError **error);
void tls_free(struct tls *tls);

/* Made on base, which it keeps; the handshake is the caller's affair. */
struct tls_session *tls_session_new(
	const struct tls *tls, GIOStream *base, GError **error);
void tls_session_free(struct tls_session *s);
GTlsConnection *tls_session_stream(struct tls_session *s);
/*
 * After the handshake, whether it came about or not: what is wrong with the
 * server's certificate, or NULL. Lives as long as the session.
 */
const char *tls_session_fault(struct tls_session *s);

#endif
