/*
 * compose.c - how a message looks on the other side.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/telegram.h"
#include "core/compose.h"

#define TEXT_BYTES_MAX 262144
#define PARTS_MAX      64

static const char *or_else(const char *s, const char *other)
{
	return s && *s ? s : other;
}

const char *compose_topic(struct arena *a, const struct delivery *d)
{
	const char *buyer = or_else(d->buyer_name, "Покупатель");

	if (!*d->item_title)
		return text_cut(a, buyer, TG_TOPIC_MAX);
	return text_cut(a, arena_printf(a, "%s · %s", buyer, d->item_title),
			TG_TOPIC_MAX);
}

const char *compose_card(struct arena *a, const struct delivery *d)
{
	struct buf b;

	buf_init(&b, a, TEXT_BYTES_MAX);
	if (*d->item_title)
		buf_addf(&b, "📦 %s\n", d->item_title);
	if (*d->item_price)
		buf_addf(&b, "💰 %s\n", d->item_price);
	if (*d->item_url)
		buf_addf(&b, "🔗 %s\n", d->item_url);
	buf_addf(&b, "👤 %s", or_else(d->buyer_name, "Покупатель"));
	if (*d->buyer_url)
		buf_addf(&b, "\n%s", d->buyer_url);
	return text_cut(a, b.s, TG_TEXT_MAX);
}

/* Who speaks, in a line of its own above the text. */
static const char *headline(struct arena *a, const struct delivery *d)
{
	const char *who;

	if (strcmp(d->author, "buyer") == 0)
		who = or_else(d->buyer_name, "Покупатель");
	else if (strcmp(d->author, "seller") == 0)
		who = "🏪 Вы в приложении Avito";
	else if (strcmp(d->author, "system") == 0)
		who = "ℹ️ Avito";
	else
		who = arena_printf(a, "💬 %s (веб)", d->author_name);
	if (d->bot_topics)
		return who;
	/* A group without topics: every message names its dialog. */
	return arena_printf(a, "[%s]\n%s", compose_topic(a, d), who);
}

static enum chan_kind kind_of(const struct delivery *d)
{
	int kind = chan_kind_read(d->kind);

	return kind < 0 ? CHAN_UNSUPPORTED : (enum chan_kind)kind;
}

/* The words of the text itself are the author's only for these. */
static bool is_authors_words(enum chan_kind kind)
{
	return kind == CHAN_TEXT || kind == CHAN_LINK || kind == CHAN_IMAGE ||
	       kind == CHAN_VOICE || kind == CHAN_AUDIO || kind == CHAN_VIDEO ||
	       kind == CHAN_ANIMATION || kind == CHAN_DOCUMENT;
}

/* As many parts as the text needs; at least one, unless it is empty. */
static size_t split_text(struct arena *a, const struct chan *chan,
			 const char *text, struct part *parts, size_t room)
{
	size_t n = 0;

	while (*text && n < room) {
		size_t len =
			text_fit(text, chan->text_max, chan->text_by_units);
		char *piece = arena_strn(a, text, len);

		text += len;
		if (!text_is_blank(piece))
			parts[n++] = (struct part){ CHAN_TEXT, piece, false };
	}
	return n;
}

static size_t length(const struct chan *chan, const char *s)
{
	return chan->text_by_units ? text_units(s) : text_points(s);
}

/* A file with its words: as caption where they fit, else behind it. */
static void file_parts(struct arena *a, const struct chan *chan,
		       enum chan_kind kind, const char *text,
		       struct part *parts, size_t *n)
{
	bool caption = (chan->can & CHAN_CAN_CAPTION) && text && *text &&
		       length(chan, text) <= chan->caption_max;

	parts[0] = (struct part){ kind, caption ? text : NULL, true };
	*n = 1;
	if (!caption && text)
		*n += split_text(a, chan, text, parts + 1, PARTS_MAX - 1);
}

static struct part *new_parts(struct arena *a)
{
	return arena_array(a, PARTS_MAX, sizeof(struct part));
}

static const char *under(struct arena *a, const struct delivery *d,
			 const char *text)
{
	const char *head = headline(a, d);

	return *text ? arena_printf(a, "%s:\n%s", head, text) : head;
}

void compose_team_without_file(struct arena *a, const struct delivery *d,
			       const struct chan *chan, const char *reason,
			       struct part **parts, size_t *n)
{
	const char *note = arena_printf(a, "ℹ️ %s%s%s", reason,
					*d->text ? "\n" : "", d->text);

	*parts = new_parts(a);
	*n = split_text(a, chan, under(a, d, note), *parts, PARTS_MAX);
}

void compose_team(struct arena *a, const struct delivery *d,
		  const struct chan *chan, struct part **parts, size_t *n)
{
	enum chan_kind kind = kind_of(d);
	const char *text = d->text;

	*parts = new_parts(a);
	if (d->n_files && chan_takes(chan, kind)) {
		file_parts(a, chan, kind, under(a, d, text), *parts, n);
		return;
	}
	if (!is_authors_words(kind))
		text = arena_printf(a, "ℹ️ %s",
				    or_else(text,
					    "Такое сообщение здесь не "
					    "показать: откройте чат в Avito"));
	else if (text_is_blank(text))
		text = "ℹ️ Пустое сообщение";
	*n = split_text(a, chan, under(a, d, text), *parts, PARTS_MAX);
}

bool compose_may_join(const struct delivery *d)
{
	return kind_of(d) == CHAN_TEXT && !d->n_files && !d->is_alone &&
	       !*d->quote_id;
}

void compose_joined(struct arena *a, const struct delivery *lead,
		    const struct delivery *joined, size_t *n,
		    const struct chan *chan, struct part *parts, size_t n_parts)
{
	const char *text = parts[0].text, *speaker = headline(a, lead);
	size_t fits = 0;

	if (n_parts != 1 || parts[0].kind != CHAN_TEXT)
		*n = 0;
	for (; fits < *n; fits++) {
		const struct delivery *d = &joined[fits];
		const char *head = headline(a, d);
		const char *words =
			text_is_blank(d->text)
				? "ℹ️ Пустое сообщение"
				: d->text;
		const char *longer =
			strcmp(speaker, head) == 0
				? arena_printf(a, "%s\n\n%s", text, words)
				: arena_printf(a, "%s\n\n%s:\n%s", text, head,
					       words);

		if (length(chan, longer) > chan->text_max)
			break;
		text = longer;
		speaker = head;
	}
	*n = fits;
	parts[0].text = text;
}

bool compose_buyer(struct arena *a, const struct delivery *d,
		   const struct chan *chan, struct part **parts, size_t *n,
		   struct err *err)
{
	enum chan_kind kind = kind_of(d);

	*parts = new_parts(a);
	*n = 0;
	if (d->n_files && chan_takes(chan, kind)) {
		file_parts(a, chan, kind, d->text, *parts, n);
		return true;
	}
	if (d->n_files || kind != CHAN_TEXT)
		return err_set(err, ERR_INPUT,
			       "%s не принимает такие сообщения. Отправьте "
			       "текст%s%s.",
			       chan->title_ru,
			       chan_takes(chan, CHAN_IMAGE) ? " или фото" : "",
			       chan_takes(chan, CHAN_VOICE) ? " или голос"
							    : "");
	*n = split_text(a, chan, d->text, *parts, PARTS_MAX);
	return *n > 0 || err_set(err, ERR_INPUT, "Сообщение пустое.");
}

bool compose_fit_file(const struct chan *chan, enum chan_kind *kind,
		      size_t bytes, struct err *err)
{
	size_t max = *kind == CHAN_IMAGE ? chan->image_max_bytes
					 : chan->file_max_bytes;

	if (*kind == CHAN_IMAGE && bytes > max &&
	    chan_takes(chan, CHAN_DOCUMENT)) {
		*kind = CHAN_DOCUMENT;
		max = chan->file_max_bytes;
	}
	if (bytes <= max)
		return true;
	return err_set(err, ERR_INPUT, "%s принимает файлы до %zu МБ.",
		       chan->title_ru, max / 1024 / 1024);
}
