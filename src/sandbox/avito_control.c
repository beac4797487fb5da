/*
 * avito_control.c - the control API's part for Avito: making things.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "sandbox/avito.h"
#include "sandbox/avito_act.h"
#include "sandbox/avito_api.h"
#include "sandbox/control.h"

#define FIRST_ACCOUNT 30001
#define FIRST_BUYER   40001
#define FIRST_ITEM    1001

static struct json_object *account_json(const struct av_account *acc)
{
	struct json_object *o = json_object_new_object();
	struct json_object *subs = json_object_new_array();

	json_put_i64(o, "user_id", acc->user_id);
	json_put_str(o, "name", acc->name);
	json_put_str(o, "client_id", acc->client_id);
	json_put_str(o, "client_secret", acc->client_secret);
	json_put_str(o, "email", acc->email);
	json_put_str(o, "phone", acc->phone);
	json_put_str(o, "status", acc->status);
	for (size_t i = 0; i < acc->subs.n; i++) {
		const struct av_sub *sub = acc->subs.at[i];
		struct json_object *s = json_object_new_object();

		json_put_str(s, "url", sub->url);
		json_put_i64(s, "failed", sub->failed);
		json_object_array_add(subs, s);
	}
	json_put(o, "subscriptions", subs);
	return o;
}

static struct json_object *item_json(const struct av_item *item)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", item->id);
	json_put_i64(o, "user_id", item->account->user_id);
	json_put_str(o, "title", item->title);
	json_put(o, "price",
		 item->price < 0 ? NULL : json_object_new_int64(item->price));
	json_put_str(o, "url", item->url);
	json_put_str(o, "status", item->status);
	return o;
}

static struct json_object *buyer_json(const struct av_buyer *b)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", b->id);
	json_put_str(o, "name", b->name);
	return o;
}

static struct json_object *chat_json(const struct av_chat *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	json_put_str(o, "id", c->id);
	json_put_str(o, "type", c->type);
	json_put_i64(o, "user_id", c->account->user_id);
	json_put(o, "buyer_id",
		 c->buyer ? json_object_new_int64(c->buyer->id) : NULL);
	json_put(o, "item_id",
		 c->item ? json_object_new_int64(c->item->id) : NULL);
	json_put_i64(o, "created", c->created);
	json_put_i64(o, "updated", c->updated);
	json_put_i64(o, "unread", c->unread);
	json_put_bool(o, "blocked", c->blocked);
	json_put_bool(o, "removed", c->removed);
	for (size_t i = 0; i < c->messages.n; i++) {
		const struct av_message *m = c->messages.at[i];
		struct json_object *one = av_message_json(m);
		const struct av_media *voice;

		json_put_bool(one, "is_read", m->is_read);
		json_put_str(one, "by", m->by);
		voice = map_find(&av.voices,
				 json_str(json_object_at(m->content, "voice"),
					  "voice_id", NULL));
		if (voice)
			json_put_str(one, "file", voice->file->id);
		json_object_array_add(list, one);
	}
	json_put(o, "messages", list);
	return o;
}

struct json_object *avito_state(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *accounts = json_object_new_array();
	struct json_object *items = json_object_new_array();
	struct json_object *buyers = json_object_new_array();
	struct json_object *black = json_object_new_array();
	struct json_object *chats = json_object_new_array();
	struct lh_entry *e;

	for (e = map_first(&av.accounts); e; e = e->next)
		json_object_array_add(accounts, account_json(map_value(e)));
	for (e = map_first(&av.items); e; e = e->next)
		json_object_array_add(items, item_json(map_value(e)));
	for (e = map_first(&av.buyers); e; e = e->next)
		json_object_array_add(buyers, buyer_json(map_value(e)));
	for (size_t i = 0; i < av.blacklist.n; i++)
		json_object_array_add(black,
				      json_object_get(av.blacklist.at[i]));
	for (e = map_first(&av.chats); e; e = e->next)
		json_object_array_add(chats, chat_json(map_value(e)));
	json_put(o, "accounts", accounts);
	json_put(o, "items", items);
	json_put(o, "buyers", buyers);
	json_put(o, "blacklist", black);
	json_put(o, "chats", chats);
	return o;
}

struct av_account *control_account(struct req *rq, int64_t id)
{
	struct av_account *acc = map_find_i64(&av.accounts, id);

	if (!acc)
		control_fail(rq, 404, "no account %" PRId64, id);
	return acc;
}

static const char *keep(struct json_object *o, const char *name,
			const char *def)
{
	return arena_str(&world.a, json_str(o, name, def));
}

static void make_account(struct req *rq)
{
	struct json_object *o = control_body(
		rq, " client_id client_secret user_id name email phone ");
	struct av_account *acc;
	int64_t id;

	if (!o)
		return;
	id = json_i64(o, "user_id", 0);
	if (!id)
		id = FIRST_ACCOUNT + av.next_account;
	if (map_find_i64(&av.accounts, id) ||
	    map_find(&av.clients, json_str(o, "client_id", ""))) {
		control_fail(rq, 409, "the account exists already");
		return;
	}
	acc = arena_alloc(&world.a, sizeof(*acc));
	acc->index = ++av.next_account;
	acc->user_id = id;
	acc->name = keep(o, "name", "Shop");
	acc->client_id =
		keep(o, "client_id",
		     arena_printf(&rq->a, "client-%" PRId64, acc->user_id));
	acc->client_secret =
		keep(o, "client_secret",
		     arena_printf(&rq->a, "secret-%" PRId64, acc->user_id));
	acc->email = keep(o, "email", "");
	acc->phone = keep(o, "phone", "79990000000");
	acc->status = "active";
	map_put_i64(&av.accounts, &world.a, id, acc);
	map_put(&av.clients, &world.a, acc->client_id, acc);
	world_touch();
	reply_json(rq, 200, account_json(acc));
}

static void list_accounts(struct req *rq)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct lh_entry *e;

	for (e = map_first(&av.accounts); e; e = e->next)
		json_object_array_add(list, account_json(map_value(e)));
	json_put(o, "accounts", list);
	reply_json(rq, 200, o);
}

static void change_account(struct req *rq, struct av_account *acc)
{
	struct json_object *o = control_body(rq, " client_secret name status ");
	const char *status;

	if (!o)
		return;
	status = json_str(o, "status", acc->status);
	if (strcmp(status, "active") != 0 &&
	    strcmp(status, "no_subscription") != 0 &&
	    strcmp(status, "blocked") != 0) {
		control_fail(rq, 400,
			     "status: active, no_subscription or "
			     "blocked");
		return;
	}
	acc->client_secret = keep(o, "client_secret", acc->client_secret);
	acc->name = keep(o, "name", acc->name);
	acc->status = arena_str(&world.a, status);
	world_touch();
	reply_json(rq, 200, account_json(acc));
}

static void act_on_account(struct req *rq, struct av_account *acc)
{
	const char *what = req_seg(rq, 4);
	struct json_object *o;

	if (strcmp(what, "expire_tokens") == 0) {
		if (!control_body(rq, " "))
			return;
		av_tokens_end(acc);
		world_touch();
	} else if (strcmp(what, "code") == 0) {
		const char *code = world_hex(&world.a, 32);

		if (!control_body(rq, " "))
			return;
		map_put(&av.codes, &world.a, code, acc);
		o = json_object_new_object();
		json_put_str(o, "code", code);
		reply_json(rq, 200, o);
		return;
	} else if (strcmp(what, "subscriptions") == 0) {
		o = control_body(rq, " url ");
		if (!o)
			return;
		av_subscribe(acc, json_str(o, "url", ""));
	} else {
		control_fail(rq, 404, "no such path");
		return;
	}
	reply_json(rq, 200, account_json(acc));
}

static void make_item(struct req *rq)
{
	struct json_object *o =
		control_body(rq, " user_id id title price url status image ");
	struct av_account *acc;
	struct av_item *item;
	const struct file *image;
	int64_t id;

	if (!o)
		return;
	acc = control_account(rq, json_i64(o, "user_id", 0));
	if (!acc)
		return;
	id = json_i64(o, "id", 0);
	if (!id)
		id = FIRST_ITEM + av.next_item++;
	if (map_find_i64(&av.items, id)) {
		control_fail(rq, 409, "the item exists already");
		return;
	}
	item = arena_alloc(&world.a, sizeof(*item));
	item->id = id;
	item->account = acc;
	item->title = keep(o, "title", "Ad");
	item->price = json_i64(o, "price", -1);
	item->url = keep(
		o, "url",
		arena_printf(&rq->a, "https://avito.ru/items/%" PRId64, id));
	item->status = keep(o, "status", "active");
	image = file_find(json_str(o, "image", "sample.jpg"));
	item->image = image ? av_image_new(acc, image)->id : NULL;
	map_put_i64(&av.items, &world.a, id, item);
	list_add(&acc->items, &world.a, item);
	world_touch();
	reply_json(rq, 200, item_json(item));
}

struct av_buyer *control_buyer_new(int64_t id, const char *name)
{
	struct av_buyer *b = arena_alloc(&world.a, sizeof(*b));

	while (!id || map_find_i64(&av.buyers, id))
		id = FIRST_BUYER + av.next_buyer++;
	b->id = id;
	b->name = arena_str(&world.a, name);
	map_put_i64(&av.buyers, &world.a, id, b);
	world_touch();
	return b;
}

static void make_buyer(struct req *rq)
{
	struct json_object *o = control_body(rq, " id name ");
	int64_t id;

	if (!o)
		return;
	id = json_i64(o, "id", 0);
	if (id && map_find_i64(&av.buyers, id)) {
		control_fail(rq, 409, "the buyer exists already");
		return;
	}
	reply_json(rq, 200,
		   buyer_json(control_buyer_new(id,
						json_str(o, "name", "Buyer"))));
}

static bool find_pair(struct req *rq, struct json_object *o,
		      struct av_account **acc, struct av_buyer **buyer,
		      struct av_item **item)
{
	int64_t item_id = json_i64(o, "item_id", 0);
	int64_t buyer_id = json_i64(o, "buyer_id", 0);

	*acc = control_account(rq, json_i64(o, "user_id", 0));
	if (!*acc)
		return false;
	*buyer = map_find_i64(&av.buyers, buyer_id);
	*item = map_find_i64(&av.items, item_id);
	if (!*buyer && strcmp(json_str(o, "type", ""), "a2u") != 0)
		control_fail(rq, 404, "no buyer %" PRId64, buyer_id);
	else if (item_id && !*item)
		control_fail(rq, 404, "no item %" PRId64, item_id);
	else if (*item && (*item)->account != *acc)
		control_fail(rq, 400, "the item is another account's");
	else
		return true;
	return false;
}

static void make_chat(struct req *rq)
{
	struct json_object *o =
		control_body(rq, " user_id buyer_id item_id type id created ");
	struct av_account *acc;
	struct av_buyer *buyer;
	struct av_item *item;
	const char *id;

	if (!o || !find_pair(rq, o, &acc, &buyer, &item))
		return;
	id = json_str(o, "id", NULL);
	if (av_chat_find(acc, buyer ? buyer->id : 0, item ? item->id : 0) ||
	    map_find(&av.chats, id)) {
		control_fail(rq, 409, "the chat exists already");
		return;
	}
	reply_json(
		rq, 200,
		chat_json(av_chat_new(acc, buyer, item,
				      json_str(o, "type", item ? "u2i" : "u2u"),
				      id, json_i64(o, "created", now_s()))));
}

static void say(struct req *rq)
{
	struct json_object *o =
		control_body(rq, " user_id buyer_id item_id" ACT_FIELDS);
	struct av_account *acc;
	struct av_buyer *buyer;
	struct av_item *item;
	struct av_chat *c;

	if (!o || !find_pair(rq, o, &acc, &buyer, &item))
		return;
	if (!buyer) {
		control_fail(rq, 404, "no such buyer");
		return;
	}
	c = av_chat_find(acc, buyer->id, item ? item->id : 0);
	if (!c)
		c = av_chat_new(acc, buyer, item, item ? "u2i" : "u2u", NULL,
				json_i64(o, "created", now_s()));
	act_write(rq, c, "buyer", o);
}

static void change_chat(struct req *rq, struct av_chat *c)
{
	struct json_object *o = control_body(rq, " blocked removed ");

	if (!o)
		return;
	c->blocked = json_flag(o, "blocked", c->blocked);
	c->removed = json_flag(o, "removed", c->removed);
	world_touch();
	reply_json(rq, 200, chat_json(c));
}

static bool accounts_route(struct req *rq)
{
	struct av_account *acc;

	if (rq->n_seg == 3 && req_is(rq, "POST")) {
		make_account(rq);
	} else if (rq->n_seg == 3 && req_is(rq, "GET")) {
		list_accounts(rq);
	} else {
		acc = control_account(rq, control_id(rq, 3));
		if (acc && rq->n_seg == 4 && req_is(rq, "PATCH"))
			change_account(rq, acc);
		else if (acc && rq->n_seg == 5 && req_is(rq, "POST"))
			act_on_account(rq, acc);
		else if (acc)
			return false;
	}
	return true;
}

static bool chats_route(struct req *rq)
{
	struct av_chat *c = map_find(&av.chats, req_seg(rq, 3));

	if (rq->n_seg == 3 && req_is(rq, "POST")) {
		make_chat(rq);
		return true;
	}
	if (!c) {
		control_fail(rq, 404, "no chat %s", req_seg(rq, 3));
		return true;
	}
	if (rq->n_seg == 4 && req_is(rq, "PATCH"))
		change_chat(rq, c);
	else if (rq->n_seg > 4 && req_is(rq, "POST"))
		return act_on_chat(rq, c);
	else
		return false;
	return true;
}

bool avito_control(struct req *rq)
{
	const char *what = req_seg(rq, 2);

	if (strcmp(what, "accounts") == 0)
		return accounts_route(rq);
	if (strcmp(what, "chats") == 0)
		return chats_route(rq);
	if (rq->n_seg != 3 || !req_is(rq, "POST"))
		return false;
	if (strcmp(what, "items") == 0)
		make_item(rq);
	else if (strcmp(what, "buyers") == 0)
		make_buyer(rq);
	else if (strcmp(what, "say") == 0)
		say(rq);
	else if (strcmp(what, "bulk") == 0)
		act_bulk(rq);
	else if (strcmp(what, "webhook") == 0)
		act_webhook(rq);
	else
		return false;
	return true;
}
