/*
 * object.c - what the handlers of objects have in common.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "web/api/object.h"

/* The first failure stays, what it says is told. */
static int64_t own_client(struct req *rq, int64_t named)
{
	if (named && named != req_client(rq) && rq->err.kind == ERR_NONE)
		err_set(&rq->err, ERR_DENIED,
			"you may act for your own client only");
	return req_client(rq);
}

int64_t req_list_client(struct req *rq)
{
	int64_t named = 0;

	form_id(&rq->query, "client_id", &named, FORM_OPTIONAL);
	return req_client(rq) ? own_client(rq, named) : named;
}

int64_t req_own_dialogs(const struct req *rq)
{
	return rq->session.assigned_only ? rq->session.user_id : 0;
}

int64_t req_new_client(struct req *rq)
{
	int64_t named = 0;

	form_id(&rq->body, "client_id", &named,
		FORM_REQUIRED_IF(!req_client(rq)));
	return req_client(rq) ? own_client(rq, named) : named;
}

void req_refused(struct req *rq, const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		req_bad_said(rq, p->list[i].field, p->list[i].text,
			     p->list[i].said);
}

enum http_status reply_refused(struct req *rq, const struct problems *p)
{
	req_refused(rq, p);
	return reply_err(rq);
}

void json_put_id(struct json_object *o, const char *key, int64_t id)
{
	json_put(o, key, id ? json_object_new_int64(id) : NULL);
}

void json_put_time(struct req *rq, struct json_object *o, const char *key,
		   int64_t at)
{
	json_put_str(o, key, at ? clock_text(rq->a, at) : NULL);
}

void json_put_stored(struct req *rq, struct json_object *o, const char *key,
		     const char *json)
{
	struct json_object *v;
	struct err err = { 0 };

	if (!json_read(rq->a, json, strlen(json), &v, &err))
		bug("%s: stored JSON cannot be read", key);
	json_put(o, key, json_object_get(v));
}
