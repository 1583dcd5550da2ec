/* transport_stream.c - a TCP or TLS connection to a server. */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "core/sip_frame.h"
#include "sip/transport_int.h"

/* To connect and agree on keys; the next server is waiting to be tried. */
#define OPEN_MS 8000
/* What was sent and is not acknowledged in this time is lost: the kernel's
 * own limit is a quarter of an hour. */
#define UNACKED_MS 30000
/* More than a server in good health ever leaves unread */
#define MAX_QUEUE 1048576U

struct stream {
	struct link link;
	struct stream_conf conf;
	unsigned refs; /* the owner, and each operation that is under way */
	bool closed;   /* the owner has let go: nothing is reported */
	bool open;
	bool half; /* a CRLF came, and nothing has been sent since */
	GCancellable *cancel;
	guint deadline;
	GSocketConnection *connection;
	GIOStream *io; /* the connection, or TLS on it */
	struct tls_session *tls;
	char buf[8192];
	GByteArray *in;
	GByteArray *out; /* not handed to io yet */
	GByteArray *writing;
};

static void unref(struct stream *s)
{
	if (--s->refs > 0)
		return;
	g_clear_object(&s->io);
	g_clear_object(&s->connection);
	tls_session_free(s->tls);
	g_object_unref(s->cancel);
	g_object_unref(s->conf.peer);
	g_byte_array_unref(s->in);
	g_byte_array_unref(s->out);
	g_clear_pointer(&s->writing, g_byte_array_unref);
	g_free(s);
}

/* The end of an operation: false when nobody is interested any more. */
static bool wanted(struct stream *s)
{
	if (!s->closed)
		return true;
	unref(s);
	return false;
}

/* Of the operation whose end this is; tells the owner, who frees it. */
static void broken(struct stream *s, const char *why)
{
	if (!s->closed)
		s->conf.closed(s->conf.arg, &s->link, why);
	unref(s);
}

/* ---------------------------------------------------------------- writing */

static void write_more(struct stream *s);

static void on_written(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct stream *s = arg;
	GError *error = NULL;
	gsize n;
	bool ok = g_output_stream_write_all_finish(
		G_OUTPUT_STREAM(source), result, &n, &error);

	g_clear_pointer(&s->writing, g_byte_array_unref);
	if (!wanted(s)) {
		g_clear_error(&error);
		return;
	}
	if (!ok) {
		broken(s, error->message);
		g_error_free(error);
		return;
	}
	write_more(s);
	unref(s);
}

static void write_more(struct stream *s)
{
	if (!s->open || s->writing || s->out->len == 0)
		return;
	s->writing = s->out;
	s->out = g_byte_array_new();
	s->refs++;
	g_output_stream_write_all_async(g_io_stream_get_output_stream(s->io),
		s->writing->data, s->writing->len, G_PRIORITY_DEFAULT,
		s->cancel, on_written, s);
}

static bool stream_send(struct link *l, struct slice text, GSocketAddress *to)
{
	struct stream *s = (struct stream *)l;

	(void)to;
	if (s->out->len + text.len > MAX_QUEUE)
		return false;
	g_byte_array_append(s->out, (const guint8 *)text.p, (guint)text.len);
	s->half = false;
	write_more(s);
	return true;
}

/* ---------------------------------------------------------------- reading */

/*
 * A ping is two CRLFs, and they may come one by one: the second of them is none
 * that answers a ping of ours.
 */
static void answer_ping(
	struct stream *s, enum sip_stream_verdict verdict, size_t used)
{
	bool crlf = verdict == SIP_STREAM_PONG && used == 2;

	if (verdict == SIP_STREAM_PING || (crlf && s->half))
		(void)stream_send(&s->link, SLICE("\r\n"), s->conf.peer);
	else
		s->half = crlf;
}

/* Hand on all messages that are complete; false: the stream is of no use. */
static bool deliver(struct stream *s)
{
	const struct transport_conf *t = s->conf.transport;

	while (!s->closed) {
		struct slice all = {(const char *)s->in->data, s->in->len};
		size_t used = 0;
		enum sip_stream_verdict verdict = sip_frame_stream(all, &used);
		char *copy;

		if (verdict == SIP_STREAM_MORE)
			return true;
		answer_ping(s, verdict, used);
		/* a message of its own: what handles it may close the stream */
		copy = g_memdup2(all.p, used);
		g_byte_array_remove_range(s->in, 0, (guint)used);
		t->recv(t->arg, (struct slice){copy, used}, s->conf.peer);
		g_free(copy);
		if (verdict == SIP_STREAM_BROKEN)
			return false;
	}
	return true;
}

static void read_more(struct stream *s);

static void on_read(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct stream *s = arg;
	GError *error = NULL;
	gssize n = g_input_stream_read_finish(
		G_INPUT_STREAM(source), result, &error);

	if (!wanted(s)) {
		g_clear_error(&error);
		return;
	}
	if (n <= 0) {
		broken(s, error ? error->message
				: "the server closed the connection");
		g_clear_error(&error);
		return;
	}
	g_byte_array_append(s->in, (const guint8 *)s->buf, (guint)n);
	if (!deliver(s)) {
		broken(s, "what it sends is not SIP");
		return;
	}
	if (!s->closed)
		read_more(s);
	unref(s);
}

static void read_more(struct stream *s)
{
	s->refs++;
	g_input_stream_read_async(g_io_stream_get_input_stream(s->io), s->buf,
		sizeof(s->buf), G_PRIORITY_DEFAULT, s->cancel, on_read, s);
}

/* ---------------------------------------------------------------- opening */

static void ready(struct stream *s)
{
	g_clear_handle_id(&s->deadline, g_source_remove);
	s->open = true;
	read_more(s);
	write_more(s);
	s->conf.opened(s->conf.arg, &s->link);
}

static void on_handshake(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct stream *s = arg;
	GError *error = NULL;
	bool ok = g_tls_connection_handshake_finish(
		G_TLS_CONNECTION(source), result, &error);
	const char *why = NULL;

	if (!wanted(s)) {
		g_clear_error(&error);
		return;
	}
	why = tls_session_fault(s->tls); /* says more than GIO's error */
	if (!ok && !why)
		why = error->message;
	if (why)
		broken(s, why);
	else {
		ready(s);
		unref(s);
	}
	g_clear_error(&error);
}

static void start_tls(struct stream *s)
{
	GError *error = NULL;

	s->tls = tls_session_new(s->conf.tls, s->io, &error);
	if (!s->tls) {
		broken(s, error->message);
		g_error_free(error);
		return;
	}
	g_object_unref(s->io);
	s->io = g_object_ref(G_IO_STREAM(tls_session_stream(s->tls)));
	g_tls_connection_handshake_async(tls_session_stream(s->tls),
		G_PRIORITY_DEFAULT, s->cancel, on_handshake, s);
}

static void on_connected(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct stream *s = arg;
	GError *error = NULL;
	GSocketConnection *connection = g_socket_client_connect_finish(
		G_SOCKET_CLIENT(source), result, &error);

	if (!wanted(s)) {
		g_clear_object(&connection);
		g_clear_error(&error);
		return;
	}
	if (!connection) {
		broken(s, error->message);
		g_error_free(error);
		return;
	}
	s->connection = connection;
	s->io = g_object_ref(G_IO_STREAM(connection));
	(void)g_socket_set_option(g_socket_connection_get_socket(connection),
		IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MS, NULL);
	(void)g_socket_set_option(g_socket_connection_get_socket(connection),
		IPPROTO_TCP, TCP_NODELAY, 1, NULL);
	if (s->conf.tls) {
		start_tls(s); /* goes on with our reference */
		return;
	}
	ready(s);
	unref(s);
}

static gboolean too_late(gpointer arg)
{
	struct stream *s = arg;

	s->deadline = 0;
	s->refs++;
	broken(s, s->connection ? "no TLS came about in time"
				: "the connection did not come about in time");
	return G_SOURCE_REMOVE;
}

static GInetSocketAddress *stream_local(
	struct link *l, GSocketAddress *peer, GError **error)
{
	struct stream *s = (struct stream *)l;
	GSocketAddress *local = NULL;

	(void)peer;
	if (s->open)
		local = g_socket_connection_get_local_address(
			s->connection, error);
	else
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
			"not connected yet");
	return local ? G_INET_SOCKET_ADDRESS(local) : NULL;
}

static void stream_free(struct link *l)
{
	struct stream *s = (struct stream *)l;

	s->closed = true;
	g_clear_handle_id(&s->deadline, g_source_remove);
	g_cancellable_cancel(s->cancel);
	/* What is under way ends with it. The descriptor goes at once, but not
	 * under the hands of GIO's thread that agrees on keys. */
	if (s->connection && !s->tls)
		(void)g_socket_close(
			g_socket_connection_get_socket(s->connection), NULL);
	unref(s);
}

static const struct link_ops stream_ops = {
	.send = stream_send,
	.local = stream_local,
	.free = stream_free,
};

GSocketAddress *stream_link_peer(struct link *l)
{
	return ((struct stream *)l)->conf.peer;
}

bool stream_link_is_open(struct link *l)
{
	return ((struct stream *)l)->open;
}

struct link *stream_link_new(const struct stream_conf *conf)
{
	struct stream *s = g_new0(struct stream, 1);
	GSocketClient *client = g_socket_client_new();

	s->link = (struct link){&stream_ops, conf->transport};
	s->conf = *conf;
	s->conf.peer = g_object_ref(conf->peer);
	s->refs = 2; /* the owner, and connecting */
	s->cancel = g_cancellable_new();
	s->in = g_byte_array_new();
	s->out = g_byte_array_new();
	s->deadline = g_timeout_add(OPEN_MS, too_late, s);
	/* else GIO would ask the desktop's settings for a proxy */
	g_socket_client_set_enable_proxy(client, FALSE);
	g_socket_client_connect_async(client, G_SOCKET_CONNECTABLE(conf->peer),
		s->cancel, on_connected, s);
	g_object_unref(client);
	return &s->link;
}
