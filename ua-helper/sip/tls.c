/* tls.c - TLS to a SIP server. */
#include "sip/tls.h"

#include "sip/tls_identity.h"

struct tls {
	char *domain;
	GTlsDatabase *trusted;
	GTlsCertificate *own; /* NULL: none */
};

struct tls_session {
	GTlsConnection *stream;
	char *domain;
	char *fault; /* of the certificate, NULL: none seen */
};

struct tls *tls_new(const char *domain, const char *ca_file,
	const char *cert_file, const char *key_file, GError **error)
{
	struct tls *t = g_new0(struct tls, 1);
	GError *why = NULL;

	t->domain = g_strdup(domain);
	if (ca_file)
		t->trusted = g_tls_file_database_new(ca_file, &why);
	if (!why && cert_file)
		t->own = g_tls_certificate_new_from_files(
			cert_file, key_file ? key_file : cert_file, &why);
	if (why) {
		g_propagate_prefixed_error(error, why,
			"%s: ", t->trusted || !ca_file ? cert_file : ca_file);
		tls_free(t);
		return NULL;
	}
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	g_clear_object(&t->trusted);
	g_clear_object(&t->own);
	g_free(t->domain);
	g_free(t);
}

/* What GIO found, without the name: that is judged by tls_identity.c. */
static const char *chain_fault(GTlsCertificateFlags errors)
{
	if (errors & G_TLS_CERTIFICATE_UNKNOWN_CA)
		return "it is not signed by an authority that we trust";
	if (errors & G_TLS_CERTIFICATE_EXPIRED)
		return "it has expired";
	if (errors & G_TLS_CERTIFICATE_NOT_ACTIVATED)
		return "it is not valid yet";
	if (errors & G_TLS_CERTIFICATE_REVOKED)
		return "it has been revoked";
	if (errors & ~(guint)G_TLS_CERTIFICATE_BAD_IDENTITY)
		return "it is not secure";
	return NULL;
}

static void set_fault(struct tls_session *s, const char *why)
{
	g_free(s->fault);
	s->fault = g_strdup_printf("the server's certificate: %s", why);
}

/* Is it the domain's? Says what is wrong in s->fault. */
static bool judge_name(struct tls_session *s, GTlsCertificate *certificate)
{
	GByteArray *der = NULL;
	char *names = NULL;
	bool fits = false;

	g_object_get(certificate, "certificate", &der, NULL);
	if (der)
		fits = tls_identity_fits(
			der->data, der->len, s->domain, &names);
	if (!fits) {
		char *why = g_strdup_printf("it is for %s, not for %s",
			names ? names : "nobody", s->domain);

		set_fault(s, why);
		g_free(why);
	}
	g_free(names);
	g_clear_pointer(&der, g_byte_array_unref);
	return fits;
}

/* Asked only when GIO has found a fault; its idea of names is not ours. */
static gboolean on_accept(GTlsConnection *stream, GTlsCertificate *certificate,
	GTlsCertificateFlags errors, gpointer arg)
{
	struct tls_session *s = arg;
	const char *why = chain_fault(errors);

	(void)stream;
	if (why) {
		set_fault(s, why);
		return FALSE;
	}
	return judge_name(s, certificate);
}

struct tls_session *tls_session_new(
	const struct tls *tls, GIOStream *base, GError **error)
{
	struct tls_session *s;
	GSocketConnectable *name =
		g_network_address_new(tls->domain, 5061); /* for SNI */
	GIOStream *stream = g_tls_client_connection_new(base, name, error);

	g_object_unref(name);
	if (!stream)
		return NULL;
	s = g_new0(struct tls_session, 1);
	s->stream = G_TLS_CONNECTION(stream);
	s->domain = g_strdup(tls->domain);
	if (tls->trusted)
		g_tls_connection_set_database(s->stream, tls->trusted);
	if (tls->own)
		g_tls_connection_set_certificate(s->stream, tls->own);
	/* many servers just close; a SIP message has a length of its own */
	g_tls_connection_set_require_close_notify(s->stream, FALSE);
	g_signal_connect(
		s->stream, "accept-certificate", G_CALLBACK(on_accept), s);
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	g_signal_handlers_disconnect_by_data(s->stream, s);
	g_object_unref(s->stream);
	g_free(s->domain);
	g_free(s->fault);
	g_free(s);
}

GTlsConnection *tls_session_stream(struct tls_session *s)
{
	return s->stream;
}

const char *tls_session_fault(struct tls_session *s)
{
	GTlsCertificate *certificate =
		g_tls_connection_get_peer_certificate(s->stream);

	/* a wildcard is good enough for GIO, so it has not asked */
	if (!s->fault && certificate)
		(void)judge_name(s, certificate);
	return s->fault;
}
