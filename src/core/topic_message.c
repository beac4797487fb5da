/*
 * topic_message.c - what a person wrote in a group, as the store takes it.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "chan/rich.h"
#include "core/command.h"
#include "core/inbound.h"
#include "core/topic_message.h"

static void put_text(struct arena *a, struct topic_message *m,
		     const struct rich *r)
{
	m->text = r->text;
	m->entities = rich_entities(a, r);
}

static void drop_note_sign(struct arena *a, struct topic_message *m)
{
	size_t from = command_note(m->text);
	struct rich whole, words;

	m->is_note = from != 0;
	if (!from)
		return;
	whole = rich_read(a, m->text, m->entities);
	words = rich_slice(a, &whole, from, strlen(m->text) - from);
	put_text(a, m, &words);
}

struct topic_message topic_message_read(struct arena *a,
					const struct in_group *g,
					struct message_file *file)
{
	const struct tg_update *u = g->u;
	struct topic_message m = {
		.client_id = g->client_id,
		.bot_id = g->bot_id,
		.chat_id = u->chat_id,
		.topic_id = u->topic,
		.message_id = u->message_id,
		.update_id = u->update_id,
		.from_id = u->from_id,
		.from_name = u->from_name,
		.from_username = u->from_username,
		.kind = chan_kind_name(u->m.kind),
		.text = u->m.text,
		.quote_id = u->reply_to
				    ? arena_printf(a, "%" PRId64, u->reply_to)
				    : NULL,
		.entities = u->m.entities,
		.data = u->m.data,
		.album = u->album,
		.files = file,
		.n_files = inbound_file(&u->m, file),
		.written_at = u->m.created_at,
		.now = g->now,
		.request_id = g->request_id,
	};

	drop_note_sign(a, &m);
	return m;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* "@name" as a word of its own, or NULL. */
static const char *find_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@'))
		if ((at == text || !is_word(at[-1])) &&
		    strncasecmp(at + 1, name, len) == 0 &&
		    !is_word(at[1 + len]))
			return at;
	return NULL;
}

bool topic_message_unname(struct arena *a, struct topic_message *m,
			  const char *name)
{
	const char *at = *name ? find_name(m->text, name) : NULL;
	struct rich whole, before, behind;
	size_t from, to;

	if (!at)
		return false;
	from = (size_t)(at - m->text);
	to = from + 1 + strlen(name);
	/* What stood around it stands side by side. */
	to += strspn(m->text + to, from ? " " : " \t\r\n,:");
	if (!m->text[to])
		while (from && strchr(" \t\r\n", m->text[from - 1]))
			from--;
	whole = rich_read(a, m->text, m->entities);
	before = rich_slice(a, &whole, 0, from);
	behind = rich_slice(a, &whole, to, strlen(m->text) - to);
	whole = rich_join(a, &before, &behind);
	put_text(a, m, &whole);
	if (!m->is_note)
		drop_note_sign(a, m);
	return true;
}

bool topic_message_names(struct arena *a, const struct topic_message *m,
			 const char *names)
{
	while (*names) {
		size_t len = strcspn(names, " ");

		if (len && find_name(m->text, arena_strn(a, names, len)))
			return true;
		names += len + strspn(names + len, " ");
	}
	return false;
}
