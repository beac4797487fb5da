/*
 * flight.c - a call while libcurl works on it.
 */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fence.h"
#include "base/flight.h"
#include "base/multipart.h"

#define TIMEOUT_MS         20000
#define CONNECT_TIMEOUT_MS 10000
#define ANSWER_MAX_BYTES   (4 * 1024 * 1024)

/* Well below what servers allow an idle connection (nginx: 75 s): a kept one
 * that is closed while we write into it costs an unsure delivery. */
#define IDLE_MAX_S 30L

/* Of each call under way.  Nearly all answers are shorter than the one; of the
 * other, which TLS needs to send, libcurl allows no less. */
#define BUFFER_BYTES        4096L
#define UPLOAD_BUFFER_BYTES 16384L

#define FLIGHTS_KEPT 64

static struct flight *free_flights;
static int n_free_flights;
static bool is_burst; /* more calls were under way than are kept */

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
 * keeps a POST from leaving twice; a body of several parts that does not
 * rewind is the second lock on that door. */
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
 * From take-off to landing.
 */

struct flight *flight_new(struct loop *l, struct call *c)
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
	f->transfer.easy = easy;
	f->loop = l;
	f->call = c;
	f->max = c->rq.answer_max ? c->rq.answer_max : ANSWER_MAX_BYTES;
	f->repeatable = c->rq.idempotent || strcmp(c->rq.method, "GET") == 0;
	f->started_ms = clock_mono_ms();
	snprintf(f->log_id, sizeof(f->log_id), "%s", log_id());
	loop_http(l)->calls++;
	return f;
}

/* The connection stays in the multi handle; the easy handle keeps nothing. */
void flight_end(struct flight *f)
{
	struct loop_http *http = loop_http(f->loop);
	struct curl_slist *h;

	/* Harmless for a handle that is not in. */
	curl_multi_remove_handle(http->multi, f->transfer.easy);
	curl_easy_reset(f->transfer.easy);
	for (h = f->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data)); /* tokens */
	curl_slist_free_all(f->headers);
	free(f->answer);
	f->headers = NULL;
	f->answer = NULL;
	http->calls--;
	if (n_free_flights == FLIGHTS_KEPT) {
		curl_easy_cleanup(f->transfer.easy);
		free(f);
		is_burst = true;
	} else {
		f->next = free_flights;
		free_flights = f;
		n_free_flights++;
	}
	/* The holes that it leaves are no use to anybody. */
	if (is_burst && http->calls == 0) {
		malloc_trim(0);
		is_burst = false;
	}
}

int flight_timeout_ms(const struct flight *f)
{
	return f->call->rq.timeout_ms > 0 ? f->call->rq.timeout_ms : TIMEOUT_MS;
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
	if (f->n_pieces == 1) {
		/* Leaves together with the head, from where it is; what is
		 * read piece by piece costs a buffer and a packet of its own. */
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
				 len ? f->pieces->iov_base : "");
		return;
	}
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
	curl_easy_setopt(easy, CURLOPT_READDATA, f);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, f);
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
	/* libcurl keeps the trusted certificates for all connections only when
	 * they come from one file.  Else each connection reads and holds them
	 * anew: a megabyte and several milliseconds. */
	if (fence_ca_file())
		curl_easy_setopt(easy, CURLOPT_CAINFO, fence_ca_file());
	if (fence_ca_file() || curl_version_info(CURLVERSION_NOW)->cainfo)
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, fence_user_agent());
	/* A proxy from the environment would hide the address that we check,
	 * and nobody would find it among the settings. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else giving a call up waits for getaddrinfo()'s thread, and all
	 * other calls with it. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)flight_timeout_ms(f));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->max);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, f);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, f);
}

void flight_prepare(struct flight *f)
{
	const char *method = f->call->rq.method;
	const char *mime = NULL;

	set_transfer(f);
	if (strcmp(method, "POST") == 0) {
		mime = collect_body(f);
		set_body(f);
	} else if (strcmp(method, "GET") != 0) {
		bug("call_start: method %s", method);
	}
	set_headers(f, mime);
}

void flight_divert(struct flight *f, const char *url, int64_t timeout_ms)
{
	f->len = 0;
	f->piece = 0;
	f->piece_at = 0;
	curl_easy_setopt(f->transfer.easy, CURLOPT_URL, url);
	curl_easy_setopt(f->transfer.easy, CURLOPT_TIMEOUT_MS,
			 (long)timeout_ms);
}

void flight_go(struct flight *f)
{
	CURLMcode rc = curl_multi_add_handle(loop_http(f->loop)->multi,
					     f->transfer.easy);

	if (rc != CURLM_OK)
		bug("curl_multi_add_handle: %s", curl_multi_strerror(rc));
}
