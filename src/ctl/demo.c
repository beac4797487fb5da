/*
 * demo.c - tuberryctl seed --demo: a shop to try Tuberry with.
 *
 * Numbers and keys are made up at random each time: both services know a bot
 * and an account by them for good.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/avito_account.h"
#include "core/bot.h"
#include "core/project.h"
#include "core/telegram_source.h"
#include "core/tenant.h"
#include "core/user.h"
#include "ctl/demo.h"
#include "ctl/password.h"
#include "ctl/sandbox.h"

#define SHOP_NAME     "Демо-магазин"
#define OWNER_LOGIN   "demo-owner"
#define MANAGER_LOGIN "demo-manager"
#define KEY_BYTES     24

static const struct {
	const char *title;
	int price; /* roubles */
} ads[] = {
	{ "Настольная лампа", 1500 },
	{ "Велосипед городской", 12000 },
	{ "Кресло с подлокотниками", 4300 },
};

static const char *const operators[] = { "Ольга", "Иван" };
static const char *const buyers[] = { "Анна", "Пётр" };

/* Who may write to the shop's bot; the first also owns an account for which
 * it may answer. */
static const char *const people[] = { "Мария", "Вера", "Глеб" };

/* The shop as the sandbox has it. */
struct shop {
	struct secret bot_token, source_token;
	int64_t bot_number, source_number, group_id;
	const char *api_client_id;
	struct secret api_client_secret;
	int64_t avito_user_id;
};

/* ---- in the sandbox ---- */

/* Ten digits, as Telegram's newer bots have. */
static int64_t random_number(struct arena *a)
{
	const char *hex = secret_hash(a, secret_random(a, KEY_BYTES));
	int64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n * 16 + (hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
	return INT64_C(2000000000) + n;
}

static struct secret make_up_token(struct arena *a, int64_t number)
{
	const char *token = arena_printf(a, "%" PRId64 ":%s", number,
					 secret_random(a, KEY_BYTES).bytes);

	return secret_copy(a, token, strlen(token));
}

static void make_up(struct arena *a, struct shop *shop)
{
	shop->bot_number = random_number(a);
	shop->bot_token = make_up_token(a, shop->bot_number);
	shop->source_number = random_number(a);
	shop->source_token = make_up_token(a, shop->source_number);
	shop->avito_user_id = random_number(a);
	shop->api_client_id = secret_random(a, KEY_BYTES).bytes;
	shop->api_client_secret = secret_random(a, KEY_BYTES);
}

static bool make_bot(struct sandbox *sb, struct secret token, int64_t number,
		     const char *name, const char *username, struct err *err)
{
	struct json_object *o = json_new(sb->a), *answer;

	json_put_str(o, "token", token.bytes);
	json_put_str(o, "name", name);
	json_put_str(
		o, "username",
		arena_printf(sb->a, "%s_%" PRId64 "_bot", username, number));
	json_put_bool(o, "can_connect_to_business", true);
	return sandbox_ask(sb, "telegram/bots", o, &answer, err);
}

static bool make_person(struct sandbox *sb, const char *name, int64_t *id,
			struct err *err)
{
	struct json_object *o = json_new(sb->a), *answer;

	json_put_str(o, "first_name", name);
	if (!sandbox_ask(sb, "telegram/users", o, &answer, err))
		return false;
	*id = json_i64(answer, "id", 0);
	return true;
}

/* A forum whose creator is the first operator, with the bot administrator. */
static bool make_group(struct sandbox *sb, struct shop *shop, struct err *err)
{
	struct json_object *o = json_new(sb->a), *answer;
	struct json_object *members = json_object_new_array();
	struct json_object *bots = json_object_new_array();
	struct json_object *bot = json_object_new_object();
	int64_t id;

	json_put_str(o, "title", SHOP_NAME);
	json_put_bool(o, "forum", true);
	json_put(o, "members", members);
	json_put(o, "bots", bots);
	json_put_i64(bot, "id", shop->bot_number);
	json_object_array_add(bots, bot);
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		if (!make_person(sb, operators[i], &id, err))
			return false;
		if (i == 0)
			json_put_i64(o, "creator", id);
		else
			json_object_array_add(members,
					      json_object_new_int64(id));
	}
	if (!sandbox_ask(sb, "telegram/groups", o, &answer, err))
		return false;
	shop->group_id = json_i64(answer, "id", 0);
	return true;
}

static bool make_account(struct sandbox *sb, const struct shop *shop,
			 struct err *err)
{
	struct json_object *o = json_new(sb->a), *answer;

	json_put_i64(o, "user_id", shop->avito_user_id);
	json_put_str(o, "name", SHOP_NAME);
	json_put_str(o, "client_id", shop->api_client_id);
	json_put_str(o, "client_secret", shop->api_client_secret.bytes);
	if (!sandbox_ask(sb, "avito/accounts", o, &answer, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ads); i++) {
		o = json_new(sb->a);
		json_put_i64(o, "user_id", shop->avito_user_id);
		json_put_str(o, "title", ads[i].title);
		json_put_i64(o, "price", ads[i].price);
		if (!sandbox_ask(sb, "avito/items", o, &answer, err))
			return false;
	}
	return true;
}

static bool make_buyers(struct sandbox *sb, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(buyers); i++) {
		struct json_object *o = json_new(sb->a), *answer;

		json_put_str(o, "name", buyers[i]);
		if (!sandbox_ask(sb, "avito/buyers", o, &answer, err))
			return false;
	}
	return true;
}

/* Somebody lets the shop's bot answer for her; it hears of that once it has
 * its webhook. */
static bool make_people(struct sandbox *sb, const struct shop *shop,
			struct err *err)
{
	struct json_object *o = json_new(sb->a), *answer;
	int64_t owner = 0, id;

	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		if (!make_person(sb, people[i], &id, err))
			return false;
		if (i == 0)
			owner = id;
	}
	json_put_i64(o, "user", owner);
	return sandbox_ask(sb,
			   arena_printf(sb->a,
					"telegram/bots/%" PRId64 "/business",
					shop->source_number),
			   o, &answer, err);
}

static bool make_shop(struct sandbox *sb, struct shop *shop, struct err *err)
{
	make_up(sb->a, shop);
	return make_bot(sb, shop->bot_token, shop->bot_number, "Tuberry",
			"tuberry", err) &&
	       make_bot(sb, shop->source_token, shop->source_number, SHOP_NAME,
			"shop", err) &&
	       make_group(sb, shop, err) && make_account(sb, shop, err) &&
	       make_buyers(sb, err) && make_people(sb, shop, err);
}

static bool sandbox_has_bot(struct sandbox *sb, int64_t number, bool *yes,
			    struct err *err)
{
	struct json_object *state, *bots;

	*yes = false;
	if (!sandbox_ask(sb, "state?part=telegram", NULL, &state, err))
		return false;
	bots = json_array_at(json_object_at(state, "telegram"), "bots");
	for (size_t i = 0; bots && i < json_object_array_length(bots); i++)
		if (json_i64(json_object_array_get_idx(bots, i), "id", 0) ==
		    number)
			*yes = true;
	return true;
}

/* ---- in the database ---- */

static bool add_person(struct ctl *c, int64_t client_id, const char *login,
		       const char *name, const char *role,
		       struct secret *password, struct err *err)
{
	static const struct password_source none = { 0 };
	struct user u = { .client_id = client_id,
			  .login = login,
			  .name = name,
			  .role = role };
	bool made_up;

	return password_read(c->a, &none, password, &made_up, err) &&
	       user_add(ctl_db(c), c->a, 0, &u, *password, clock_now_us(), err);
}

/* Bot, project, account and source, as the cabinet would add them. */
static bool add_links(struct ctl *c, const struct shop *shop, int64_t client_id,
		      struct err *err)
{
	struct problems problems = { .a = c->a };
	struct bot bot = { .client_id = client_id,
			   .group_chat_id = shop->group_id,
			   .topic_mode = true };
	struct avito_account account = { .client_id = client_id,
					 .api_client_id = shop->api_client_id,
					 .monitoring = true,
					 .webhook = true };
	struct telegram_source source = { .client_id = client_id,
					  .monitoring = true };
	struct db *db = ctl_db(c);
	int64_t now = clock_now_us();
	struct project project;

	if (!bot_add(db, c->a, &bot, shop->bot_token, now, &problems, err) ||
	    !project_init(db, c->a, client_id, &project, err))
		return false;
	project.name = "Мебель и техника";
	project.bot_id = bot.id;
	if (!project_add(db, c->a, &project, now, &problems, err))
		return false;
	account.project_id = source.project_id = project.id;
	return avito_account_add(db, c->a, &account, shop->api_client_secret,
				 now, &problems, err) &&
	       telegram_source_add(db, c->a, &source, shop->source_token, now,
				   &problems, err);
}

static bool store_shop(struct ctl *c, const struct shop *shop, struct err *err)
{
	struct problems problems = { .a = c->a };
	struct tenant t = { .name = SHOP_NAME };
	struct secret owner, manager;
	bool ok = db_begin(ctl_db(c), err) &&
		  tenant_add(ctl_db(c), c->a, &t, clock_now_us(), &problems,
			     err) &&
		  add_person(c, t.id, OWNER_LOGIN, "Мария (владелец)", "owner",
			     &owner, err) &&
		  add_person(c, t.id, MANAGER_LOGIN, "Олег (менеджер)",
			     "manager", &manager, err) &&
		  add_links(c, shop, t.id, err);

	if (!db_finish(ctl_db(c), ok, err))
		return false;
	printf("owner:         %s  %s\n", OWNER_LOGIN, owner.bytes);
	printf("manager:       %s  %s\n", MANAGER_LOGIN, manager.bytes);
	return true;
}

/* *client_id 0: there is none yet.  *bot_number 0: it has no bot. */
static bool find_shop(struct ctl *c, int64_t *client_id, int64_t *bot_number,
		      struct err *err)
{
	struct err missing = { 0 };
	struct bot *bots;
	struct user u;
	size_t n;

	*client_id = *bot_number = 0;
	if (!user_by_login(ctl_db(c), c->a, OWNER_LOGIN, &u, &missing)) {
		if (missing.kind == ERR_MISSING)
			return true;
		*err = missing;
		return false;
	}
	*client_id = u.client_id;
	if (!bots_list(ctl_db(c), c->a, u.client_id, 0, 1, &bots, &n, err))
		return false;
	*bot_number = n ? bots[0].telegram_id : 0;
	return true;
}

static bool forget_shop(struct ctl *c, int64_t client_id, struct err *err)
{
	bool ok = db_begin(ctl_db(c), err) &&
		  tenant_delete(ctl_db(c), c->a, client_id, err);

	return db_finish(ctl_db(c), ok, err);
}

bool seed_demo(struct ctl *c, struct err *err)
{
	int64_t client_id, bot_number;
	struct sandbox sb;
	struct shop shop;
	bool known;

	if (c->s->app_secret.len == 0)
		return err_set(err, ERR_INPUT,
			       "APP_SECRET is required: it seals the demo "
			       "bot's token");
	if (!sandbox_open(c->a, c->s, &sb, err) ||
	    !find_shop(c, &client_id, &bot_number, err) ||
	    !sandbox_has_bot(&sb, bot_number, &known, err))
		return false;
	if (known) {
		printf("owner:         %s\nmanager:       %s\n"
		       "               (passwords as before; another one: "
		       "tuberryctl user set-password)\n",
		       OWNER_LOGIN, MANAGER_LOGIN);
		return true;
	}
	if (!make_shop(&sb, &shop, err) ||
	    (client_id && !forget_shop(c, client_id, err)) ||
	    !store_shop(c, &shop, err))
		return false;
	ctl_ring(c);
	return true;
}
