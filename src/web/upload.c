/*
 * upload.c - a form that brings one file, read bit by bit.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/media.h"
#include "web/body.h"
#include "web/part_reader.h"
#include "web/query.h"
#include "web/upload.h"

#define FILE_FIELD   "file"
#define WINDOW_BYTES 65536
/* What a form adds to its file; nginx allows the same. */
#define FRAME_BYTES 65536
/* Other fields: how many, and their length. */
#define FIELDS_MAX      8
#define FIELD_MAX_BYTES 1000

enum http_status reply_not_stored(struct req *rq)
{
	switch (rq->err.kind) {
	case ERR_LIMIT:
		return reply_problem(rq, HTTP_NO_SPACE,
				     "there is no room for files at the "
				     "moment; try again later");
	case ERR_DOWN:
		return reply_problem(rq, HTTP_UNAVAILABLE,
				     "the file could not be stored; try again");
	case ERR_DENIED:
		return reply_problem(rq, HTTP_BAD_TYPE, rq->err.text);
	default:
		return reply_err(rq);
	}
}

static enum http_status too_large(struct req *rq)
{
	return reply_problem(
		rq, HTTP_TOO_LARGE,
		arena_printf(rq->a, "the file is larger than %lld bytes",
			     (long long)rq->settings->upload_max_bytes));
}

static enum http_status malformed(struct req *rq, const struct err *err)
{
	return reply_problem(rq, HTTP_BAD_REQUEST, err->text);
}

/* What can be told before anything is read. */
static enum http_status check_head(struct req *rq)
{
	const char *type = req_param(rq, "CONTENT_TYPE");
	int64_t len = body_length(rq);

	if (strncasecmp(type, "multipart/form-data", 19) != 0)
		return reply_problem(rq, HTTP_BAD_TYPE,
				     "the body must be multipart/form-data");
	if (len < 0 || len > rq->settings->upload_max_bytes + FRAME_BYTES)
		return too_large(rq);
	if (!media_has_room(rq->settings->media_dir, len)) {
		err_set(&rq->err, ERR_LIMIT, "no room for %lld bytes",
			(long long)len);
		return reply_not_stored(rq);
	}
	return 0;
}

static enum http_status read_file(struct req *rq, struct part_reader *r,
				  struct upload_form *f)
{
	const char *bytes;
	struct err err = { 0 };
	size_t len;

	if (!media_draft_begin(rq->a, rq->settings->media_dir, &f->draft,
			       &rq->err))
		return reply_not_stored(rq);
	while (part_bytes(r, &bytes, &len, &err) && len) {
		if (f->draft->bytes + (int64_t)len >
		    rq->settings->upload_max_bytes)
			return too_large(rq);
		if (!media_draft_add(f->draft, bytes, len, &rq->err))
			return reply_not_stored(rq);
	}
	return err.kind ? malformed(rq, &err) : 0;
}

/* The value of a field; of a file that was not asked for nothing is kept. */
static enum http_status read_field(struct req *rq, struct part_reader *r,
				   const struct http_part *part)
{
	const char *bytes;
	struct err err = { 0 };
	struct buf b;
	size_t len;

	buf_init(&b, rq->a, FIELD_MAX_BYTES);
	while (part_bytes(r, &bytes, &len, &err) && len)
		if (!part->filename)
			buf_add(&b, bytes, len);
	if (err.kind)
		return malformed(rq, &err);
	if (b.overflow || strlen(b.s) != b.len || !text_is_utf8(b.s, b.len))
		return reply_problem(rq, HTTP_BAD_REQUEST,
				     "the form's texts must be short and "
				     "UTF-8");
	query_put(&rq->body, part->name, b.s);
	return 0;
}

static enum http_status read_part(struct req *rq, struct part_reader *r,
				  const struct http_part *part,
				  struct upload_form *f)
{
	if (strcmp(part->name, FILE_FIELD) != 0)
		return read_field(rq, r, part);
	if (f->draft)
		return reply_problem(rq, HTTP_BAD_REQUEST,
				     "the form may bring one file only");
	f->name = part->filename ? part->filename : "";
	return read_file(rq, r, f);
}

enum http_status upload_form_read(struct req *rq, struct upload_form *f)
{
	struct part_reader r = { .read = rq->in->read, .from = rq->in->from };
	enum http_status status = check_head(rq);
	struct http_part part;
	struct err err = { 0 };

	*f = (struct upload_form){ .name = "" };
	if (status)
		return status;
	rq->body.texts = true;
	rq->body.o = json_new(rq->a);
	if (!part_reader_init(&r, rq->a, req_param(rq, "CONTENT_TYPE"),
			      WINDOW_BYTES, &err))
		return malformed(rq, &err);
	for (int n = 0; part_next(&r, &part, &err) && part.name; n++) {
		if (n > FIELDS_MAX)
			return reply_problem(rq, HTTP_BAD_REQUEST,
					     "the form has too many fields");
		status = read_part(rq, &r, &part, f);
		if (status)
			return status;
	}
	if (err.kind)
		return malformed(rq, &err);
	if (!f->draft)
		req_bad_field(rq, FILE_FIELD, "is required");
	return 0;
}
