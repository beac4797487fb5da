/*
 * mustache.c - a template rendered from json-c.
 */
#include "config.h"

#include <string.h>

#include "base/mustache_impl.h"

/* What a section has opened, the innermost first. */
struct context {
	struct json_object *o;
	const struct context *outer;
};

/* What stands in front of each line, the innermost last. */
struct indent {
	const char *s;
	size_t len;
	const struct indent *outer;
};

struct rendering {
	const struct mustache_set *set;
	const char *template;
	unsigned flags;
	int depth;
	int steps;
	struct buf *out;
	struct err *err;
};

static bool render_nodes(struct rendering *r, const struct node *n,
			 const struct context *c, const struct indent *indent);

static void add_indent(struct buf *out, const struct indent *i)
{
	if (!i)
		return;
	add_indent(out, i->outer);
	buf_add(out, i->s, i->len);
}

/* The first part is looked for from inside to outside, the others only in
 * what the one before them stands for. */
static bool look_up(const struct node *n, const struct context *c,
		    struct json_object **o)
{
	bool known;

	*o = c->o;
	if (n->n_parts == 0)
		return true;
	while (!(known = json_object_is_type(c->o, json_type_object) &&
			 json_object_object_get_ex(c->o, n->parts[0], o)) &&
	       c->outer)
		c = c->outer;
	for (size_t i = 1; i < n->n_parts && known; i++)
		known = json_object_is_type(*o, json_type_object) &&
			json_object_object_get_ex(*o, n->parts[i], o);
	if (!known)
		*o = NULL;
	return known;
}

static bool complain(const struct rendering *r, const char *name,
		     const char *what)
{
	return err_set(r->err, ERR_INPUT, "template %s: %s %s", r->template,
		       name, what);
}

/* False: strict, and there is no such name. */
static bool value_of(const struct rendering *r, const struct node *n,
		     const struct context *c, struct json_object **o)
{
	return look_up(n, c, o) || !(r->flags & MUSTACHE_STRICT) ||
	       complain(r, n->name, "is not known");
}

static bool is_any(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		return false;
	case json_type_array:
		return json_object_array_length(o) > 0;
	case json_type_object:
		return true;
	case json_type_boolean:
	case json_type_int:
	case json_type_double:
	case json_type_string:
		break;
	}
	/* json-c's idea of false: 0 and "". */
	return json_object_get_boolean(o);
}

static bool render_value(struct rendering *r, const struct node *n,
			 const struct context *c)
{
	struct json_object *o;

	if (!value_of(r, n, c, &o))
		return false;
	if (json_object_is_type(o, json_type_object) ||
	    json_object_is_type(o, json_type_array))
		return !(r->flags & MUSTACHE_STRICT) ||
		       complain(r, n->name, "is no text");
	if (!o)
		return true;
	if (n->kind == RAW_VALUE)
		buf_add_str(r->out, json_object_get_string(o));
	else
		buf_add_html(r->out, json_object_get_string(o));
	return true;
}

static bool render_section(struct rendering *r, const struct node *n,
			   const struct context *c, const struct indent *indent)
{
	struct context inner = { .outer = c };
	struct json_object *o;

	if (!value_of(r, n, c, &o))
		return false;
	if (n->kind == INVERTED)
		return is_any(o) || render_nodes(r, n->inside, c, indent);
	if (!is_any(o))
		return true;
	inner.o = o;
	if (!json_object_is_type(o, json_type_array))
		return render_nodes(r, n->inside, &inner, indent);
	for (size_t i = 0; i < json_object_array_length(o); i++) {
		inner.o = json_object_array_get_idx(o, i);
		if (!render_nodes(r, n->inside, &inner, indent))
			return false;
	}
	return true;
}

static const struct mustache *find_template(const struct mustache_set *set,
					    const char *name)
{
	const struct mustache *m = set->list;

	while (m && strcmp(m->name, name) != 0)
		m = m->next;
	return m;
}

static bool render_partial(struct rendering *r, const struct node *n,
			   const struct context *c, const struct indent *indent)
{
	const struct mustache *m = find_template(r->set, n->name);
	struct indent inner = { .s = n->s, .len = n->len, .outer = indent };
	const char *caller = r->template;
	bool ok;

	if (!m)
		return !(r->flags & MUSTACHE_STRICT) ||
		       complain(r, n->name, "is no template");
	r->template = m->name;
	ok = render_nodes(r, m->first, c, n->alone ? &inner : NULL);
	r->template = caller;
	return ok;
}

static bool render_node(struct rendering *r, const struct node *n,
			const struct context *c, const struct indent *indent)
{
	if (n->begins_line)
		add_indent(r->out, indent);
	switch (n->kind) {
	case TEXT:
		buf_add(r->out, n->s, n->len);
		return true;
	case VALUE:
	case RAW_VALUE:
		return render_value(r, n, c);
	case SECTION:
	case INVERTED:
		return render_section(r, n, c, indent);
	case PARTIAL:
		return render_partial(r, n, c, indent);
	}
	bug("mustache: kind %d", n->kind);
}

static bool render_nodes(struct rendering *r, const struct node *n,
			 const struct context *c, const struct indent *indent)
{
	bool ok = true;

	if (r->depth == MUSTACHE_DEPTH_MAX)
		return complain(r, r->template, "calls itself without end");
	r->depth++;
	for (; n && ok; n = n->next) {
		if (r->out->overflow)
			ok = err_set(r->err, ERR_LIMIT,
				     "template %s: more than %zu bytes",
				     r->template, r->out->max);
		else if (r->steps++ == MUSTACHE_STEPS_MAX)
			ok = complain(r, r->template, "goes on without end");
		else
			ok = render_node(r, n, c, indent);
	}
	r->depth--;
	return ok;
}

bool mustache_render(const struct mustache_set *set, const char *name,
		     struct json_object *o, unsigned flags, struct buf *out,
		     struct err *err)
{
	const struct mustache *m = find_template(set, name);
	const struct context top = { .o = o };
	struct rendering r = {
		.set = set,
		.template = name,
		.flags = flags,
		.out = out,
		.err = err,
	};

	if (!m)
		return complain(&r, name, "is no template");
	return render_nodes(&r, m->first, &top, NULL) &&
	       (!out->overflow ||
		err_set(err, ERR_LIMIT, "template %s: more than %zu bytes",
			name, out->max));
}
