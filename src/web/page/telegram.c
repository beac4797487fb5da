/*
 * telegram.c - the Telegram account of somebody who is signed in.
 *
 * The widget sends the browser back here with what Telegram signed.  That
 * alone changes nothing: the person sees whose account it is and confirms, in
 * a form that only our page can send.
 */
#include "config.h"

#include "store/sign_up.h"
#include "web/page.h"
#include "web/page/arrival.h"
#include "web/page/pages.h"

#define PATH "/profile/telegram"

/* What Telegram signed as hidden fields: {name, value}. */
static struct json_object *fields_json(struct json_object *fields)
{
	struct json_object *list = json_object_new_array();

	json_object_object_foreach(fields, name, value)
	{
		struct json_object *o = json_object_new_object();

		json_put_str(o, "name", name);
		json_put_str(o, "value", json_object_get_string(value));
		json_object_array_add(list, o);
	}
	return list;
}

static enum http_status ask(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct telegram_proof p;

	if (rq->err.kind ||
	    !telegram_entry_read(rq->db, rq->a, rq->settings, rq->query.o, NULL,
				 rq->now, &p, &rq->err))
		return reply_err(rq);
	json_put(o, "fields", fields_json(rq->query.o));
	json_put_str(
		o, "telegram_name",
		newcomer_name(rq->a, p.first_name, p.last_name, p.username));
	json_put_str(o, "username", *p.username ? p.username : NULL);
	return reply_page(rq, HTTP_OK, "telegram_confirm", o);
}

enum http_status page_telegram(struct req *rq)
{
	int64_t telegram_user_id;
	struct json_object *o;
	const char *name;

	if (form_has(&rq->query, "hash"))
		return ask(rq);
	if (req_bad(rq) ||
	    !telegram_of(rq->db, rq->a, rq->session.user_id, &telegram_user_id,
			 &rq->err) ||
	    !telegram_entry_bot(rq->db, rq->a, rq->settings, &name, &rq->err))
		return reply_err(rq);
	o = json_new(rq->a);
	json_put(o, "telegram_user_id",
		 telegram_user_id ? json_object_new_int64(telegram_user_id)
				  : NULL);
	put_widget(rq, o, name, PATH);
	return reply_page(rq, HTTP_OK, "telegram", o);
}

enum http_status page_telegram_link(struct req *rq)
{
	const struct session *s = &rq->session;
	struct telegram_proof p;

	if (rq->err.kind ||
	    !telegram_entry_read(rq->db, rq->a, rq->settings, rq->body.o, NULL,
				 rq->now, &p, &rq->err) ||
	    !telegram_proof_spend(rq->db, rq->a, &p, &rq->err) ||
	    !account_link(rq->db, rq->a, s->client_id, s->user_id,
			  p.telegram_user_id, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "user.telegram", req_object(rq, "user", s->user_id),
		      s->client_id);
	return reply_see_other(rq, PATH);
}
