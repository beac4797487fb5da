/*
 * complaint.c - what the bot says of a message that did not arrive.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/complaint.h"
#include "core/decision.h"

/* An action, two numbers of 19 digits, two colons: Telegram takes 64. */
#define DATA_MAX 48

static bool is_state(const struct complaint *c, const char *word)
{
	return strcmp(c->state, word) == 0;
}

bool complaint_is_open(const struct complaint *c)
{
	return is_state(c, "dead");
}

/* "✅ Дошло (Иван)" */
static const char *with_name(struct arena *a, const char *text,
			     const struct complaint *c)
{
	return *c->decided_by ? arena_printf(a, "%s (%s)", text, c->decided_by)
			      : text;
}

static void add_button(struct arena *a, struct complaint_words *w,
		       const struct complaint *c, enum complaint_action action,
		       const char *text)
{
	w->buttons[w->n_buttons++] = (struct tg_button){
		.text = text,
		.data = arena_printf(a, "%c:%" PRId64 ":%" PRId64, action,
				     c->delivery_id, c->attempt_id),
	};
}

static void compose_open(struct arena *a, const struct complaint *c,
			 struct complaint_words *w)
{
	const char *reason = *c->reason ? c->reason : "причина не известна";

	if (c->is_unsure) {
		w->text = arena_printf(a, "❓ Неизвестно, дошло ли: %s", reason);
		add_button(a, w, c, COMPLAINT_RETRY, "Отправить ещё раз");
		add_button(a, w, c, COMPLAINT_ARRIVED, "Дошло");
	} else {
		w->text = arena_printf(a, "❌ Не доставлено: %s", reason);
		add_button(a, w, c, COMPLAINT_RETRY, "Повторить");
	}
}

void complaint_compose(struct arena *a, const struct complaint *c,
		       struct complaint_words *words)
{
	*words = (struct complaint_words){ 0 };
	if (complaint_is_open(c))
		compose_open(a, c, words);
	else if (is_state(c, "done"))
		words->text = c->is_confirmed ? with_name(a, "✅ Дошло", c)
					      : "✅ Доставлено";
	else if (is_state(c, "discarded"))
		words->text = with_name(a, "🚫 Отменено", c);
	else
		words->text = with_name(a, "🔁 Повторяем…", c);
}

bool complaint_data_read(const char *data, struct complaint_data *d)
{
	size_t len = strlen(data);
	char copy[DATA_MAX], *second;
	long long delivery, attempt;

	if (len >= sizeof(copy) || len < 2 || data[1] != ':' ||
	    (data[0] != COMPLAINT_RETRY && data[0] != COMPLAINT_ARRIVED))
		return false;
	memcpy(copy, data, len + 1);
	second = strchr(copy + 2, ':');
	if (!second)
		return false;
	*second++ = '\0';
	if (!text_read_i64(copy + 2, 1, INT64_MAX, &delivery) ||
	    !text_read_i64(second, 0, INT64_MAX, &attempt))
		return false;
	*d = (struct complaint_data){
		.action = (enum complaint_action)data[0],
		.delivery_id = delivery,
		.attempt_id = attempt,
	};
	/* One spelling only: no sign, no leading zero. */
	snprintf(copy, sizeof(copy), "%c:%lld:%lld", data[0], delivery,
		 attempt);
	return strcmp(copy, data) == 0;
}

/* Why there is nothing to do; NULL: there is. */
static const char *refusal(const struct complaint *c,
			   const struct complaint_data *d)
{
	if (is_state(c, "done"))
		return "Сообщение уже доставлено.";
	if (is_state(c, "discarded"))
		return "Отправка отменена.";
	if (!complaint_is_open(c))
		return "Уже отправляем.";
	if (c->attempt_id != d->attempt_id)
		return "С тех пор была новая попытка: нажмите кнопку под "
		       "последним ответом.";
	/* Never offered. */
	if (d->action == COMPLAINT_ARRIVED && !c->is_unsure)
		return "Это сообщение точно не дошло.";
	return NULL;
}

static bool act(struct db *db, struct arena *a, const struct complaint_press *p,
		struct complaint *c, const struct complaint_data *d,
		const char *who, int64_t now, const char *request_id,
		struct err *err)
{
	struct decision decision = {
		.client_id = p->client_id,
		.delivery_id = p->delivery_id,
		.who = who,
		.now = now,
		.request_id = request_id,
	};

	/* This message will show what comes of it, even if Telegram's answer
	 * to an earlier one got lost. */
	c->bot_id = p->bot_id;
	c->chat_id = p->chat_id;
	c->message_id = p->message_id;
	return complaint_said(db, a, c, err) &&
	       (d->action == COMPLAINT_RETRY
			? decision_retry(db, a, &decision, err)
			: decision_confirm(db, a, &decision, err));
}

bool complaint_press(struct db *db, struct arena *a, struct complaint_press *p,
		     const char *data, const char *who, int64_t now,
		     const char *request_id, const char **toast, bool *acted,
		     struct err *err)
{
	struct err problem = { 0 };
	struct complaint_data d;
	struct complaint c;

	*acted = false;
	*toast = "Эта кнопка больше не действует.";
	if (!complaint_data_read(data, &d))
		return true;
	p->delivery_id = d.delivery_id;
	if (!complaint_lock(db, a, p, &c, &problem)) {
		if (problem.kind == ERR_DENIED)
			*toast = "Вам нельзя: в этом проекте отвечают только "
				 "люди, чей Telegram привязан в кабинете.";
		else if (problem.kind != ERR_MISSING) {
			*err = problem;
			return false;
		}
		return true;
	}
	*toast = refusal(&c, &d);
	if (*toast)
		return true;
	*acted = true;
	*toast = d.action == COMPLAINT_RETRY ? "Повторяем." : "Отмечено.";
	return act(db, a, p, &c, &d, who, now, request_id, err);
}
