/*
 * client.c - outgoing HTTP calls on the loop (the only user of libcurl).
 *
 * A call that runs has a flight: the easy handle, the body on its way out and
 * the answer on its way in.  Flights are kept for the next call.  A call that
 * our own rules refuse takes off as well, but only sets a timer, so that
 * done() comes the same way for all.
 */
#include "config.h"

#include <ctype.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/client.h"
#include "base/clock.h"
#include "base/fence.h"
#include "base/log.h"
#include "base/multipart.h"
#include "base/text.h"
#include "base/transfer.h"

#define TIMEOUT_MS         20000
#define CONNECT_TIMEOUT_MS 10000
#define ANSWER_MAX_BYTES   (4 * 1024 * 1024)

/* Below what services allow an idle connection (nginx: 75 s, Avito's and
 * Telegram's front ends about a minute): a kept one that is closed while we
 * write into it costs an unsure delivery. */
#define IDLE_MAX_S 30L

#define REDIRECTS_MAX 3
#define FLIGHTS_KEPT  64

struct flight {
	struct transfer transfer; /* first: the free list and curl point here */
	struct loop *loop;
	struct call *call;
	struct timer refusal; /* armed instead of a transfer */
	struct curl_slist *headers;
	char log_id[LOG_ID_MAX];
	int64_t started_ms;
	int redirects;

	struct iovec *pieces; /* of the body */
	size_t n_pieces;
	size_t piece, piece_at; /* where reading goes on */

	char *answer;
	size_t len, size, max;

	bool repeatable;     /* libcurl may send it once more */
	bool sending;        /* the service may have seen something */
	bool too_long;       /* the answer passed answer_max */
	const char *refused; /* by which rule of ours */

	struct flight *next; /* in the free list */
};

static struct flight *free_flights;
static int n_free_flights;

bool client_init(const struct client_rules *told, struct err *err)
{
	/* TLS writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_DOWN, "libcurl does not start");
	return fence_set(told, err);
}

/*
 * What libcurl calls while it works.
 */

static size_t read_body(char *to, size_t one, size_t n, void *data)
{
	struct flight *f = data;
	size_t room = one * n, done = 0;

	while (done < room && f->piece < f->n_pieces) {
		const struct iovec *from = &f->pieces[f->piece];
		size_t part = from->iov_len - f->piece_at;

		if (part > room - done)
			part = room - done;
		if (part)
			memcpy(to + done, (char *)from->iov_base + f->piece_at,
			       part);
		done += part;
		f->piece_at += part;
		if (f->piece_at == from->iov_len) {
			f->piece++;
			f->piece_at = 0;
		}
	}
	/* libcurl knows the length and asks for no more, unless it began anew
	 * without a rewind: such a body must not end well. */
	return done ? done : CURL_READFUNC_ABORT;
}

/* libcurl would begin again after a kept connection died.  before_sending()
 * keeps a POST from leaving twice; a body that does not rewind is the second
 * lock on that door. */
static int seek_body(void *data, curl_off_t offset, int whence)
{
	struct flight *f = data;

	if (!f->repeatable || offset != 0 || whence != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	f->piece = 0;
	f->piece_at = 0;
	return CURL_SEEKFUNC_OK;
}

static void make_room(struct flight *f, size_t len)
{
	curl_off_t told = -1;
	size_t need = f->len + len + 1, size = 2 * f->size;

	if (need <= f->size)
		return;
	if (!f->answer)
		curl_easy_getinfo(f->transfer.easy,
				  CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
	if (told >= 0 && (size_t)told <= f->max && size <= (size_t)told)
		size = (size_t)told + 1;
	f->size = size > need ? size : need;
	f->answer = realloc(f->answer, f->size);
	if (!f->answer)
		die("out of memory");
}

static size_t write_answer(char *from, size_t one, size_t n, void *data)
{
	struct flight *f = data;
	size_t len = one * n;

	if (len > f->max - f->len) {
		f->too_long = true;
		return 0;
	}
	make_room(f, len);
	memcpy(f->answer + f->len, from, len);
	f->len += len;
	f->answer[f->len] = '\0';
	return len;
}

static curl_socket_t open_socket(void *data, curlsocktype purpose,
				 struct curl_sockaddr *to)
{
	struct flight *f = data;

	(void)purpose;
	if (fence_wants_public(&f->call->rq) && !addr_is_public(&to->addr)) {
		f->refused = "the host's address is not public";
		return CURL_SOCKET_BAD;
	}
	/* Helper processes must not inherit it. */
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* Comes for new and for kept connections, and for each try that libcurl makes
 * by itself, right before the first byte. */
static int before_sending(void *data, char *ip, char *own_ip, int port,
			  int own_port)
{
	struct flight *f = data;

	(void)own_ip;
	(void)port;
	(void)own_port;
	if (fence_wants_public(&f->call->rq) && !addr_text_is_public(ip)) {
		f->refused = "the host's address is not public";
		return CURL_PREREQFUNC_ABORT;
	}
	if (f->sending && !f->repeatable)
		return CURL_PREREQFUNC_ABORT;
	f->sending = true;
	return CURL_PREREQFUNC_OK;
}

/*
 * Take-off.
 */

static void on_transfer(struct transfer *t, CURLcode rc);
static void on_refusal(struct timer *t);

static struct flight *flight_new(struct loop *l, struct call *c)
{
	struct flight *f = free_flights;
	CURL *easy;

	if (f) {
		free_flights = f->next;
		n_free_flights--;
		easy = f->transfer.easy;
		*f = (struct flight){ 0 };
	} else {
		f = mem_new(sizeof(*f));
		easy = curl_easy_init();
		if (!easy)
			die("out of memory");
	}
	f->transfer = (struct transfer){ easy, on_transfer };
	f->refusal.fire = on_refusal;
	f->loop = l;
	f->call = c;
	f->max = c->rq.answer_max ? c->rq.answer_max : ANSWER_MAX_BYTES;
	f->repeatable = c->rq.idempotent || strcmp(c->rq.method, "GET") == 0;
	f->started_ms = clock_mono_ms();
	snprintf(f->log_id, sizeof(f->log_id), "%s", log_id());
	return f;
}

/* The connection stays in the multi handle; the easy handle keeps nothing. */
static void flight_end(struct flight *f)
{
	struct curl_slist *h;

	curl_easy_reset(f->transfer.easy);
	for (h = f->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data)); /* tokens */
	curl_slist_free_all(f->headers);
	free(f->answer);
	f->headers = NULL;
	f->answer = NULL;
	loop_http(f->loop)->calls--;
	if (n_free_flights == FLIGHTS_KEPT) {
		curl_easy_cleanup(f->transfer.easy);
		free(f);
		return;
	}
	f->next = free_flights;
	free_flights = f;
	n_free_flights++;
}

static void add_header(struct flight *f, const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 1;
	char *line = mem_new(size);
	struct curl_slist *longer;

	snprintf(line, size, "%s%s", name, value);
	longer = curl_slist_append(f->headers, line);
	if (!longer)
		die("out of memory");
	f->headers = longer;
	explicit_bzero(line, size);
	free(line);
}

/* A foreign host learns nothing but the path. */
static void set_headers(struct flight *f, const char *mime)
{
	const struct http_request *rq = &f->call->rq;

	if (!rq->foreign) {
		add_header(f, "Accept: ", "application/json, */*;q=0.5");
		if (*f->log_id)
			add_header(f, "X-Request-Id: ", f->log_id);
		if (rq->bearer.len)
			add_header(f, "Authorization: Bearer ",
				   rq->bearer.bytes);
	}
	/* With nothing behind the colon libcurl leaves its own header out. */
	add_header(f, "Content-Type:", mime ? mime : "");
	add_header(f, "Expect:", "");
	curl_easy_setopt(f->transfer.easy, CURLOPT_HTTPHEADER, f->headers);
}

/* The pieces to send; returns their type. */
static const char *collect_body(struct flight *f)
{
	const struct http_request *rq = &f->call->rq;
	struct multipart m;

	if (rq->n_parts) {
		multipart_write(f->call->a, rq->parts, rq->n_parts, &m);
		f->pieces = m.pieces;
		f->n_pieces = m.n_pieces;
		return m.mime;
	}
	f->pieces = arena_alloc(f->call->a, sizeof(*f->pieces));
	/* iovec knows no const; the body is only read. */
	*f->pieces =
		(struct iovec){ (void *)(uintptr_t)rq->body, rq->body_len };
	f->n_pieces = 1;
	return rq->mime;
}

static void set_body(struct flight *f)
{
	CURL *easy = f->transfer.easy;
	curl_off_t len = 0;

	for (size_t i = 0; i < f->n_pieces; i++)
		len += (curl_off_t)f->pieces[i].iov_len;
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
	curl_easy_setopt(easy, CURLOPT_READDATA, f);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, f);
	if (len == 0)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
}

static int timeout_of(const struct call *c)
{
	return c->rq.timeout_ms > 0 ? c->rq.timeout_ms : TIMEOUT_MS;
}

static void set_transfer(struct flight *f)
{
	const struct http_request *rq = &f->call->rq;
	CURL *easy = f->transfer.easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, &f->transfer);
	curl_easy_setopt(easy, CURLOPT_URL, rq->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, fence_schemes());
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, fence_user_agent());
	/* A proxy from the environment would hide the address that we check,
	 * and nobody would find it among the settings. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else giving a call up waits for getaddrinfo()'s thread, and all
	 * other calls with it. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_of(f->call));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->max);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, f);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, f);
}

static void take_off(struct flight *f)
{
	CURLMcode rc = curl_multi_add_handle(loop_http(f->loop)->multi,
					     f->transfer.easy);

	if (rc != CURLM_OK)
		bug("curl_multi_add_handle: %s", curl_multi_strerror(rc));
}

void call_start(struct loop *l, struct call *c)
{
	const char *mime = NULL;
	struct flight *f;

	if (c->busy)
		bug("call_start: the call is busy");
	f = flight_new(l, c);
	c->impl = f;
	c->busy = true;
	c->reply = (struct http_reply){ 0 };
	loop_http(l)->calls++;
	f->refused = fence_refusal(c->a, &c->rq);
	if (f->refused) {
		loop_arm(l, &f->refusal, 0);
		return;
	}
	set_transfer(f);
	if (strcmp(c->rq.method, "POST") == 0) {
		mime = collect_body(f);
		set_body(f);
	} else if (strcmp(c->rq.method, "GET") != 0) {
		bug("call_start: method %s", c->rq.method);
	}
	set_headers(f, mime);
	take_off(f);
}

void call_cancel(struct loop *l, struct call *c)
{
	struct flight *f = c->impl;

	if (!c->busy)
		return;
	loop_disarm(l, &f->refusal);
	/* Harmless for a handle that never got in. */
	curl_multi_remove_handle(loop_http(l)->multi, f->transfer.easy);
	c->busy = false;
	c->impl = NULL;
	flight_end(f);
}

int loop_calls(const struct loop *l)
{
	return loop_http((struct loop *)(uintptr_t)l)->calls;
}

/*
 * Landing.
 */

/* Seconds, or an HTTP date; rounded up, since coming early is not allowed. */
static int retry_after(CURL *easy)
{
	struct curl_header *h;
	long long s;
	int64_t at;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return 0;
	if (!text_read_i64(h->value, 0, LLONG_MAX, &s)) {
		at = curl_getdate(h->value, NULL);
		if (at < 0)
			return 0;
		s = (at * CLOCK_SECOND_US - clock_now_us() + CLOCK_SECOND_US -
		     1) /
		    CLOCK_SECOND_US;
	}
	if (s < 0)
		return 0;
	return s < INT_MAX ? (int)s : INT_MAX;
}

static const char *mime_of(struct arena *a, CURL *easy)
{
	const char *told = NULL;
	char *mime;

	curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &told);
	if (!told)
		return "";
	mime = arena_strn(a, told, strcspn(told, "; \t"));
	for (char *c = mime; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return mime;
}

static void read_reply(struct flight *f, struct http_reply *reply)
{
	struct arena *a = f->call->a;
	long status = 0;

	curl_easy_getinfo(f->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->mime = mime_of(a, f->transfer.easy);
	reply->retry_after_s = retry_after(f->transfer.easy);
	if (!f->answer)
		return;
	reply->body = f->answer;
	reply->len = f->len;
	arena_defer(a, free, f->answer);
	f->answer = NULL;
}

static int connect_ms(CURL *easy)
{
	curl_off_t tcp_us = 0, tls_us = 0;

	curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &tcp_us);
	curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	return (int)((tls_us > tcp_us ? tls_us : tcp_us) / 1000);
}

static void finish(struct flight *f, enum http_end end, const char *problem)
{
	static const char *const end_names[] = { "answered", "not_sent", "lost",
						 "refused" };
	struct call *c = f->call;
	struct http_reply *reply = &c->reply;

	*reply = (struct http_reply){
		.end = end, .body = "", .mime = "", .problem = problem
	};
	reply->total_ms = (int)(clock_mono_ms() - f->started_ms);
	if (f->sending)
		reply->connect_ms = connect_ms(f->transfer.easy);
	if (end == HTTP_ANSWERED)
		read_reply(f, reply);
	/* What follows belongs to the work that started the call. */
	log_set_id(f->log_id);
	log_debug("http.call", lf_str("method", c->rq.method),
		  lf_str("url", url_masked(c->a, c->rq.url)),
		  lf_str("end", end_names[end]), lf_str("problem", problem),
		  lf_int("status", reply->status),
		  lf_int("bytes", (int64_t)reply->len),
		  lf_int("connect_ms", reply->connect_ms),
		  lf_int("total_ms", reply->total_ms));
	c->busy = false;
	c->impl = NULL;
	flight_end(f);
	c->done(c);
}

/* libcurl's own messages quote URLs, and URLs hold tokens. */
static const char *problem_of(const struct flight *f, CURLcode rc)
{
	struct arena *a = f->call->a;
	long number = 0;

	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "the host's name cannot be resolved";
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(f->transfer.easy, CURLINFO_OS_ERRNO, &number);
		return number ? arena_printf(a, "no connection: %s",
					     strerror((int)number))
			      : "no connection";
	case CURLE_SSL_CONNECT_ERROR:
		return "TLS failed";
	case CURLE_PEER_FAILED_VERIFICATION:
		return "the host's certificate is not trusted";
	case CURLE_OPERATION_TIMEDOUT:
		return f->sending ? arena_printf(a, "no whole answer in %d ms",
						 timeout_of(f->call))
				  : "no connection in time";
	case CURLE_GOT_NOTHING:
		return "the connection was closed without an answer";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return "the connection broke";
	case CURLE_PARTIAL_FILE:
		return "the answer broke off";
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_ABORTED_BY_CALLBACK:
		return "the kept connection had died";
	default:
		return curl_easy_strerror(rc);
	}
}

/* True: the call goes on at another address of the same host. */
static bool follow(struct flight *f)
{
	const struct http_request *rq = &f->call->rq;
	bool is_get = strcmp(rq->method, "GET") == 0;
	CURL *easy = f->transfer.easy;
	char *now = NULL, *next = NULL;
	int64_t left_ms;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 307 && status != 308 &&
	    !(is_get && (status == 301 || status == 302 || status == 303)))
		return false;
	left_ms = timeout_of(f->call) - (clock_mono_ms() - f->started_ms);
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &now);
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next);
	if (rq->foreign || !f->repeatable || !next || left_ms <= 0 ||
	    f->redirects == REDIRECTS_MAX ||
	    !fence_same_origin(f->call->a, now, next))
		return false;
	f->redirects++;
	f->len = 0;
	f->piece = 0;
	f->piece_at = 0;
	curl_easy_setopt(easy, CURLOPT_URL, arena_str(f->call->a, next));
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	take_off(f);
	return true;
}

static void on_transfer(struct transfer *t, CURLcode rc)
{
	struct flight *f = container_of(t, struct flight, transfer);

	if (rc == CURLE_OK) {
		if (!follow(f))
			finish(f, HTTP_ANSWERED, "");
	} else if (f->refused && !f->sending) {
		finish(f, HTTP_REFUSED, f->refused);
	} else if (f->too_long || rc == CURLE_FILESIZE_EXCEEDED) {
		/* What a lost answer may have done decides, not its length. */
		finish(f, f->repeatable ? HTTP_REFUSED : HTTP_LOST,
		       arena_printf(f->call->a,
				    "the answer is longer than %zu bytes",
				    f->max));
	} else {
		finish(f, f->sending ? HTTP_LOST : HTTP_NOT_SENT,
		       problem_of(f, rc));
	}
}

static void on_refusal(struct timer *t)
{
	struct flight *f = container_of(t, struct flight, refusal);

	finish(f, HTTP_REFUSED, f->refused);
}
