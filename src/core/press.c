/*
 * press.c - a button of the bot in its group, pressed.
 */
#include "config.h"

#include <string.h>

#include "core/complaint.h"
#include "core/decision.h"
#include "core/press.h"
#include "core/route.h"

/* Why there is nothing to do; NULL: there is. */
static const char *refusal(const struct complaint *c,
			   const struct complaint_data *d)
{
	if (strcmp(c->state, "done") == 0)
		return "Сообщение уже доставлено.";
	if (strcmp(c->state, "discarded") == 0)
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

static bool act(struct db *db, struct arena *a, const struct press *p,
		struct complaint *c, enum complaint_action action,
		struct err *err)
{
	struct decision d = {
		.client_id = p->at.client_id,
		.delivery_id = c->delivery_id,
		.who = p->who,
		.now = p->now,
		.request_id = p->request_id,
	};

	/* This message will show what comes of it, even if Telegram's answer
	 * to an earlier one got lost. */
	c->bot_id = p->at.bot_id;
	c->chat_id = p->at.chat_id;
	c->message_id = p->at.message_id;
	return complaint_said(db, a, c, err) &&
	       (action == COMPLAINT_RETRY ? decision_retry(db, a, &d, err)
					  : decision_confirm(db, a, &d, err));
}

/* *found false: p->toast says why. */
static bool look(struct db *db, struct arena *a, struct press *p,
		 struct complaint *c, bool *found, struct err *err)
{
	struct err problem = { 0 };

	*found = complaint_lock(db, a, &p->at, c, &problem);
	if (problem.kind == ERR_DENIED)
		p->toast = "Вам нельзя: в этом проекте отвечают только люди, "
			   "чей Telegram привязан в кабинете.";
	else if (!*found && problem.kind != ERR_MISSING)
		*err = problem;
	return !err->kind;
}

bool press_button(struct db *db, struct arena *a, struct press *p,
		  struct err *err)
{
	struct complaint_data d;
	struct route_data route;
	struct complaint c;
	bool found;

	p->acted = false;
	p->toast = "Эта кнопка больше не действует.";
	if (route_data_read(p->data, &route))
		return route_press(db, a, p, &route, err);
	if (!complaint_data_read(p->data, &d))
		return true;
	p->at.delivery_id = d.delivery_id;
	if (!look(db, a, p, &c, &found, err))
		return false;
	if (!found)
		return true;
	p->toast = refusal(&c, &d);
	if (p->toast)
		return true;
	p->acted = true;
	p->toast = d.action == COMPLAINT_RETRY ? "Повторяем." : "Отмечено.";
	return act(db, a, p, &c, d.action, err);
}
