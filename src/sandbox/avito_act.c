/*
 * avito_act.c - playing buyer and seller through the control API.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "sandbox/avito_act.h"
#include "sandbox/control.h"
#include "sandbox/settings.h"

#define COUNT_MAX 100000

/* "{n}" becomes the number. */
static const char *numbered(struct arena *a, const char *s, int64_t n)
{
	const char *at = s ? strstr(s, "{n}") : NULL;

	if (!at)
		return s;
	return arena_printf(a, "%.*s%" PRId64 "%s", (int)(at - s), s, n,
			    at + 3);
}

static struct json_object *image_content(const struct av_chat *c,
					 const struct file *f)
{
	struct json_object *o = json_object_new_object();
	struct json_object *image = json_object_new_object();

	json_put(image, "sizes", av_image_sizes(av_image_new(c->account, f)));
	json_put(o, "image", image);
	return o;
}

static struct json_object *voice_content(const struct av_chat *c,
					 const struct file *f)
{
	struct json_object *o = json_object_new_object();
	struct json_object *voice = json_object_new_object();

	json_put_str(voice, "voice_id", av_voice_new(c->account, f)->id);
	json_put(o, "voice", voice);
	return o;
}

static struct json_object *link_content(const char *text)
{
	struct json_object *o = json_object_new_object();
	struct json_object *link = json_object_new_object();

	json_put_str(link, "text", text);
	json_put_str(link, "url", text);
	json_put(link, "preview", NULL);
	json_put(o, "link", link);
	return o;
}

static struct json_object *item_content(const struct av_chat *c, int64_t id)
{
	const struct av_item *item = map_find_i64(&av.items, id);
	struct json_object *o = json_object_new_object();
	struct json_object *v = json_object_new_object();

	if (!item)
		item = c->item;
	json_put_str(v, "title", item ? item->title : "Ad");
	json_put_str(v, "price_string", NULL);
	json_put_str(v, "item_url", item ? item->url : "https://avito.ru");
	json_put_str(v, "image_url", NULL);
	json_put(o, "item", v);
	return o;
}

static struct json_object *location_content(const char *text)
{
	struct json_object *o = json_object_new_object();
	struct json_object *v = json_object_new_object();

	json_put(v, "lat", json_object_new_double_s(55.751244, "55.751244"));
	json_put(v, "lon", json_object_new_double_s(37.618423, "37.618423"));
	json_put_str(v, "title", text);
	json_put_str(v, "text", text);
	json_put_str(v, "kind", "street");
	json_put(o, "location", v);
	return o;
}

static struct json_object *call_content(const struct av_chat *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *call = json_object_new_object();

	json_put_str(call, "status", "missed");
	json_put_i64(call, "target_user_id", c->account->user_id);
	json_put(o, "call", call);
	return o;
}

static struct json_object *text_content(const char *text, bool system)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "text", text);
	if (system)
		json_put(o, "flow_id", NULL);
	return o;
}

/* The caller's; NULL: answered. */
static struct json_object *make_content(struct req *rq, struct av_chat *c,
					struct json_object *o, const char *type,
					const char *text)
{
	bool image = strcmp(type, "image") == 0;
	bool voice = strcmp(type, "voice") == 0;
	const char *id =
		json_str(o, "file", image ? "sample.jpg" : "sample.m4a");
	const struct file *f = file_find(id);

	if (json_member(o, "content"))
		return json_object_get(json_member(o, "content"));
	if ((image || voice) && !f) {
		control_fail(rq, 404, "no file %s", id);
		return NULL;
	}
	if (image)
		return image_content(c, f);
	if (voice)
		return voice_content(c, f);
	if (strcmp(type, "link") == 0)
		return link_content(text);
	if (strcmp(type, "item") == 0)
		return item_content(c, json_i64(o, "item_id", 0));
	if (strcmp(type, "location") == 0)
		return location_content(text);
	if (strcmp(type, "call") == 0)
		return call_content(c);
	if (strcmp(type, "text") == 0 || strcmp(type, "system") == 0)
		return text_content(text, *type == 's');
	return json_object_new_object();
}

static bool add_quote(struct req *rq, struct av_message *m, const char *id)
{
	const struct av_message *q = map_find(&av.messages, id);
	struct json_object *o;

	if (!q) {
		control_fail(rq, 404, "no message %s", id);
		return false;
	}
	o = json_object_new_object();
	json_put_str(o, "id", q->id);
	json_put_i64(o, "author_id", q->author_id);
	json_put_i64(o, "created", q->created);
	json_put_str(o, "type", q->type);
	json_put(o, "content", json_object_get(q->content));
	m->quote = world_keep(o);
	json_object_put(o);
	return true;
}

/* One message of `o`; NULL: answered. */
static struct av_message *write_one(struct req *rq, struct av_chat *c,
				    const char *by, struct json_object *o,
				    int64_t n)
{
	const char *type = json_str(o, "type", "text");
	const char *text = numbered(&rq->a, json_str(o, "text", ""), n);
	const char *quote = json_str(o, "quote", NULL);
	struct json_object *content = make_content(rq, c, o, type, text);
	struct av_message *m;

	if (!content)
		return NULL;
	m = av_message_new(c, json_str(o, "id", NULL),
			   strcmp(type, "system") ? by : "system", type,
			   content, json_i64(o, "created", now_s()));
	json_object_put(content);
	if (quote && !add_quote(rq, m, quote))
		return NULL;
	if (!json_flag(o, "unread", true) && !m->is_read) {
		m->is_read = true;
		c->unread--;
	}
	if (json_flag(o, "webhook", true))
		av_hook_send(m, 0, NULL, NULL);
	return m;
}

void act_write(struct req *rq, struct av_chat *c, const char *by,
	       struct json_object *o)
{
	int64_t count = json_i64(o, "count", 1);
	struct json_object *answer;
	struct av_message *m = NULL;

	if (count < 1 || count > COUNT_MAX) {
		control_fail(rq, 400, "count: 1 to %d", COUNT_MAX);
		return;
	}
	if (map_find(&av.messages, json_str(o, "id", NULL))) {
		control_fail(rq, 409, "the message exists already");
		return;
	}
	for (int64_t n = 1; n <= count; n++) {
		m = write_one(rq, c, by, o, n);
		if (!m)
			return;
	}
	answer = json_object_new_object();
	json_put_str(answer, "chat_id", c->id);
	json_put(answer, "message", av_message_json(m));
	reply_json(rq, 200, answer);
}

static void answer_ok(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "ok", true);
	reply_json(rq, 200, o);
}

static void mark_read(struct req *rq, struct av_chat *c)
{
	struct json_object *o = control_body(rq, " by ");

	if (!o)
		return;
	if (strcmp(json_str(o, "by", ""), "seller") == 0)
		av_chat_mark_read(c);
	for (size_t i = 0;
	     strcmp(json_str(o, "by", ""), "buyer") == 0 && i < c->messages.n;
	     i++) {
		struct av_message *m = c->messages.at[i];

		if (m->out && !m->read_at)
			m->read_at = now_s();
	}
	world_touch();
	answer_ok(rq);
}

static void hook_again(struct req *rq, struct av_message *m)
{
	struct json_object *o = control_body(rq, " times new_envelope ");

	if (!o)
		return;
	if (json_flag(o, "new_envelope", false))
		m->envelope = NULL;
	for (int64_t i = json_i64(o, "times", 1); i > 0; i--)
		av_hook_send(m, 0, NULL, NULL);
	answer_ok(rq);
}

static bool on_message(struct req *rq, struct av_chat *c)
{
	struct av_message *m = map_find(&av.messages, req_seg(rq, 5));

	if (!m || m->chat != c) {
		control_fail(rq, 404, "no message %s", req_seg(rq, 5));
	} else if (strcmp(req_seg(rq, 6), "delete") == 0) {
		av_message_remove(m);
		answer_ok(rq);
	} else if (strcmp(req_seg(rq, 6), "webhook") == 0) {
		hook_again(rq, m);
	} else {
		return false;
	}
	return true;
}

bool act_on_chat(struct req *rq, struct av_chat *c)
{
	const char *what = req_seg(rq, 4);
	bool writes = !strcmp(what, "buyer") || !strcmp(what, "seller");
	struct json_object *o;

	if (rq->n_seg == 5 && writes) {
		o = control_body(rq, ACT_FIELDS);
		if (o)
			act_write(rq, c, what, o);
	} else if (rq->n_seg == 5 && strcmp(what, "read") == 0) {
		mark_read(rq, c);
	} else if (rq->n_seg == 7 && strcmp(what, "messages") == 0) {
		return on_message(rq, c);
	} else {
		return false;
	}
	return true;
}

static struct av_chat *bulk_chat(struct req *rq, struct av_account *acc,
				 struct av_item *item, struct json_object *o,
				 int64_t n)
{
	int64_t messages = json_i64(o, "messages", 1);
	int64_t last = json_i64(o, "created", now_s());
	const char *prefix = json_str(o, "prefix", "Покупатель");
	struct av_buyer *b = control_buyer_new(
		0, arena_printf(&rq->a, "%s %" PRId64, prefix, n));
	struct av_chat *c = av_chat_new(acc, b, item, item ? "u2i" : "u2u",
					NULL, last - messages);

	for (int64_t i = 1; i <= messages; i++) {
		struct json_object *content = text_content(
			arena_printf(&rq->a, "%s %" PRId64 ": %" PRId64, prefix,
				     n, i),
			false);
		struct av_message *m = av_message_new(
			c, NULL, "buyer", "text", content, last - messages + i);

		json_object_put(content);
		if (json_flag(o, "webhook", false))
			av_hook_send(m, 0, NULL, NULL);
	}
	return c;
}

void act_bulk(struct req *rq)
{
	struct json_object *o = control_body(
		rq, " user_id chats messages item_id prefix created webhook ");
	struct json_object *answer, *ids;
	struct av_account *acc;
	int64_t count;

	if (!o)
		return;
	acc = control_account(rq, json_i64(o, "user_id", 0));
	if (!acc)
		return;
	count = json_i64(o, "chats", 1);
	if (count < 1 || count > COUNT_MAX ||
	    json_i64(o, "messages", 1) > COUNT_MAX) {
		control_fail(rq, 400, "chats, messages: at most %d", COUNT_MAX);
		return;
	}
	ids = json_object_new_array();
	for (int64_t n = 1; n <= count; n++) {
		struct av_item *item =
			map_find_i64(&av.items, json_i64(o, "item_id", 0));
		struct av_chat *c = bulk_chat(rq, acc, item, o, n);

		json_object_array_add(ids, json_object_new_string(c->id));
	}
	answer = json_object_new_object();
	json_put(answer, "chats", ids);
	reply_json(rq, 200, answer);
}

void act_webhook(struct req *rq)
{
	struct json_object *o = control_body(rq, " user_id body url times ");
	struct json_object *body;
	struct av_account *acc;
	const char *url, *text;

	if (!o)
		return;
	acc = control_account(rq, json_i64(o, "user_id", 0));
	if (!acc)
		return;
	url = json_str(o, "url",
		       acc->subs.n ? ((struct av_sub *)acc->subs.at[0])->url
				   : NULL);
	body = json_member(o, "body");
	text = json_object_is_type(body, json_type_string)
		       ? json_object_get_string(body)
		       : json_text(body);
	if (!url) {
		control_fail(rq, 400, "the account has no subscription");
		return;
	}
	for (int64_t i = json_i64(o, "times", 1); i > 0; i--)
		av_hook_raw(acc, url, text);
	answer_ok(rq);
}
