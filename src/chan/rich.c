/*
 * rich.c - text with its formatting, cut and put together without breaking.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "chan/rich.h"

#define PLAIN_BYTES_MAX (4u * 1024 * 1024)

/* Not a place in the text. */
#define NOWHERE ((size_t)-1)

/* What looks like an address, a number or a command is marked by Telegram
 * itself again; these carry what the text does not say. */
static const struct mark_kind {
	const char *name;
	const char *needs; /* the member without which it is nothing */
	bool is_sign;      /* one sign, that cannot be cut */
} kinds[] = {
	{ "bold", NULL, false },
	{ "italic", NULL, false },
	{ "underline", NULL, false },
	{ "strikethrough", NULL, false },
	{ "spoiler", NULL, false },
	{ "blockquote", NULL, false },
	{ "expandable_blockquote", NULL, false },
	{ "code", NULL, false },
	{ "pre", NULL, false },
	{ "text_link", "url", false },
	{ "text_mention", "user", false },
	{ "custom_emoji", "custom_emoji_id", true },
};

static const struct mark_kind *kind_of(struct json_object *o)
{
	const char *name = json_str(o, "type", "");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static bool is_whole(struct json_object *o, const struct mark_kind *kind)
{
	if (!kind)
		return false;
	if (!kind->needs)
		return true;
	if (strcmp(kind->needs, "user") == 0)
		return json_i64(json_object_at(o, "user"), "id", 0) > 0;
	return *json_str(o, kind->needs, "");
}

/* ---- places in a text ---- */

static size_t char_bytes(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Where a walk through the text stands. */
struct walk {
	const char *text;
	size_t byte, unit;
};

/* The byte at `unit`, which must not lie behind the walk; NOWHERE: beyond the
 * end, or inside a surrogate pair. */
static size_t walk_to(struct walk *w, size_t unit)
{
	while (w->unit < unit && w->text[w->byte]) {
		size_t bytes = char_bytes(w->text + w->byte);

		w->byte += bytes;
		w->unit += bytes == 4 ? 2 : 1;
	}
	return w->unit == unit ? w->byte : NOWHERE;
}

static bool is_within(const char *text, const struct rich_mark *m)
{
	struct walk w = { .text = text };

	return walk_to(&w, m->offset) != NOWHERE &&
	       walk_to(&w, m->offset + m->units) != NOWHERE;
}

/* ---- reading ---- */

static bool read_mark(struct json_object *o, size_t text_units_n,
		      struct rich_mark *m)
{
	int64_t offset = json_i64(o, "offset", -1);
	int64_t length = json_i64(o, "length", 0);

	if (offset < 0 || length <= 0 || offset >= (int64_t)text_units_n ||
	    length > (int64_t)text_units_n - offset || !is_whole(o, kind_of(o)))
		return false;
	*m = (struct rich_mark){ (size_t)offset, (size_t)length, o };
	return true;
}

static int by_place(const void *x, const void *y)
{
	const struct rich_mark *a = x, *b = y;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->units != b->units)
		return a->units > b->units ? -1 : 1;
	return strcmp(json_str(a->o, "type", ""), json_str(b->o, "type", ""));
}

/* Begins inside of an earlier one and ends outside of it. */
static bool crosses(const struct rich_mark *marks, size_t n,
		    const struct rich_mark *m)
{
	for (size_t i = 0; i < n; i++)
		if (m->offset < marks[i].offset + marks[i].units &&
		    m->offset + m->units > marks[i].offset + marks[i].units)
			return true;
	return false;
}

static struct rich read_array(struct arena *a, const char *text,
			      struct json_object *list)
{
	struct rich r = { .text = text };
	size_t len = json_object_array_length(list), n = 0;
	size_t units = text_units(text);
	struct rich_mark m;

	if (len > RICH_MARKS_MAX)
		len = RICH_MARKS_MAX;
	r.marks = arena_array(a, len, sizeof(*r.marks));
	for (size_t i = 0; i < len; i++)
		if (read_mark(json_object_array_get_idx(list, i), units, &m) &&
		    is_within(text, &m))
			r.marks[n++] = m;
	qsort(r.marks, n, sizeof(*r.marks), by_place);
	for (size_t i = 0; i < n; i++)
		if (!crosses(r.marks, r.n, &r.marks[i]))
			r.marks[r.n++] = r.marks[i];
	return r;
}

struct rich rich_read(struct arena *a, const char *text, const char *entities)
{
	struct json_object *list;
	struct err ignored = { 0 };

	if (!entities || !*entities ||
	    !json_read(a, entities, strlen(entities), &list, &ignored) ||
	    !json_object_is_type(list, json_type_array))
		return (struct rich){ .text = text };
	return read_array(a, text, list);
}

/* ---- writing ---- */

static struct json_object *mark_json(const struct rich_mark *m)
{
	struct json_object *o = json_object_new_object(), *user;
	const char *type = json_str(m->o, "type", "");
	const char *language = json_str(m->o, "language", "");
	const struct mark_kind *kind = kind_of(m->o);

	json_put_str(o, "type", type);
	json_put_i64(o, "offset", (int64_t)m->offset);
	json_put_i64(o, "length", (int64_t)m->units);
	if (*language && strcmp(type, "pre") == 0)
		json_put_str(o, "language", language);
	if (kind->needs && strcmp(kind->needs, "user") == 0) {
		/* A user as Telegram reads one: the number counts. */
		user = json_object_new_object();
		json_put_i64(user, "id",
			     json_i64(json_object_at(m->o, "user"), "id", 0));
		json_put_bool(user, "is_bot", false);
		json_put_str(user, "first_name",
			     json_str(json_object_at(m->o, "user"),
				      "first_name", ""));
		json_put(o, "user", user);
	} else if (kind->needs) {
		json_put_str(o, kind->needs, json_str(m->o, kind->needs, ""));
	}
	return o;
}

const char *rich_entities(struct arena *a, const struct rich *r)
{
	struct json_object *list;

	if (r->n == 0)
		return NULL;
	list = json_object_new_array();
	json_put(json_new(a), "list", list); /* which frees it */
	for (size_t i = 0; i < r->n && i < RICH_MARKS_MAX; i++)
		json_object_array_add(list, mark_json(&r->marks[i]));
	return json_text(list);
}

const char *rich_clean(struct arena *a, const char *text,
		       struct json_object *entities)
{
	struct rich r;

	if (!entities || !json_object_is_type(entities, json_type_array))
		return NULL;
	r = read_array(a, text, entities);
	return rich_entities(a, &r);
}

/* ---- putting together and cutting ---- */

struct rich rich_join(struct arena *a, const struct rich *x,
		      const struct rich *y)
{
	struct rich r = { .text = arena_printf(a, "%s%s", x->text, y->text) };
	size_t shift = text_units(x->text);

	r.marks = arena_array(a, x->n + y->n, sizeof(*r.marks));
	for (size_t i = 0; i < x->n; i++)
		r.marks[r.n++] = x->marks[i];
	for (size_t i = 0; i < y->n; i++) {
		r.marks[r.n] = y->marks[i];
		r.marks[r.n++].offset += shift;
	}
	return r;
}

struct rich rich_under(struct arena *a, const char *head, const struct rich *r)
{
	struct rich line = { .text = head };

	return rich_join(a, &line, r);
}

static struct rich slice_at(struct arena *a, const struct rich *r,
			    size_t unit_from, size_t from, size_t len)
{
	struct rich s = { .text = arena_strn(a, r->text + from, len) };
	size_t unit_to = unit_from + text_units(s.text);

	s.marks = arena_array(a, r->n, sizeof(*s.marks));
	for (size_t i = 0; i < r->n; i++) {
		const struct rich_mark *m = &r->marks[i];
		size_t begin = m->offset, end = m->offset + m->units;

		if (begin < unit_from)
			begin = unit_from;
		if (end > unit_to)
			end = unit_to;
		if (begin >= end ||
		    (end - begin < m->units && kind_of(m->o)->is_sign))
			continue;
		s.marks[s.n++] = (struct rich_mark){ begin - unit_from,
						     end - begin, m->o };
	}
	return s;
}

struct rich rich_slice(struct arena *a, const struct rich *r, size_t from,
		       size_t len)
{
	return slice_at(a, r, text_units(arena_strn(a, r->text, from)), from,
			len);
}

static size_t trimmed_len(const char *s, size_t len)
{
	while (len && strchr(" \t\r\n", s[len - 1]))
		len--;
	return len;
}

static size_t pieces(struct arena *a, const struct rich *r, size_t max,
		     bool by_units, struct rich *list, size_t room)
{
	const char *s = r->text;
	size_t n = 0, unit = 0;

	while (*s && n < room) {
		size_t len = text_fit(s, max, by_units);
		size_t words = trimmed_len(s, len);

		if (words)
			list[n++] = slice_at(a, r, unit, (size_t)(s - r->text),
					     words);
		unit += text_units(arena_strn(a, s, len));
		s += len;
	}
	return n;
}

static size_t digits_of(size_t n)
{
	return n < 10 ? 1 : 1 + digits_of(n / 10);
}

struct rich *rich_split(struct arena *a, const struct rich *r, size_t max,
			bool by_units, size_t room, size_t *n)
{
	struct rich *list = arena_array(a, room, sizeof(*list));
	size_t digits = 0;

	*n = pieces(a, r, max, by_units, list, room);
	if (*n < 2)
		return list;
	/* With more digits there is less room for words. */
	do {
		digits++;
		*n = pieces(a, r, max - strlen("(/) ") - 2 * digits, by_units,
			    list, room);
	} while (digits_of(*n) > digits);
	for (size_t i = 0; i < *n; i++)
		list[i] = rich_under(
			a, arena_printf(a, "(%zu/%zu) ", i + 1, *n), &list[i]);
	return list;
}

/* ---- without formatting ---- */

static int by_end(const void *x, const void *y)
{
	const struct rich_mark *const *a = x, *const *b = y;
	size_t ends_a = (*a)->offset + (*a)->units;
	size_t ends_b = (*b)->offset + (*b)->units;

	if (ends_a != ends_b)
		return ends_a < ends_b ? -1 : 1;
	return (*a)->offset < (*b)->offset ? 1 : -1;
}

/* "https://a.example/" is what "a.example" says. */
static bool says_it_itself(const char *text, size_t len, const char *url)
{
	size_t url_len;

	if (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)
		url = strstr(url, "//") + 2;
	url_len = strlen(url);
	if (url_len && url[url_len - 1] == '/')
		url_len--;
	for (size_t i = 0; i + url_len <= len; i++)
		if (memcmp(text + i, url, url_len) == 0)
			return true;
	return false;
}

const char *rich_plain(struct arena *a, const struct rich *r)
{
	const struct rich_mark **links = arena_array(a, r->n, sizeof(*links));
	struct walk w = { .text = r->text };
	size_t n = 0, done = 0;
	struct buf b;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(json_str(r->marks[i].o, "type", ""), "text_link") ==
		    0)
			links[n++] = &r->marks[i];
	if (n == 0)
		return r->text;
	qsort(links, n, sizeof(*links), by_end);
	buf_init(&b, a, PLAIN_BYTES_MAX);
	for (size_t i = 0; i < n; i++) {
		const char *url = json_str(links[i]->o, "url", "");
		struct walk at = { .text = r->text };
		size_t begin = walk_to(&at, links[i]->offset);
		size_t end = walk_to(&w, links[i]->offset + links[i]->units);

		buf_add(&b, r->text + done, end - done);
		done = end;
		if (!says_it_itself(r->text + begin, end - begin, url))
			buf_addf(&b, " (%s)", url);
	}
	buf_add_str(&b, r->text + done);
	return b.s;
}
