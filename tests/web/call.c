/*
 * call.c - requests to the web room without sockets, as tests make them.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "core/auth.h"
#include "harness/pg.h"
#include "web/call.h"

#define PARAMS_MAX 16
#define BITE       1000

struct settings call_settings;
static struct web web = { .settings = &call_settings };

static struct secret text_secret(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

void call_setup(const char *database_url)
{
	struct err err = { 0 };

	secret_init();
	call_settings = (struct settings){
		.database_url = database_url,
		.webhook_base_url = "https://hooks.example",
		.frontend_base_url = "https://app.example",
		.cors_origins = "",
		.app_secret = text_secret(
			"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
		.jwt_secret = text_secret("a key for tests, and for nothing"),
		.jwt_expires_s = 900,
		.refresh_expires_s = 86400,
		.request_max_bytes = 65536,
		.upload_max_bytes = 1024 * 1024,
		.api_docs = true,
	};
	if (!seal_init(call_settings.app_secret, call_settings.app_secret_old,
		       &err))
		die("%s", err.text);
	db_free(web.db);
	web.db = db_new(database_url, "test", 5000);
	/* A new one tells anew that it is away. */
	redis_free(web.redis);
	web.redis = redis_new("unix:///nonexistent/redis.sock");
}

static struct answer read_reply(const struct reply *r)
{
	struct err ignored = { 0 };
	struct answer answer = {
		.status = r->status,
		.mime = r->mime,
		.text = arena_strn(&unit_arena, r->body ? r->body : "", r->len),
		.headers = arena_str(&unit_arena,
				     r->headers.s ? r->headers.s : ""),
	};

	if (r->len && !json_read(&unit_arena, answer.text, r->len, &answer.json,
				 &ignored))
		answer.json = NULL;
	return answer;
}

/* What is left of a body; it comes bit by bit. */
struct rest {
	const char *s;
	size_t len;
};

static size_t read_body(void *from, char *s, size_t len)
{
	struct rest *r = from;
	size_t n = r->len < len ? r->len : len;

	if (n > BITE)
		n = BITE;
	memcpy(s, r->s, n);
	r->s += n;
	r->len -= n;
	return n;
}

struct answer call(const struct ask *q)
{
	const char *body = q->body ? q->body : "";
	size_t len = q->body_len ? q->body_len : strlen(body);
	struct rest rest = { body, len };
	char *params[PARAMS_MAX] = { NULL };
	struct req_input in = { .params = params,
				.read = read_body,
				.from = &rest };
	const char *mime = q->mime ? q->mime : "application/json";
	struct req rq;
	size_t n = 0;

#define ADD(...) params[n++] = arena_printf(&unit_arena, __VA_ARGS__)
	ADD("REQUEST_METHOD=%s", q->method ? q->method : "GET");
	ADD("DOCUMENT_URI=%s", q->path);
	ADD("QUERY_STRING=%s", q->query ? q->query : "");
	ADD("REMOTE_ADDR=192.0.2.7");
	ADD("HTTP_USER_AGENT=test");
	if (q->body) {
		ADD("CONTENT_TYPE=%s", mime);
		ADD("CONTENT_LENGTH=%zu", len);
	}
	if (q->token)
		ADD("HTTP_AUTHORIZATION=Bearer %s", q->token);
	if (q->request_id)
		ADD("HTTP_X_REQUEST_ID=%s", q->request_id);
	for (const char *const *p = q->params; p && *p; p++)
		ADD("%s", *p);
#undef ADD
	serve(&web, q->pool ? q->pool : IN_WEB, &unit_arena, &in, &rq);
	return read_reply(&rq.reply);
}

struct answer call_get(const char *token, const char *path)
{
	return call(&(struct ask){ .token = token, .path = path });
}

struct answer call_send(const char *token, const char *method, const char *path,
			const char *body)
{
	return call(&(struct ask){
		.token = token, .method = method, .path = path, .body = body });
}

const char *bad_fields(const struct answer *r)
{
	struct json_object *errors = json_array_at(r->json, "errors");
	const char *list = "";

	for (size_t i = 0; errors && i < json_object_array_length(errors); i++)
		list = arena_printf(
			&unit_arena, "%s%s%s", list, i ? "," : "",
			json_str(json_object_array_get_idx(errors, i), "field",
				 "?"));
	return list;
}

int64_t call_client(const char *name)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO clients (name, created_at) VALUES ('%s', now())"
		" RETURNING id",
		name));
}

int64_t call_user(int64_t client_id, const char *login, const char *role)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO users (client_id, login, name, role, created_at)"
		" VALUES (nullif(%" PRId64 ", 0), '%s', '%s', '%s', now())"
		" RETURNING id",
		client_id, login, login, role));
}

const char *call_token(int64_t user_id)
{
	struct token_keys keys = auth_keys(&call_settings);
	int64_t now = clock_now_us();
	int64_t id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO sessions (client_id, user_id, refreshed_at,"
		"  created_at, seen_at, expires_at)"
		" SELECT client_id, id, now(), now(), now(),"
		"  now() + interval '1 day'"
		" FROM users WHERE id = %" PRId64 " RETURNING id",
		user_id));

	return access_token(&unit_arena, &keys, user_id, id, now,
			    now + 900 * CLOCK_SECOND_US);
}
