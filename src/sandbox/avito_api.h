/*
 * avito_api.h - what the handlers of the Avito stand-in share.
 *
 * A handler is called with the account of the token, and answers.
 */
#ifndef SANDBOX_AVITO_API_H
#define SANDBOX_AVITO_API_H

#include "base/attr.h"
#include "sandbox/avito_state.h"
#include "sandbox/http.h"

/* What a route needs checked before its handler runs. */
struct av_call {
	struct req *rq;
	const struct av_route *route;
	struct av_account *account;
	struct json_object *body; /* of JSON routes */
};

struct av_route {
	const char *name;
	const char *http;
	const char *path;  /* "/messenger/v2/accounts/{u}/chats" */
	const char *query; /* names that it knows, each between spaces */
	const char *body;  /* a spec: JSON; "": no body; NULL: anything */
	void (*run)(struct av_call *c);
};

/* Answers with the envelope and notes the error for the journal. */
void av_fail(struct req *rq, int status, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* 400 with `fields`. */
void av_invalid(struct req *rq, const char *field, const char *what);
/* Takes ownership. */
void av_ok(struct req *rq, struct json_object *o);
void av_violation(const struct req *rq, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The decoded segment that stands at {letter} of the route's path. */
const char *av_arg(const struct av_call *c, char letter);
/* The chat of {c}; NULL: 404 was answered. */
struct av_chat *av_arg_chat(const struct av_call *c);

/* Query readers answer 400 themselves and return false. */
bool av_query_int(struct req *rq, const char *name, int64_t min, int64_t max,
		  int64_t *out);
/* Comma lists and repeated parameters; NULL: not given. */
struct json_object *av_query_list(struct req *rq, const char *name);
bool av_list_has(struct json_object *list, const char *s);

void av_run_token(struct av_call *c);
void av_run_self(struct av_call *c);
void av_run_item(struct av_call *c);
void av_run_items(struct av_call *c);
void av_run_chats(struct av_call *c);
void av_run_chat(struct av_call *c);
void av_run_messages(struct av_call *c);
void av_run_voices(struct av_call *c);
void av_run_send(struct av_call *c);
void av_run_upload(struct av_call *c);
void av_run_send_image(struct av_call *c);
void av_run_delete(struct av_call *c);
void av_run_read(struct av_call *c);
void av_run_subscribe(struct av_call *c);
void av_run_unsubscribe(struct av_call *c);
void av_run_subscriptions(struct av_call *c);
void av_run_blacklist(struct av_call *c);

/* Ends the account's tokens: those older than the next one. */
void av_tokens_end(struct av_account *acc);
/* False: answered with the right refusal. */
bool av_authorize(struct av_call *c);

#endif
