/*
 * bot_check.c - what a bot may: its token, its group, its rights there.
 *
 * "active" means that the token is good and, where a group is bound, that
 * the group is a forum (unless the bot works without topics) and the bot an
 * administrator who may manage topics.  Everything that waits for the bot
 * goes on when it becomes so.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/delivery.h"

/* What has been found out so far. */
struct check {
	struct tg_me me;
	struct tg_chat chat;
	struct bot_finding finding;
};

static bool write_finding(struct run *r, struct err *err)
{
	struct check *k = r->state;
	struct db *db = r->dm->db;
	int64_t now = clock_now_us();

	return bot_record(db, &r->a, r->t.subject_id, &k->finding, now, err) &&
	       (k->finding.error ||
		lanes_wake(db, &r->a,
			   arena_printf(&r->a, "bot:%" PRId64, r->t.subject_id),
			   now, err));
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
	run_again(r,
		  clock_now_us() + (k->finding.error ? RECHECK_US : DAILY_US),
		  NULL);
}

/* A refusal is a finding; what may pass is tried again. */
static void unanswered(struct run *r, const struct err *err)
{
	struct check *k = r->state;

	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
	    err->kind == ERR_UNSURE) {
		run_error(r, err);
		return;
	}
	k->finding.error = arena_str(&r->a, err->text);
	conclude(r);
}

static void judge_member(struct run *r, const struct tg_member *m)
{
	struct bot_finding *f = &((struct check *)r->state)->finding;

	if (!m->is_admin)
		f->error = "Бот не администратор группы: назначьте его и "
			   "разрешите управлять темами.";
	else if (r->bot->topic_mode && !m->can_manage_topics)
		f->error = "Боту не разрешено управлять темами: включите это "
			   "право администратора.";
	else if (!m->can_pin)
		f->warning = "Боту не разрешено закреплять сообщения: "
			     "карточки объявлений останутся незакреплёнными, "
			     "пока не включено это право администратора.";
}

static void on_member(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct tg_member member;
	struct err err = { 0 };

	if (!tg_get_member_read(&r->a, &c->reply, &member, &trouble, &err)) {
		unanswered(r, &err);
		return;
	}
	judge_member(r, &member);
	conclude(r);
}

static void on_chat(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (!tg_get_chat_read(&r->a, &c->reply, &k->chat, &trouble, &err)) {
		unanswered(r, &err);
		return;
	}
	k->finding.group_title = k->chat.title;
	if (r->bot->topic_mode && !k->chat.is_forum) {
		k->finding.error = "В группе не включены темы: включите их в "
				   "настройках группы.";
		conclude(r);
		return;
	}
	tg_get_member_write(&r->a, &r->end, r->bot->group_chat_id, k->me.id,
			    &r->call.rq);
	run_call(r, on_member);
}

static void on_me(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct check *k = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (!tg_get_me_read(&r->a, &c->reply, &k->me, &trouble, &err)) {
		unanswered(r, &err);
		return;
	}
	k->finding.username = k->me.username;
	k->finding.name = k->me.name;
	if (!r->bot->group_chat_id) {
		k->finding.warning = "Рабочая группа не выбрана: добавьте бота "
				     "в группу с темами и укажите её номер "
				     "(его скажет /getid).";
		conclude(r);
		return;
	}
	tg_get_chat_write(&r->a, &r->end, r->bot->group_chat_id, &r->call.rq);
	run_call(r, on_chat);
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
