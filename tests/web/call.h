/*
 * call.h - requests to the web room without sockets, as tests make them.
 *
 * Everything given back lives until the running test ends.
 */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include "harness/unit.h"
#include "web/serve.h"

/* Settings that suit tests.  `database_url` "" and no Redis for tests that
 * need none; call it once, before the first request. */
void call_setup(const char *database_url);

extern struct settings call_settings;

struct answer {
	int status;
	const char *mime;           /* NULL: none */
	const char *text, *headers; /* "" */
	struct json_object *json;   /* NULL: the body is no JSON */
};

struct ask {
	const char *method;       /* NULL: GET */
	const char *path, *query; /* decoded path, encoded query */
	const char *token;        /* NULL: not signed in */
	const char *body;         /* NULL: none */
	size_t body_len;          /* 0: strlen(body) */
	const char *mime;         /* NULL: application/json with a body */
	const char *request_id;
	const char *const
		*params;       /* more "NAME=value", ended by NULL, or NULL */
	enum route_pools pool; /* 0: IN_WEB */
};

struct answer call(const struct ask *q);

/* The two that most tests need. */
struct answer call_get(const char *token, const char *path);
struct answer call_send(const char *token, const char *method, const char *path,
			const char *body);

/* The names in errors, "a,b", in order. */
const char *bad_fields(const struct answer *r);

/* A user made straight in the database, and an access token of a session of
 * theirs.  client_id 0: an administrator. */
int64_t call_user(int64_t client_id, const char *login, const char *role);
const char *call_token(int64_t user_id);
int64_t call_client(const char *name);

#endif
