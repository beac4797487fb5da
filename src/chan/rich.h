/*
 * rich.h - text with its formatting, cut and put together without breaking.
 *
 * Formatting is Telegram's: a JSON array of MessageEntity objects whose
 * offset and length count UTF-16 units of the text.  What strangers wrote
 * there is harmless: a mark that lies outside of the text, cuts a character,
 * crosses another one or is of a kind that carries no formatting is left out,
 * and so is what goes beyond RICH_MARKS_MAX.  Results live as long as the
 * arena; strings are borrowed where nothing was changed.
 */
#ifndef CHAN_RICH_H
#define CHAN_RICH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Telegram shows as many in one message. */
#define RICH_MARKS_MAX 100

struct json_object;

struct rich_mark {
	size_t offset, units;  /* UTF-16 units of the text */
	struct json_object *o; /* what it is, as it came */
};

/* All zero but the text is a text without formatting.  Marks are ordered by
 * where they begin, the outer one first. */
struct rich {
	const char *text; /* valid UTF-8, never NULL */
	struct rich_mark *marks;
	size_t n;
};

/* `entities`: JSON text, or NULL for none. */
struct rich rich_read(struct arena *a, const char *text, const char *entities);

/* The marks as JSON text, with nothing in it but what their kinds have; NULL:
 * there are none. */
const char *rich_entities(struct arena *a, const struct rich *r);

/* What a service brought, fit to be stored. */
const char *rich_clean(struct arena *a, const char *text,
		       struct json_object *entities);

/* One behind the other. */
struct rich rich_join(struct arena *a, const struct rich *x,
		      const struct rich *y);
/* A line of ours in front. */
struct rich rich_under(struct arena *a, const char *head, const struct rich *r);

/* The bytes [from, from + len) of the text, which begin and end between
 * characters.  A mark that is cut goes on in its part; one that stands for a
 * single sign is left out. */
struct rich rich_slice(struct arena *a, const struct rich *r, size_t from,
		       size_t len);

/*
 * The text in pieces of at most `max` UTF-16 units (code points, unless
 * by_units), cut behind white space where there is some.  Several pieces are
 * numbered, "(2/3) " in front of each, always in the same way.  At most
 * `room` of them; none for a blank text.
 */
struct rich *rich_split(struct arena *a, const struct rich *r, size_t max,
			bool by_units, size_t room, size_t *n);

/* For where there is no formatting: what it hid in itself, such as the address
 * behind a link, is written out. */
const char *rich_plain(struct arena *a, const struct rich *r);

#endif
