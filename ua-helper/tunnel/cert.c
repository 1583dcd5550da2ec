/* cert.c - a fresh key and self-signed certificate; see cert.h. */
#include "tunnel/cert.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#define X509_V3 2           /* RFC 5280 section 4.1.2.1: counted from 0 */
#define SERIAL_BITS 159     /* section 4.1.2.2: 20 octets and positive */
#define BACKDATE (60L * 60) /* the peer's clock may be behind */
#define LIFETIME (24L * 60 * 60)

/* It tells nothing about the user: the peer knows it by its fingerprint. */
static const unsigned char common_name[] = "sipvpn";

static int set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL &&
		 BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		 BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return ok;
}

static X509 *self_signed(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name;

	if (x == NULL)
		return NULL;
	name = X509_get_subject_name(x);
	if (X509_set_version(x, X509_V3) && set_serial(x) &&
		X509_gmtime_adj(X509_getm_notBefore(x), -BACKDATE) != NULL &&
		X509_gmtime_adj(X509_getm_notAfter(x), LIFETIME) != NULL &&
		X509_NAME_add_entry_by_txt(
			name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) &&
		X509_set_issuer_name(x, name) && X509_set_pubkey(x, key) &&
		X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* What was written to bio, terminated. OpenSSL wipes the bio's own copy. */
static char *bio_text(BIO *bio)
{
	const char *data;
	long len = BIO_get_mem_data(bio, &data);
	char *text;

	if (len <= 0)
		return NULL;
	text = malloc((size_t)len + 1);
	if (text == NULL)
		return NULL;
	memcpy(text, data, (size_t)len);
	text[len] = '\0';
	return text;
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(
				   bio, key, NULL, NULL, 0, NULL, NULL))
		text = bio_text(bio);
	BIO_free(bio);
	return text;
}

static char *cert_text(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_X509(bio, x))
		text = bio_text(bio);
	BIO_free(bio);
	return text;
}

struct cert *cert_new(void)
{
	struct cert *cert = calloc(1, sizeof(*cert));
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key != NULL ? self_signed(key) : NULL;
	unsigned int len = 0;

	if (cert == NULL || x == NULL)
		goto fail;
	cert->key_pem = key_text(key);
	cert->cert_pem = cert_text(x);
	if (cert->key_pem == NULL || cert->cert_pem == NULL ||
		!X509_digest(x, EVP_sha256(), cert->fingerprint, &len) ||
		len != CERT_FINGERPRINT_LEN)
		goto fail;
	goto out;
fail:
	cert_free(cert);
	cert = NULL;
out:
	X509_free(x);
	EVP_PKEY_free(key);
	return cert;
}

void cert_free(struct cert *cert)
{
	if (cert == NULL)
		return;
	if (cert->key_pem != NULL)
		OPENSSL_cleanse(cert->key_pem, strlen(cert->key_pem));
	free(cert->key_pem);
	free(cert->cert_pem);
	free(cert);
}
