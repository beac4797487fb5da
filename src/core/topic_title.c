/*
 * topic_title.c - what a dialog's topic is called, and its icon.
 */
#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/text.h"
#include "chan/telegram.h"
#include "core/topic_title.h"
#include "store/topic_state.h"

#define EMOJI_MAX 4

/* Telegram offers about a hundred icons; the first one that is there is
 * taken. */
static const struct sign {
	const char *state, *prefix;
	const char *emoji[EMOJI_MAX];
} signs[] = {
	{ "new", "🔴 ", { "❗", "‼", "❓", "🔥" } },
	{ "answered", "", { "💬", "🗣", "📝" } },
	{ "closed", "✅ ", { "✅", "🏁", "📁" } },
};

static const struct sign *sign_of(const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strcmp(signs[i].state, state) == 0)
			return &signs[i];
	return NULL;
}

const char *topic_title(struct arena *a, const char *buyer_name,
			const char *item_title)
{
	const char *buyer =
		buyer_name && *buyer_name ? buyer_name : "Покупатель";

	if (!item_title || !*item_title)
		return text_cut(a, buyer, TG_TOPIC_MAX);
	return text_cut(a, arena_printf(a, "%s · %s", buyer, item_title),
			TG_TOPIC_MAX);
}

const char *topic_title_with(struct arena *a, const char *title,
			     const char *state)
{
	const struct sign *s = sign_of(state);

	if (!s)
		return title;
	return text_cut(a, arena_printf(a, "%s%s", s->prefix, title),
			TG_TOPIC_MAX);
}

/* With the variation selector U+FE0F or without: both are written. */
static const char *id_of(struct arena *a, struct json_object *icons,
			 const char *emoji)
{
	const char *id = json_str(icons, emoji, NULL);

	return id ? id
		  : json_str(icons, arena_printf(a, "%s\xef\xb8\x8f", emoji),
			     NULL);
}

const char *topic_icon(struct arena *a, const char *icons, const char *state)
{
	const struct sign *s = sign_of(state);
	struct json_object *all;
	struct err bad = { 0 };
	const char *id = NULL;

	if (!s || !json_read(a, icons, strlen(icons), &all, &bad))
		return NULL;
	for (size_t i = 0; i < EMOJI_MAX && s->emoji[i] && !id; i++)
		id = id_of(a, all, s->emoji[i]);
	return id;
}

bool topic_title_mend(struct db *db, struct arena *a, int64_t dialog_id,
		      int64_t now, const char *request_id, struct err *err)
{
	struct topic_view v;
	const char *title;

	if (!topic_view_find(db, a, dialog_id, &v, err))
		return false;
	if (!v.topic_id)
		return true;
	title = topic_title(a, v.buyer_name, v.item_title);
	return strcmp(topic_title_with(a, title, v.shown_state),
		      v.shown_title) == 0 ||
	       topic_state_ask(db, a, v.client_id, dialog_id, now, request_id,
			       err);
}
