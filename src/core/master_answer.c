/*
 * master_answer.c - what the master bot says to whoever writes to it.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "core/installation.h"
#include "core/link.h"
#include "core/master_answer.h"
#include "store/guest.h"
#include "store/task.h"

/* In Russian, and for people whose Telegram speaks something else in English
 * below it. */
struct words {
	const char *ru, *en;
};

/* ---- taking down ---- */

/* Behind /start when the link of the sign-in page led here; no invite. */
#define FROM_LOGIN "login"

/* The code itself is as good as a password and is not stored. */
static const char *code_hash(struct arena *a, const char *code)
{
	struct secret s = { code, strlen(code) };

	return s.len && strcmp(code, FROM_LOGIN) != 0 ? secret_hash(a, s) : "";
}

bool master_take(struct db *db, struct arena *a, int64_t bot_id,
		 const struct tg_update *u, int64_t now, struct err *err)
{
	bool start = u->command && strcmp(u->command, "/start") == 0;
	struct task t = {
		.kind = "master.answer",
		.subject_id = u->from_id,
		.key = start ? "start" : "help",
		.due_at = now,
		.request_id = log_id(),
	};
	struct json_object *args = json_new(a);

	if (u->kind != TG_MESSAGE || strcmp(u->chat_type, "private") != 0 ||
	    u->from_is_bot || u->from_id <= 0)
		return true;
	json_put_i64(args, "bot", bot_id);
	json_put_i64(args, "update", u->update_id);
	json_put_i64(args, "person", u->from_id);
	json_put_i64(args, "chat", u->chat_id);
	json_put_str(args, "name", u->from_name);
	json_put_str(args, "username", u->from_username);
	json_put_bool(args, "russian", strncmp(u->from_language, "ru", 2) == 0);
	json_put_bool(args, "start", start);
	json_put_str(args, "code_hash",
		     start ? code_hash(a, u->command_args) : "");
	t.args = json_text(args);
	return task_add(db, a, &t, err);
}

int64_t master_asked(struct json_object *args)
{
	return json_i64(args, "bot", 0);
}

/* ---- answering ---- */

/* One answer in the making. */
struct answer {
	struct db *db;
	struct arena *a;
	const struct settings *s;
	struct json_object *args;
	int64_t now;
	struct guest guest;
	struct guest_invite invite;
	struct tg_private *m;
	const char **what;
};

static bool say(struct answer *x, const char *what, struct words w)
{
	*x->what = what;
	x->m->text = json_flag(x->args, "russian", false)
			     ? w.ru
			     : arena_printf(x->a, "%s\n\n%s", w.ru, w.en);
	return true;
}

static const char *role_ru(const char *role)
{
	return strcmp(role, "owner") == 0 ? "владелец" : "менеджер";
}

/* What the link leads to. */
static struct words greeting(const struct answer *x, bool has_code)
{
	const struct guest *g = &x->guest;
	struct arena *a = x->a;

	if (g->user_id && has_code)
		return (struct words){
			"У вас уже есть вход в Tuberry, а в двух кабинетах "
			"состоять нельзя: приглашение осталось нетронутым. Вот "
			"ссылка для входа в ваш кабинет.",
			"You have an account at Tuberry already and cannot "
			"join a second client: the invite was left as it is. "
			"Here is a link to sign in to your own account.",
		};
	if (g->user_id)
		return (struct words){
			*g->client
				? arena_printf(
					  a, "Ссылка для входа в кабинет «%s».",
					  g->client)
				: "Ссылка для входа в Tuberry.",
			"A link to sign in to your account.",
		};
	if (x->invite.id)
		return (struct words){
			arena_printf(a,
				     "Вас приглашают в «%s», роль: %s. "
				     "Откройте ссылку, чтобы войти.",
				     x->invite.client, role_ru(x->invite.role)),
			arena_printf(a,
				     "You are invited to “%s” as %s. Open the "
				     "link to join.",
				     x->invite.client, x->invite.role),
		};
	return (struct words){
		"Ссылка для входа в Tuberry. Вы здесь впервые: по ней "
		"откроется ваш новый кабинет.",
		"A link to sign in to Tuberry. You are new here: it opens an "
		"account of your own.",
	};
}

static bool too_often(struct answer *x, const struct err *err)
{
	int minutes = err->retry_s / 60 + 1;

	return say(
		x, "limit",
		(struct words){
			arena_printf(
				x->a,
				"Слишком много ссылок подряд. Попросите новую "
				"через %d мин. или откройте последнюю.",
				minutes),
			arena_printf(x->a,
				     "Too many links in a row. Ask for a new "
				     "one in %d min, or open the last one.",
				     minutes),
		});
}

/* Telegram's buttons open https only; elsewhere the address is text. */
static void show_link(struct answer *x, const char *url)
{
	struct tg_private *m = x->m;

	if (strncmp(url, "https://", 8) == 0) {
		m->button = json_flag(x->args, "russian", false)
				    ? "Войти"
				    : "Войти · Sign in";
		m->url = url;
	} else {
		m->text = arena_printf(x->a, "%s\n\n%s", m->text, url);
	}
}

static bool give_link(struct answer *x, bool has_code, struct err *err)
{
	struct link_new n = {
		.telegram_user_id = json_i64(x->args, "person", 0),
		.username = json_str(x->args, "username", ""),
		.first_name = json_str(x->args, "name", ""),
		.invite_id = x->guest.user_id ? 0 : x->invite.id,
		.update_id = json_i64(x->args, "update", 0),
	};
	struct words w = greeting(x, has_code);
	struct err why = { 0 };
	struct secret token;
	int64_t expires_at;

	if (!link_make(x->db, x->a, &n, x->now, &token, &expires_at, &why)) {
		if (why.kind == ERR_LIMIT)
			return too_often(x, &why);
		*err = why;
		return false;
	}
	w.ru = arena_printf(
		x->a,
		"%s\n\nОна действует 15 минут и один раз. Не пересылайте её: "
		"кто откроет её первым, войдёт вместо вас.",
		w.ru);
	w.en = arena_printf(x->a,
			    "%s\n\nIt is good for 15 minutes and once. Do not "
			    "forward it: whoever opens it first signs in "
			    "instead of you.",
			    w.en);
	say(x, "link", w);
	show_link(x, link_url(x->a, x->s->frontend_base_url, token));
	return true;
}

static bool refuse_invite(struct answer *x)
{
	if (!x->invite.id)
		return say(
			x, "bad_invite",
			(struct words){
				"Такого приглашения нет. Проверьте ссылку или "
				"попросите новую у того, кто вас пригласил.",
				"There is no such invite. Check the link, or "
				"ask whoever invited you for a new one.",
			});
	return say(x, "bad_invite",
		   (struct words){
			   "Приглашение больше не действует: его срок истёк, "
			   "его отозвали или им уже воспользовались. Попросите "
			   "новое у того, кто вас пригласил.",
			   "The invite is no longer good: it has expired, was "
			   "revoked or has been used. Ask whoever invited you "
			   "for a new one.",
		   });
}

static bool answer_start(struct answer *x, struct err *err)
{
	const char *hash = json_str(x->args, "code_hash", "");
	bool open;

	if (!guest_find(x->db, x->a, json_i64(x->args, "person", 0), &x->guest,
			err) ||
	    !sign_up_open(x->db, x->a, &open, err) ||
	    (*hash &&
	     !guest_invite_find(x->db, x->a, hash, x->now, &x->invite, err)))
		return false;
	if (x->guest.is_disabled)
		return say(x, "disabled",
			   (struct words){
				   "Ваш вход отключён. Обратитесь к владельцу "
				   "или администратору вашего кабинета.",
				   "Your account is disabled. Ask the owner or "
				   "administrator of your account.",
			   });
	if (!x->guest.user_id && *hash && !x->invite.is_good)
		return refuse_invite(x);
	if (!x->guest.user_id && !*hash && !open)
		return say(
			x, "invite_only",
			(struct words){
				"Сюда входят по приглашению: попросите его у "
				"владельца кабинета и откройте ссылку из него.",
				"An invite is needed here: ask the owner of "
				"the account for one and open its link.",
			});
	return give_link(x, *hash != '\0', err);
}

bool master_answer(struct db *db, struct arena *a, const struct settings *s,
		   struct json_object *args, int64_t now, struct tg_private *m,
		   const char **what, struct err *err)
{
	struct answer x = {
		.db = db,
		.a = a,
		.s = s,
		.args = args,
		.now = now,
		.m = m,
		.what = what,
	};

	*m = (struct tg_private){ .chat = json_i64(args, "chat", 0) };
	if (json_flag(args, "start", false))
		return answer_start(&x, err);
	return say(&x, "help",
		   (struct words){
			   "Отправьте /start, и я пришлю ссылку для входа в "
			   "Tuberry.",
			   "Send /start, and I will give you a link to sign in "
			   "to Tuberry.",
		   });
}
