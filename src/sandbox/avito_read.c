/*
 * avito_read.c - what can be read from the Avito stand-in, and its files.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/avito.h"
#include "sandbox/avito_api.h"
#include "sandbox/journal.h"
#include "sandbox/settings.h"

#define LIMIT_MAX  100
#define OFFSET_MAX 1000

void av_run_self(struct av_call *c)
{
	const struct av_account *acc = c->account;
	struct json_object *o = json_object_new_object();
	struct json_object *phones = json_object_new_array();

	json_object_array_add(phones, json_object_new_string(acc->phone));
	json_put_i64(o, "id", acc->user_id);
	json_put_str(o, "name", acc->name);
	json_put_str(o, "email", acc->email);
	json_put_str(o, "phone", acc->phone);
	json_put(o, "phones", phones);
	json_put_str(o, "profile_url",
		     arena_printf(&c->rq->a,
				  "https://avito.ru/user/%" PRIx64 "/profile",
				  (uint64_t)acc->user_id));
	av_ok(c->rq, o);
}

void av_run_item(struct av_call *c)
{
	const struct av_item *item = map_find(&av.items, av_arg(c, 'i'));
	struct json_object *o = json_object_new_object();
	bool own = item && item->account == c->account;

	json_put(o, "autoload_item_id", NULL);
	json_put_str(o, "start_time", own ? "2026-01-01T10:00:00+03:00" : NULL);
	json_put(o, "finish_time", NULL);
	json_put_str(o, "status",
		     own    ? item->status
		     : item ? "another_user"
			    : "not_found");
	json_put_str(o, "url", own ? item->url : NULL);
	json_put(o, "vas", json_object_new_array());
	av_ok(c->rq, o);
}

static struct json_object *item_json(const struct av_item *item)
{
	struct json_object *o = json_object_new_object();
	struct json_object *category = json_object_new_object();

	json_put_i64(o, "id", item->id);
	json_put_str(o, "title", item->title);
	json_put(o, "price",
		 item->price < 0 ? NULL : json_object_new_int64(item->price));
	json_put_str(o, "url", item->url);
	json_put_str(o, "status", item->status);
	json_put_str(o, "address", "Город");
	json_put_i64(category, "id", 1);
	json_put_str(category, "name", "Для дома");
	json_put(o, "category", category);
	return o;
}

void av_run_items(struct av_call *c)
{
	struct json_object *status = av_query_list(c->rq, "status");
	struct json_object *o = json_object_new_object();
	struct json_object *meta = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int64_t per_page = 25, page = 1, at = 0;

	json_put(o, "meta", meta);
	json_put(o, "resources", list);
	if (!av_query_int(c->rq, "per_page", 1, 99, &per_page) ||
	    !av_query_int(c->rq, "page", 1, INT32_MAX, &page)) {
		json_object_put(o);
		return;
	}
	for (size_t i = 0; i < c->account->items.n; i++) {
		const struct av_item *item = c->account->items.at[i];

		if (status ? !av_list_has(status, item->status)
			   : strcmp(item->status, "active") != 0)
			continue;
		if (at >= (page - 1) * per_page && at < page * per_page)
			json_object_array_add(list, item_json(item));
		at++;
	}
	json_put_i64(meta, "page", page);
	json_put_i64(meta, "per_page", per_page);
	av_ok(c->rq, o);
}

struct chat_filter {
	int64_t limit, offset;
	bool unread;
	struct json_object *types, *items;
};

static bool read_filter(struct req *rq, struct chat_filter *f)
{
	const char *unread = form_value(&rq->query, "unread_only", "false");

	*f = (struct chat_filter){ .limit = LIMIT_MAX };
	f->types = av_query_list(rq, "chat_types");
	f->items = av_query_list(rq, "item_ids");
	f->unread = strcmp(unread, "true") == 0;
	if (!f->types)
		av_violation(rq, "no chat_types: chats between users would "
				 "be missed");
	for (size_t i = 0; f->types && i < json_object_array_length(f->types);
	     i++) {
		const char *t = json_object_get_string(
			json_object_array_get_idx(f->types, i));

		if (strcmp(t, "u2i") && strcmp(t, "u2u") && strcmp(t, "a2u")) {
			av_violation(rq, "unknown chat type %s", t);
			av_invalid(rq, "chat_types", "unknown value");
			return false;
		}
	}
	if (!f->unread && strcmp(unread, "false") != 0) {
		av_violation(rq, "unread_only is neither true nor false");
		av_invalid(rq, "unread_only", "must be true or false");
		return false;
	}
	return av_query_int(rq, "limit", 1, LIMIT_MAX, &f->limit) &&
	       av_query_int(rq, "offset", 0, OFFSET_MAX, &f->offset);
}

static bool passes(const struct chat_filter *f, const struct av_chat *c)
{
	char id[24];

	if (c->removed || (f->unread && c->unread == 0))
		return false;
	if (f->types ? !av_list_has(f->types, c->type)
		     : strcmp(c->type, "u2i") != 0)
		return false;
	if (!f->items)
		return true;
	snprintf(id, sizeof(id), "%" PRId64, c->item ? c->item->id : 0);
	return c->item && av_list_has(f->items, id);
}

void av_run_chats(struct av_call *c)
{
	struct chat_filter f;
	struct json_object *o, *list;

	if (!read_filter(c->rq, &f))
		return;
	o = json_object_new_object();
	list = json_object_new_array();
	json_put(o, "chats", list);
	for (struct av_chat *chat = c->account->newest; chat && f.limit > 0;
	     chat = chat->older) {
		if (!passes(&f, chat) || f.offset-- > 0)
			continue;
		json_object_array_add(list, av_chat_json(chat));
		f.limit--;
	}
	av_ok(c->rq, o);
}

void av_run_chat(struct av_call *c)
{
	const struct av_chat *chat = av_arg_chat(c);

	if (chat)
		av_ok(c->rq, av_chat_json(chat));
}

void av_run_messages(struct av_call *c)
{
	const struct av_chat *chat = av_arg_chat(c);
	int64_t limit = LIMIT_MAX, offset = 0, reach;
	struct json_object *list, *o;

	if (!chat || !av_query_int(c->rq, "limit", 1, LIMIT_MAX, &limit) ||
	    !av_query_int(c->rq, "offset", 0, OFFSET_MAX, &offset))
		return;
	list = json_object_new_array();
	reach = set.avito_history_max ? set.avito_history_max : INT64_MAX;
	for (int64_t i = offset;
	     i < offset + limit && i < reach && i < (int64_t)chat->messages.n;
	     i++)
		json_object_array_add(
			list,
			av_message_json(chat->messages.at[chat->messages.n - 1 -
							  (size_t)i]));
	if (strcmp(set.avito_list_shape, "array") == 0) {
		av_ok(c->rq, list);
		return;
	}
	o = json_object_new_object();
	json_put(o, "messages", list);
	av_ok(c->rq, o);
}

void av_run_voices(struct av_call *c)
{
	struct json_object *ids = av_query_list(c->rq, "voice_ids");
	struct json_object *o, *urls;

	if (!ids || json_object_array_length(ids) == 0) {
		av_violation(c->rq, "no voice_ids");
		av_invalid(c->rq, "voice_ids", "is required");
		return;
	}
	o = json_object_new_object();
	urls = json_object_new_object();
	for (size_t i = 0; i < json_object_array_length(ids); i++) {
		const char *id = json_object_get_string(
			json_object_array_get_idx(ids, i));
		const struct av_media *m = map_find(&av.voices, id);

		if (m && m->account == c->account)
			json_put_str(urls, id, av_voice_url(&c->rq->a, m));
	}
	json_put(o, "voices_urls", urls);
	av_ok(c->rq, o);
}

/* Links that end carry ?e=<second>&s=<signature>. */
static bool link_holds(struct req *rq, const char *id, bool must_end)
{
	const char *sign = form_value(&rq->query, "s", "");
	const struct field *until = form_find(&rq->query, "e");
	long long e;

	if (!until)
		return !must_end;
	return text_read_i64(until->value, 0, INT64_MAX, &e) &&
	       strcmp(sign, av_link_sign(&rq->a, id, e)) == 0 && e > now_s();
}

static void run_file(struct req *rq)
{
	const char *what = req_seg(rq, 1), *id = req_seg(rq, 2);
	bool voice = strcmp(what, "voice") == 0;
	const struct av_media *m =
		map_find(voice ? &av.voices : &av.images, id);
	const struct file *f = m ? m->file : NULL;

	if (req_header(rq, "Authorization"))
		violation("files", rq->call.method,
			  "Authorization is for the API only");
	if (strcmp(what, "file") == 0)
		f = file_find(id);
	if (!f) {
		reply_text(rq, 404, "404 page not found\n");
	} else if (m && !link_holds(rq, id, voice || set.avito_image_link_s)) {
		rq->call.error = "the link has ended";
		reply_text(rq, 403, "403 forbidden\n");
	} else {
		reply(rq, 200, f->mime, arena_strn(&rq->a, f->bytes, f->len),
		      f->len);
	}
}

void files_route(struct req *rq)
{
	rq->call.service = "files";
	rq->call.method = req_seg(rq, 1);
	rq->call.path = rq->path + strlen("/files");
	rq->run = run_file;
}
