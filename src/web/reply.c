/*
 * reply.c - answers: JSON, lists, and problems as RFC 9457 describes them.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "web/cursor.h"
#include "web/page.h"

#define PROBLEM_PLAIN "about:blank"

#define HEADER_MAX    1024
#define DOWN_RETRY_S  2
#define LIMIT_RETRY_S 1

static const struct {
	enum http_status status;
	const char *title;
} titles[] = {
	{ HTTP_OK, "OK" },
	{ HTTP_CREATED, "Created" },
	{ HTTP_ACCEPTED, "Accepted" },
	{ HTTP_NO_CONTENT, "No Content" },
	{ HTTP_SEE_OTHER, "See Other" },
	{ HTTP_BAD_REQUEST, "Bad Request" },
	{ HTTP_UNAUTHORIZED, "Unauthorized" },
	{ HTTP_FORBIDDEN, "Forbidden" },
	{ HTTP_NOT_FOUND, "Not Found" },
	{ HTTP_NOT_ALLOWED, "Method Not Allowed" },
	{ HTTP_CONFLICT, "Conflict" },
	{ HTTP_TOO_LARGE, "Content Too Large" },
	{ HTTP_BAD_TYPE, "Unsupported Media Type" },
	{ HTTP_UNPROCESSABLE, "Unprocessable Content" },
	{ HTTP_TOO_MANY, "Too Many Requests" },
	{ HTTP_UNAVAILABLE, "Service Unavailable" },
	{ HTTP_UNKNOWN_OUTCOME, "Gateway Timeout" },
	{ HTTP_NO_SPACE, "Insufficient Storage" },
};

const char *status_title(enum http_status status)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	bug("no title for status %d", status);
}

void reply_header(struct req *rq, const char *fmt, ...)
{
	char line[HEADER_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len < 0 || len >= HEADER_MAX)
		bug("reply_header: %d bytes", len);
	if (strpbrk(line, "\r\n"))
		bug("reply_header: a line end in a header");
	if (!rq->reply.headers.a)
		buf_init(&rq->reply.headers, rq->a, HEADER_MAX * 4);
	buf_addf(&rq->reply.headers, "%s\r\n", line);
}

static enum http_status put(struct req *rq, enum http_status status,
			    const char *mime, const char *body, size_t len)
{
	if (status == HTTP_UNAVAILABLE || status == HTTP_TOO_MANY ||
	    status == HTTP_UNKNOWN_OUTCOME)
		reply_header(rq, "Retry-After: %d",
			     rq->err.retry_s           ? rq->err.retry_s
			     : status == HTTP_TOO_MANY ? LIMIT_RETRY_S
						       : DOWN_RETRY_S);
	rq->reply.status = status;
	rq->reply.mime = mime;
	rq->reply.body = body;
	rq->reply.len = len;
	return status;
}

enum http_status reply_json(struct req *rq, enum http_status status,
			    struct json_object *o)
{
	const char *text = json_text(o);

	return put(rq, status, "application/json", text, strlen(text));
}

enum http_status reply_list(struct req *rq, struct json_object *items,
			    bool more, int64_t after, int64_t after_id)
{
	struct json_object *o = json_new(rq->a);

	json_put(o, "items", items);
	json_put_str(o, "next_cursor",
		     more ? cursor_text(rq->a, after, after_id) : NULL);
	return reply_json(rq, HTTP_OK, o);
}

enum http_status reply_empty(struct req *rq)
{
	return put(rq, HTTP_NO_CONTENT, NULL, "", 0);
}

enum http_status reply_bytes(struct req *rq, const char *mime,
			     const char *bytes, size_t len)
{
	return put(rq, HTTP_OK, mime, bytes, len);
}

enum http_status reply_html(struct req *rq, enum http_status status,
			    const char *html, size_t len)
{
	return put(rq, status, "text/html; charset=utf-8", html, len);
}

/* `more` (NULL: none) are further members. */
static enum http_status problem_json(struct req *rq, enum http_status status,
				     const char *type, const char *detail,
				     struct json_object *more)
{
	struct json_object *o = json_new(rq->a);
	const char *text;

	json_put_str(o, "type", type);
	json_put_str(o, "title", status_title(status));
	json_put_i64(o, "status", status);
	json_put_str(o, "detail", detail);
	json_put_str(o, "request_id", rq->request_id);
	json_put(o, "errors",
		 rq->errors ? json_object_get(rq->errors)
			    : json_object_new_array());
	if (more) {
		json_object_object_foreach(more, key, value)
			json_put(o, key, json_object_get(value));
	}
	if (status == HTTP_UNAUTHORIZED)
		reply_header(rq, "WWW-Authenticate: Bearer");
	text = json_text(o);
	return put(rq, status, "application/problem+json", text, strlen(text));
}

enum http_status reply_problem(struct req *rq, enum http_status status,
			       const char *detail)
{
	const char *said;

	if (!page_is_here(rq))
		return problem_json(rq, status, PROBLEM_PLAIN, detail, NULL);
	said = err_translated(detail);
	return reply_failure(rq, status, said ? said : detail);
}

static enum http_status status_of(enum err_kind kind)
{
	switch (kind) {
	case ERR_INPUT:
		return HTTP_UNPROCESSABLE;
	case ERR_AUTH:
		return HTTP_UNAUTHORIZED;
	case ERR_DENIED:
		return HTTP_FORBIDDEN;
	case ERR_MISSING:
		return HTTP_NOT_FOUND;
	case ERR_CONFLICT:
		return HTTP_CONFLICT;
	case ERR_LIMIT:
		return HTTP_TOO_MANY;
	case ERR_DOWN:
		return HTTP_UNAVAILABLE;
	case ERR_UNSURE:
		return HTTP_UNKNOWN_OUTCOME;
	case ERR_NONE:
		break;
	}
	bug("reply_err: there is no error");
}

/* A failure of core that names one field, and has not been noted yet. */
static void note_field(struct req *rq)
{
	if (rq->err.kind != ERR_INPUT || !rq->err.field[0] || rq->errors)
		return;
	req_bad_said(rq, rq->err.field, rq->err.text, rq->err.said);
}

enum http_status req_status(struct req *rq)
{
	note_field(rq);
	/* With a missing object the fields do not matter any more. */
	if (rq->err.kind != ERR_INPUT)
		rq->errors = rq->said = NULL;
	return status_of(rq->err.kind);
}

/* In one line, for those who show nothing else of it. */
static const char *detail_of(struct req *rq)
{
	const char *field = rq->err.field, *text = rq->err.text;

	if (rq->errors && json_object_array_length(rq->errors) > 1)
		return "several fields are wrong; see errors";
	if (!*field || strncmp(text, field, strlen(field)) == 0)
		return text;
	return arena_printf(rq->a, "%s: %s", field, text);
}

enum http_status reply_err(struct req *rq)
{
	enum http_status status = req_status(rq);

	if (page_is_here(rq))
		return reply_failure(rq, status, err_said(&rq->err));
	return problem_json(rq, status, PROBLEM_PLAIN, detail_of(rq), NULL);
}

enum http_status reply_problem_with(struct req *rq, enum http_status status,
				    const char *type, struct json_object *more)
{
	return problem_json(rq, status, type, rq->err.text, more);
}
