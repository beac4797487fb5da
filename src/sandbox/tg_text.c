/*
 * tg_text.c - texts with entities or with marks in HTML and MarkdownV2.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sandbox/tg_api.h"

#define DEPTH_MAX 32
#define RAW_MAX   32768

struct mark {
	const char *type;
	const char *tag;    /* HTML's name, or MarkdownV2's sign */
	size_t offset;      /* in UTF-16 units */
	const char *detail; /* url, language or emoji id; NULL: none */
};

struct parser {
	struct tg_call *c;
	const char *start, *p;
	struct buf out;
	size_t units;
	struct json_object *entities;
	struct mark open[DEPTH_MAX];
	int depth;
};

static bool broken(struct parser *x, const char *why)
{
	tg_violation(x->c, "text that cannot be parsed: %s", why);
	return tg_fail(x->c, 400, "can't parse entities: %s at byte offset %zu",
		       why, (size_t)(x->p - x->start));
}

/* Whole characters only, or the units would be wrong. */
static void put(struct parser *x, const char *s, size_t len)
{
	const char *copy = arena_strn(x->c->a, s, len);

	buf_add(&x->out, s, len);
	x->units += text_units(copy);
}

static size_t char_len(const char *p)
{
	size_t len = 1;

	while (((unsigned char)p[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static bool push(struct parser *x, const char *type, const char *tag,
		 const char *detail)
{
	if (x->depth == DEPTH_MAX)
		return broken(x, "too many nested entities");
	x->open[x->depth++] = (struct mark){ type, tag, x->units, detail };
	return true;
}

static void pop(struct parser *x)
{
	const struct mark *m = &x->open[--x->depth];
	struct json_object *e;

	if (x->units == m->offset || !*m->type)
		return;
	e = json_object_new_object();
	json_put_str(e, "type", m->type);
	json_put_i64(e, "offset", (int64_t)m->offset);
	json_put_i64(e, "length", (int64_t)(x->units - m->offset));
	if (m->detail && strcmp(m->type, "text_link") == 0)
		json_put_str(e, "url", m->detail);
	else if (m->detail && strcmp(m->type, "pre") == 0)
		json_put_str(e, "language", m->detail);
	else if (m->detail && strcmp(m->type, "custom_emoji") == 0)
		json_put_str(e, "custom_emoji_id", m->detail);
	json_object_array_add(x->entities, e);
}

static const struct {
	const char *tag, *type;
} tags[] = {
	{ "b", "bold" },
	{ "strong", "bold" },
	{ "i", "italic" },
	{ "em", "italic" },
	{ "u", "underline" },
	{ "ins", "underline" },
	{ "s", "strikethrough" },
	{ "strike", "strikethrough" },
	{ "del", "strikethrough" },
	{ "span", "spoiler" },
	{ "tg-spoiler", "spoiler" },
	{ "a", "text_link" },
	{ "tg-emoji", "custom_emoji" },
	{ "tg-time", "" },
	{ "code", "code" },
	{ "pre", "pre" },
	{ "blockquote", "blockquote" },
};

/* The value of the tag's only attribute; NULL: none. */
static const char *attribute(struct parser *x, const char *s, size_t len)
{
	const char *eq = memchr(s, '=', len);
	const char *end = s + len;

	if (!eq)
		return NULL;
	eq++;
	if (eq < end && (*eq == '"' || *eq == '\'') && end[-1] == *eq) {
		eq++;
		end--;
	}
	return end >= eq ? arena_strn(x->c->a, eq, (size_t)(end - eq)) : NULL;
}

static bool html_tag(struct parser *x)
{
	const char *end = strchr(x->p, '>');
	bool closes = x->p[1] == '/';
	const char *name = x->p + 1 + closes;
	size_t len = strcspn(name, " \t\n>");

	if (!end)
		return broken(x, "unclosed start tag");
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (strlen(tags[i].tag) != len ||
		    strncasecmp(tags[i].tag, name, len) != 0)
			continue;
		if (closes) {
			if (!x->depth ||
			    strcmp(x->open[x->depth - 1].tag, tags[i].tag) != 0)
				return broken(x, "unmatched end tag");
			pop(x);
		} else if (!push(x, tags[i].type, tags[i].tag,
				 attribute(x, name + len,
					   (size_t)(end - name) - len))) {
			return false;
		}
		x->p = end + 1;
		return true;
	}
	return broken(x, arena_printf(x->c->a, "unsupported start tag \"%.*s\"",
				      (int)len, name));
}

static void put_point(struct parser *x, unsigned long point)
{
	char s[5] = { 0 };

	if (point < 0x80) {
		s[0] = (char)point;
	} else if (point < 0x800) {
		s[0] = (char)(0xc0 | point >> 6);
		s[1] = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		s[0] = (char)(0xe0 | point >> 12);
		s[1] = (char)(0x80 | (point >> 6 & 0x3f));
		s[2] = (char)(0x80 | (point & 0x3f));
	} else {
		s[0] = (char)(0xf0 | point >> 18);
		s[1] = (char)(0x80 | (point >> 12 & 0x3f));
		s[2] = (char)(0x80 | (point >> 6 & 0x3f));
		s[3] = (char)(0x80 | (point & 0x3f));
	}
	put(x, s, strlen(s));
}

static void html_entity(struct parser *x)
{
	static const struct {
		const char *name, *text;
	} known[] = {
		{ "&lt;", "<" },
		{ "&gt;", ">" },
		{ "&amp;", "&" },
		{ "&quot;", "\"" },
	};
	unsigned long point;
	char *end;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		size_t len = strlen(known[i].name);

		if (strncmp(x->p, known[i].name, len) == 0) {
			put(x, known[i].text, 1);
			x->p += len;
			return;
		}
	}
	if (x->p[1] == '#') {
		bool hex = x->p[2] == 'x';

		point = strtoul(x->p + 2 + hex, &end, hex ? 16 : 10);
		if (point > 0 && point < 0x110000 &&
		    (point < 0xd800 || point > 0xdfff) && *end == ';') {
			put_point(x, point);
			x->p = end + 1;
			return;
		}
	}
	put(x, "&", 1);
	x->p++;
}

static bool parse_html(struct parser *x)
{
	while (*x->p) {
		size_t len = char_len(x->p);

		if (*x->p == '<') {
			if (!html_tag(x))
				return false;
		} else if (*x->p == '&') {
			html_entity(x);
		} else {
			put(x, x->p, len);
			x->p += len;
		}
	}
	return x->depth == 0 || broken(x, "can't find end tag");
}

/* The sign at p, longest first; NULL: none. */
static const char *markdown_sign(const char *p, const char **type)
{
	static const struct {
		const char *sign, *type;
	} signs[] = {
		{ "```", "pre" }, { "||", "spoiler" }, { "__", "underline" },
		{ "*", "bold" },  { "_", "italic" },   { "~", "strikethrough" },
		{ "`", "code" },
	};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (strncmp(p, signs[i].sign, strlen(signs[i].sign)) == 0) {
			*type = signs[i].type;
			return signs[i].sign;
		}
	}
	return NULL;
}

/* "](url)" ends a link's text. */
static bool markdown_link_end(struct parser *x)
{
	const char *end = x->p[1] == '(' ? strchr(x->p, ')') : NULL;

	if (!end)
		return broken(x, "can't find end of a URL");
	x->open[x->depth - 1].detail =
		arena_strn(x->c->a, x->p + 2, (size_t)(end - x->p - 2));
	pop(x);
	x->p = end + 1;
	return true;
}

static bool markdown_step(struct parser *x)
{
	const char *type = NULL, *top, *sign;
	bool raw;
	size_t len = char_len(x->p);

	top = x->depth ? x->open[x->depth - 1].tag : "";
	raw = *top == '`';
	if (*x->p == '\\' && x->p[1] && (unsigned char)x->p[1] < 0x80) {
		put(x, x->p + 1, 1);
		x->p += 2;
		return true;
	}
	sign = markdown_sign(x->p, &type);
	if (sign && (!raw || strcmp(sign, top) == 0)) {
		if (strcmp(sign, top) == 0)
			pop(x);
		else if (!push(x, type, sign, NULL))
			return false;
		x->p += strlen(sign);
		return true;
	}
	if (!raw && *x->p == '[') {
		x->p++;
		return push(x, "text_link", "]", NULL);
	}
	if (!raw && *x->p == ']' && *top == ']')
		return markdown_link_end(x);
	if (!raw && *x->p == '>' && (x->p == x->start || x->p[-1] == '\n')) {
		x->p++;
		return true;
	}
	if (!raw && strchr("]()>#+-=|{}.!", *x->p))
		return broken(x, arena_printf(x->c->a,
					      "character '%c' is reserved and "
					      "must be escaped with the "
					      "preceding '\\'",
					      *x->p));
	put(x, x->p, len);
	x->p += len;
	return true;
}

static bool parse_markdown(struct parser *x)
{
	while (*x->p) {
		if (!markdown_step(x))
			return false;
	}
	return x->depth == 0 || broken(x, "can't find end of the entity");
}

bool tg_parse_mode(struct tg_call *c, const char *mode, const char **text,
		   struct json_object *entities)
{
	struct parser x = {
		.c = c,
		.start = *text,
		.p = *text,
		.entities = entities,
	};
	bool ok;

	buf_init(&x.out, c->a, HTTP_BODY_MAX);
	buf_add_str(&x.out, "");
	if (strcasecmp(mode, "HTML") == 0)
		ok = parse_html(&x);
	else if (strcasecmp(mode, "MarkdownV2") == 0)
		ok = parse_markdown(&x);
	else {
		tg_violation(c, "parse_mode %s", mode);
		return tg_fail(c, 400, "unsupported parse_mode");
	}
	if (ok)
		*text = x.out.s ? x.out.s : "";
	return ok;
}

/* Is there a whole character, or the end, after so many UTF-16 units? */
static bool is_boundary(const char *s, int64_t units)
{
	while (*s && units > 0) {
		size_t len = char_len(s);

		units -= len == 4 ? 2 : 1;
		s += len;
	}
	return units == 0;
}

/* The real one leaves out in silence what it cannot use. */
static void check_entity(struct tg_call *c, const char *text,
			 struct json_object *e)
{
	static const char spec[] =
		"type:S! offset:I! length:I! url:S user:O language:S"
		" custom_emoji_id:S";
	static const char known[] =
		" mention hashtag cashtag bot_command url email phone_number"
		" bold italic underline strikethrough spoiler blockquote"
		" expandable_blockquote code pre text_link text_mention"
		" custom_emoji ";
	int64_t from = json_i64(e, "offset", -1);
	int64_t len = json_i64(e, "length", 0);
	const char *type = json_str(e, "type", "");

	spec_check(spec, e, "telegram", c->method->name);
	if (!strstr(known, arena_printf(c->a, " %s ", type)) ||
	    (strcmp(type, "text_link") == 0 && !*json_str(e, "url", "")) ||
	    (strcmp(type, "text_mention") == 0 && !json_object_at(e, "user")))
		tg_violation(c, "an entity that is none: %s", json_text(e));
	if (from < 0 || len < 1 || !is_boundary(text, from) ||
	    !is_boundary(text, from + len))
		tg_violation(c, "an entity that does not fit its text: %s",
			     json_text(e));
}

static const char *trim(struct arena *a, const char *s)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strlen(s);
	while (len && strchr(" \t\r\n", s[len - 1]))
		len--;
	return arena_strn(a, s, len);
}

bool tg_param_text(struct tg_call *c, struct json_object *from,
		   const char *name, size_t max, struct json_object *out)
{
	const char *text = json_str(from, name, "");
	const char *mode = json_str(from, "parse_mode", NULL);
	bool is_text = strcmp(name, "text") == 0;
	const char *list = is_text ? "entities" : "caption_entities";
	struct json_object *given = json_array_at(from, list);
	struct json_object *entities = json_object_new_array();
	struct json_object *holder = json_new(c->a);

	json_put(holder, "entities", entities);
	if (strlen(text) > RAW_MAX)
		return tg_fail(c, 400, "text is too long");
	if (mode && *mode && !tg_parse_mode(c, mode, &text, entities))
		return false;
	for (size_t i = 0; given && i < json_object_array_length(given); i++)
		check_entity(c, text, json_object_array_get_idx(given, i));
	text = trim(c->a, text);
	if (is_text && !*text) {
		tg_violation(c, "the text is empty");
		return tg_fail(c, 400, "message text is empty");
	}
	if (text_units(text) > max) {
		tg_violation(c, "%s of %zu UTF-16 units", name,
			     text_units(text));
		return tg_fail(c, 400,
			       is_text ? "message is too long"
				       : "message caption is too long");
	}
	if (!given || (mode && *mode))
		given = entities;
	if (*text)
		json_put_str(out, name, text);
	if (*text && json_object_array_length(given))
		json_put(out, list, json_object_get(given));
	return true;
}
