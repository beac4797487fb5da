/*
 * body.c - a request's body turned into what forms read.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "web/body.h"
#include "web/parts.h"
#include "web/query.h"
#include "web/routes.h"

/* More than any form can ask for, and its CSRF token. */
#define FIELDS_MAX (FORM_FIELDS_MAX + 1)

int64_t body_length(const struct req *rq)
{
	const char *told = req_param(rq, "CONTENT_LENGTH");
	long long len;

	if (!*told)
		return 0;
	return text_read_i64(told, 0, INT64_MAX - 1, &len) ? len : -1;
}

static bool read_whole(struct req *rq, size_t len)
{
	char *body = arena_alloc(rq->a, len + 1);
	size_t at = 0, n;

	while (at < len &&
	       (n = rq->in->read(rq->in->from, body + at, len - at)) > 0)
		at += n;
	rq->in->body = body;
	rq->in->body_len = at;
	return at == len;
}

enum http_status body_take(struct req *rq)
{
	int64_t len = body_length(rq);

	if (rq->in->body || rq->route->body == BODY_FILE)
		return 0;
	if (len < 0 || len > rq->settings->request_max_bytes)
		return reply_problem(rq, HTTP_TOO_LARGE,
				     "the body is larger than this server "
				     "accepts");
	if (len == 0) {
		rq->in->body = "";
		return 0;
	}
	if (read_whole(rq, (size_t)len))
		return 0;
	/* The caller went away in the middle: nobody reads this. */
	log_info("web.body_cut");
	return reply_problem(rq, HTTP_BAD_REQUEST, "the body is cut short");
}

static bool is_type(const char *type, const char *wanted)
{
	size_t len = strlen(wanted);

	return strncasecmp(type, wanted, len) == 0 &&
	       (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

static enum http_status read_json(struct req *rq)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (!is_type(req_param(rq, "CONTENT_TYPE"), "application/json"))
		return reply_problem(rq, HTTP_BAD_TYPE,
				     "the body must be application/json");
	if (!json_read(rq->a, rq->in->body, rq->in->body_len, &o, &err))
		return reply_problem(rq, HTTP_BAD_REQUEST, err.text);
	if (!json_object_is_type(o, json_type_object)) {
		err_set(&rq->err, ERR_INPUT, "the body must be a JSON object");
		return reply_err(rq);
	}
	if (json_has_twice(rq->in->body, rq->in->body_len, o)) {
		err_set(&rq->err, ERR_INPUT,
			"a field is there twice in one object");
		return reply_err(rq);
	}
	rq->body.o = o;
	return 0;
}

/* CR LF to LF, in place. */
static char *unix_lines(char *s)
{
	char *out = s;

	for (const char *in = s; *in; in++)
		if (in[0] != '\r' || in[1] != '\n')
			*out++ = *in;
	*out = '\0';
	return s;
}

static enum http_status read_urlencoded(struct req *rq)
{
	char *text = arena_strn(rq->a, rq->in->body, rq->in->body_len);

	if (strlen(text) != rq->in->body_len ||
	    !query_fields(&rq->body, text, FIELDS_MAX))
		return reply_problem(
			rq, HTTP_BAD_REQUEST,
			arena_printf(rq->a,
				     "the form is not well formed: percent-"
				     "encoded UTF-8, at most %d fields",
				     FIELDS_MAX));
	json_object_object_foreach(rq->body.o, name, value)
	{
		(void)name;
		/* json-c keeps its own copy; shorter always fits. */
		text = arena_str(rq->a, json_object_get_string(value));
		json_object_set_string(value, unix_lines(text));
	}
	return 0;
}

static enum http_status read_multipart(struct req *rq)
{
	struct http_part *parts;
	struct err err = { 0 };
	size_t n;

	if (!parts_read(rq->a, req_param(rq, "CONTENT_TYPE"), rq->in->body,
			rq->in->body_len, FIELDS_MAX, &parts, &n, &err))
		return reply_problem(rq, HTTP_BAD_REQUEST, err.text);
	for (size_t i = 0; i < n; i++) {
		char *value = arena_strn(rq->a, parts[i].bytes, parts[i].len);

		if (parts[i].filename)
			return reply_problem(rq, HTTP_BAD_TYPE,
					     "this form takes no files");
		if (strlen(value) != parts[i].len ||
		    !text_is_utf8(value, parts[i].len))
			return reply_problem(rq, HTTP_BAD_REQUEST,
					     "the form's texts must be UTF-8");
		query_put(&rq->body, parts[i].name, unix_lines(value));
	}
	return 0;
}

static enum http_status read_form(struct req *rq)
{
	const char *type = req_param(rq, "CONTENT_TYPE");

	rq->body.texts = rq->body.inputs = true;
	rq->body.o = json_new(rq->a);
	if (is_type(type, "application/x-www-form-urlencoded"))
		return read_urlencoded(rq);
	if (is_type(type, "multipart/form-data"))
		return read_multipart(rq);
	return reply_problem(rq, HTTP_BAD_TYPE,
			     "the body must be application/"
			     "x-www-form-urlencoded or multipart/form-data");
}

enum http_status body_read(struct req *rq)
{
	switch (rq->route->body) {
	case BODY_JSON:
		return read_json(rq);
	case BODY_FORM:
		return read_form(rq);
	case BODY_NONE:
	case BODY_RAW:
	case BODY_FILE:
		break;
	}
	return 0;
}
