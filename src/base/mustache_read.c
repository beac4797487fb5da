/*
 * mustache_read.c - a template's text turned into what is rendered.
 */
#include "config.h"

#include <string.h>

#include "base/mustache_impl.h"

struct reader {
	struct arena *a;
	const char *template;
	const char *begin, *at, *end;
	const char *open, *close; /* the delimiters */
	size_t open_len, close_len;
	bool at_line_start; /* nothing of this line has become a node yet */
	struct err *err;
};

struct tag {
	char type; /* 0: a name alone */
	const char *begin, *end;
	const char *s; /* between the delimiters, without its sign */
	size_t len;
	/* The whole lines that it has for itself, or begin and end. */
	bool alone;
	const char *outer_begin, *outer_end;
};

static bool wrong(const struct reader *r, const char *at, const char *what)
{
	int line = 1;

	for (const char *s = r->begin; s < at; s++)
		line += *s == '\n';
	return err_set(r->err, ERR_INPUT, "template %s, line %d: %s",
		       r->template, line, what);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *find(const char *s, const char *end, const char *what,
			size_t len)
{
	return memmem(s, (size_t)(end - s), what, len);
}

static struct node *node_new(struct reader *r, enum node_kind kind)
{
	struct node *n = arena_alloc(r->a, sizeof(*n));

	n->kind = kind;
	n->begins_line = r->at_line_start;
	r->at_line_start = false;
	return n;
}

/* A node per line. */
static struct node **add_text(struct reader *r, struct node **tail,
			      const char *s, const char *end)
{
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		struct node *n = node_new(r, TEXT);

		n->s = s;
		n->len = (size_t)((nl ? nl + 1 : end) - s);
		s += n->len;
		r->at_line_start = nl != NULL;
		*tail = n;
		tail = &n->next;
	}
	return tail;
}

/* A line that begins with what leaves no trace must be indented there. */
static struct node **mark_line(struct reader *r, struct node **tail)
{
	if (!r->at_line_start)
		return tail;
	*tail = node_new(r, TEXT);
	(*tail)->s = "";
	return &(*tail)->next;
}

static void find_lines(const struct reader *r, struct tag *t)
{
	const char *s = t->begin, *e = t->end;

	t->outer_begin = t->begin;
	t->outer_end = t->end;
	if (!t->type || !strchr("#^/!>=", t->type))
		return;
	while (s > r->begin && (s[-1] == ' ' || s[-1] == '\t'))
		s--;
	while (e < r->end && (*e == ' ' || *e == '\t'))
		e++;
	if (e < r->end && *e == '\r' && e + 1 < r->end && e[1] == '\n')
		e++;
	if ((s > r->begin && s[-1] != '\n') || (e < r->end && *e != '\n'))
		return;
	t->alone = true;
	t->outer_begin = s;
	t->outer_end = e < r->end ? e + 1 : e;
}

static void trim(const char **s, size_t *len)
{
	while (*len && is_space(**s))
		(*s)++, (*len)--;
	while (*len && is_space((*s)[*len - 1]))
		(*len)--;
}

/* Where the closing delimiter of the tag begins; NULL: nowhere.  "{{{a}}}" and
 * "{{=<% %>=}}" have a sign of their own in front of it. */
static const char *find_close(const struct reader *r, const struct tag *t)
{
	char sign = t->type == '{' ? '}' : t->type;
	const char *s = t->s, *close;

	while ((close = find(s, r->end, r->close, r->close_len))) {
		if (t->type == '{' && close + r->close_len < r->end &&
		    close[r->close_len] == sign)
			close++;
		if ((t->type != '{' && t->type != '=') ||
		    (close > t->s && close[-1] == sign))
			break;
		s = close + 1;
	}
	return close;
}

/* The tag that opens at t->begin. */
static bool read_tag(struct reader *r, struct tag *t)
{
	const char *close;

	t->s = t->begin + r->open_len;
	if (t->s < r->end && *t->s && strchr("#^/!>=&{", *t->s))
		t->type = *t->s++;
	close = find_close(r, t);
	if (!close)
		return wrong(r, t->begin, "a tag is not closed");
	t->end = close + r->close_len;
	t->len = (size_t)(close - t->s);
	if (t->type == '{' || t->type == '=')
		t->len--;
	trim(&t->s, &t->len);
	find_lines(r, t);
	return true;
}

/* "=<% %>=" */
static bool set_delimiters(struct reader *r, const struct tag *t)
{
	size_t open = 0, close = 0;

	while (open < t->len && !is_space(t->s[open]) && t->s[open] != '=')
		open++;
	while (close < t->len - open && !is_space(t->s[t->len - close - 1]) &&
	       t->s[t->len - close - 1] != '=')
		close++;
	for (size_t i = open; i < t->len - close; i++)
		if (!is_space(t->s[i]))
			return wrong(r, t->begin, "these are no delimiters");
	if (!open || !close || open + close == t->len)
		return wrong(r, t->begin, "these are no delimiters");
	r->open = t->s;
	r->open_len = open;
	r->close = t->s + t->len - close;
	r->close_len = close;
	return true;
}

static bool read_name(struct reader *r, const struct tag *t, struct node *n)
{
	char *rest = arena_strn(r->a, t->s, t->len);

	n->name = arena_str(r->a, rest);
	if (t->len == 0 || strlen(rest) != t->len || strpbrk(rest, " \t\r\n"))
		return wrong(r, t->begin, "a name must be one word");
	if (n->kind == PARTIAL || strcmp(rest, ".") == 0)
		return true;
	n->parts = arena_array(r->a, t->len, sizeof(*n->parts));
	while (rest) {
		char *part = strsep(&rest, ".");

		if (!*part)
			return wrong(r, t->begin, "a name has an empty part");
		n->parts[n->n_parts++] = part;
	}
	return true;
}

static enum node_kind kind_of(const struct tag *t)
{
	switch (t->type) {
	case '#':
		return SECTION;
	case '^':
		return INVERTED;
	case '>':
		return PARTIAL;
	case '&':
	case '{':
		return RAW_VALUE;
	default:
		return VALUE;
	}
}

static bool read_nodes(struct reader *r, const struct node *section, int depth,
		       struct node **first);

/* A tag that becomes a node. */
static bool add_tag(struct reader *r, const struct tag *t, int depth,
		    struct node **place)
{
	bool leaves_line = t->alone && t->type != '>';
	bool at_line_start = r->at_line_start;
	struct node *n = node_new(r, kind_of(t));

	*place = n;
	if (leaves_line) {
		n->begins_line = false;
		r->at_line_start = at_line_start;
	}
	if (n->kind == PARTIAL) {
		n->alone = t->alone;
		n->begins_line = n->begins_line && !t->alone;
		n->s = t->outer_begin;
		n->len = (size_t)(t->begin - t->outer_begin);
		r->at_line_start = t->alone;
	}
	if (!read_name(r, t, n))
		return false;
	return (n->kind != SECTION && n->kind != INVERTED) ||
	       read_nodes(r, n, depth + 1, &n->inside);
}

static bool ends_section(struct reader *r, const struct tag *t,
			 const struct node *section)
{
	return (section && strlen(section->name) == t->len &&
		memcmp(section->name, t->s, t->len) == 0) ||
	       wrong(r, t->begin, "this section was not opened last");
}

/* Up to the section's end, or that of the text. */
static bool read_nodes(struct reader *r, const struct node *section, int depth,
		       struct node **first)
{
	struct node **tail = first;

	if (depth > MUSTACHE_DEPTH_MAX)
		return wrong(r, r->at, "sections are nested too deeply");
	for (;;) {
		struct tag t = { .begin = find(r->at, r->end, r->open,
					       r->open_len) };

		if (!t.begin) {
			add_text(r, tail, r->at, r->end);
			r->at = r->end;
			return !section ||
			       wrong(r, r->end, "a section is not closed");
		}
		if (!read_tag(r, &t))
			return false;
		tail = add_text(r, tail, r->at, t.outer_begin);
		r->at = t.outer_end;
		if (t.type && strchr("/!=", t.type)) {
			if (!t.alone)
				tail = mark_line(r, tail);
			if (t.type == '/')
				return ends_section(r, &t, section);
			if (t.type == '=' && !set_delimiters(r, &t))
				return false;
			continue;
		}
		if (!add_tag(r, &t, depth, tail))
			return false;
		tail = &(*tail)->next;
	}
}

bool mustache_add(struct mustache_set *set, const char *name, const char *text,
		  size_t len, struct err *err)
{
	struct reader r = {
		.a = set->a,
		.template = name,
		.begin = text,
		.at = text,
		.end = text + len,
		.open = "{{",
		.open_len = 2,
		.close = "}}",
		.close_len = 2,
		.at_line_start = true,
		.err = err,
	};
	struct mustache *m = arena_alloc(set->a, sizeof(*m));

	if (!read_nodes(&r, NULL, 0, &m->first))
		return false;
	m->name = name;
	m->next = set->list;
	set->list = m;
	return true;
}
