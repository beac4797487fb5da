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
#define PARTS_MAX      64 /* besides those of files */

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
			parts[n++] = (struct part){ .kind = CHAN_TEXT,
						    .text = piece };
	}
	return n;
}

static size_t length(const struct chan *chan, const char *s)
{
	return chan->text_by_units ? text_units(s) : text_points(s);
}

static enum chan_kind kind_of_file(const struct delivery_file *f)
{
	int kind = chan_kind_read(f->kind);

	return kind < 0 ? CHAN_DOCUMENT : (enum chan_kind)kind;
}

/* Files with their words: as caption of the first where they fit, else behind
 * them. */
static void file_parts(struct arena *a, const struct delivery *d,
		       const struct chan *chan, const char *text,
		       struct part *parts, size_t *n)
{
	bool caption = (chan->can & CHAN_CAN_CAPTION) && text && *text &&
		       length(chan, text) <= chan->caption_max;

	for (*n = 0; *n < d->n_files; ++*n)
		parts[*n] = (struct part){ .kind = kind_of_file(&d->files[*n]),
					   .has_file = true,
					   .file = *n };
	if (caption)
		parts[0].text = text;
	else if (text)
		*n += split_text(a, chan, text, parts + *n, PARTS_MAX);
}

static struct part *new_parts(struct arena *a, const struct delivery *d)
{
	return arena_array(a, d->n_files + PARTS_MAX, sizeof(struct part));
}

static const char *under(struct arena *a, const struct delivery *d,
			 const char *text)
{
	const char *head = headline(a, d);

	return *text ? arena_printf(a, "%s:\n%s", head, text) : head;
}

/* A file's own name, or its kind and number. */
static const char *file_name(struct arena *a, const struct delivery *d,
			     size_t file)
{
	static const char *const words[CHAN_KINDS] = {
		[CHAN_IMAGE] = "фото",       [CHAN_VOICE] = "голосовое",
		[CHAN_AUDIO] = "аудио",      [CHAN_VIDEO] = "видео",
		[CHAN_VIDEO_NOTE] = "видео", [CHAN_ANIMATION] = "анимация",
		[CHAN_STICKER] = "стикер",
	};
	const struct delivery_file *f = &d->files[file];
	const char *word = words[kind_of_file(f)];

	if (*f->name)
		return arena_printf(a, "«%s»", f->name);
	return arena_printf(a, "%s %zu из %zu", word ? word : "файл", file + 1,
			    d->n_files);
}

const char *compose_of_file(struct arena *a, const struct delivery *d,
			    size_t file, const char *words)
{
	if (d->n_files < 2)
		return words;
	return arena_printf(a, "%s: %s", file_name(a, d, file), words);
}

void compose_without_file(struct arena *a, const struct delivery *d,
			  const struct chan *chan, const char *reason,
			  struct part *p)
{
	const char *words = p->text && *d->text ? d->text : "";
	const char *note = arena_printf(a, "ℹ️ %s%s%s",
					compose_of_file(a, d, p->file, reason),
					*words ? "\n" : "", words);

	*p = (struct part){ .kind = CHAN_TEXT,
			    .text = text_cut(a, under(a, d, note),
					     chan->text_max) };
}

/* Who is seen in one frame with whom; 0: with nobody. */
static int company(const struct part *p)
{
	if (!p->has_file)
		return 0;
	switch (p->kind) {
	case CHAN_IMAGE:
	case CHAN_VIDEO:
		return 1;
	case CHAN_DOCUMENT:
		return 2;
	case CHAN_AUDIO:
		return 3;
	default:
		return 0;
	}
}

size_t compose_together(const struct chan *chan, const struct part *parts,
			size_t n, size_t first)
{
	int with = company(&parts[first]);
	size_t len = 1;

	if (!(chan->can & CHAN_CAN_ALBUM) || !with)
		return 1;
	while (len < chan->album_max && first + len < n &&
	       company(&parts[first + len]) == with)
		len++;
	return len;
}

void compose_team(struct arena *a, const struct delivery *d,
		  const struct chan *chan, struct part **parts, size_t *n)
{
	enum chan_kind kind = kind_of(d);
	const char *text = d->text;

	*parts = new_parts(a, d);
	if (d->n_files && chan_takes(chan, kind)) {
		file_parts(a, d, chan, under(a, d, text), *parts, n);
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

static bool refuse(const struct chan *chan, struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "%s не принимает такие сообщения. Отправьте "
		       "текст%s%s.",
		       chan->title_ru,
		       chan_takes(chan, CHAN_IMAGE) ? " или фото" : "",
		       chan_takes(chan, CHAN_VOICE) ? " или голос" : "");
}

/* As far as it can be told before they are there: nothing of the message is
 * sent where one of them will not be taken. */
static bool takes_files(struct arena *a, const struct delivery *d,
			const struct chan *chan, struct err *err)
{
	for (size_t i = 0; i < d->n_files; i++) {
		enum chan_kind kind = kind_of_file(&d->files[i]);

		if ((chan_takes(chan, kind) || refuse(chan, err)) &&
		    compose_fit_file(chan, &kind, (size_t)d->files[i].bytes,
				     err))
			continue;
		return err_set(
			err, err->kind, "%s",
			compose_of_file(a, d, i, arena_str(a, err->text)));
	}
	return true;
}

bool compose_buyer(struct arena *a, const struct delivery *d,
		   const struct chan *chan, struct part **parts, size_t *n,
		   struct err *err)
{
	*parts = new_parts(a, d);
	*n = 0;
	if (d->n_files) {
		if (!takes_files(a, d, chan, err))
			return false;
		file_parts(a, d, chan, d->text, *parts, n);
		return true;
	}
	if (kind_of(d) != CHAN_TEXT)
		return refuse(chan, err);
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
