/*
 * complaint.c - what the bot says of a message that did not arrive.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/complaint.h"

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

/* Nobody wrote it here, so it is told in full; outside a topic with whom it
 * was for. */
static const char *about_robot(struct arena *a, const struct complaint *c,
			       const char *text)
{
	const char *who = "";

	if (!c->topic_id)
		who = arena_printf(a, "\n%s%s%s", c->buyer_name,
				   *c->item_title ? " · " : "", c->item_title);
	return text_cut(a,
			arena_printf(a, "%s%s\n\n🤖 «%s»", text, who,
				     c->robots_text),
			TG_TEXT_MAX);
}

static void compose_robots(struct arena *a, const struct complaint *c,
			   const char *reason, struct complaint_words *w)
{
	const char *what = c->is_unsure ? "❓ Неизвестно, дошёл ли автоответ"
					: "❌ Автоответ не дошёл до клиента";

	w->text = about_robot(a, c, arena_printf(a, "%s: %s", what, reason));
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
	if (*c->robots_text)
		compose_robots(a, c, reason, w);
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
