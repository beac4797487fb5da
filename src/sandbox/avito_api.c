/*
 * avito_api.c - the routes of the Avito stand-in and what they all check.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/avito.h"
#include "sandbox/avito_api.h"
#include "sandbox/journal.h"
#include "sandbox/settings.h"
#include "sandbox/spec.h"

#define M1 "/messenger/v1/accounts/{u}"
#define M2 "/messenger/v2/accounts/{u}"
#define M3 "/messenger/v3/accounts/{u}"

/* One line each: a table is read along its columns. */
/* clang-format off */
static const struct av_route routes[] = {
	{ "token", "POST", "/token", "", NULL, av_run_token },
	{ "self", "GET", "/core/v1/accounts/self", "", "", av_run_self },
	{ "item", "GET", "/core/v1/accounts/{u}/items/{i}/", "", "", av_run_item },
	{ "items", "GET", "/core/v1/items", " per_page page status updatedAtFrom category ", "", av_run_items },
	{ "chats", "GET", M2 "/chats", " item_ids unread_only chat_types limit offset ", "", av_run_chats },
	{ "chat", "GET", M2 "/chats/{c}", "", "", av_run_chat },
	{ "messages", "GET", M3 "/chats/{c}/messages/", " limit offset ", "", av_run_messages },
	{ "messages.send", "POST", M1 "/chats/{c}/messages", "", "message:O! type:S!", av_run_send },
	{ "images.upload", "POST", M1 "/uploadImages", "", NULL, av_run_upload },
	{ "messages.image", "POST", M1 "/chats/{c}/messages/image", "", "image_id:S!", av_run_send_image },
	{ "messages.delete", "POST", M1 "/chats/{c}/messages/{m}", "", "", av_run_delete },
	{ "chat.read", "POST", M1 "/chats/{c}/read", "", "", av_run_read },
	{ "voice.files", "GET", M1 "/getVoiceFiles", " voice_ids ", "", av_run_voices },
	{ "webhook.subscribe", "POST", "/messenger/v3/webhook", "", "url:S!", av_run_subscribe },
	{ "webhook.unsubscribe", "POST", "/messenger/v1/webhook/unsubscribe", "", "url:S!", av_run_unsubscribe },
	{ "subscriptions", "POST", "/messenger/v1/subscriptions", "", "", av_run_subscriptions },
	{ "blacklist", "POST", M2 "/blacklist", "", "users:A!", av_run_blacklist },
};
/* clang-format on */

const char *avito_error_body(struct arena *a, int status)
{
	const char *text = status == 401   ? "Unauthorized"
			   : status == 402 ? "Payment Required"
			   : status == 403 ? "Forbidden"
			   : status == 404 ? "Not found"
			   : status == 429 ? "Too Many Requests"
			   : status >= 500 ? "Internal error, contact support"
					   : "Bad Request";

	return arena_printf(a, "{\"error\":{\"code\":%d,\"message\":\"%s\"}}",
			    status, text);
}

/* Go's encoder writes these three as escapes, and so do we. */
static const char *go_text(struct arena *a, const char *s, size_t *len)
{
	struct buf b;

	buf_init(&b, a, HTTP_BODY_MAX);
	for (*len = strcspn(s, "&<>"); s[*len]; *len = strcspn(s, "&<>")) {
		buf_add(&b, s, *len);
		buf_addf(&b, "\\u%04x", (unsigned)s[*len]);
		s += *len + 1;
	}
	buf_add(&b, s, *len);
	*len = b.len;
	return b.s;
}

static void answer(struct req *rq, int status, struct json_object *o)
{
	size_t len;
	const char *text = go_text(&rq->a, json_text(o), &len);

	json_object_put(o);
	reply(rq, status, "application/json", text, len);
}

void av_ok(struct req *rq, struct json_object *o)
{
	answer(rq, 200, o);
}

static void fail(struct req *rq, int status, const char *text,
		 struct json_object *fields)
{
	struct json_object *o = json_object_new_object();
	struct json_object *e = json_object_new_object();

	rq->call.error = text;
	json_put_i64(e, "code", status);
	json_put_str(e, "message", text);
	if (fields)
		json_put(e, "fields", fields);
	json_put(o, "error", e);
	answer(rq, status, o);
}

void av_fail(struct req *rq, int status, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail(rq, status, arena_str(&rq->a, text), NULL);
}

void av_invalid(struct req *rq, const char *field, const char *what)
{
	struct json_object *fields = json_object_new_object();

	json_put_str(fields, field, what);
	fail(rq, 400, "Validation error", fields);
}

void av_violation(const struct req *rq, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	violation(rq->call.service, rq->call.method, "%s", text);
}

/* Index of the segment behind "/avito" at which {letter} stands; -1: none. */
static int place_of(const struct av_route *r, char letter)
{
	int at = -1;

	for (const char *p = r->path; *p; p++) {
		at += *p == '/' && p[1];
		if (*p == '{' && p[1] == letter)
			return at;
	}
	return -1;
}

const char *av_arg(const struct av_call *c, char letter)
{
	int at = place_of(c->route, letter);

	return at < 0 ? "" : req_seg(c->rq, (size_t)at + 1);
}

struct av_chat *av_arg_chat(const struct av_call *c)
{
	struct av_chat *chat = map_find(&av.chats, av_arg(c, 'c'));

	if (chat && chat->account == c->account && !chat->removed)
		return chat;
	av_fail(c->rq, 404, "chat not found");
	return NULL;
}

static bool path_fits(const struct av_route *r, const struct req *rq)
{
	const char *p = r->path;
	size_t i = 1;

	while (*p == '/' && p[1]) {
		size_t len = strcspn(++p, "/");

		if (i >= rq->n_seg)
			return false;
		if (*p != '{' &&
		    (strncmp(p, rq->seg[i], len) != 0 || rq->seg[i][len]))
			return false;
		p += len;
		i++;
	}
	return i == rq->n_seg;
}

/* A fixed path wins over {m}: "image" is no message id. */
static const struct av_route *find_route(const struct req *rq, bool *other)
{
	const struct av_route *found = NULL;

	*other = false;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!path_fits(&routes[i], rq))
			continue;
		if (!req_is(rq, routes[i].http))
			*other = true;
		else if (!found)
			found = &routes[i];
	}
	return found;
}

static void check_slash(const struct av_route *r, const struct req *rq)
{
	size_t len = strlen(r->path);
	bool wanted = r->path[len - 1] == '/';

	if (wanted != rq->slash)
		av_violation(rq, "the documented path ends %s a slash",
			     wanted ? "with" : "without");
}

static void check_query(const struct av_route *r, const struct req *rq)
{
	for (size_t i = 0; i < rq->query.n; i++) {
		const struct field *f = &rq->query.fields[i];
		char word[80];

		snprintf(word, sizeof(word), " %s ", f->name);
		if (!strstr(r->query, word))
			av_violation(rq, "unknown query parameter %s", f->name);
	}
}

static bool has_type(struct req *rq, const char *type)
{
	const char *have = req_header(rq, "Content-Type");
	size_t len = strlen(type);

	return have && strncasecmp(have, type, len) == 0 &&
	       (!have[len] || have[len] == ';' || have[len] == ' ');
}

static bool read_body(struct av_call *c)
{
	struct req *rq = c->rq;
	const char *spec = c->route->body;
	struct spec_entry e;
	struct err err = { 0 };

	if (spec && !*spec && rq->body.len)
		av_violation(rq, "a body where none is documented");
	if (!spec || !*spec)
		return true;
	if (!has_type(rq, "application/json"))
		av_violation(rq, "Content-Type is not application/json");
	if (!json_read(&rq->a, rq->body.s ? rq->body.s : "", rq->body.len,
		       &c->body, &err) ||
	    !json_object_is_type(c->body, json_type_object)) {
		av_fail(rq, 400, "invalid request body");
		return false;
	}
	rq->call.params = c->body;
	spec_check(spec, c->body, "avito", rq->call.method);
	while (spec_next(&spec, &e)) {
		const char *name = arena_strn(&rq->a, e.name, (size_t)e.len);

		if (e.required &&
		    !spec_kind_fits(e.kind, json_member(c->body, name))) {
			av_invalid(rq, name, "is required");
			return false;
		}
	}
	return true;
}

static bool within_rate(struct av_call *c)
{
	struct req *rq = c->rq;
	bool messenger = strncmp(c->route->path, "/messenger", 10) == 0;
	bool list = c->route->run == av_run_items;
	bool single = c->route->run == av_run_item;
	struct av_rate *r = messenger ? &c->account->messenger
			    : list    ? &c->account->item_list
				      : &c->account->single_item;
	int64_t limit = messenger ? set.avito_rate_per_minute
			: list    ? set.avito_items_rate_per_minute
			: single  ? set.avito_item_rate_per_minute
				  : 0;
	int64_t now = now_s(), left;

	if (!limit)
		return true;
	if (r->minute != now / 60)
		*r = (struct av_rate){ .minute = now / 60 };
	left = limit - ++r->n;
	reply_header(rq, "X-RateLimit-Limit",
		     arena_printf(&rq->a, "%" PRId64, limit));
	reply_header(rq, "X-RateLimit-Remaining",
		     arena_printf(&rq->a, "%" PRId64, left > 0 ? left : 0));
	if (left >= 0)
		return true;
	if (set.avito_retry_after)
		reply_header(rq, "Retry-After",
			     arena_printf(&rq->a, "%" PRId64, 60 - now % 60));
	av_fail(rq, 429, "Too Many Requests");
	return false;
}

static void run(struct req *rq)
{
	bool other;
	struct av_call c = { .rq = rq, .route = find_route(rq, &other) };

	check_slash(c.route, rq);
	check_query(c.route, rq);
	if (c.route->run == av_run_token) {
		av_run_token(&c);
		return;
	}
	if (av_authorize(&c) && within_rate(&c) && read_body(&c))
		c.route->run(&c);
}

static void run_unknown(struct req *rq)
{
	bool other;

	find_route(rq, &other);
	if (other) {
		av_violation(rq, "%s is not documented for this path",
			     rq->method);
		reply_text(rq, 405, "405 method not allowed\n");
	} else {
		av_violation(rq, "unknown path");
		reply_text(rq, 404, "404 page not found\n");
	}
}

static struct json_object *query_json(struct req *rq)
{
	struct json_object *o = json_new(&rq->a);

	for (size_t i = 0; i < rq->query.n; i++)
		json_put_str(o, rq->query.fields[i].name,
			     text_clean(&rq->a, rq->query.fields[i].value,
					rq->query.fields[i].len));
	return o;
}

void avito_route(struct req *rq)
{
	bool other;
	const struct av_route *r = find_route(rq, &other);
	struct av_call c = { .rq = rq, .route = r };

	rq->call.service = "avito";
	rq->call.path = rq->path + strlen("/avito");
	rq->call.params = query_json(rq);
	if (!r) {
		rq->call.method = "unknown";
		rq->run = run_unknown;
		return;
	}
	rq->call.method = r->name;
	if (place_of(r, 'u') >= 0)
		rq->call.account = av_arg(&c, 'u');
	if (place_of(r, 'c') >= 0)
		rq->call.chat = av_arg(&c, 'c');
	rq->run = run;
}

bool av_query_int(struct req *rq, const char *name, int64_t min, int64_t max,
		  int64_t *out)
{
	const struct field *f = form_find(&rq->query, name);
	long long n;

	if (!f)
		return true;
	if (!text_read_i64(f->value, min, max, &n)) {
		av_violation(rq, "query parameter %s=%s is out of bounds", name,
			     f->value);
		av_invalid(rq, name, "out of bounds");
		return false;
	}
	*out = n;
	return true;
}

struct json_object *av_query_list(struct req *rq, const char *name)
{
	struct json_object *list = NULL;

	for (size_t i = 0; i < rq->query.n; i++) {
		const struct field *f = &rq->query.fields[i];
		const char *p = f->value;

		if (strcmp(f->name, name) != 0)
			continue;
		if (!list) {
			struct json_object *holder = json_new(&rq->a);

			list = json_object_new_array();
			json_put(holder, "list", list);
		}
		while (*p) {
			size_t len = strcspn(p, ",");

			if (len)
				json_object_array_add(
					list, json_object_new_string_len(
						      p, (int)len));
			p += len + (p[len] == ',');
		}
	}
	return list;
}

bool av_list_has(struct json_object *list, const char *s)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (strcmp(json_object_get_string(
				   json_object_array_get_idx(list, i)),
			   s) == 0)
			return true;
	}
	return false;
}
