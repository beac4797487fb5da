/*
 * settings.c - the page where administrators set the installation.
 *
 * Each of its forms holds what belongs together and is sent alone: what a form
 * does not name stays as it is.
 */
#include "config.h"

#include <string.h>

#include "web/api/object.h"
#include "web/api/settings.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/pages.h"

#define PATH "/admin/settings"

/* `status` unless the settings cannot be read. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o)
{
	struct json_object *t =
		json_object_at(language_texts(language_of(rq)), "settings");
	struct json_object *settings, *bot;
	const char *word;

	if (!settings_json(rq, &settings))
		return reply_err(rq);
	bot = json_object_at(settings, "master_bot");
	word = json_str(bot, "status", "");
	json_put_str(bot, "status_name",
		     json_str(json_object_at(t, "statuses"), word, word));
	json_put_bool(bot, "is_active", strcmp(word, "active") == 0);
	json_put_bool(bot, "is_broken", strcmp(word, "error") == 0);
	json_put_bool(bot, "is_configured",
		      strcmp(json_str(bot, "source", ""), "configuration") ==
			      0);
	json_put(o, "master_bot", json_object_get(bot));
	json_put_str(o, "site", rq->settings->frontend_base_url);
	json_put_bool(o, "is_invite",
		      strcmp(json_str(settings, "sign_up", ""), "invite") == 0);
	return reply_page(rq, status, "settings", o);
}

enum http_status page_settings(struct req *rq)
{
	if (req_bad(rq))
		return reply_err(rq);
	return show(rq, HTTP_OK, json_new(rq->a));
}

enum http_status page_settings_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct json_object *o = json_new(rq->a);
	enum http_status status;

	if (settings_change(rq, &problems))
		return reply_see_other(rq, PATH);
	req_refused(rq, &problems);
	status = page_refused(rq, o);
	/* What was wrong has been told; what is in force is another matter. */
	rq->err = (struct err){ 0 };
	return show(rq, status, o);
}
