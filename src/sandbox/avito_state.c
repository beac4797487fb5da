/*
 * avito_state.c - accounts, ads, buyers, chats and messages of the stand-in.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/avito.h"
#include "sandbox/avito_state.h"
#include "sandbox/settings.h"

struct av_state av;

/* Far enough apart that no two accounts' ids of buyers meet. */
#define ID_STEP INT64_C(1000000000)

int64_t av_visible_id(const struct av_account *acc, const struct av_buyer *b)
{
	if (strcmp(set.avito_buyer_ids, "same") == 0)
		return b->id;
	return b->id + acc->index * ID_STEP;
}

static const char *pair_key(struct arena *a, int64_t buyer, int64_t item)
{
	return arena_printf(a, "%" PRId64 "/%" PRId64, buyer, item);
}

struct av_chat *av_chat_find(const struct av_account *acc, int64_t buyer,
			     int64_t item)
{
	struct arena a = { 0 };
	struct av_chat *c =
		map_find(&acc->chat_by_pair, pair_key(&a, buyer, item));

	arena_release(&a);
	return c;
}

static void unlink_chat(struct av_chat *c)
{
	if (c->newer)
		c->newer->older = c->older;
	else if (c->account->newest == c)
		c->account->newest = c->older;
	if (c->older)
		c->older->newer = c->newer;
	c->older = NULL;
	c->newer = NULL;
}

/* Among the account's chats, newest `updated` first. */
static void link_chat(struct av_chat *c)
{
	struct av_chat *at = c->account->newest, *before = NULL;

	while (at && at->updated > c->updated) {
		before = at;
		at = at->older;
	}
	c->newer = before;
	c->older = at;
	if (before)
		before->older = c;
	else
		c->account->newest = c;
	if (at)
		at->newer = c;
}

static const char *new_chat_id(const char *type)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
				      "mnopqrstuvwxyz0123456789_-~";
	char tail[23] = { 0 };

	for (size_t i = 0; i < sizeof(tail) - 1; i++)
		tail[i] = letters[world_random() % (sizeof(letters) - 1)];
	/* So that every chat exercises the encoding of its id. */
	tail[4] = '~';
	return arena_printf(&world.a, "%s-%s", type, tail);
}

struct av_chat *av_chat_new(struct av_account *acc, struct av_buyer *buyer,
			    struct av_item *item, const char *type,
			    const char *id, int64_t created)
{
	struct av_chat *c = arena_alloc(&world.a, sizeof(*c));

	c->type = arena_str(&world.a, type);
	c->id = id ? arena_str(&world.a, id) : new_chat_id(type);
	c->account = acc;
	c->buyer = buyer;
	c->item = item;
	c->created = created;
	c->updated = created;
	map_put(&av.chats, &world.a, c->id, c);
	map_put(&acc->chat_by_pair, &world.a,
		pair_key(&world.a, buyer ? buyer->id : 0, item ? item->id : 0),
		c);
	link_chat(c);
	world_touch();
	return c;
}

static int64_t author(const struct av_chat *c, const char *by)
{
	if (strcmp(by, "buyer") == 0 && c->buyer)
		return av_visible_id(c->account, c->buyer);
	if (strcmp(by, "buyer") == 0 || strcmp(by, "system") == 0)
		return 0;
	return c->account->user_id;
}

static void insert_message(struct av_chat *c, struct av_message *m)
{
	size_t at = c->messages.n;

	while (at > 0) {
		const struct av_message *before = c->messages.at[at - 1];

		if (before->created <= m->created)
			break;
		at--;
	}
	list_insert(&c->messages, &world.a, at, m);
	map_put(&av.messages, &world.a, m->id, m);
	if (m->created > c->updated || c->messages.n == 1) {
		unlink_chat(c);
		c->updated = m->created;
		link_chat(c);
	}
}

struct av_message *av_message_new(struct av_chat *c, const char *id,
				  const char *by, const char *type,
				  struct json_object *content, int64_t created)
{
	struct av_message *m = arena_alloc(&world.a, sizeof(*m));

	m->id = id ? arena_str(&world.a, id) : world_hex(&world.a, 32);
	m->chat = c;
	m->by = arena_str(&world.a, by);
	m->author_id = author(c, by);
	m->out = m->author_id == c->account->user_id;
	m->type = arena_str(&world.a, type);
	m->content = world_keep(content);
	m->created = created;
	m->at_us = clock_now_us();
	m->is_read = m->out;
	if (!m->out)
		c->unread++;
	insert_message(c, m);
	world_touch();
	return m;
}

void av_chat_mark_read(struct av_chat *c)
{
	for (size_t i = c->messages.n; i > 0 && c->unread > 0; i--) {
		struct av_message *m = c->messages.at[i - 1];

		if (m->is_read)
			continue;
		m->is_read = true;
		c->unread--;
	}
	world_touch();
}

void av_message_remove(struct av_message *m)
{
	struct json_object *content = json_object_new_object();

	if (strcmp(set.avito_deleted_as, "text") == 0) {
		m->type = "text";
		json_put_str(content, "text", AV_DELETED_TEXT);
	} else {
		m->type = "deleted";
	}
	m->content = world_keep(content);
	json_object_put(content);
	world_touch();
}

/* "1 500 ₽", or null. */
static struct json_object *price_json(int64_t price)
{
	char digits[24], out[64];
	size_t n, k = 0;

	if (price < 0)
		return NULL;
	snprintf(digits, sizeof(digits), "%" PRId64, price);
	n = strlen(digits);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[k++] = ' ';
		out[k++] = digits[i];
	}
	snprintf(out + k, sizeof(out) - k, " ₽");
	return json_object_new_string(out);
}

static struct json_object *context_json(const struct av_chat *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *v = json_object_new_object();
	struct json_object *images = json_object_new_object();
	const struct av_media *image = map_find(&av.images, c->item->image);

	json_put_str(o, "type", "item");
	json_put_i64(v, "id", c->item->id);
	json_put_str(v, "title", c->item->title);
	json_put(v, "price_string", price_json(c->item->price));
	json_put_str(v, "url", c->item->url);
	json_put_i64(v, "status_id", 10);
	json_put_i64(v, "user_id", c->account->user_id);
	json_put_i64(images, "count", image ? 1 : 0);
	if (image)
		json_put(images, "main", av_image_sizes(image));
	json_put(v, "images", images);
	json_put(o, "value", v);
	return o;
}

static struct json_object *person_json(int64_t id, const char *name,
				       const struct av_item *item)
{
	struct json_object *o = json_object_new_object();
	struct json_object *profile = json_object_new_object();
	char url[80];

	json_put_i64(o, "id", id);
	json_put_str(o, "name", name);
	json_put_i64(profile, "user_id", id);
	if (item)
		json_put_i64(profile, "item_id", item->id);
	snprintf(url, sizeof(url), "https://avito.ru/user/%" PRIx64 "/profile",
		 (uint64_t)id);
	json_put_str(profile, "url", url);
	json_put(o, "public_user_profile", profile);
	return o;
}

static struct json_object *last_json(const struct av_message *m)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", m->id);
	json_put_str(o, "type", m->type);
	json_put_i64(o, "author_id", m->author_id);
	json_put_i64(o, "created", m->created);
	json_put_str(o, "direction", m->out ? "out" : "in");
	json_put(o, "content", json_object_get(m->content));
	return o;
}

struct json_object *av_chat_json(const struct av_chat *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *users = json_object_new_array();

	json_put_str(o, "id", c->id);
	json_put_i64(o, "created", c->created);
	json_put_i64(o, "updated", c->updated);
	if (c->item)
		json_put(o, "context", context_json(c));
	else if (strcmp(set.avito_u2u_context, "null") == 0)
		json_put(o, "context", NULL);
	if (c->messages.n)
		json_put(o, "last_message",
			 last_json(c->messages.at[c->messages.n - 1]));
	json_object_array_add(users, person_json(c->account->user_id,
						 c->account->name, c->item));
	if (c->buyer)
		json_object_array_add(
			users, person_json(av_visible_id(c->account, c->buyer),
					   c->buyer->name, c->item));
	json_put(o, "users", users);
	return o;
}

struct json_object *av_message_json(const struct av_message *m)
{
	struct json_object *o = last_json(m);

	if (strcmp(set.avito_read_name, "none") != 0)
		json_put_bool(o, set.avito_read_name, m->is_read);
	json_put(o, "read",
		 m->read_at ? json_object_new_int64(m->read_at) : NULL);
	if (m->quote)
		json_put(o, "quote", json_object_get(m->quote));
	return o;
}

static struct av_media *media_new(struct map *where,
				  const struct av_account *acc,
				  const struct file *f, const char *id)
{
	struct av_media *m = arena_alloc(&world.a, sizeof(*m));

	m->id = id;
	m->file = f;
	m->account = acc;
	m->at_us = clock_now_us();
	map_put(where, &world.a, id, m);
	return m;
}

struct av_media *av_image_new(const struct av_account *acc,
			      const struct file *f)
{
	return media_new(&av.images, acc, f,
			 arena_printf(&world.a, "%d.%s",
				      (int)(world_random() % 90000) + 10000,
				      world_hex(&world.a, 16)));
}

struct av_media *av_voice_new(const struct av_account *acc,
			      const struct file *f)
{
	return media_new(&av.voices, acc, f, world_hex(&world.a, 32));
}

const char *av_link_sign(struct arena *a, const char *id, int64_t expires)
{
	uint64_t hash = UINT64_C(1469598103934665603) ^ (uint64_t)expires;

	while (*id)
		hash = (hash ^ (unsigned char)*id++) * UINT64_C(1099511628211);
	return arena_printf(a, "%016" PRIx64, hash);
}

struct json_object *av_image_sizes(const struct av_media *m)
{
	static const char *const sizes[] = { "1280x960", "640x480", "140x105",
					     "32x32" };
	struct json_object *o = json_object_new_object();
	struct arena a = { 0 };
	const char *tail = "";

	if (set.avito_image_link_s) {
		int64_t until = now_s() + set.avito_image_link_s;

		tail = arena_printf(&a, "?e=%" PRId64 "&s=%s", until,
				    av_link_sign(&a, m->id, until));
	}
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		json_put_str(o, sizes[i],
			     arena_printf(&a, "%s/files/image/%s/%s%s",
					  world.url, m->id, sizes[i], tail));
	arena_release(&a);
	return o;
}

const char *av_voice_url(struct arena *a, const struct av_media *m)
{
	int64_t until = now_s() + set.avito_voice_link_s;

	return arena_printf(a, "%s/files/voice/%s?e=%" PRId64 "&s=%s",
			    world.url, m->id, until,
			    av_link_sign(a, m->id, until));
}

void avito_reset(void)
{
	struct map *maps[] = { &av.accounts, &av.clients, &av.tokens,
			       &av.refresh,  &av.codes,   &av.items,
			       &av.buyers,   &av.chats,   &av.messages,
			       &av.images,   &av.voices };

	for (struct lh_entry *e = map_first(&av.accounts); e; e = e->next) {
		struct av_account *acc = map_value(e);

		map_release(&acc->chat_by_pair);
	}
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		map_release(maps[i]);
	memset(&av, 0, sizeof(av));
}
