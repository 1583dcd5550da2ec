/*
 * tls_identity.h - the names in a certificate, for the rules of RFC 5922.
 *
 * GIO shows no URIs of a certificate, and its own check allows wildcards:
 * hence OpenSSL here, to read, not to verify.
 */
#ifndef SIPVPN_TLS_IDENTITY_H
#define SIPVPN_TLS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is the certificate (DER) that of domain, a host name or an address (in
 * brackets, too)? *names: those it has, for a message; g_free() it, NULL when
 * it cannot be read.
 */
bool tls_identity_fits(
	const unsigned char *der, size_t len, const char *domain, char **names);

#endif
