/*
 * tg_params.c - parameters of Bot API calls, from every way they may come.
 *
 * The real service turns all of them into text first, so that "5" and 5 are
 * the same to it; we do so, too, and note a violation.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sandbox/tg_business.h"

static const char *body_of(const struct req *rq)
{
	return rq->body.s ? rq->body.s : "";
}

static bool type_is(const char *have, const char *want)
{
	return have && strncasecmp(have, want, strlen(want)) == 0;
}

/* A text as a value of that kind; NULL: it is none. */
static struct json_object *from_text(struct tg_call *c, char kind,
				     const char *s, size_t len)
{
	struct json_object *o = NULL;
	struct err err = { 0 };
	long long n;
	char *end;
	double d;

	switch (kind) {
	case 'C':
	case 'I':
		if (text_read_i64(s, INT64_MIN, INT64_MAX, &n))
			return json_object_new_int64(n);
		return kind == 'C' ? json_object_new_string(s) : NULL;
	case 'N':
		d = strtod(s, &end);
		return *s && !*end ? json_object_new_double_s(d, s) : NULL;
	case 'B':
		n = strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0;
		return json_object_new_boolean(n != 0);
	case 'O':
	case 'A':
		if (!json_read(c->a, s, len, &o, &err) ||
		    !spec_kind_fits(kind, o))
			return NULL;
		return json_object_get(o);
	default:
		return json_object_new_string_len(s, (int)len);
	}
}

static bool refuse(struct tg_call *c, const struct spec_entry *e)
{
	if (e->kind == 'O' || e->kind == 'A')
		return tg_fail(c, 400, "can't parse %.*s JSON object", e->len,
			       e->name);
	return tg_fail(c, 400, "invalid %.*s specified", e->len, e->name);
}

static bool add_text(struct tg_call *c, const char *name, const char *s,
		     size_t len)
{
	struct spec_entry e;
	struct json_object *v;

	if (!text_is_utf8(s, len)) {
		tg_violation(c, "parameter %s is not UTF-8", name);
		return tg_fail(c, 400, "strings must be encoded in UTF-8");
	}
	if (!spec_find(c->method->spec, name, &e)) {
		tg_violation(c, "unknown parameter %s", name);
		return true;
	}
	v = from_text(c, e.kind, s, len);
	if (!v) {
		tg_violation(c, "parameter %s: \"%s\" where %s belongs", name,
			     s, spec_kind_name(e.kind));
		return refuse(c, &e);
	}
	json_put(c->params, name, v);
	return true;
}

static void add_upload(struct tg_call *c, const struct field *f)
{
	struct json_object *o = json_object_new_object();
	struct spec_entry e;

	json_put_str(o, "upload", f->filename);
	json_put_str(o, "mime", f->mime);
	json_put_i64(o, "bytes", (int64_t)f->len);
	if (spec_find(c->method->spec, f->name, &e) && e.kind != 'F')
		tg_violation(c, "parameter %s takes no upload", f->name);
	json_put(c->params, f->name, o);
}

static bool add_form(struct tg_call *c, const struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct field *field = &f->fields[i];

		if (field->filename)
			add_upload(c, field);
		else if (!add_text(c, field->name, field->value, field->len))
			return false;
	}
	return true;
}

bool tg_params_from_json(struct tg_call *c, struct json_object *given)
{
	if (!c->params)
		c->params = json_new(c->a);
	spec_check(c->method->spec, given, "telegram", c->method->name);
	json_object_object_foreach(given, name, v)
	{
		struct spec_entry e;
		struct json_object *typed;
		const char *s;

		if (!spec_find(c->method->spec, name, &e))
			continue;
		if (spec_kind_fits(e.kind, v)) {
			if (e.kind == 'C' &&
			    json_object_is_type(v, json_type_string)) {
				s = json_object_get_string(v);
				json_put(c->params, name,
					 from_text(c, 'C', s, strlen(s)));
			} else {
				json_put(c->params, name, json_object_get(v));
			}
			continue;
		}
		s = json_object_get_string(v);
		typed = v ? from_text(c, e.kind, s, strlen(s)) : NULL;
		if (!typed)
			return refuse(c, &e);
		json_put(c->params, name, typed);
	}
	return true;
}

static bool check_required(struct tg_call *c)
{
	const char *at = c->method->spec;
	struct spec_entry e;

	while (spec_next(&at, &e)) {
		const char *name = arena_strn(c->a, e.name, (size_t)e.len);

		if (!e.required || json_member(c->params, name))
			continue;
		tg_violation(c, "required parameter %s is missing", name);
		if (strcmp(name, "chat_id") == 0)
			return tg_fail(c, 400, "chat_id is empty");
		if (strcmp(name, "text") == 0)
			return tg_fail(c, 400, "message text is empty");
		if (strcmp(name, "message_id") == 0)
			return tg_fail(c, 400,
				       "message identifier is not specified");
		if (e.kind == 'F')
			return tg_fail(c, 400, "there is no %s in the request",
				       name);
		return tg_fail(c, 400, "parameter \"%s\" is required", name);
	}
	return true;
}

static bool read_json(struct tg_call *c)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (!text_is_utf8(body_of(c->rq), c->rq->body.len)) {
		tg_violation(c, "the body is not UTF-8");
		return tg_fail(c, 400, "strings must be encoded in UTF-8");
	}
	if (!json_read(c->a, body_of(c->rq), c->rq->body.len, &o, &err) ||
	    !json_object_is_type(o, json_type_object)) {
		tg_violation(c, "the body is no JSON object");
		return tg_fail(c, 400,
			       "can't parse JSON object: not an object");
	}
	return tg_params_from_json(c, o);
}

static bool read_body(struct tg_call *c)
{
	struct req *rq = c->rq;
	const char *type = req_header(rq, "Content-Type");
	struct form f = { 0 };

	if (rq->body.len == 0)
		return true;
	if (type_is(type, "application/json"))
		return read_json(c);
	if (type_is(type, "multipart/form-data")) {
		if (!form_read_multipart(c->a, type, body_of(rq), rq->body.len,
					 &c->parts)) {
			tg_violation(c, "the multipart body is malformed");
			return tg_fail(c, 400, "can't parse multipart body");
		}
		return add_form(c, &c->parts);
	}
	if (!type_is(type, "application/x-www-form-urlencoded"))
		tg_violation(c, "a body of Content-Type %s",
			     type ? type : "(none)");
	form_read_query(c->a, body_of(rq), rq->body.len, &f);
	return add_form(c, &f);
}

bool tg_params_read(struct tg_call *c)
{
	c->params = json_new(c->a);
	return add_form(c, &c->rq->query) && read_body(c) && check_required(c);
}

static struct tg_chat *named_chat(struct tg_call *c, struct json_object *v)
{
	struct tg_chat *chat;
	int64_t id;

	if (json_object_is_type(v, json_type_string))
		return map_find(&tg.names, json_object_get_string(v));
	id = json_object_get_int64(v);
	if (id <= 0)
		return map_find_i64(&tg.chats, id);
	chat = tg_private_find(c->bot, id);
	if (!chat && map_find_i64(&tg.users, id))
		tg_fail(c, 403, "bot can't initiate conversation with a user");
	return chat;
}

/* "supergroup", "group" as the error texts say it. */
static const char *chat_word(const struct tg_chat *chat)
{
	return strcmp(chat->type, "group") == 0 ? "group" : chat->type;
}

bool tg_chat_open(struct tg_call *c, const struct tg_chat *chat)
{
	const struct tg_member *m;

	if (chat->migrated_to) {
		c->migrate_to = chat->migrated_to;
		return tg_fail(c, 400,
			       "group chat was upgraded to a supergroup chat");
	}
	if (chat->bot) {
		if (!chat->blocked)
			return true;
		return tg_fail(c, 403, "bot was blocked by the user");
	}
	m = tg_member_find(chat, c->bot->user->id);
	if (m && strcmp(m->status, "kicked") == 0)
		return tg_fail(c, 403, "bot was kicked from the %s chat",
			       chat_word(chat));
	if (!tg_member_is_in(m))
		return tg_fail(c, 403, "bot is not a member of the %s chat",
			       chat_word(chat));
	return true;
}

struct tg_chat *tg_param_chat(struct tg_call *c)
{
	struct json_object *v = json_member(c->params, "chat_id");
	struct tg_chat *chat;

	if (json_member(c->params, "business_connection_id"))
		return tg_business_param_chat(c);
	chat = v ? named_chat(c, v) : NULL;
	if (!chat) {
		if (!c->code)
			tg_fail(c, 400,
				v ? "chat not found" : "chat_id is empty");
		return NULL;
	}
	return tg_chat_open(c, chat) ? chat : NULL;
}

struct tg_message *tg_param_message(struct tg_call *c,
				    const struct tg_chat *chat,
				    const char *verb)
{
	int64_t id = json_i64(c->params, "message_id", 0);
	struct tg_message *m = tg_message_find(chat, id);

	if (!m)
		tg_fail(c, 400, "message to %s not found", verb);
	return m;
}

bool tg_markup_ok(struct tg_call *c, struct json_object *markup)
{
	struct json_object *rows = json_array_at(markup, "inline_keyboard");

	for (size_t i = 0; rows && i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		if (!json_object_is_type(row, json_type_array))
			return tg_fail(c, 400,
				       "can't parse inline keyboard button");
		for (size_t k = 0; k < json_object_array_length(row); k++) {
			struct json_object *b =
				json_object_array_get_idx(row, k);
			const char *data = json_str(b, "callback_data", NULL);

			const char *url = json_str(b, "url", NULL);

			if (!*json_str(b, "text", ""))
				return tg_fail(c, 400,
					       "text buttons are unallowed in "
					       "the inline keyboard");
			if (url && strncmp(url, "https://", 8) != 0 &&
			    strncmp(url, "http://", 7) != 0 &&
			    strncmp(url, "tg://", 5) != 0) {
				tg_violation(c, "a button's url is none");
				return tg_fail(c, 400, "BUTTON_URL_INVALID");
			}
			if (data && (!*data || strlen(data) > 64)) {
				tg_violation(c, "callback_data of %zu bytes",
					     strlen(data));
				return tg_fail(c, 400, "BUTTON_DATA_INVALID");
			}
		}
	}
	return true;
}
