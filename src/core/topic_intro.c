/*
 * topic_intro.c - the first words in a topic that continues a former one.
 */
#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"
#include "chan/telegram.h"
#include "core/topic_intro.h"

/* Of one message, with ten of which a text is not full. */
#define WORDS_MAX 280
#define NAME_MAX  40

static const struct word {
	const char *kind, *ru;
} words[] = {
	{ "image", "фото" },
	{ "voice", "голосовое" },
	{ "audio", "аудио" },
	{ "video", "видео" },
	{ "video_note", "видеосообщение" },
	{ "animation", "анимация" },
	{ "document", "файл" },
	{ "sticker", "стикер" },
};

static const char *word_of(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].kind, kind) == 0)
			return words[i].ru;
	return NULL;
}

static const char *name_of(struct arena *a, const char *name, const char *other)
{
	return text_cut(a, *name ? name : other, NAME_MAX);
}

static const char *who(struct arena *a, const char *buyer_name,
		       const struct topic_line *l)
{
	if (strcmp(l->author, "buyer") == 0)
		return name_of(a, buyer_name, "Покупатель");
	if (strcmp(l->author, "robot") == 0)
		return "🤖 Автоответчик";
	if (strcmp(l->author, "seller") == 0)
		return name_of(a, l->author_name, "Продавец");
	if (strcmp(l->author, "system") == 0)
		return "ℹ️";
	return name_of(a, l->author_name, "Оператор");
}

/* In one line. */
static char *flat(struct arena *a, const char *text)
{
	char *s = arena_str(a, text);

	for (char *c = s; *c; c++)
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	return s;
}

static const char *what(struct arena *a, const struct topic_line *l)
{
	const char *kind = word_of(l->kind), *text = flat(a, l->text);

	if (l->is_deleted)
		return "[удалено]";
	if (text_units(text) > WORDS_MAX)
		text = arena_printf(a, "%s…", text_cut(a, text, WORDS_MAX));
	if (!kind)
		return text_is_blank(text) ? "[сообщение]" : text;
	return text_is_blank(text) ? arena_printf(a, "[%s]", kind)
				   : arena_printf(a, "[%s] %s", kind, text);
}

const char *topic_intro(struct arena *a, const char *buyer_name,
			const struct topic_line *lines, size_t n)
{
	struct buf b;

	buf_init(&b, a, 4 * TG_TEXT_MAX);
	buf_add_str(&b,
		    "↩️ Диалог продолжается здесь: "
		    "прежней "
		    "темы "
		    "больше нет.");
	if (n)
		buf_add_str(&b, "\n\nПоследние сообщения:");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "\n%s %s%s: %s", lines[i].when,
			 lines[i].is_note ? "📝 " : "",
			 who(a, buyer_name, &lines[i]), what(a, &lines[i]));
	return text_cut(a, b.s, TG_TEXT_MAX);
}
