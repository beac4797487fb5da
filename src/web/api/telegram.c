/*
 * telegram.c - signing in with Telegram, and with the master bot's link.
 */
#include "config.h"

#include "core/telegram_entry.h"
#include "core/user.h"
#include "web/api/api.h"
#include "web/entry.h"

#define INIT_DATA_MAX 8192

/* At the first time with the password that was made, this once. */
static enum http_status reply_arrival(struct req *rq,
				      const struct arrival *arrival)
{
	struct json_object *more = json_new(rq->a);

	if (arrival->account.is_new)
		json_put_str(more, "initial_password",
			     arrival->account.password.bytes);
	return reply_entry(rq, &arrival->entry, more);
}

/* Only whether those that we know have their type: Telegram may add others,
 * and signs them, too. */
static void check_widget(struct form *f)
{
	int64_t id, auth_date;
	const char *text;

	form_id(f, "id", &id, FORM_OPTIONAL);
	form_text(f, "first_name", &text, TELEGRAM_FIELD_MAX, FORM_BLANK);
	form_text(f, "last_name", &text, TELEGRAM_FIELD_MAX, FORM_BLANK);
	form_text(f, "username", &text, TELEGRAM_FIELD_MAX, FORM_BLANK);
	form_text(f, "photo_url", &text, TELEGRAM_FIELD_MAX, FORM_BLANK);
	form_i64(f, "auth_date", &auth_date, 1, INT64_MAX - 1, FORM_OPTIONAL);
	form_text(f, "hash", &text, TELEGRAM_FIELD_MAX, FORM_OPTIONAL);
}

enum http_status api_telegram(struct req *rq)
{
	struct visitor v = req_visitor(rq, false);
	const char *init_data = NULL;
	struct arrival arrival;
	bool ok;

	form_text(&rq->body, "init_data", &init_data, INIT_DATA_MAX,
		  FORM_OPTIONAL);
	check_widget(&rq->body);
	form_end(&rq->query);
	if (init_data)
		form_end(&rq->body);
	if (rq->err.kind || !req_may_try(rq))
		return reply_err(rq);
	ok = init_data ? telegram_entry_app(rq->db, rq->a, rq->settings,
					    init_data, &v, &arrival, &rq->err)
		       : telegram_entry_widget(rq->db, rq->a, rq->settings,
					       rq->body.o, &v, &arrival,
					       &rq->err);
	return ok ? reply_arrival(rq, &arrival) : reply_err(rq);
}

enum http_status api_master_exchange(struct req *rq)
{
	struct visitor v = req_visitor(rq, false);
	const char *name = "", *email = "";
	struct secret token = { 0 };
	struct arrival arrival;

	form_secret(&rq->body, "link_token", &token, ENTRY_LINK_MAX,
		    FORM_REQUIRED);
	form_text(&rq->body, "name", &name, USER_NAME_MAX, FORM_REQUIRED);
	form_text(&rq->body, "email", &email, EMAIL_MAX, FORM_BLANK);
	if (req_bad(rq) || !req_may_try(rq) ||
	    !telegram_entry_link(rq->db, rq->a, rq->settings, token, name,
				 email, &v, &arrival, &rq->err))
		return reply_err(rq);
	return reply_arrival(rq, &arrival);
}
