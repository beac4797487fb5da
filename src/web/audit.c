/*
 * audit.c - what a request has done, for the audit, and what it asks of it.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "web/api/object.h"
#include "web/audit.h"

/* Characters; what is longer was never written. */
#define WORD_MAX 200

const char *req_object(const struct req *rq, const char *kind, int64_t id)
{
	return arena_printf(rq->a, "%s:%" PRId64, kind, id);
}

/* What an administrator does is seen by the owners of whom it is done to. */
static int64_t client_of(const struct req *rq, const char *object,
			 struct json_object *shown)
{
	static const char client[] = "client:";
	long long id;

	if (req_client(rq))
		return req_client(rq);
	if (object && strncmp(object, client, strlen(client)) == 0 &&
	    text_read_i64(object + strlen(client), 1, INT64_MAX, &id))
		return id;
	return json_i64(shown, "client_id", 0);
}

static void add(struct req *rq, struct audit_entry entry)
{
	struct audit_entry *e = arena_alloc(rq->a, sizeof(*e));
	struct audit_entry **end = &rq->audited;
	struct err err = { 0 };

	*e = entry;
	e->actor = rq->session.token_id ? "token" : "user";
	e->user_id = rq->session.user_id;
	e->address = req_param(rq, "REMOTE_ADDR");
	e->user_agent = req_param(rq, "HTTP_USER_AGENT");
	e->request_id = rq->request_id;
	e->now = rq->now;
	/* What fails here fails the transaction, whose end says so. */
	if (!audit_add(rq->db, rq->a, e, &err))
		return;
	while (*end)
		end = &(*end)->next;
	*end = e;
}

void req_audit(struct req *rq, const char *action, const char *object,
	       struct json_object *before, struct json_object *after)
{
	add(rq,
	    (struct audit_entry){
		    .client_id = client_of(rq, object, after ? after : before),
		    .action = action,
		    .object = object,
		    .before = before,
		    .after = after,
	    });
}

void req_audit_act(struct req *rq, const char *action, const char *object,
		   int64_t client_id)
{
	add(rq, (struct audit_entry){
			.client_id = client_id,
			.action = action,
			.object = object,
		});
}

void req_audit_tell(const struct req *rq)
{
	for (const struct audit_entry *e = rq->audited; e; e = e->next)
		audit_tell(rq->a, e);
}

bool req_audit_find(struct req *rq, struct audit_found *found)
{
	struct page page = req_page(rq);
	struct audit_filter *f = &found->asked;

	*found = (struct audit_found){ 0 };
	f->client_id = req_list_client(rq);
	f->before = page.after_id;
	f->limit = page.limit + 1;
	form_id(&rq->query, "user_id", &f->user_id, FORM_OPTIONAL);
	form_text(&rq->query, "object", &f->object, WORD_MAX, FORM_OPTIONAL);
	form_text(&rq->query, "action", &f->action, WORD_MAX, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !audit_list(rq->db, rq->a, f, &found->list, &found->n, &rq->err))
		return false;
	found->more = found->n > (size_t)page.limit;
	if (found->more)
		found->n--;
	return true;
}
