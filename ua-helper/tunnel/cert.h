/*
 * cert.h - one fresh self-signed EC certificate a call. The only user of
 * OpenSSL.
 */
#ifndef SIPVPN_CERT_H
#define SIPVPN_CERT_H

#include <stdint.h>

#define CERT_FINGERPRINT_LEN 32

struct cert {
	char *key_pem; /* PKCS#8, secret; wiped by cert_free() */
	char *cert_pem;
	uint8_t fingerprint[CERT_FINGERPRINT_LEN]; /* SHA-256 of the DER */
};

/* P-256, ECDSA with SHA-256. NULL when OpenSSL fails. Free with cert_free(). */
struct cert *cert_new(void);
void cert_free(struct cert *cert);

#endif
