/*
 * client.c - outgoing HTTP calls on the loop.
 *
 * A call that our own rules refuse takes off as well, but only sets a timer,
 * so that done() comes the same way for all.
 */
#include "config.h"

#include <ctype.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/client.h"
#include "base/clock.h"
#include "base/fence.h"
#include "base/flight.h"
#include "base/log.h"
#include "base/text.h"

#define REDIRECTS_MAX 3

bool client_init(const struct client_rules *told, struct err *err)
{
	/* TLS writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	/* One heap: libcurl resolves names in threads, and each of those would
	 * get its own for a few bytes. */
	mallopt(M_ARENA_MAX, 1);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_DOWN, "libcurl does not start");
	return fence_set(told, err);
}

static void on_transfer(struct transfer *t, CURLcode rc);
static void on_refusal(struct timer *t);

void call_start(struct loop *l, struct call *c)
{
	struct flight *f;

	if (c->busy)
		bug("call_start: the call is busy");
	f = flight_new(l, c);
	f->transfer.finished = on_transfer;
	f->refusal.fire = on_refusal;
	c->impl = f;
	c->busy = true;
	c->reply = (struct http_reply){ 0 };
	f->refused = fence_refusal(c->a, &c->rq);
	if (f->refused) {
		loop_arm(l, &f->refusal, 0);
		return;
	}
	flight_prepare(f);
	flight_go(f);
}

void call_cancel(struct loop *l, struct call *c)
{
	struct flight *f = c->impl;

	if (!c->busy)
		return;
	loop_disarm(l, &f->refusal);
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
	case CURLE_SSL_CACERT_BADFILE:
		return "the file of trusted certificates cannot be used";
	case CURLE_OPERATION_TIMEDOUT:
		return f->sending ? arena_printf(a, "no whole answer in %d ms",
						 flight_timeout_ms(f))
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
	left_ms = flight_timeout_ms(f) - (clock_mono_ms() - f->started_ms);
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &now);
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next);
	if (rq->foreign || !f->repeatable || !next || left_ms <= 0 ||
	    f->redirects == REDIRECTS_MAX ||
	    !fence_same_origin(f->call->a, now, next))
		return false;
	f->redirects++;
	flight_divert(f, arena_str(f->call->a, next), left_ms);
	flight_go(f);
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
