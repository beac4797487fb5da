/*
 * topic_command.c - an operator's command: who may, and what it does.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/command.h"
#include "core/compose.h"
#include "core/deletion.h"
#include "core/dialog.h"
#include "core/topic_command.h"
#include "core/topic_message.h"
#include "store/assignee.h"
#include "store/hook.h"
#include "store/lane.h"
#include "store/route.h"
#include "store/user.h"

/* So many people are told by name. */
#define CHOICES_MAX 20
/* A longer one is not repeated: it is no slip of the finger. */
#define COMMAND_SHOWN_MAX_BYTES 64

/* One command in work. */
struct work {
	struct db *db;
	struct arena *a;
	struct in_group *g;
	struct route route;
	struct dialog d;
};

static bool say(struct work *x, const char *text, struct err *err)
{
	return bot_say(x->db, x->a, x->g, text, err);
}

static bool change(struct work *x, struct err *err)
{
	struct problems problems = { .a = x->a };

	x->g->ring = true;
	return dialog_change(x->db, x->a, &x->d, x->g->now, &problems, err);
}

static bool set_status(struct work *x, const char *status, const char *done,
		       const char *already, struct err *err)
{
	if (strcmp(x->d.status, status) == 0)
		return say(x, already, err);
	x->d.status = status;
	return change(x, err) && say(x, done, err);
}

/* ---- whose it is ---- */

static bool assign(struct work *x, int64_t user_id, const char *name,
		   struct err *err)
{
	x->d.assignee_id = user_id;
	return change(x, err) &&
	       say(x, arena_printf(x->a, "👤 Ответственный: %s.", name), err);
}

static const char *how_to_link(struct arena *a, const struct in_group *g)
{
	return arena_printf(
		a,
		"Ваш Telegram не привязан к кабинету. Привяжите его в кабинете "
		"на странице «Telegram» вашего профиля, или пусть владелец "
		"впишет ваш номер %" PRId64 " в карточку сотрудника.",
		g->u->from_id);
}

bool topic_command_refuse(struct db *db, struct arena *a, struct in_group *g,
			  struct err *err)
{
	return bot_say(db, a, g,
		       arena_printf(a,
				    "В этом проекте отвечают только сотрудники "
				    "кабинета. %s",
				    how_to_link(a, g)),
		       err);
}

static bool take(struct work *x, struct err *err)
{
	if (!x->route.user_id)
		return say(x, how_to_link(x->a, x->g), err);
	if (x->d.assignee_id == x->route.user_id)
		return say(x, "Этот диалог уже ваш.", err);
	return assign(x, x->route.user_id, x->route.user_name, err);
}

/* "@olga — Ольга", or the login where Telegram's name is not known. */
static void add_choice(struct buf *b, const struct assignee *p)
{
	buf_addf(b, "\n%s%s — %s", *p->username ? "@" : "",
		 *p->username ? p->username : p->login, p->name);
}

/* The only one of whom that is true; NULL: none, or several. */
static const struct assignee *only(const struct assignee *list, size_t n,
				   bool begins)
{
	const struct assignee *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!(begins ? list[i].may_be_meant : list[i].is_meant))
			continue;
		if (found)
			return NULL;
		found = &list[i];
	}
	return found;
}

static bool offer(struct work *x, const char *why, const struct assignee *list,
		  size_t n, struct err *err)
{
	struct buf b;

	buf_init(&b, x->a, 4 * TG_TEXT_MAX);
	buf_add_str(&b, why);
	for (size_t i = 0; i < n; i++)
		add_choice(&b, &list[i]);
	return say(x, text_cut(x->a, b.s, TG_TEXT_MAX), err);
}

/* Several with one name: only those are told. */
static size_t meant(const struct assignee *list, size_t n)
{
	size_t exact = 0, begins = 0;

	while (exact < n && list[exact].is_meant)
		exact++;
	while (begins < n && list[begins].may_be_meant)
		begins++;
	return exact ? exact : begins;
}

static bool assign_to(struct work *x, const char *word, struct err *err)
{
	struct assignee *list;
	const struct assignee *p;
	size_t n, several;

	if (*word == '@')
		word++;
	if (!assignees_list(x->db, x->a, x->d.client_id, word, CHOICES_MAX,
			    &list, &n, err))
		return false;
	p = only(list, n, false);
	several = meant(list, n);
	if (!p && !(several && list[0].is_meant))
		p = only(list, n, true);
	if (p)
		return assign(x, p->user_id, p->name, err);
	if (!*word)
		return offer(x, "Кому передать? /assign и имя:", list, n, err);
	if (several)
		return offer(x, "Так зовут нескольких, уточните:", list,
			     several, err);
	return offer(x, "Такого сотрудника нет. Есть:", list, n, err);
}

/* ---- what is known of it ---- */

static const char *card(struct work *x)
{
	struct delivery d = {
		.source = x->d.source,
		.item_title = x->d.item_title,
		.item_price = x->d.item_price,
		.item_url = x->d.item_url,
		.buyer_name = x->d.buyer_name,
		.buyer_url = x->d.buyer_url,
		.dialog_origin = x->d.origin,
	};

	return compose_card(x->a, &d);
}

static bool info(struct work *x, struct err *err)
{
	struct user u = { .name = "никто" };
	bool open = strcmp(x->d.status, "open") == 0;

	if (x->d.assignee_id &&
	    !user_find(x->db, x->a, x->d.client_id, x->d.assignee_id, &u, err))
		return false;
	return say(x,
		   arena_printf(x->a,
				"%s\n\nДиалог %s. Ответственный: %s.\n"
				"Номер диалога: %" PRId64,
				card(x), open ? "открыт" : "закрыт", u.name,
				x->d.id),
		   err);
}

/* ---- a note ---- */

static bool note(struct work *x, struct err *err)
{
	struct message_file file;
	struct topic_message m = topic_message_read(x->a, x->g, &file);
	int64_t id;

	if (!m.n_files && text_is_blank(m.text))
		return say(x,
			   "Напишите заметку в том же сообщении: /note текст",
			   err);
	m.dialog_id = x->d.id;
	update_queue_forget(x->db, x->a, m.client_id, m.bot_id, m.update_id);
	return message_take_topic(x->db, x->a, &m, &id, err) &&
	       say(x, "📝 Заметка сохранена, покупатель её не увидит.", err);
}

/* ---- taking back ---- */

static bool delete_answered(struct work *x, struct err *err)
{
	struct deletion del = {
		.client_id = x->g->client_id,
		.now = x->g->now,
		.request_id = x->g->request_id,
	};
	struct err problem = { 0 };

	if (!x->g->u->reply_to)
		return say(x,
			   "Ответьте этой командой на сообщение, которое надо "
			   "удалить у покупателя.",
			   err);
	if (!deletion_find(x->db, x->a, del.client_id, x->g->u->chat_id,
			   x->g->u->reply_to, &del.message_id, err))
		return false;
	if (!del.message_id)
		return say(x, "Это сообщение покупателю не отправлялось.", err);
	if (message_delete_for_buyer(x->db, x->a, &del, &problem))
		return say(x, "🗑 Удаляем у покупателя.",
			   err);
	if (problem.kind == ERR_CONFLICT || problem.kind == ERR_MISSING)
		return say(x,
			   del.refusal ? del.refusal
				       : "Сейчас удалить не получилось: "
					 "повторите через минуту.",
			   err);
	*err = problem;
	return false;
}

/* ---- all of them ---- */

static const char *ids(struct work *x)
{
	const struct tg_update *u = x->g->u;

	if (!u->topic)
		return arena_printf(x->a, "chat_id: %" PRId64, u->chat_id);
	return arena_printf(x->a, "chat_id: %" PRId64 "\nThread ID: %" PRId64,
			    u->chat_id, u->topic);
}

/* Whoever wrote it may believe that the buyer has read it. */
static const char *not_known(struct work *x)
{
	const char *help = command_help(x->a);

	if (strlen(x->g->u->command) > COMMAND_SHOWN_MAX_BYTES)
		return help;
	return arena_printf(x->a,
			    "Команды %s нет, покупателю это не ушло.\n\n%s",
			    x->g->u->command, help);
}

static bool act(struct work *x, enum command command, struct err *err)
{
	switch (command) {
	case COMMAND_CLOSE:
		return set_status(x, "closed",
				  "✅ Диалог закрыт. Новое сообщение покупателя "
				  "откроет его снова.",
				  "Диалог уже закрыт.", err);
	case COMMAND_REOPEN:
		return set_status(x, "open", "Диалог снова открыт.",
				  "Диалог и так открыт.", err);
	case COMMAND_TAKE:
		return take(x, err);
	case COMMAND_ASSIGN:
		return assign_to(x, x->g->u->command_args, err);
	case COMMAND_NOTE:
		return note(x, err);
	case COMMAND_DELETE:
		return delete_answered(x, err);
	case COMMAND_INFO:
		return info(x, err);
	case COMMAND_UNKNOWN:
	case COMMAND_HELP:
	case COMMAND_GETID:
		break;
	}
	return true;
}

static bool in_dialog(struct work *x, enum command command, struct err *err)
{
	if (!x->route.dialog_id || !x->route.is_ours)
		return say(
			x,
			"Эта команда действует в теме диалога или ответом на "
			"сообщение из него.",
			err);
	if (!x->route.may)
		return topic_command_refuse(x->db, x->a, x->g, err);
	/* Some commands write lanes, which come before the dialog. */
	lanes_queue_lock_of(x->db, x->a, x->route.dialog_id);
	return dialog_lock(x->db, x->a, x->g->client_id, 0, x->route.dialog_id,
			   &x->d, err) &&
	       act(x, command, err);
}

/* Colleagues name each other as Telegram does. */
static bool learn_name(struct work *x, struct err *err)
{
	const char *username = x->g->u->from_username;

	return !x->route.user_id || !*username ||
	       assignee_put_username(x->db, x->a, x->g->client_id,
				     x->route.user_id, username, err);
}

bool topic_command(struct db *db, struct arena *a, struct in_group *g,
		   struct err *err)
{
	struct work x = { .db = db, .a = a, .g = g };
	struct route_ask q = {
		.client_id = g->client_id,
		.bot_id = g->bot_id,
		.chat_id = g->u->chat_id,
		.topic_id = g->u->topic,
		.reply_to = g->u->reply_to,
		.from_id = g->u->from_id,
	};
	enum command command = command_read(g->u->command);

	if (!route_trace(db, a, &q, &x.route, err) || !learn_name(&x, err))
		return false;
	if (command == COMMAND_GETID)
		return say(&x, ids(&x), err);
	/* Another bot of the group answers there. */
	if (x.route.dialog_id && !x.route.is_ours && !g->u->command_bot)
		return true;
	if (command == COMMAND_HELP)
		return say(&x, command_help(a), err);
	if (command == COMMAND_UNKNOWN)
		return say(&x, not_known(&x), err);
	return in_dialog(&x, command, err);
}
