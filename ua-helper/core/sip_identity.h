/*
 * sip_identity.h - is a certificate that of our SIP domain (RFC 5922)?
 *
 * PURE. Judges names; whoever reads the certificate also checks its chain.
 */
#ifndef SIPVPN_SIP_IDENTITY_H
#define SIPVPN_SIP_IDENTITY_H

#include "slice.h"

enum sip_identity_kind {
	SIP_IDENTITY_URI, /* subjectAltName, uniformResourceIdentifier */
	SIP_IDENTITY_DNS, /* subjectAltName, dNSName */
	SIP_IDENTITY_IP,  /* subjectAltName, iPAddress: 4 or 16 bytes */
	SIP_IDENTITY_CN,  /* of the subject */
};

struct sip_identity {
	enum sip_identity_kind kind;
	struct slice value;
};

/*
 * Does one of the names stand for domain? Section 7.1: a sip: URI without
 * user, else a DNS name; the CN only where the certificate has no
 * subjectAltName at all (has_san false). Section 7.2: whole names, in either
 * case, without wildcards. ip: the domain's bytes when it is an address,
 * which is not foreseen there but what a site without DNS has; else empty.
 */
bool sip_identity_fits(const struct sip_identity *names, size_t n, bool has_san,
	struct slice domain, struct slice ip);

#endif
