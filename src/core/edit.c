/*
 * edit.c - somebody changed what they had written.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "chan/rich.h"
#include "chan/telegram.h"
#include "core/command.h"
#include "core/edit.h"

/* A place that moves, votes that come in: news of Telegram's, no words of a
 * person. */
static bool has_words(const struct chan_message *m)
{
	/* Which item of an album the words came with is not known: one that has
	 * none says nothing of them. */
	if (m->album && !*m->text)
		return false;
	switch (m->kind) {
	case CHAN_TEXT:
	case CHAN_IMAGE:
	case CHAN_VOICE:
	case CHAN_AUDIO:
	case CHAN_VIDEO:
	case CHAN_ANIMATION:
	case CHAN_DOCUMENT:
		return true;
	default:
		return false;
	}
}

static bool write_edit(struct db *db, struct arena *a, struct edit *e,
		       const struct chan_message *m, int64_t id, bool keeps,
		       struct err *err)
{
	struct message_edit edit = {
		.client_id = e->name.client_id,
		.id = id,
		.text = m->text,
		.entities = m->entities,
		.keeps = keeps,
		.edited_at = e->edited_at ? e->edited_at : e->now,
		.now = e->now,
		.request_id = e->request_id,
	};
	bool changed;

	if (!message_edit(db, a, &edit, &changed, err))
		return false;
	e->ring = e->ring || (changed && keeps);
	return true;
}

bool edit_at_source(struct db *db, struct arena *a, struct edit *e,
		    struct err *err)
{
	struct message_state s;

	/* An album's words are those of one of its items; the others have
	 * none to say. */
	if (!has_words(e->m) || (e->m->album && text_is_blank(e->m->text)))
		return true;
	if (!message_look(db, a, &e->name, false, &s, err))
		return false;
	return s.id == 0 || strcmp(s.origin, e->name.place) != 0 ||
	       s.origin_id != e->name.place_id ||
	       write_edit(db, a, e, e->m, s.id, true, err);
}

static const struct chan *chan_of_state(const struct message_state *s)
{
	return chan_of(s->source, tg_place_owner(s->chat) != 0);
}

/* A note's sign is no part of it. */
static bool edit_note(struct db *db, struct arena *a, struct edit *e,
		      int64_t id, struct err *err)
{
	struct chan_message m = *e->m;
	size_t sign = command_note(m.text);
	struct rich words = rich_read(a, m.text, m.entities);

	words = rich_slice(a, &words, sign, strlen(m.text) - sign);
	m.text = words.text;
	m.entities = rich_entities(a, &words);
	return write_edit(db, a, e, &m, id, false, err);
}

bool edit_in_topic(struct db *db, struct arena *a, struct edit *e,
		   struct err *err)
{
	const struct chan *chan;
	struct message_state s;
	bool changed = false;

	if (!has_words(e->m) || (e->m->album && text_is_blank(e->m->text)))
		return true;
	if (!message_look(db, a, &e->name, false, &s, err))
		return false;
	if (s.id == 0 || strcmp(s.origin, e->name.place) != 0 ||
	    s.origin_id != e->name.place_id || s.bot_id != e->bot_id ||
	    s.is_deleted)
		return true;
	if (s.is_note)
		return edit_note(db, a, e, s.id, err);
	/* It was for the buyer before; now it is not. */
	if (e->is_command || command_note(e->m->text)) {
		e->refusal = "✏️ Это предназначено "
			     "покупателю "
			     "и остаётся как было. Заметку или "
			     "команду напишите новым сообщением.";
		return true;
	}
	if (!s.has_left)
		return write_edit(db, a, e, e->m, s.id, false, err);
	chan = chan_of_state(&s);
	if (chan->can & CHAN_CAN_EDIT)
		return write_edit(db, a, e, e->m, s.id, true, err);
	if (!message_says(db, a, e->name.client_id, s.id, e->m->text, &changed,
			  err))
		return false;
	if (changed)
		e->refusal = arena_printf(
			a,
			"✏️ %s не умеет менять "
			"отправленное: "
			"у "
			"покупателя "
			"остался прежний текст. Напишите поправку новым "
			"сообщением.",
			chan->title_ru);
	return true;
}
