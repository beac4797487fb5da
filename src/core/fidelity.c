/*
 * fidelity.c - what becomes of every kind of message on its way, as a document.
 */
#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "chan/avito.h"
#include "chan/telegram.h"
#include "core/compose.h"
#include "core/fidelity.h"
#include "core/reach.h"

#define MB ((size_t)1024 * 1024)
/* Telegram takes photos of 10 MB. */
#define LARGE_PHOTO (15 * MB)
#define HUGE_FILE   ((int64_t)(30 * MB))
#define NO_SUCH     "there is none"
#define NOT_TOLD    "not told by the service"

/* One direction between a source and the team's group. */
struct way {
	const struct chan *from, *to;
	bool to_team;
};

struct row {
	const char *what;
	const char *(*cell)(struct arena *a, const struct row *row,
			    const struct way *way);
	/* Of a kind of message, with what one consists of. */
	enum chan_kind kind;
	bool has_file;
	const char *text, *data;
};

/* --- kinds of messages --- */

static struct delivery sample(struct arena *a, const struct row *row,
			      const struct way *way)
{
	struct delivery d = {
		.direction = way->to_team ? "team" : "buyer",
		.author = way->to_team ? "buyer" : "operator",
		.author_name = "",
		.origin = "",
		.source = way->from == &chan_avito ? "avito" : "telegram",
		.buyer_name = "",
		.item_title = "",
		.kind = chan_kind_name(row->kind),
		.foreign_kind = "",
		.text = row->text ? row->text : "",
		.entities = "",
		.data = row->data ? row->data : "",
		.album = "",
		.quote_id = "",
		.copies = "",
		.bot_topics = true,
	};

	if (row->has_file) {
		d.files = arena_alloc(a, sizeof(*d.files));
		d.n_files = 1;
		*d.files = (struct delivery_file){
			.kind = d.kind,
			.url = "",
			.ref = "",
			.mime = "",
			.name = "",
			.sha256 = "",
			.bytes = 1,
		};
	}
	return d;
}

static const char *as_words(enum chan_kind kind)
{
	return kind == CHAN_STICKER ? "as its emoji" : "as text";
}

/* What the parts of a message are to somebody who waits for its kind. */
static const char *seen_as(enum chan_kind kind, const struct part *parts,
			   size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (parts[i].kind == CHAN_TEXT)
			continue;
		if (parts[i].kind == kind)
			return "as it is";
		return parts[i].kind == CHAN_IMAGE ? "as PNG" : "as a document";
	}
	return kind == CHAN_TEXT ? "as it is" : as_words(kind);
}

static const char *kind_cell(struct arena *a, const struct row *row,
			     const struct way *way)
{
	struct delivery d = sample(a, row, way);
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	if (way->from->hides & CHAN_BIT(row->kind))
		return "named, with the advice to open it there";
	if (!(way->from->brings & CHAN_BIT(row->kind)))
		return NO_SUCH;
	if (way->to_team)
		compose_team(a, &d, way->to, &parts, &n);
	else if (!compose_buyer(a, &d, way->to, &parts, &n, &err))
		return arena_printf(a, "refused: «%s»", err.text);
	return seen_as(row->kind, parts, n);
}

/* Telegram has links in texts only. */
static const char *link_cell(struct arena *a, const struct row *row,
			     const struct way *way)
{
	if (way->from->brings & CHAN_BIT(CHAN_LINK))
		return kind_cell(a, row, way);
	return "in its text; the other side makes the preview";
}

static const char *unknown_cell(struct arena *a, const struct row *row,
				const struct way *way)
{
	struct delivery d = sample(a, row, way);
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	if (way->to_team || compose_buyer(a, &d, way->to, &parts, &n, &err))
		return "named, with the advice to open it there";
	return arena_printf(a, "refused: «%s»", err.text);
}

/* --- what a message may have --- */

static const char *format_cell(struct arena *a UNUSED,
			       const struct row *row UNUSED,
			       const struct way *way)
{
	if (!(way->from->can & CHAN_BRINGS_FORMAT))
		return NO_SUCH;
	return way->to->can & CHAN_CAN_FORMAT ? "as it is" : "as plain text";
}

/* Of a long text.  The team's has a line above it that says who writes, and
 * texts of the web are longer than any service's. */
static const char *long_cell(struct arena *a, const struct row *row UNUSED,
			     const struct way *way)
{
	if (way->to_team && 2 * way->from->text_max <= way->to->text_max)
		return "fits always";
	return arena_printf(a, "split at words, in numbered parts of %zu",
			    way->to->text_max);
}

static const char *caption_cell(struct arena *a UNUSED,
				const struct row *row UNUSED,
				const struct way *way)
{
	if (!(way->from->can & CHAN_CAN_CAPTION))
		return NO_SUCH;
	return way->to->can & CHAN_CAN_CAPTION ? "as it is"
					       : "a text behind the photo";
}

static const char *large_cell(struct arena *a, const struct row *row UNUSED,
			      const struct way *way)
{
	enum chan_kind kind = CHAN_IMAGE;
	struct err err = { 0 };

	if (way->from->image_max_bytes < LARGE_PHOTO)
		return NO_SUCH;
	if (!compose_fit_file(way->to, &kind, LARGE_PHOTO, &err))
		return arena_printf(a, "refused: «%s»", err.text);
	return kind == CHAN_IMAGE ? "as it is" : "as a document";
}

/* A bot can send on what it was sent, however large. */
static const char *huge_cell(struct arena *a, const struct row *row,
			     const struct way *way)
{
	struct delivery d = sample(a, row, way);
	const char *trouble;
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	if (!(way->from->brings & CHAN_BIT(row->kind)))
		return NO_SUCH;
	if (!chan_takes(way->to, row->kind) &&
	    !compose_buyer(a, &d, way->to, &parts, &n, &err))
		return arena_printf(a, "refused: «%s»", err.text);
	d.origin = "telegram";
	d.files->ref = d.files->name = "video.zip";
	d.files->bytes = HUGE_FILE;
	d.bot_id = 1;
	d.source_bot_id = 2;
	d.origin_id = way->to_team ? 1 : -1;
	trouble = reach_trouble(a, &d, d.files);
	if (!trouble)
		return "as it is";
	if (way->to_team)
		return "a note with its sender and size; as it is when one "
		       "bot is in both chats";
	return arena_printf(a,
			    "refused: «%s»; as it is when one bot is in both "
			    "chats",
			    trouble);
}

static const char *album_cell(struct arena *a UNUSED,
			      const struct row *row UNUSED,
			      const struct way *way)
{
	if (!(way->from->can & CHAN_BRINGS_ALBUM))
		return NO_SUCH;
	return way->to->can & CHAN_CAN_ALBUM ? "kept together"
					     : "one by one, in order";
}

static const char *quote_cell(struct arena *a UNUSED,
			      const struct row *row UNUSED,
			      const struct way *way)
{
	if (!(way->from->can & CHAN_BRINGS_QUOTE))
		return NOT_TOLD;
	return way->to->can & CHAN_CAN_QUOTE ? "as a quote"
					     : "without the quote";
}

/* --- what becomes of it later --- */

static const char *edit_cell(struct arena *a UNUSED,
			     const struct row *row UNUSED,
			     const struct way *way)
{
	if (!(way->from->can & CHAN_BRINGS_EDIT))
		return NOT_TOLD;
	if (way->to_team)
		return "the new text, with a mark; the old one in the history";
	return way->to->can & CHAN_CAN_EDIT
		       ? "the text changes there"
		       : "a note: the buyer still sees the old text";
}

static const char *delete_cell(struct arena *a, const struct row *row UNUSED,
			       const struct way *way)
{
	if (way->to_team)
		return way->from->can & CHAN_BRINGS_DELETE
			       ? "the copy is marked; the original stays for "
				 "those permitted"
			       : NOT_TOLD;
	if (!(way->to->can & CHAN_CAN_DELETE))
		return "refused";
	return arena_printf(a, "deleted there by /delete, within %d h",
			    (int)(way->to->delete_within_s / 3600));
}

static const char *reaction_cell(struct arena *a UNUSED,
				 const struct row *row UNUSED,
				 const struct way *way)
{
	if (!(way->from->can & CHAN_BRINGS_REACTION))
		return NOT_TOLD;
	return way->to->can & CHAN_CAN_REACT ? "as it is" : "stays inside";
}

static const char *read_cell(struct arena *a UNUSED,
			     const struct row *row UNUSED,
			     const struct way *way)
{
	if (way->to_team)
		return way->from->can & CHAN_BRINGS_READ ? "shown in the web"
							 : NOT_TOLD;
	return way->to->can & CHAN_CAN_READ
		       ? "marked as read once the team can see it"
		       : "there is no such mark";
}

static const char *typing_cell(struct arena *a UNUSED,
			       const struct row *row UNUSED,
			       const struct way *way)
{
	if (way->to_team)
		return NOT_TOLD;
	return way->to->can & CHAN_CAN_TYPING
		       ? "while somebody answers in the web"
		       : "there is no such mark";
}

/* One line each: a table is read along its columns. */
/* clang-format off */
static const struct row rows[] = {
	{ "text", kind_cell, CHAN_TEXT, false, "Да", NULL },
	{ "formatting", format_cell, 0, false, NULL, NULL },
	{ "long text", long_cell, 0, false, NULL, NULL },
	{ "photo", kind_cell, CHAN_IMAGE, true, NULL, NULL },
	{ "caption", caption_cell, 0, false, NULL, NULL },
	{ "photo of 15 MB", large_cell, 0, false, NULL, NULL },
	{ "album", album_cell, 0, false, NULL, NULL },
	{ "voice", kind_cell, CHAN_VOICE, true, NULL, NULL },
	{ "audio", kind_cell, CHAN_AUDIO, true, NULL, NULL },
	{ "video", kind_cell, CHAN_VIDEO, true, NULL, NULL },
	{ "round video", kind_cell, CHAN_VIDEO_NOTE, true, NULL, NULL },
	{ "animation", kind_cell, CHAN_ANIMATION, true, NULL, NULL },
	{ "document", kind_cell, CHAN_DOCUMENT, true, NULL, NULL },
	{ "file over 20 MB", huge_cell, CHAN_DOCUMENT, true, NULL, NULL },
	{ "sticker, static", kind_cell, CHAN_STICKER, true, "😀", "{\"emoji\":\"😀\",\"format\":\"static\"}" },
	{ "sticker, animated", kind_cell, CHAN_STICKER, true, "😀", "{\"emoji\":\"😀\",\"format\":\"animated\"}" },
	{ "sticker, video", kind_cell, CHAN_STICKER, true, "😀", "{\"emoji\":\"😀\",\"format\":\"video\"}" },
	{ "location", kind_cell, CHAN_LOCATION, false, "📍 55.75, 37.61", "{\"latitude\":55.75,\"longitude\":37.61}" },
	{ "venue", kind_cell, CHAN_LOCATION, false, "📍 Склад", "{\"latitude\":55.75,\"longitude\":37.61,\"title\":\"Склад\",\"address\":\"Улица, 1\"}" },
	{ "contact", kind_cell, CHAN_CONTACT, false, "👤 Иван", "{\"phone_number\":\"79990000001\",\"first_name\":\"Иван\"}" },
	{ "poll", kind_cell, CHAN_POLL, false, "📊 Когда?", "{\"question\":\"Когда?\",\"options\":[\"Сейчас\"]}" },
	{ "dice", kind_cell, CHAN_DICE, false, "🎲 4", "{\"emoji\":\"🎲\",\"value\":4}" },
	{ "link with preview", link_cell, CHAN_LINK, false, "https://example.com", "{\"url\":\"https://example.com\"}" },
	{ "item card", kind_cell, CHAN_ITEM, false, "📦 Лампа", "{\"title\":\"Лампа\"}" },
	{ "call", kind_cell, CHAN_CALL, false, "📞 Пропущенный звонок", "{\"status\":\"missed\"}" },
	{ "unknown kind", unknown_cell, CHAN_UNSUPPORTED, false, "Другое", NULL },
	{ "quote", quote_cell, 0, false, NULL, NULL },
	{ "edit", edit_cell, 0, false, NULL, NULL },
	{ "deletion", delete_cell, 0, false, NULL, NULL },
	{ "reaction", reaction_cell, 0, false, NULL, NULL },
	{ "read mark", read_cell, 0, false, NULL, NULL },
	{ "typing", typing_cell, 0, false, NULL, NULL },
};
/* clang-format on */

static const struct {
	const char *title, *buyer;
	const struct chan *chan;
} sources[] = {
	{ "Avito", "buyer", &chan_avito },
	{ "Telegram bot", "person", &chan_telegram_bot },
	{ "Telegram Business", "customer", &chan_telegram_business },
};

static const char head[] =
	"# What becomes of a message\n"
	"\n"
	"A table for each source: what a buyer writes, as the team sees it in "
	"its topic, and what the team writes there, as the buyer\n"
	"sees it. The page is printed by `tuberryctl show-fidelity` out of "
	"what "
	"the program itself asks: the drivers' bits\n"
	"(`src/chan/chan.h`) and `src/core/compose.h`. Every cell that "
	"promises something is played "
	"by an end-to-end test (`tests/e2e/test_fidelity_*.py`).\n"
	"\n"
	"Whatever cannot be carried is told to its sender at once, in the "
	"topic: "
	"*refused* quotes what is read there. Nothing is dropped in silence.\n";

void fidelity_describe(struct arena *a, struct buf *b)
{
	buf_add_str(b, head);
	for (size_t s = 0; s < ARRAY_LEN(sources); s++) {
		struct way in = { sources[s].chan, &chan_telegram, true };
		struct way out = { &chan_telegram, sources[s].chan, false };

		buf_addf(b, "\n## %s\n\n| what | %s → team | team → %s |\n",
			 sources[s].title, sources[s].buyer, sources[s].buyer);
		buf_add_str(b, "| --- | --- | --- |\n");
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			buf_addf(b, "| %s | %s | %s |\n", rows[i].what,
				 rows[i].cell(a, &rows[i], &in),
				 rows[i].cell(a, &rows[i], &out));
	}
}
