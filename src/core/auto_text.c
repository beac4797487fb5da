/*
 * auto_text.c - the words of a text that goes out by itself.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/auto_text.h"

#define NAME_MAX_BYTES 40
#define WORD_MAX_UNITS 300 /* of a stranger's name or title */
#define TEXT_MAX_BYTES 65536

static const struct placeholder {
	const char *name;
	size_t at; /* in struct auto_words */
	const char *otherwise;
} placeholders[] = {
	{ "buyer", offsetof(struct auto_words, buyer), "" },
	{ "ad", offsetof(struct auto_words, ad), "объявление" },
	{ "price", offsetof(struct auto_words, price), "не указана" },
	{ "link", offsetof(struct auto_words, link), "" },
	{ "project", offsetof(struct auto_words, project), "" },
	{ "shop", offsetof(struct auto_words, shop), "" },
};

/* "{name}" or "{name|other words}" at the beginning of a text. */
struct mention {
	const char *name, *other;
	size_t name_len, other_len, len;
};

static bool read_mention(const char *s, struct mention *m)
{
	size_t name = strcspn(s + 1, " \t\n{}|"), end = name + 1;

	if (name == 0 || name > NAME_MAX_BYTES)
		return false;
	*m = (struct mention){ .name = s + 1, .name_len = name };
	if (s[end] == '|') {
		m->other = s + end + 1;
		m->other_len = strcspn(m->other, "{}");
		end += 1 + m->other_len;
	}
	m->len = end + 1;
	return s[end] == '}';
}

static const struct placeholder *find(const struct mention *m)
{
	for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
		if (strlen(placeholders[i].name) == m->name_len &&
		    memcmp(placeholders[i].name, m->name, m->name_len) == 0)
			return &placeholders[i];
	return NULL;
}

void auto_text_check(struct problems *p, const char *field, const char *text,
		     size_t min, size_t max)
{
	struct mention m;

	problems_check_text(p, field, text, min, max);
	for (const char *s = strchr(text, '{'); s; s = strchr(s + 1, '{')) {
		if (!read_mention(s, &m) || find(&m))
			continue;
		problems_add(p, field,
			     "has an unknown placeholder {%.*s}; known are "
			     "{buyer}, {ad}, {price}, {link}, {project} and "
			     "{shop}",
			     (int)m.name_len, m.name);
		return;
	}
}

/* A stranger's words in one line. */
static const char *in_a_line(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a, TEXT_MAX_BYTES);
	for (; *s; s++) {
		bool blank = (unsigned char)*s <= ' ' || *s == 0x7f;

		if (!blank)
			buf_add_char(&b, *s);
		else if (b.len > 0 && b.s[b.len - 1] != ' ')
			buf_add_char(&b, ' ');
	}
	while (b.len > 0 && b.s[b.len - 1] == ' ')
		b.s[--b.len] = '\0';
	return text_cut(a, b.s, WORD_MAX_UNITS);
}

static const char *word_of(struct arena *a, const struct placeholder *p,
			   const struct mention *m, const struct auto_words *w)
{
	const char *known;

	memcpy(&known, (const char *)w + p->at, sizeof(known));
	if (known && !text_is_blank(known))
		return in_a_line(a, known);
	return m->other ? arena_strn(a, m->other, m->other_len) : p->otherwise;
}

/* The length of the one of these that s begins with. */
static size_t begins(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strncmp(s, *list, strlen(*list)) == 0)
			return strlen(*list);
	return 0;
}

static size_t ends(const struct buf *b, const char *const *list)
{
	for (; *list; list++) {
		size_t len = strlen(*list);

		if (len <= b->len &&
		    memcmp(b->s + b->len - len, *list, len) == 0)
			return len;
	}
	return 0;
}

static void drop(struct buf *b, size_t len)
{
	b->len -= len;
	b->s[b->len] = '\0';
}

static const char *const joints[] = { ",", ":", ";", "—", "–", "-", NULL };
static const char *const stops[] = { ".", "!", "?", "…", NULL };
static const char *const blanks[] = { " ", "\t", "\u00a0", NULL };
static const char *const opening[] = { "(", "[", "«", "\"", "“", NULL };
static const char *const closing[] = { ")", "]", "»", "\"", "”", NULL };

static bool skip(const char **rest, const char *const *list)
{
	size_t len = begins(*rest, list);

	*rest += len;
	return len > 0;
}

static bool cut(struct buf *b, const char *const *list)
{
	size_t len = ends(b, list);

	drop(b, len);
	return len > 0;
}

static bool trim(struct buf *b, const char **rest)
{
	bool any = false;

	while (cut(b, blanks) || skip(rest, blanks))
		any = true;
	return any;
}

/* Brackets or quotes with nothing between them any more. */
static bool is_empty_pair(const struct buf *b, const char *rest)
{
	for (size_t i = 0; opening[i]; i++) {
		const char *const open[] = { opening[i], NULL };
		const char *const close[] = { closing[i], NULL };

		if (ends(b, open) && begins(rest, close))
			return true;
	}
	return false;
}

/* The first letter of a text that began with something else. */
static void add_capital(struct buf *b, const char **rest)
{
	unsigned char c = (unsigned char)(*rest)[0];
	unsigned char d = c ? (unsigned char)(*rest)[1] : 0;

	if (c >= 'a' && c <= 'z') {
		buf_add_char(b, (char)(c - 'a' + 'A'));
		*rest += 1;
	} else if (c == 0xd0 && d >= 0xb0 && d <= 0xbf) { /* а to п */
		buf_add_char(b, (char)0xd0);
		buf_add_char(b, (char)(d - 0x20));
		*rest += 2;
	} else if (c == 0xd1 && d >= 0x80 && d <= 0x8f) { /* р to я */
		buf_add_char(b, (char)0xd0);
		buf_add_char(b, (char)(d + 0x20));
		*rest += 2;
	} else if (c == 0xd1 && d == 0x91) { /* ё */
		buf_add_str(b, "Ё");
		*rest += 2;
	}
}

/* Nothing comes where something stood: what joined it goes, too. */
static void leave_out(struct buf *b, const char **rest)
{
	bool spaced = trim(b, rest), first, at_end;

	while (is_empty_pair(b, *rest)) {
		cut(b, opening);
		skip(rest, closing);
		spaced |= trim(b, rest);
	}
	first = b->len == 0 || b->s[b->len - 1] == '\n';
	if (first || ends(b, stops)) {
		while (skip(rest, joints) || skip(rest, blanks))
			spaced = true;
		if (!first && spaced && **rest && **rest != '\n' &&
		    !begins(*rest, stops))
			buf_add_char(b, ' ');
		add_capital(b, rest);
		if (first && **rest == '\n')
			*rest += 1; /* its line is empty */
		return;
	}
	if (ends(b, opening)) {
		while (skip(rest, joints) || skip(rest, blanks))
			continue;
		return;
	}
	at_end = !**rest || **rest == '\n';
	if (at_end || begins(*rest, joints) || begins(*rest, stops) ||
	    begins(*rest, closing)) {
		while (cut(b, joints) || cut(b, blanks))
			continue;
		return;
	}
	if (spaced)
		buf_add_char(b, ' ');
}

const char *auto_text_fill(struct arena *a, const char *text,
			   const struct auto_words *w)
{
	const struct placeholder *p;
	struct mention m;
	struct buf b;

	buf_init(&b, a, TEXT_MAX_BYTES);
	while (*text) {
		const char *word;

		if (*text != '{' || !read_mention(text, &m) ||
		    !(p = find(&m))) {
			buf_add_char(&b, *text++);
			continue;
		}
		text += m.len;
		word = word_of(a, p, &m, w);
		if (text_is_blank(word))
			leave_out(&b, &text);
		else
			buf_add_str(&b, word);
	}
	while (b.len > 0 && strchr(" \t\n\r", b.s[b.len - 1]))
		drop(&b, 1);
	return b.s + strspn(b.s, " \t\n\r");
}
