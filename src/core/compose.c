/*
 * compose.c - how a message looks on the other side.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "chan/rich.h"
#include "chan/telegram.h"
#include "core/compose.h"
#include "core/reach.h"
#include "core/topic_title.h"

#define TEXT_BYTES_MAX 262144
#define PARTS_MAX      64 /* besides those of files */

static const char *or_else(const char *s, const char *other)
{
	return s && *s ? s : other;
}

const char *compose_topic(struct arena *a, const struct delivery *d)
{
	return topic_title(a, d->buyer_name, d->item_title);
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
	if (d->dialog_origin && *d->dialog_origin)
		buf_addf(&b, "\n🏷 %s", d->dialog_origin);
	return text_cut(a, b.s, TG_TEXT_MAX);
}

static bool is(const char *word, const char *what)
{
	return word && strcmp(word, what) == 0;
}

static bool is_from_avito(const struct delivery *d)
{
	return !d->source || is(d->source, "avito");
}

static const char *speaker_of(struct arena *a, const struct delivery *d)
{
	const char *buyer = or_else(
		d->buyer_name, is_from_avito(d) ? "Покупатель" : "без имени");

	if (is(d->author, "buyer"))
		return is_from_avito(d) ? buyer
					: arena_printf(a, "💬 Клиент %s", buyer);
	if (is(d->author, "seller"))
		return arena_printf(a, "🏪 Вы в приложении %s",
				    is_from_avito(d) ? "Avito" : "Telegram");
	if (is(d->author, "robot"))
		return "🤖 Автоответчик";
	if (is(d->author, "system"))
		return is(d->origin, "tuberry") ? "" : "ℹ️ Avito";
	return arena_printf(a, "💬 %s (веб)", d->author_name);
}

/* Who speaks, in a line of its own above the text; "": the text tells. */
static const char *headline(struct arena *a, const struct delivery *d)
{
	const char *who = speaker_of(a, d);

	if (d->bot_topics)
		return who;
	/* A group without topics: every message names its dialog. */
	return arena_printf(a, "[%s]%s%s", compose_topic(a, d),
			    *who ? "\n" : "", who);
}

static enum chan_kind kind_of(const struct delivery *d)
{
	int kind = chan_kind_read(d->kind);

	return kind < 0 ? CHAN_UNSUPPORTED : (enum chan_kind)kind;
}

/* The words are ours, not the author's, and do not show it by themselves. */
static bool needs_mark(enum chan_kind kind)
{
	return kind == CHAN_SYSTEM || kind == CHAN_UNSUPPORTED ||
	       kind == CHAN_DELETED || kind == CHAN_STICKER ||
	       kind == CHAN_VIDEO_NOTE;
}

/* Nothing can be written below such a file. */
static bool is_mute(enum chan_kind kind)
{
	return kind == CHAN_STICKER || kind == CHAN_VIDEO_NOTE;
}

static bool is_deleted(const struct delivery *d)
{
	return d->deleted_by && *d->deleted_by;
}

static struct rich words_of(struct arena *a, const struct delivery *d)
{
	return rich_read(a, d->text, d->entities);
}

static struct rich plain(const char *text)
{
	return (struct rich){ .text = text };
}

/* As many parts as the text needs; at least one, unless it is empty. */
static size_t split_text(struct arena *a, const struct chan *chan,
			 const struct rich *text, struct part *parts,
			 size_t room)
{
	size_t n;
	struct rich *pieces = rich_split(a, text, chan->text_max,
					 chan->text_by_units, room, &n);

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct part){
			.kind = CHAN_TEXT,
			.text = pieces[i].text,
			.entities = rich_entities(a, &pieces[i]),
		};
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
		       const struct chan *chan, const struct rich *text,
		       struct part *parts, size_t *n)
{
	bool caption = (chan->can & CHAN_CAN_CAPTION) && *text->text &&
		       !is_mute(kind_of_file(&d->files[0])) &&
		       length(chan, text->text) <= chan->caption_max;

	for (*n = 0; *n < d->n_files; ++*n)
		parts[*n] = (struct part){ .kind = kind_of_file(&d->files[*n]),
					   .has_file = true,
					   .file = *n };
	if (!caption) {
		*n += split_text(a, chan, text, parts + *n, PARTS_MAX);
		return;
	}
	parts[0].text = text->text;
	parts[0].entities = rich_entities(a, text);
}

static struct part *new_parts(struct arena *a, const struct delivery *d)
{
	return arena_array(a, d->n_files + PARTS_MAX, sizeof(struct part));
}

static struct rich under(struct arena *a, const struct delivery *d,
			 const struct rich *text)
{
	const char *head = headline(a, d);

	if (!*head)
		return *text;
	if (!*text->text)
		return plain(head);
	return rich_under(a, arena_printf(a, "%s:\n", head), text);
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
	/* Words that stand in a part of their own stay there. */
	bool has_words = *d->text && (p->text || is_mute(p->kind));
	struct rich words = has_words ? words_of(a, d) : plain(""), note;

	note = rich_under(a,
			  arena_printf(a, "ℹ️ %s%s",
				       compose_of_file(a, d, p->file, reason),
				       has_words ? "\n" : ""),
			  &words);
	note = under(a, d, &note);
	note = rich_slice(a, &note, 0,
			  strlen(text_cut(a, note.text, chan->text_max)));
	*p = (struct part){ .kind = CHAN_TEXT,
			    .text = note.text,
			    .entities = rich_entities(a, &note) };
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

/* In the buyer's own topic there is no doubt who sent it. */
static bool speaks_for_itself(const struct delivery *d)
{
	return d->bot_topics && is(d->author, "buyer");
}

static bool has_data(const struct delivery *d, const struct chan *chan)
{
	enum chan_kind kind = kind_of(d);

	return (kind == CHAN_LOCATION || kind == CHAN_CONTACT) &&
	       chan_takes(chan, kind) && d->data && *d->data;
}

/* What nothing can be written below: who sent it is told by a message of its
 * own. */
static void mute_parts(struct arena *a, const struct delivery *d,
		       const struct part *mute, struct part *parts, size_t *n)
{
	parts[0] = *mute;
	*n = 1;
	if (!speaks_for_itself(d))
		parts[(*n)++] = (struct part){ .kind = CHAN_TEXT,
					       .text = headline(a, d) };
}

static struct part data_part(const struct delivery *d)
{
	return (struct part){ .kind = kind_of(d),
			      .text = d->text,
			      .data = d->data };
}

/* What was deleted stays with us; who may see it reads it in the web. */
static const char *deletion_words(const struct delivery *d)
{
	if (is(d->deleted_by, "buyer"))
		return is_from_avito(d)
			       ? "🗑 Покупатель удалил "
				 "сообщение"
			       : "🗑 Клиент удалил "
				 "сообщение";
	if (is(d->deleted_by, "seller"))
		return "🗑 Сообщение удалено в "
		       "приложении";
	return "🗑 Удалено у покупателя";
}

static struct rich with_edit_mark(struct arena *a, const struct delivery *d,
				  const struct rich *text)
{
	struct rich mark = plain("\n✏️ изменено");

	return d->is_edited ? rich_join(a, text, &mark) : *text;
}

static struct rich marked(struct arena *a, const struct delivery *d)
{
	enum chan_kind kind = kind_of(d);
	struct rich text = words_of(a, d);

	if (is_deleted(d))
		return plain(deletion_words(d));
	text = with_edit_mark(a, d, &text);
	if (text_is_blank(text.text))
		return plain(
			needs_mark(kind)
				? "ℹ️ Такое сообщение "
				  "здесь "
				  "не "
				  "показать: "
				  "откройте чат в Avito"
				: "ℹ️ Пустое сообщение");
	/* Events have a sign already: Avito's headline, or one of their own. */
	return needs_mark(kind) && !is(d->author, "system")
		       ? rich_under(a, "ℹ️ ", &text)
		       : text;
}

void compose_team(struct arena *a, const struct delivery *d,
		  const struct chan *chan, struct part **parts, size_t *n)
{
	enum chan_kind kind = kind_of(d);
	struct part mute = { .kind = kind, .has_file = true };
	struct rich text = words_of(a, d);

	*parts = new_parts(a, d);
	if (is_deleted(d)) {
		text = marked(a, d);
		text = under(a, d, &text);
		*n = split_text(a, chan, &text, *parts, PARTS_MAX);
	} else if (d->n_files && chan_takes(chan, kind) && !is_mute(kind)) {
		text = with_edit_mark(a, d, &text);
		text = under(a, d, &text);
		file_parts(a, d, chan, &text, *parts, n);
	} else if (d->n_files && chan_takes(chan, kind)) {
		mute_parts(a, d, &mute, *parts, n);
	} else if (has_data(d, chan)) {
		mute = data_part(d);
		mute_parts(a, d, &mute, *parts, n);
	} else {
		text = marked(a, d);
		text = under(a, d, &text);
		*n = split_text(a, chan, &text, *parts, PARTS_MAX);
	}
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
	struct rich text = rich_read(a, parts[0].text, parts[0].entities);
	const char *speaker = headline(a, lead);
	size_t fits = 0;

	if (n_parts != 1 || parts[0].kind != CHAN_TEXT)
		*n = 0;
	for (; fits < *n; fits++) {
		const struct delivery *d = &joined[fits];
		const char *head = headline(a, d);
		struct rich words = marked(a, d), longer;

		longer =
			strcmp(speaker, head) == 0
				? rich_under(a, "\n\n", &words)
				: rich_under(a,
					     arena_printf(a, "\n\n%s:\n", head),
					     &words);
		longer = rich_join(a, &text, &longer);
		if (length(chan, longer.text) > chan->text_max)
			break;
		text = longer;
		speaker = head;
	}
	*n = fits;
	parts[0].text = text.text;
	parts[0].entities = rich_entities(a, &text);
}

/* What it takes, for whom it did not. */
static bool refuse(const struct chan *chan, struct err *err)
{
	if (chan_takes(chan, CHAN_DOCUMENT))
		return err_set(err, ERR_INPUT,
			       "%s не даёт переслать такое сообщение. "
			       "Отправьте текст, фото или файл.",
			       chan->title_ru);
	return err_set(err, ERR_INPUT,
		       "%s принимает только текст и фото до %zu МБ. Отправьте "
		       "текст или фото.",
		       chan->title_ru, chan->image_max_bytes / 1024 / 1024);
}

/* Who wrote a sticker meant its sign. */
static struct rich said_to_buyer(struct arena *a, const struct delivery *d,
				 const struct chan *chan)
{
	struct rich text = words_of(a, d);
	struct json_object *data;
	struct err ignored = { 0 };
	const char *emoji = "";

	if (kind_of(d) == CHAN_STICKER && d->data &&
	    json_read(a, d->data, strlen(d->data), &data, &ignored))
		emoji = json_str(data, "emoji", "");
	if (*emoji)
		return plain(emoji);
	return chan->can & CHAN_CAN_FORMAT ? text : plain(rich_plain(a, &text));
}

/* A still one can be made a picture of, where only those are taken. */
static bool becomes_picture(struct arena *a, const struct delivery *d,
			    const struct chan *chan)
{
	struct json_object *data;
	struct err ignored = { 0 };

	return kind_of(d) == CHAN_STICKER && d->n_files == 1 &&
	       !chan_takes(chan, CHAN_STICKER) &&
	       chan_takes(chan, CHAN_IMAGE) && d->data &&
	       json_read(a, d->data, strlen(d->data), &data, &ignored) &&
	       strcmp(json_str(data, "format", ""), "static") == 0;
}

static bool is_said_in_words(enum chan_kind kind)
{
	return kind == CHAN_TEXT || kind == CHAN_STICKER ||
	       kind == CHAN_LOCATION || kind == CHAN_CONTACT ||
	       kind == CHAN_POLL || kind == CHAN_DICE || kind == CHAN_LINK ||
	       kind == CHAN_ITEM;
}

/* As far as it can be told before they are there: nothing of the message is
 * sent where one of them will not be taken. */
static bool takes_files(struct arena *a, const struct delivery *d,
			const struct chan *chan, struct err *err)
{
	for (size_t i = 0; i < d->n_files; i++) {
		const struct delivery_file *f = &d->files[i];
		const char *trouble = reach_trouble(a, d, f);
		enum chan_kind kind = kind_of_file(f);

		if ((chan_takes(chan, kind) || refuse(chan, err)) &&
		    (!trouble || err_set(err, ERR_INPUT, "%s", trouble)) &&
		    (reach_by_id(d, f) ||
		     compose_fit_file(chan, &kind, (size_t)f->bytes, err)))
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
	enum chan_kind kind = kind_of(d);
	bool is_sign = kind == CHAN_STICKER && !chan_takes(chan, kind);
	struct rich text = said_to_buyer(a, d, chan);

	*parts = new_parts(a, d);
	*n = 0;
	if (becomes_picture(a, d, chan)) {
		**parts = (struct part){ .kind = CHAN_IMAGE,
					 .has_file = true,
					 .instead = text.text };
		*n = 1;
		return true;
	}
	if (d->n_files && !is_sign) {
		if (!takes_files(a, d, chan, err))
			return false;
		if (is_mute(kind))
			text = plain("");
		file_parts(a, d, chan, &text, *parts, n);
		return true;
	}
	if (has_data(d, chan)) {
		**parts = data_part(d);
		*n = 1;
		return true;
	}
	if (!is_said_in_words(kind))
		return refuse(chan, err);
	*n = split_text(a, chan, &text, *parts, PARTS_MAX);
	return *n > 0 || err_set(err, ERR_INPUT, "Сообщение пустое.");
}

bool compose_instead(struct part *p)
{
	if (!p->instead)
		return false;
	*p = (struct part){ .kind = CHAN_TEXT, .text = p->instead };
	return true;
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
