/*
 * test_client.c - what becomes of a call when the other side misbehaves.
 */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/client.h"
#include "base/clock.h"
#include "base/err.h"
#include "harness/server.h"
#include "harness/unit.h"

#define DEADLINE_MS 20000
#define SHORT_MS    200

static struct server *server;
static struct loop *l;
static int n_done;
static char id_in_done[LOG_ID_MAX];

static const char *at(const char *path)
{
	return arena_printf(&unit_arena, "http://127.0.0.1:%d%s",
			    server_port(server), path);
}

static void init(bool allow_insecure)
{
	const struct client_rules rules = {
		.user_agent = "tuberry/test",
		.allow_insecure = allow_insecure,
		.media_hosts = "media.example, .cdn.example,localhost",
		.api_bases = { allow_insecure ? at("")
					      : "https://api.example" },
	};
	struct err err = { 0 };

	CU_ASSERT_TRUE_FATAL(client_init(&rules, &err));
}

static void begin(void)
{
	n_done = 0;
	/* A fresh one: what an earlier test sent and gave up may still be
	 * counted late by the former. */
	server_stop(server);
	server = server_start();
	l = loop_new(4);
	init(true);
}

static void count_done(struct call *c)
{
	CU_ASSERT_FALSE(c->busy);
	n_done++;
	snprintf(id_in_done, sizeof(id_in_done), "%s", log_id());
}

static struct call get(const char *url)
{
	return (struct call){
		.a = &unit_arena,
		.rq = { .method = "GET", .url = url, .idempotent = true },
		.done = count_done,
	};
}

static struct call post(const char *url, const char *body)
{
	return (struct call){
		.a = &unit_arena,
		.rq = { .method = "POST",
			.url = url,
			.mime = "application/json",
			.body = body,
			.body_len = strlen(body) },
		.done = count_done,
	};
}

static void turn_until(int n)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (n_done < n && clock_mono_ms() < end_ms)
		loop_turn(l, 1000);
	UNIT_ASSERT_INT(n_done, n);
}

static void run(struct call *c)
{
	int n = n_done;

	call_start(l, c);
	CU_ASSERT_TRUE(c->busy);
	UNIT_ASSERT_INT(n_done, n);
	turn_until(n + 1);
	UNIT_ASSERT_INT(loop_calls(l), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c->reply.body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c->reply.mime);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c->reply.problem);
	/* Whatever it says, it says nothing of where. */
	CU_ASSERT_PTR_NULL(strstr(c->reply.problem, "127.0.0.1"));
	CU_ASSERT_PTR_NULL(strstr(c->reply.problem, "/"));
}

static struct http_reply got(const char *url)
{
	struct call c = get(url);

	run(&c);
	return c.reply;
}

static struct http_reply posted(const char *path, const char *body)
{
	struct call c = post(at(path), body);

	run(&c);
	return c.reply;
}

/*
 * Answers.
 */

static void an_answer_is_handed_over_whole(void)
{
	struct http_reply r;

	begin();
	r = got(at("/ok"));
	UNIT_ASSERT_INT(r.end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_STR(r.body, "{\"ok\":true}");
	UNIT_ASSERT_INT(r.len, 11);
	UNIT_ASSERT_STR(r.mime, "application/json");
	UNIT_ASSERT_STR(r.problem, "");
	r = got(at("/echo"));
	UNIT_ASSERT_STR(r.mime, "text/plain");
	loop_free(l);
}

static void a_bad_answer_is_an_answer(void)
{
	struct http_reply r;

	begin();
	r = posted("/500", "{}");
	UNIT_ASSERT_INT(r.end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(r.status, 500);
	UNIT_ASSERT_STR(r.body, "oops");
	UNIT_ASSERT_STR(r.mime, "");
	r = posted("/empty", "{}");
	UNIT_ASSERT_INT(r.end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(r.len, 0);
	UNIT_ASSERT_STR(r.body, "");
	r = posted("/not-json", "{}");
	UNIT_ASSERT_INT(r.end, HTTP_ANSWERED);
	UNIT_ASSERT_STR(r.body, "{\"half\"");
	loop_free(l);
}

static void retry_after_is_read_in_both_forms(void)
{
	int64_t now;

	begin();
	UNIT_ASSERT_INT(posted("/limit", "{}").retry_after_s, 0);
	UNIT_ASSERT_INT(posted("/limit-30", "{}").retry_after_s, 30);
	CU_ASSERT_TRUE_FATAL(clock_read("2026-01-31T12:00:00.5Z", &now));
	clock_set(now);
	UNIT_ASSERT_INT(posted("/limit-date", "{}").retry_after_s, 60);
	clock_set(now + 3600 * CLOCK_SECOND_US);
	UNIT_ASSERT_INT(posted("/limit-date", "{}").retry_after_s, 0);
	clock_set(0);
	loop_free(l);
}

static void an_answer_that_is_too_long_is_refused_or_lost(void)
{
	static const char *const paths[] = { "/long", "/long-chunked" };
	struct call c;

	begin();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		c = get(at(paths[i]));
		c.rq.answer_max = SERVER_LONG - 1;
		run(&c);
		UNIT_ASSERT_INT(c.reply.end, HTTP_REFUSED);
		c = post(at(paths[i]), "{}");
		c.rq.answer_max = SERVER_LONG - 1;
		run(&c);
		UNIT_ASSERT_INT(c.reply.end, HTTP_LOST);
		c.rq.answer_max = SERVER_LONG;
		run(&c);
		UNIT_ASSERT_INT(c.reply.end, HTTP_ANSWERED);
		UNIT_ASSERT_INT(c.reply.len, SERVER_LONG);
	}
	loop_free(l);
}

/*
 * Betrayals.
 */

static void a_closed_port_is_not_sent(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct http_reply r;

	begin();
	/* Bound and not listening: nobody else gets it meanwhile. */
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&addr, len), 0);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	r = got(arena_printf(&unit_arena, "http://127.0.0.1:%d/",
			     ntohs(addr.sin_port)));
	UNIT_ASSERT_INT(r.end, HTTP_NOT_SENT);
	UNIT_ASSERT_STR(r.problem, "no connection: Connection refused");
	close(fd);
	loop_free(l);
}

static void an_unknown_name_is_not_sent(void)
{
	struct call c;

	begin();
	c = post("http://nobody.invalid/", "{}");
	c.rq.timeout_ms = 2000;
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_NOT_SENT);
	loop_free(l);
}

static void failed_tls_is_not_sent(void)
{
	struct call c;

	begin();
	c = post(arena_printf(&unit_arena, "https://127.0.0.1:%d/ok",
			      server_port(server)),
		 "{}");
	c.rq.timeout_ms = 2000;
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_NOT_SENT);
	UNIT_ASSERT_INT(server_requests(server), 0);
	loop_free(l);
}

static void what_was_sent_without_a_whole_answer_is_lost(void)
{
	static const char *const paths[] = { "/reset-first", "/reset-last",
					     "/close", "/cut-head",
					     "/cut-body" };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		UNIT_ASSERT_INT(posted(paths[i], "{}").end, HTTP_LOST);
		UNIT_ASSERT_INT(got(at(paths[i])).end, HTTP_LOST);
	}
	loop_free(l);
}

static void silence_and_drip_are_lost_after_the_timeout(void)
{
	static const char *const paths[] = { "/silent", "/drip" };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct call c = post(at(paths[i]), "{}");

		c.rq.timeout_ms = SHORT_MS;
		run(&c);
		UNIT_ASSERT_INT(c.reply.end, HTTP_LOST);
		UNIT_ASSERT_STR(c.reply.problem, "no whole answer in 200 ms");
		UNIT_ASSERT_STR(c.reply.body, "");
	}
	loop_free(l);
}

static void connections_are_kept(void)
{
	begin();
	for (int i = 0; i < 5; i++)
		UNIT_ASSERT_INT(posted("/ok", "{}").end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(server_connections(server), 1);
	loop_free(l);
}

static void a_post_is_sent_once_when_its_kept_connection_dies(void)
{
	struct http_reply r;

	begin();
	UNIT_ASSERT_INT(posted("/ok", "{}").end, HTTP_ANSWERED);
	server_forget(server);
	r = posted("/close-kept", "{}");
	UNIT_ASSERT_INT(r.end, HTTP_LOST);
	UNIT_ASSERT_STR(r.problem, "the kept connection had died");
	UNIT_ASSERT_INT(server_requests(server), 1);
	loop_free(l);
}

static void a_multipart_is_sent_once_when_its_kept_connection_dies(void)
{
	const struct http_part part = { "a", "b.txt", "text/plain", "abc", 3 };
	struct call c;

	begin();
	UNIT_ASSERT_INT(posted("/ok", "{}").end, HTTP_ANSWERED);
	server_forget(server);
	c = post(at("/close-kept"), "");
	c.rq.parts = &part;
	c.rq.n_parts = 1;
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_LOST);
	UNIT_ASSERT_INT(server_requests(server), 1);
	loop_free(l);
}

static void an_empty_post_is_sent_once_when_its_kept_connection_dies(void)
{
	begin();
	UNIT_ASSERT_INT(posted("/ok", "{}").end, HTTP_ANSWERED);
	server_forget(server);
	UNIT_ASSERT_INT(posted("/close-kept", "").end, HTTP_LOST);
	UNIT_ASSERT_INT(server_requests(server), 1);
	loop_free(l);
}

static void what_may_be_repeated_survives_a_dead_connection(void)
{
	struct call c;

	begin();
	UNIT_ASSERT_INT(got(at("/ok")).end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(got(at("/close-kept")).end, HTTP_ANSWERED);
	c = post(at("/close-kept"), "{}");
	c.rq.idempotent = true;
	server_forget(server);
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(server_requests(server), 2);
	loop_free(l);
}

static void hundreds_of_calls_at_once_all_end(void)
{
	struct call c[300];

	begin();
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		c[i] = i % 3 ? post(at("/ok"), "{}") : get(at("/empty"));
		call_start(l, &c[i]);
	}
	turn_until(ARRAY_LEN(c));
	for (size_t i = 0; i < ARRAY_LEN(c); i++)
		UNIT_ASSERT_INT(c[i].reply.end, HTTP_ANSWERED);
	UNIT_ASSERT_INT(loop_calls(l), 0);
	loop_free(l);
}

/*
 * What leaves.
 */

static void headers_are_ours(void)
{
	struct call c;
	struct http_reply r;

	begin();
	c = post(at("/echo"), "{\"a\":1}");
	c.rq.bearer = (struct secret){ "t0ken", 5 };
	log_set_id("req-7");
	call_start(l, &c);
	log_set_id(NULL);
	turn_until(1);
	r = c.reply;
	UNIT_ASSERT_STR(id_in_done, "req-7");
	CU_ASSERT_PTR_NOT_NULL(strstr(r.body, "\r\nX-Request-Id: req-7\r\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.body, "\r\nAuthorization: Bearer t0ken\r\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.body, "\r\nUser-Agent: tuberry/test\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.body, "\r\nAccept: application/json"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.body, "\r\nContent-Type:application/json\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.body, "\r\n\r\n{\"a\":1}"));
	r = got(at("/echo"));
	CU_ASSERT_PTR_NULL(strstr(r.body, "Content-Type"));
	CU_ASSERT_PTR_NULL(strstr(r.body, "X-Request-Id"));
	CU_ASSERT_PTR_NULL(strstr(r.body, "Authorization"));
	loop_free(l);
}

static void a_large_body_arrives_whole_and_without_expect(void)
{
	size_t len = 3 * 1024 * 1024;
	char *body = arena_alloc(&unit_arena, len + 1);
	const char *seen;
	struct call c;

	begin();
	for (size_t i = 0; i < len; i++)
		body[i] = (char)('a' + i % 23);
	c = post(at("/echo"), body);
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_ANSWERED);
	CU_ASSERT_PTR_NULL(strstr(c.reply.body, "Expect:"));
	seen = strstr(c.reply.body, "\r\n\r\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
	UNIT_ASSERT_INT(c.reply.len - (size_t)(seen + 4 - c.reply.body), len);
	CU_ASSERT_EQUAL(memcmp(seen + 4, body, len), 0);
	loop_free(l);
}

static void multipart_has_its_form(void)
{
	const struct http_part parts[] = {
		{ "chat_id", NULL, NULL, "-100", 4 },
		{ "photo", "кот \"1\"\r\n.jpg", "image/jpeg", "\xff\xd8\0", 3 },
	};
	const char *body, *boundary;
	struct call c;
	size_t size;
	char *wanted;
	int len;

	begin();
	c = post(at("/echo"), "");
	c.rq.parts = parts;
	c.rq.n_parts = 2;
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_ANSWERED);
	boundary = strstr(c.reply.body, "boundary=");
	body = strstr(c.reply.body, "\r\n\r\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(boundary);
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	boundary += strlen("boundary=");
	len = (int)strcspn(boundary, "\r");
	wanted = arena_printf(
		&unit_arena,
		"--%.*s\r\n"
		"Content-Disposition: form-data; name=\"chat_id\"\r\n\r\n"
		"-100\r\n"
		"--%.*s\r\n"
		"Content-Disposition: form-data; name=\"photo\"; "
		"filename=\"кот %%221%%22%%0D%%0A.jpg\"\r\n"
		"Content-Type: image/jpeg\r\n\r\n"
		"\xff\xd8?\r\n"
		"--%.*s--\r\n",
		len, boundary, len, boundary, len, boundary);
	body += strlen("\r\n\r\n");
	size = strlen(wanted);
	UNIT_ASSERT_INT(c.reply.len - (size_t)(body - c.reply.body), size);
	*strchr(wanted, '?') = '\0'; /* the photo's third byte */
	CU_ASSERT_EQUAL(memcmp(body, wanted, size), 0);
	loop_free(l);
}

static void a_token_stays_with_its_api(void)
{
	struct call c;

	begin();
	c = get("http://localhost:1/");
	c.rq.bearer = (struct secret){ "t0ken", 5 };
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_REFUSED);
	c = get(at("/echo"));
	c.rq.bearer = (struct secret){ "t0k\r\nX: y", 9 };
	run(&c);
	UNIT_ASSERT_INT(c.reply.end, HTTP_REFUSED);
	UNIT_ASSERT_INT(server_requests(server), 0);
	loop_free(l);
}

/*
 * Redirects.
 */

static void redirects_are_followed_where_repeating_is_allowed(void)
{
	struct call c;

	begin();
	UNIT_ASSERT_STR(got(at("/to-302?/ok")).body, "{\"ok\":true}");
	UNIT_ASSERT_INT(posted("/to-307?/ok", "{}").status, 307);
	UNIT_ASSERT_INT(posted("/to-302?/ok", "{}").status, 302);
	c = post(at("/to-307?/echo"), "{\"once\":\"more\"}");
	c.rq.idempotent = true;
	run(&c);
	CU_ASSERT_PTR_NOT_NULL(strstr(c.reply.body, "POST /echo "));
	CU_ASSERT_PTR_NOT_NULL(strstr(c.reply.body, "{\"once\":\"more\"}"));
	loop_free(l);
}

static void redirects_stay_on_their_host_and_end(void)
{
	const char *elsewhere =
		arena_printf(&unit_arena, "/to-301?http://localhost:%d/ok",
			     server_port(server));

	begin();
	UNIT_ASSERT_INT(got(at(elsewhere)).status, 301);
	UNIT_ASSERT_INT(got(at("/to-301?ftp://127.0.0.1/")).status, 301);
	server_forget(server);
	/* "to-302?/to-302" answers with itself, without a goal. */
	UNIT_ASSERT_INT(
		got(at("/to-302?/to-302?/to-302?/to-302?/to-302?/ok")).status,
		302);
	UNIT_ASSERT_INT(server_requests(server), 4);
	loop_free(l);
}

/*
 * Foreign URLs.
 */

static struct http_reply fetched(const char *url)
{
	struct call c = get(url);

	c.rq.foreign = true;
	c.rq.bearer = (struct secret){ "t0ken", 5 };
	c.rq.timeout_ms = 2000;
	run(&c);
	return c.reply;
}

static void foreign_urls_are_refused_outside_the_rules(void)
{
	static const char *const bad[] = {
		"http://media.example/x",
		"https://evil.example/x",
		"https://media.example.evil.example/x",
		"https://notmedia.example/x",
		"https://xcdn.example/x",
		"https://media.example@evil.example/x",
		"https://user:pw@media.example/x",
		"https://media.example:22/x",
		"https://api.example:444/x",
		"https://127.0.0.1/x",
		"https://[::1]/x",
		"file:///etc/passwd",
		"//media.example/x",
		"x",
		"",
	};

	begin();
	init(false);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		UNIT_ASSERT_INT(fetched(bad[i]).end, HTTP_REFUSED);
	loop_free(l);
}

static void a_foreign_name_with_a_private_address_is_refused(void)
{
	struct http_reply r;

	begin();
	init(false);
	/* An allowed name, and https: only the address tells. */
	r = fetched("https://localhost/x");
	UNIT_ASSERT_INT(r.end, HTTP_REFUSED);
	UNIT_ASSERT_STR(r.problem, "the host's address is not public");
	loop_free(l);
}

static void a_foreign_host_learns_nothing_and_leads_nowhere(void)
{
	struct http_reply r;

	begin();
	log_set_id("req-8");
	r = fetched(at("/echo"));
	UNIT_ASSERT_INT(r.end, HTTP_ANSWERED);
	CU_ASSERT_PTR_NULL(strstr(r.body, "Authorization"));
	CU_ASSERT_PTR_NULL(strstr(r.body, "X-Request-Id"));
	UNIT_ASSERT_INT(fetched(at("/to-302?/ok")).status, 302);
	log_set_id(NULL);
	loop_free(l);
}

static void api_bases_must_be_https_on_a_name(void)
{
	static const char *const bad[] = { "http://api.example",
					   "https://127.0.0.1",
					   "https://10.1",
					   "https://[::1]:8443",
					   "https://localhost:8443",
					   "https://u:p@api.example",
					   "api.example",
					   "ftp://api.example" };
	struct client_rules rules = { 0 };
	struct err err = { 0 };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		rules.api_bases[0] = bad[i];
		CU_ASSERT_FALSE(client_init(&rules, &err));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
	init(false);
	UNIT_ASSERT_INT(got(at("/ok")).end, HTTP_REFUSED);
	CU_ASSERT_TRUE(url_is_api("https://API.example:443/v1?x"));
	CU_ASSERT_FALSE(url_is_api("https://api.example:8443/"));
	CU_ASSERT_FALSE(url_is_api("http://api.example/"));
	CU_ASSERT_FALSE(url_is_api("https://api.example.evil/"));
	CU_ASSERT_FALSE(url_is_api("nonsense"));
	loop_free(l);
}

/*
 * The life of a call.
 */

static struct call *other;

static void cancel_other(struct call *c)
{
	count_done(c);
	call_cancel(l, other);
}

static void a_cancelled_call_is_never_done(void)
{
	struct call a, b;

	begin();
	a = get(at("/silent"));
	call_start(l, &a);
	UNIT_ASSERT_INT(loop_calls(l), 1);
	call_cancel(l, &a);
	call_cancel(l, &a);
	CU_ASSERT_FALSE(a.busy);
	UNIT_ASSERT_INT(loop_calls(l), 0);
	/* One that is refused waits for its turn, too. */
	a = get("ftp://x/");
	call_start(l, &a);
	call_cancel(l, &a);
	/* From inside another's done(). */
	a = get(at("/silent"));
	call_start(l, &a);
	b = get(at("/ok"));
	b.done = cancel_other;
	other = &a;
	run(&b);
	UNIT_ASSERT_INT(n_done, 1);
	loop_free(l);
}

static void start_again(struct call *c)
{
	count_done(c);
	if (n_done < 3)
		call_start(l, c);
}

static void a_call_may_start_again_when_it_is_done(void)
{
	struct call c;

	begin();
	c = get(at("/ok"));
	c.done = start_again;
	call_start(l, &c);
	turn_until(3);
	UNIT_ASSERT_INT(server_requests(server), 3);
	UNIT_ASSERT_INT(server_connections(server), 1);
	loop_free(l);
}

static void calls_run_side_by_side(void)
{
	struct call slow, quick[8];

	begin();
	slow = get(at("/silent"));
	call_start(l, &slow);
	for (size_t i = 0; i < ARRAY_LEN(quick); i++) {
		quick[i] = get(at("/ok"));
		call_start(l, &quick[i]);
	}
	turn_until((int)ARRAY_LEN(quick));
	CU_ASSERT_TRUE(slow.busy);
	call_cancel(l, &slow);
	loop_free(l);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(an_answer_is_handed_over_whole),
		UNIT_TEST(a_bad_answer_is_an_answer),
		UNIT_TEST(retry_after_is_read_in_both_forms),
		UNIT_TEST(an_answer_that_is_too_long_is_refused_or_lost),
		UNIT_TEST(a_closed_port_is_not_sent),
		UNIT_TEST(an_unknown_name_is_not_sent),
		UNIT_TEST(failed_tls_is_not_sent),
		UNIT_TEST(what_was_sent_without_a_whole_answer_is_lost),
		UNIT_TEST(silence_and_drip_are_lost_after_the_timeout),
		UNIT_TEST(connections_are_kept),
		UNIT_TEST(a_post_is_sent_once_when_its_kept_connection_dies),
		UNIT_TEST(
			a_multipart_is_sent_once_when_its_kept_connection_dies),
		UNIT_TEST(
			an_empty_post_is_sent_once_when_its_kept_connection_dies),
		UNIT_TEST(what_may_be_repeated_survives_a_dead_connection),
		UNIT_TEST(hundreds_of_calls_at_once_all_end),
		UNIT_TEST(headers_are_ours),
		UNIT_TEST(a_large_body_arrives_whole_and_without_expect),
		UNIT_TEST(multipart_has_its_form),
		UNIT_TEST(a_token_stays_with_its_api),
		UNIT_TEST(redirects_are_followed_where_repeating_is_allowed),
		UNIT_TEST(redirects_stay_on_their_host_and_end),
		UNIT_TEST(foreign_urls_are_refused_outside_the_rules),
		UNIT_TEST(a_foreign_name_with_a_private_address_is_refused),
		UNIT_TEST(a_foreign_host_learns_nothing_and_leads_nowhere),
		UNIT_TEST(api_bases_must_be_https_on_a_name),
		UNIT_TEST(a_cancelled_call_is_never_done),
		UNIT_TEST(a_call_may_start_again_when_it_is_done),
		UNIT_TEST(calls_run_side_by_side),
	};
	int status;

	server = server_start();
	status = unit_main("client", tests, ARRAY_LEN(tests), argc, argv);
	server_stop(server);
	return status;
}
