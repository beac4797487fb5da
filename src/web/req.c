/*
 * req.c - one request: its input, and what is wrong with it.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "web/cursor.h"
#include "web/req.h"

/* An answer that names more bad fields than this helps nobody. */
#define ERRORS_MAX 50

const char *req_param(const struct req *rq, const char *name)
{
	size_t len = strlen(name);

	for (char *const *p = rq->in->params; *p; p++)
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return *p + len + 1;
	return "";
}

const char *req_path_str(const struct req *rq, const char *name)
{
	for (size_t i = 0; i < rq->n_params; i++)
		if (strlen(name) == rq->params[i].name_len &&
		    memcmp(rq->params[i].name, name, strlen(name)) == 0)
			return rq->params[i].value;
	bug("%s: no {%s} in the path", rq->path, name);
}

int64_t req_path_i64(struct req *rq, const char *name)
{
	long long id;

	if (text_read_i64(req_path_str(rq, name), 1, INT64_MAX - 1, &id))
		return id;
	if (rq->err.kind == ERR_NONE)
		err_set(&rq->err, ERR_MISSING, "there is no such %s", name);
	return 0;
}

int64_t req_client(const struct req *rq)
{
	return rq->session.client_id;
}

void req_bad_said(struct req *rq, const char *field, const char *text,
		  const char *said)
{
	struct json_object *item;

	if (rq->err.kind == ERR_NONE)
		err_field(&rq->err, field, "%s %s", field, text);
	if (!rq->errors) {
		/* Owned by the answer's tree later; by the arena until then. */
		struct json_object *holder = json_new(rq->a);

		rq->errors = json_object_new_array();
		json_put(holder, "errors", rq->errors);
	}
	if (json_object_array_length(rq->errors) >= ERRORS_MAX)
		return;
	item = json_object_new_object();
	json_put_str(item, "field", field);
	json_put_str(item, "message", text);
	json_object_array_add(rq->errors, item);
	if (!rq->said)
		rq->said = json_new(rq->a);
	if (!json_member(rq->said, field))
		json_put_str(rq->said, field, *said ? said : text);
}

void req_bad_field(struct req *rq, const char *field, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX], said[ERR_SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	err_write(text, said, fmt, ap);
	va_end(ap);
	req_bad_said(rq, field, text, said);
}

bool req_bad(struct req *rq)
{
	form_end(&rq->query);
	form_end(&rq->body);
	return rq->err.kind != ERR_NONE;
}

struct page req_page(struct req *rq)
{
	struct page p = { .limit = PAGE_DEFAULT };
	int64_t limit = PAGE_DEFAULT;
	const char *cursor = NULL;

	form_i64(&rq->query, "limit", &limit, 1, PAGE_MAX, FORM_OPTIONAL);
	form_text(&rq->query, "cursor", &cursor, CURSOR_MAX, FORM_OPTIONAL);
	if (cursor && !cursor_read(cursor, &p.after, &p.after_id))
		req_bad_field(rq, "cursor",
			      "must be a next_cursor of an earlier answer");
	p.limit = (int)limit;
	return p;
}
