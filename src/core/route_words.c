/*
 * route_words.c - what the bot says of a message outside of every topic.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/route.h"
#include "core/topic_title.h"

/* Of a button's text, so that it can be read on a phone. */
#define NAME_MAX 40

static bool is_way(const struct unrouted *u, const char *way)
{
	return strcmp(u->way, way) == 0;
}

static const char *by(struct arena *a, const struct unrouted *u)
{
	return *u->decided_by ? arena_printf(a, " (%s)", u->decided_by) : "";
}

static const char *cut(struct arena *a, const char *name)
{
	return text_units(name) <= NAME_MAX
		       ? name
		       : arena_printf(a, "%s…",
				      text_cut(a, name, NAME_MAX - 1));
}

static void add_button(struct arena *a, struct route_words *w,
		       const struct unrouted *u, int64_t dialog_id,
		       const char *text)
{
	w->buttons[w->n_buttons++] = (struct tg_button){
		.text = text,
		.data = arena_printf(a, "u:%" PRId64 ":%" PRId64, u->id,
				     dialog_id),
	};
}

static void ask(struct arena *a, const struct unrouted *u,
		const struct route_choice *choices, size_t n,
		struct route_words *w)
{
	w->text = n ? "Кому отправить это сообщение?"
		    : "Отправить некому: в этой группе ещё нет диалогов.";
	for (size_t i = 0; i < n && i < ROUTE_CHOICES; i++)
		add_button(a, w, u, choices[i].dialog_id,
			   cut(a, topic_title(a, choices[i].buyer_name,
					      choices[i].item_title)));
	add_button(a, w, u, 0,
		   route_topic(a, u) ? "Никому: это тема для своих" : "Никому");
}

static const char *went_nowhere(struct arena *a, const struct unrouted *u)
{
	if (is_way(u, "off"))
		return "🚫 Никому не отправлено: пишите в теме диалога или "
		       "отвечайте на сообщение покупателя.";
	if (is_way(u, "latest"))
		return "🚫 Никому не отправлено: открытых диалогов нет.";
	if (*u->decided_by)
		return arena_printf(a, "🚫 Никому не отправлено%s", by(a, u));
	return "⌛ Никому не отправлено: за сутки никто не выбрал диалог.";
}

void route_compose(struct arena *a, const struct unrouted *u,
		   const struct route_choice *choices, size_t n,
		   struct route_words *words)
{
	const char *name = topic_title(a, u->buyer_name, u->item_title);

	*words = (struct route_words){ 0 };
	if (is_way(u, "quote") || is_way(u, "album"))
		return;
	if (!u->settled_at)
		ask(a, u, choices, n, words);
	else if (!u->dialog_id)
		words->text = went_nowhere(a, u);
	else if (is_way(u, "latest"))
		words->text = arena_printf(
			a,
			"➡️ Отправлено в последний "
			"диалог: %s",
			name);
	else
		words->text = arena_printf(
			a, "➡️ Отправлено: %s%s", name, by(a, u));
}
