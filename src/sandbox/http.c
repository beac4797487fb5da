/*
 * http.c - requests in, answers out, and the ways an answer can go wrong.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/clock.h"
#include "base/err.h"
#include "sandbox/fault.h"
#include "sandbox/http.h"

#define CONNECTIONS_MAX 20000
#define SEGMENTS_MAX    16
#define HUGE_BYTES      ((uint64_t)64 << 20)

/* An open connection, with or without a request. */
struct line {
	int fd, port;
	struct line *next, *prev;
};

static struct {
	struct MHD_Daemon *server;
	struct line *lines;
	struct req *all;
	void (*route)(struct req *rq);
	bool stopping;
} http;

static void *on_uri(void *cls UNUSED, const char *uri,
		    struct MHD_Connection *conn)
{
	struct req *rq = mem_new(sizeof(*rq));

	rq->conn = conn;
	rq->target = arena_str(&rq->a, uri);
	buf_init(&rq->body, &rq->a, HTTP_BODY_MAX);
	rq->next = http.all;
	if (http.all)
		http.all->prev = rq;
	http.all = rq;
	return rq;
}

static void on_completed(void *cls UNUSED, struct MHD_Connection *conn UNUSED,
			 void **con_cls,
			 enum MHD_RequestTerminationCode code UNUSED)
{
	struct req *rq = *con_cls;

	if (!rq)
		return;
	if (rq->gone && !rq->reply.ready)
		rq->gone(rq);
	timer_stop(&rq->timer);
	if (rq->prev)
		rq->prev->next = rq->next;
	else
		http.all = rq->next;
	if (rq->next)
		rq->next->prev = rq->prev;
	arena_release(&rq->a);
	free(rq);
	*con_cls = NULL;
}

static void split_target(struct req *rq)
{
	const char *mark = strchr(rq->target, '?');
	const char *end = mark ? mark : rq->target + strlen(rq->target);
	const char *p = rq->target;

	rq->path = arena_strn(&rq->a, p, (size_t)(end - p));
	rq->seg = arena_array(&rq->a, SEGMENTS_MAX, sizeof(char *));
	rq->slash = end > p + 1 && end[-1] == '/';
	while (p < end && rq->n_seg < SEGMENTS_MAX) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		const char *stop = slash ? slash : end;

		if (stop > p)
			rq->seg[rq->n_seg++] = url_decode(
				&rq->a, p, (size_t)(stop - p), false, NULL);
		p = stop + 1;
	}
	if (mark)
		form_read_query(&rq->a, mark + 1, strlen(mark + 1), &rq->query);
}

static int socket_of(const struct req *rq)
{
	return MHD_get_connection_info(rq->conn,
				       MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
}

/* MHD closes politely, which the peer could take for an empty answer.
 * Dissolving the association makes Linux send RST at once and leaves the
 * descriptor in place for MHD to close. */
static void reset_now(int fd)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	connect(fd, &nobody, sizeof(nobody));
}

/* Waking a connection is not visible on MHD's epoll descriptor. */
static void resume(struct req *rq)
{
	rq->suspended = false;
	MHD_resume_connection(rq->conn);
	loop_hurry();
}

static void on_drip(struct timer *t)
{
	struct req *rq = container_of(t, struct req, timer);

	resume(rq);
}

static ssize_t read_drip(void *cls, uint64_t pos, char *out, size_t max)
{
	struct req *rq = cls;

	if (rq->send_as != SEND_DRIP)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max == 0)
		return 0;
	if (pos > 0 && rq->sent == pos) {
		rq->sent = 0;
		rq->suspended = true;
		MHD_suspend_connection(rq->conn);
		timer_start(&rq->timer, rq->fault.drip_ms, on_drip);
		return 0;
	}
	*out = rq->reply.body[pos];
	rq->sent = pos + 1;
	return 1;
}

static ssize_t read_half(void *cls, uint64_t pos, char *out, size_t max)
{
	const struct req *rq = cls;
	size_t half = rq->reply.len / 2;

	if (pos >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max > half - pos)
		max = half - pos;
	memcpy(out, rq->reply.body + pos, max);
	return (ssize_t)max;
}

static ssize_t read_huge(void *cls UNUSED, uint64_t pos UNUSED, char *out,
			 size_t max)
{
	memset(out, ' ', max);
	return (ssize_t)max;
}

static struct MHD_Response *make_response(struct req *rq)
{
	/* MHD only reads it. */
	void *body = (void *)(uintptr_t)rq->reply.body;

	switch (rq->send_as) {
	case SEND_TRUNCATED:
		return MHD_create_response_from_callback(rq->reply.len, 4096,
							 read_half, rq, NULL);
	case SEND_DRIP:
		return MHD_create_response_from_callback(rq->reply.len, 64,
							 read_drip, rq, NULL);
	case SEND_HUGE:
		return MHD_create_response_from_callback(HUGE_BYTES, 65536,
							 read_huge, rq, NULL);
	default:
		return MHD_create_response_from_buffer(rq->reply.len, body,
						       MHD_RESPMEM_PERSISTENT);
	}
}

static enum MHD_Result queue_reply(struct req *rq)
{
	struct MHD_Response *r;
	enum MHD_Result ok;

	if (rq->send_as == SEND_RESET) {
		reset_now(socket_of(rq));
		return MHD_NO;
	}
	r = make_response(rq);
	if (!r)
		die("out of memory");
	if (rq->reply.type)
		MHD_add_response_header(r, "Content-Type", rq->reply.type);
	for (struct header *h = rq->reply.headers; h; h = h->next)
		MHD_add_response_header(r, h->name, h->value);
	ok = MHD_queue_response(rq->conn, (unsigned)rq->reply.status, r);
	MHD_destroy_response(r);
	return ok;
}

void http_send(struct req *rq)
{
	rq->sendable = true;
	if (!rq->suspended)
		return;
	resume(rq);
}

static void begin(struct req *rq)
{
	rq->complete = true;
	rq->at_us = clock_now_us();
	split_target(rq);
	if (rq->body.overflow)
		reply_text(rq, 413, "Request Entity Too Large");
	else
		http.route(rq);
	if (rq->reply.ready)
		fault_finish(rq);
	else
		fault_begin(rq);
}

static enum MHD_Result on_request(void *cls UNUSED, struct MHD_Connection *conn,
				  const char *url UNUSED, const char *method,
				  const char *version UNUSED, const char *data,
				  size_t *len, void **con_cls)
{
	struct req *rq = *con_cls;

	if (http.stopping && !rq->sendable)
		return MHD_NO;
	if (!rq->method) {
		rq->method = arena_str(&rq->a, method);
		return MHD_YES;
	}
	if (*len > 0) {
		buf_add(&rq->body, data, *len);
		*len = 0;
		return MHD_YES;
	}
	if (!rq->complete)
		begin(rq);
	if (rq->sendable)
		return queue_reply(rq);
	rq->suspended = true;
	MHD_suspend_connection(conn);
	return MHD_YES;
}

const char *req_header(struct req *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->conn, MHD_HEADER_KIND, name);
}

bool req_is(const struct req *rq, const char *method)
{
	return strcmp(rq->method, method) == 0;
}

const char *req_seg(const struct req *rq, size_t i)
{
	return i < rq->n_seg ? rq->seg[i] : "";
}

void reply(struct req *rq, int status, const char *type, const char *body,
	   size_t len)
{
	bool late = rq->complete && rq->suspended;

	if (rq->reply.ready)
		return;
	rq->reply.ready = true;
	rq->reply.status = status;
	rq->reply.type = type;
	rq->reply.body = body;
	rq->reply.len = len;
	if (late)
		fault_finish(rq);
}

static void put_json(void *o)
{
	json_object_put(o);
}

void reply_json(struct req *rq, int status, struct json_object *o)
{
	const char *text = json_text(o);

	arena_defer(&rq->a, put_json, o);
	reply(rq, status, "application/json", text, strlen(text));
}

void reply_text(struct req *rq, int status, const char *text)
{
	reply(rq, status, "text/plain; charset=utf-8", text, strlen(text));
}

void reply_header(struct req *rq, const char *name, const char *value)
{
	struct header *h = arena_alloc(&rq->a, sizeof(*h));

	h->name = arena_str(&rq->a, name);
	h->value = arena_str(&rq->a, value);
	h->next = rq->reply.headers;
	rq->reply.headers = h;
}

void http_abort(bool (*matches)(const struct req *rq, int64_t arg), int64_t arg)
{
	struct req *next;

	for (struct req *rq = http.all; rq; rq = next) {
		next = rq->next;
		if (!rq->suspended || !matches(rq, arg))
			continue;
		if (rq->gone && !rq->reply.ready)
			rq->gone(rq);
		rq->gone = NULL;
		timer_stop(&rq->timer);
		rq->reply.ready = true;
		rq->send_as = SEND_RESET;
		http_send(rq);
	}
}

static struct line *line_new(struct MHD_Connection *conn)
{
	struct line *l = mem_new(sizeof(*l));
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	l->fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)
			->connect_fd;
	if (getsockname(l->fd, (struct sockaddr *)&at, &len) == 0)
		l->port = ntohs(at.sin_port);
	l->next = http.lines;
	if (http.lines)
		http.lines->prev = l;
	http.lines = l;
	return l;
}

static void line_free(struct line *l)
{
	if (l->prev)
		l->prev->next = l->next;
	else
		http.lines = l->next;
	if (l->next)
		l->next->prev = l->prev;
	free(l);
}

static void on_connection(void *cls UNUSED, struct MHD_Connection *conn,
			  void **line, enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*line = line_new(conn);
	} else {
		line_free(*line);
		*line = NULL;
	}
}

void http_adopt(int fd, const struct sockaddr *from, unsigned len)
{
	/* MHD closes it itself when it refuses. */
	MHD_add_connection(http.server, fd, from, len);
	loop_hurry();
}

void http_reset_port(int port)
{
	for (struct line *l = http.lines; l; l = l->next)
		if (l->port == port)
			reset_now(l->fd);
}

static void raise_file_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

struct MHD_Daemon *http_start(int64_t *port, void (*route)(struct req *rq))
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct MHD_Daemon *server;

	at.sin_port = htons((uint16_t)*port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	http.route = route;
	raise_file_limit();
	server = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)*port, NULL,
		NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &at,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (!server)
		die("cannot listen on 127.0.0.1:%d; is the port in use?",
		    (int)*port);
	*port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
	http.server = server;
	return server;
}

static bool every(const struct req *rq UNUSED, int64_t arg UNUSED)
{
	return true;
}

void http_stop(struct MHD_Daemon *server)
{
	/* MHD refuses to end while connections sleep; waking them takes a few
	 * rounds. */
	http.stopping = true;
	http_abort(every, 0);
	for (int i = 0; i < 8; i++)
		MHD_run(server);
	MHD_stop_daemon(server);
}
