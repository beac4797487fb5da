/*
 * bot_check.c - what a bot may: its token, its group, its rights there.
 *
 * "active" means that the token is good and, where a group is bound, that
 * the group is a forum (unless the bot works without topics) and the bot an
 * administrator who may manage topics.  Everything that waits for the bot
 * goes on when it becomes so.  Another program may have taken the webhook:
 * it is set again, and somebody is told.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/url.h"
#include "chan/telegram.h"
#include "core/bot.h"
#include "core/broken.h"
#include "core/command.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/hook.h"
#include "store/lane.h"
#include "store/notice.h"

/* What has been found out so far. */
struct check {
	struct tg_me me;
	struct tg_chat chat;
	struct bot_finding finding;
	struct broken broken; /* why is set with finding.error */
	bool has_followed;
	bool knows_webhook;
	bool has_moved;    /* its webhook is at its other address */
	const char *taken; /* another program has it: for people; or NULL */
};

static bool write_state(struct run *r, int64_t now, struct err *err)
{
	struct check *k = r->state;

	k->broken.client_id = r->bot->client_id;
	k->broken.bot_id = r->bot->id;
	k->broken.why = k->finding.error;
	if (!k->finding.error)
		return broken_mended(r->dm->db, &r->a, &k->broken, now, err);
	/* What is wrong with its group is not its private chats' trouble. */
	return broken_notice(r->dm->db, &r->a, &k->broken, now, err) &&
	       (k->finding.token_refused ||
		lanes_wake_sources(r->dm->db, &r->a, r->bot->id, now, err));
}

static bool write_webhook(struct run *r, int64_t now, struct err *err)
{
	struct check *k = r->state;
	struct notice n = {
		.client_id = r->bot->client_id,
		.kind = NOTICE_BOT_TAKEN,
		.object = broken_object(&r->a, &k->broken),
		.text = k->taken,
	};
	struct task set = {
		.client_id = r->bot->client_id,
		.kind = "bot.webhook",
		.subject_id = r->bot->id,
		.due_at = now,
		.request_id = r->t.request_id,
	};

	if (k->taken ? !notice_raise(r->dm->db, &r->a, &n, now, err)
		     : !notice_close(r->dm->db, &r->a, n.client_id, n.kind,
				     n.object, now, err))
		return false;
	return (!k->taken && !k->has_moved) ||
	       task_add(r->dm->db, &r->a, &set, err);
}

/* Those that groups are offered are others by now. */
static bool write_commands(struct run *r, int64_t now, struct err *err)
{
	const struct check *k = r->state;
	struct task tell = {
		.client_id = r->bot->client_id,
		.kind = "bot.commands",
		.subject_id = r->bot->id,
		.due_at = now,
		.request_id = r->t.request_id,
	};

	return k->finding.error || !r->bot->group_chat_id ||
	       r->bot->commands_version == COMMANDS_VERSION ||
	       task_add(r->dm->db, &r->a, &tell, err);
}

static bool write_finding(struct run *r, struct err *err)
{
	struct check *k = r->state;
	int64_t now = clock_now_us();

	return bot_record(r->dm->db, &r->a, r->t.subject_id, &k->finding, now,
			  err) &&
	       write_state(r, now, err) && write_commands(r, now, err) &&
	       (!k->knows_webhook || write_webhook(r, now, err));
}

static void conclude(struct run *r)
{
	struct check *k = r->state;
	struct err err = { 0 };
	bool ok;

	ok = db_begin(r->dm->db, &err) && write_finding(r, &err);
	if (!db_finish(r->dm->db, ok, &err)) {
		run_error(r, &err);
		return;
	}
	if (k->finding.error)
		log_error("bot.broken", lf_int("bot", r->t.subject_id),
			  lf_str("reason", k->finding.error));
	daemon_look(r->dm);
	run_again(r,
		  clock_now_us() + (k->finding.error || k->taken ? RECHECK_US
								 : DAILY_US),
		  NULL);
}

static void found(struct run *r, enum chan_trouble trouble, const char *why)
{
	struct check *k = r->state;

	k->finding.error = why;
	k->finding.token_refused =
		trouble == CHAN_TOKEN_REFUSED || k->broken.kind == ERR_AUTH;
	k->broken.trouble = trouble;
	conclude(r);
}

/* A refusal is a finding; what may pass is tried again. */
static void unanswered(struct run *r, enum chan_trouble trouble,
		       const struct err *err)
{
	struct check *k = r->state;

	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
	    err->kind == ERR_UNSURE) {
		run_error(r, err);
		return;
	}
	k->broken.kind = err->kind;
	found(r, trouble, arena_str(&r->a, err->text));
}

/* NULL: it may do what it has to. */
static const char *lacks(const struct run *r, const struct tg_member *m)
{
	if (!m->is_admin)
		return "Бот не администратор группы: назначьте его и "
		       "разрешите управлять темами.";
	if (r->bot->topic_mode && !m->can_manage_topics)
		return "Боту не разрешено управлять темами: включите это "
		       "право администратора.";
	return NULL;
}

/* A title tells how a dialog stands even without icons. */
static void on_icons(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (!tg_get_icons_read(&r->a, &c->reply, &k->finding.icons, &trouble,
			       &err))
		k->finding.icons = NULL;
	conclude(r);
}

static void ask_for_icons(struct run *r)
{
	r->call.rq = (struct http_request){ 0 };
	tg_get_icons_write(&r->a, &r->end, &r->call.rq);
	run_call(r, on_icons);
}

static void on_member(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct tg_member member;
	struct err err = { 0 };

	if (!tg_get_member_read(&r->a, &c->reply, &member, &trouble, &err)) {
		unanswered(r, trouble, &err);
	} else if (!member.is_there) {
		found(r, CHAN_KICKED,
		      "Бота нет в рабочей группе: добавьте его снова и "
		      "назначьте администратором.");
	} else if (lacks(r, &member)) {
		found(r, CHAN_NO_RIGHTS, lacks(r, &member));
	} else {
		if (!member.can_pin)
			k->finding.warning =
				"Боту не разрешено закреплять сообщения: "
				"карточки объявлений останутся "
				"незакреплёнными, пока не включено это право "
				"администратора.";
		if (r->bot->topic_mode)
			ask_for_icons(r);
		else
			conclude(r);
	}
}

static void check_group(struct run *r);

/* The group became a supergroup, and the update that said so was missed. */
static void follow(struct run *r, int64_t to)
{
	struct check *k = r->state;
	struct db *db = r->dm->db;
	struct err err = { 0 };
	bool ok;

	ok = db_begin(db, &err) &&
	     group_migrated(db, &r->a, r->bot->client_id, r->bot->group_chat_id,
			    to, &err);
	if (!db_finish(db, ok, &err)) {
		run_error(r, &err);
		return;
	}
	k->has_followed = true;
	r->bot->group_chat_id = to;
	check_group(r);
}

static void on_chat(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (!tg_get_chat_read(&r->a, &c->reply, &k->chat, &trouble, &err)) {
		if (k->chat.migrate_to && !k->has_followed)
			follow(r, k->chat.migrate_to);
		else
			unanswered(r, trouble, &err);
		return;
	}
	k->finding.group_title = k->chat.title;
	if (r->bot->topic_mode && !k->chat.is_forum) {
		found(r, CHAN_NOT_FORUM,
		      "В группе не включены темы: включите их в настройках "
		      "группы.");
		return;
	}
	tg_get_member_write(&r->a, &r->end, r->bot->group_chat_id, k->me.id,
			    &r->call.rq);
	run_call(r, on_member);
}

static void check_group(struct run *r)
{
	struct check *k = r->state;

	if (!r->bot->group_chat_id) {
		/* A source needs none. */
		if (!r->bot->source_id)
			k->finding.warning =
				"Рабочая группа не выбрана: добавьте бота "
				"в группу с темами и укажите её номер "
				"(его скажет /getid).";
		conclude(r);
		return;
	}
	r->call.rq = (struct http_request){ 0 };
	tg_get_chat_write(&r->a, &r->end, r->bot->group_chat_id, &r->call.rq);
	run_call(r, on_chat);
}

/* Ours under any secret: a new one may be on its way. */
static bool is_at(struct run *r, const char *url, int64_t group_chat_id)
{
	const char *ours =
		bot_hook_address(&r->a, r->dm->s->webhook_base_url, r->bot->id,
				 group_chat_id, r->bot->source_id);

	return strncmp(url, ours, strlen(ours)) == 0;
}

static void judge_webhook(struct run *r, const char *url)
{
	struct check *k = r->state;
	struct origin foreign;

	k->knows_webhook = true;
	if (is_at(r, url, r->bot->group_chat_id))
		return;
	/* The group was bound meanwhile, or is no more: the other address of
	 * the same bot, which is as good until it is set anew. */
	k->has_moved = is_at(r, url, !r->bot->group_chat_id);
	if (k->has_moved)
		return;
	if (origin_read(&r->a, url, &foreign))
		k->taken = arena_printf(
			&r->a,
			"Сообщения бота забрала другая программа (%s); Tuberry "
			"вернула их себе. Отключите бота там или выпустите "
			"новый токен у @BotFather и введите его здесь.",
			foreign.host);
	else
		k->taken = "Другая программа отключила вебхук бота; Tuberry "
			   "установила его снова. Отключите бота там или "
			   "выпустите новый токен у @BotFather и введите его "
			   "здесь.";
	log_warn("bot.webhook_taken", lf_int("bot", r->t.subject_id),
		 lf_str("url", url_masked(&r->a, url)));
}

static void on_webhook(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };
	const char *url;

	if (!tg_get_webhook_read(&r->a, &c->reply, &url, &trouble, &err)) {
		unanswered(r, trouble, &err);
		return;
	}
	judge_webhook(r, url);
	check_group(r);
}

static void on_me(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (!tg_get_me_read(&r->a, &c->reply, &k->me, &trouble, &err)) {
		unanswered(r, trouble, &err);
		return;
	}
	k->finding.username = k->me.username;
	k->finding.name = k->me.name;
	if (!r->bot->webhook_set_at) {
		check_group(r);
		return;
	}
	r->call.rq = (struct http_request){ 0 };
	tg_get_webhook_write(&r->a, &r->end, &r->call.rq);
	run_call(r, on_webhook);
}

static void start(struct run *r)
{
	if (!run_bot(r))
		return;
	r->state = arena_alloc(&r->a, sizeof(struct check));
	tg_get_me_write(&r->a, &r->end, &r->call.rq);
	run_call(r, on_me);
}

const struct task_type task_bot_check = {
	.kind = "bot.check",
	.start = start,
};
