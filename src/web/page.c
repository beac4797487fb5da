/*
 * page.c - pages: one json-c object shown by one template.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/mustache.h"
#include "web/csrf.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page_files.h"
#include "web/routes.h"

#define PAGE_BYTES_MAX (4 * 1024 * 1024)
#define DONE_MAX       40

enum audience { FOR_ALL, FOR_MEMBERS, FOR_OWNERS, FOR_ADMINS };

static const struct {
	const char *path, *text; /* the text's name below t.nav */
	enum audience audience;
} nav[] = {
	{ "/client", "client", FOR_MEMBERS },
	{ "/client/users", "users", FOR_OWNERS },
	{ "/client/invites", "invites", FOR_OWNERS },
	{ "/client/audit", "audit", FOR_OWNERS },
	{ "/admin", "admin", FOR_ADMINS },
	{ "/admin/clients", "clients", FOR_ADMINS },
	{ "/admin/users", "users", FOR_ADMINS },
	{ "/admin/audit", "audit", FOR_ADMINS },
	{ "/admin/settings", "settings", FOR_ADMINS },
	{ "/profile", "profile", FOR_ALL },
};

const struct embedded *page_file(const char *name)
{
	const struct embedded *f = page_files;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	return f->name ? f : NULL;
}

/* Compiled by the first page of the process. */
static const struct mustache_set *templates(void)
{
	static struct arena forever;
	static struct mustache_set set;

	if (set.list)
		return &set;
	set.a = &forever;
	for (const struct embedded *f = page_files; f->name; f++) {
		const char *end = strstr(f->name, ".mustache");
		struct err err = { 0 };

		if (end && !mustache_add(&set,
					 arena_strn(&forever, f->name,
						    (size_t)(end - f->name)),
					 f->bytes, f->len, &err))
			bug("%s", err.text);
	}
	return &set;
}

static bool is_for(enum audience audience, const struct session *s)
{
	switch (audience) {
	case FOR_ALL:
		return true;
	case FOR_MEMBERS:
		return s->role != ROLE_ADMIN;
	case FOR_OWNERS:
		return s->role == ROLE_OWNER;
	case FOR_ADMINS:
		return s->role == ROLE_ADMIN;
	}
	return false;
}

/* "page": here; "true": somewhere behind that place; NULL.  What a role's first
 * page lists does not lie behind it. */
static const char *current(const struct req *rq, const char *path)
{
	size_t len = strlen(path);

	if (strncmp(rq->path, path, len) != 0)
		return NULL;
	if (!rq->path[len])
		return "page";
	return rq->path[len] == '/' &&
			       strcmp(path, page_landing(rq->session.role)) != 0
		       ? "true"
		       : NULL;
}

static struct json_object *nav_json(const struct req *rq, struct json_object *t)
{
	struct json_object *list = json_object_new_array();
	struct json_object *texts = json_object_at(t, "nav");

	for (size_t i = 0; i < ARRAY_LEN(nav) && rq->session.user_id; i++) {
		struct json_object *o, *text;

		if (!is_for(nav[i].audience, &rq->session))
			continue;
		o = json_object_new_object();
		text = json_object_at(texts, nav[i].text);
		json_put_str(o, "path", nav[i].path);
		json_put_str(o, "name", json_str(text, "name", ""));
		json_put_str(o, "about", json_str(text, "about", ""));
		json_put_str(o, "current", current(rq, nav[i].path));
		json_object_array_add(list, o);
	}
	return list;
}

/* NULL is null: nobody is signed in. */
static struct json_object *user_json(const struct req *rq,
				     struct json_object *t)
{
	const struct session *s = &rq->session;
	const char *role = role_word(s->role);
	struct json_object *o;

	if (!s->user_id)
		return NULL;
	o = json_object_new_object();
	json_put_str(o, "name", s->name);
	json_put_str(o, "login", s->login);
	json_put_str(o, "role", role);
	json_put_str(o, "role_name",
		     json_str(json_object_at(t, "roles"), role, role));
	json_put_bool(o, "is_admin", s->role == ROLE_ADMIN);
	json_put_bool(o, "is_owner", s->role == ROLE_OWNER);
	return o;
}

/* What only takes forms cannot be come back to. */
static const char *here(const struct req *rq)
{
	const char *query = req_param(rq, "QUERY_STRING");
	struct req back = *rq;
	unsigned allowed;
	struct buf b;

	back.method = GET;
	if (!route_find(&back, IN_WEB, &allowed) && allowed)
		return "/";
	buf_init(&b, rq->a, PAGE_BYTES_MAX);
	buf_add_url(&b, rq->path);
	if (*query) {
		buf_add_url(&b, "?");
		buf_add_url(&b, query);
	}
	return b.s;
}

static bool has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

static void fill(struct req *rq, const char *template, struct json_object *o)
{
	const char *language = language_of(rq);
	struct json_object *t = language_texts(language);

	if (!has(o, "t"))
		json_put(o, "t", json_object_get(t));
	if (!has(o, "title"))
		json_put_str(
			o, "title",
			json_str(json_object_at(t, template), "title", ""));
	if (!has(o, "problem"))
		json_put(o, "problem", NULL);
	if (!has(o, "errors"))
		json_put(o, "errors", json_object_new_object());
	if (!has(o, "done"))
		json_put(o, "done", NULL);
	json_put_str(o, "lang", language);
	json_put(o, "user", user_json(rq, t));
	json_put(o, "nav", nav_json(rq, t));
	json_put_bool(o, "has_language",
		      language_find(rq->session.language) != NULL);
	json_put_str(o, "csrf", csrf_token(rq));
	json_put_str(o, "path", rq->path);
	json_put_str(o, "here", here(rq));
	json_put_str(o, "request_id", rq->request_id);
	json_put_str(o, "version", PACKAGE_VERSION);
}

bool page_write(struct req *rq, const char *template, struct json_object *o,
		unsigned flags, struct buf *out, struct err *err)
{
	fill(rq, template, o);
	buf_init(out, rq->a, PAGE_BYTES_MAX);
	return mustache_render(templates(), template, o, flags, out, err);
}

enum http_status reply_page(struct req *rq, enum http_status status,
			    const char *template, struct json_object *o)
{
	struct err err = { 0 };
	struct buf out;

	if (!page_write(rq, template, o, 0, &out, &err))
		bug("%s", err.text);
	return reply_html(rq, status, out.s, out.len);
}

enum http_status page_refused(struct req *rq, struct json_object *o)
{
	enum http_status status = req_status(rq);
	struct json_object *t = language_texts(language_of(rq));
	struct json_object *errors =
		rq->said ? json_object_get(rq->said) : json_object_new_object();

	/* A conflict names its field, too. */
	if (rq->err.field[0] && !has(errors, rq->err.field))
		json_put_str(errors, rq->err.field, err_said(&rq->err));
	json_put(o, "errors", errors);
	json_put_str(o, "problem",
		     json_object_object_length(errors)
			     ? json_str(json_object_at(t, "layout"),
					"check_fields", "")
			     : err_said(&rq->err));
	return status;
}

enum http_status reply_see_other(struct req *rq, const char *path)
{
	if (!page_is_local(path))
		bug("reply_see_other: not a path of ours");
	reply_header(rq, "Location: %s", path);
	return reply_html(rq, HTTP_SEE_OTHER, "", 0);
}

enum http_status reply_done(struct req *rq, const char *path, const char *word)
{
	return reply_see_other(rq, arena_printf(rq->a, "%s%cdone=%s", path,
						strchr(path, '?') ? '&' : '?',
						word));
}

void page_put_done(struct req *rq, struct json_object *o)
{
	struct json_object *t = language_texts(language_of(rq));
	const char *word = "";

	form_text(&rq->query, "done", &word, DONE_MAX, FORM_OPTIONAL);
	json_put_str(o, "done",
		     json_str(json_object_at(t, "done"), word, NULL));
}

const char *page_when(const struct req *rq, int64_t at)
{
	const char *text = clock_text(rq->a, at);

	return arena_printf(rq->a, "%.10s %.8s", text, text + 11);
}

/* Browsers read "//host" and "/\host" as another site. */
bool page_is_local(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
		return false;
	for (; *path; path++)
		if (*path <= ' ' || *path > '~')
			return false;
	return true;
}

const char *page_landing(enum role role)
{
	return role == ROLE_ADMIN ? "/admin" : "/client";
}

bool path_is_page(const char *path)
{
	static const char *const json[] = { "/api/", "/health/",
					    "/openapi.json" };

	for (size_t i = 0; i < ARRAY_LEN(json); i++)
		if (strncmp(path, json[i], strlen(json[i])) == 0)
			return false;
	return true;
}

bool page_is_here(const struct req *rq)
{
	return path_is_page(rq->path);
}

enum http_status reply_failure(struct req *rq, enum http_status status,
			       const char *said)
{
	struct json_object *t = language_texts(language_of(rq));
	struct json_object *texts =
		json_object_at(json_object_at(t, "failures"),
			       arena_printf(rq->a, "s%d", (int)status));
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "status", status);
	json_put_str(o, "title", json_str(texts, "title", ""));
	json_put_str(o, "advice", json_str(texts, "advice", ""));
	json_put_str(o, "detail", said);
	return reply_page(rq, status, "error", o);
}
