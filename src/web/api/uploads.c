/*
 * uploads.c - files that people bring, and files of messages.
 */
#include "config.h"

#include <inttypes.h>

#include "core/file_name.h"
#include "core/media.h"
#include "core/upload.h"
#include "store/attachment.h"
#include "store/task.h"
#include "web/api/api.h"
#include "web/api/object.h"
#include "web/upload.h"

/* nginx knows it; nobody else can ask for it. */
#define PROTECTED "/protected/media/"

#define FETCH_RETRY_S 1

static struct json_object *upload_json(struct req *rq, const struct upload *u)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", u->id);
	json_put_i64(o, "client_id", u->client_id);
	json_put_str(o, "kind", u->kind);
	json_put_str(o, "name", u->name);
	json_put_str(o, "mime", u->mime);
	json_put_i64(o, "bytes", u->bytes);
	json_put_i64(o, "width", u->width);
	json_put_i64(o, "height", u->height);
	json_put_i64(o, "duration", u->duration_s);
	json_put_str(o, "url",
		     arena_printf(rq->a, "/api/uploads/%" PRId64, u->id));
	json_put_time(rq, o, "created_at", u->created_at);
	return o;
}

enum http_status api_upload(struct req *rq)
{
	struct upload u = { .user_id = rq->session.user_id,
			    .created_at = rq->now };
	struct upload_form f;
	enum http_status status = upload_form_read(rq, &f);

	if (status)
		return status;
	u.client_id = req_new_client(rq);
	u.name = f.name;
	if (req_bad(rq))
		return reply_err(rq);
	if (!upload_accept(rq->db, rq->a, f.draft, &u, &rq->err))
		return reply_not_stored(rq);
	return reply_json(rq, HTTP_CREATED, upload_json(rq, &u));
}

/* What lies there goes out by nginx, which knows ranges and caches.  Rights
 * may change, so a browser that kept it asks again each time. */
static enum http_status reply_file(struct req *rq, int64_t client_id,
				   const char *sha256, const char *mime,
				   const char *name)
{
	const char *type = media_inline_type(mime);

	reply_header(rq, "X-Accel-Redirect: " PROTECTED "%s",
		     media_name(rq->a, client_id, sha256));
	reply_header(rq, "Content-Disposition: %s",
		     file_name_disposition(rq->a, name, type != NULL));
	rq->reply.cache = "private, no-cache";
	return reply_bytes(rq, type ? type : "application/octet-stream", "", 0);
}

enum http_status api_upload_file(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct upload u;

	if (req_bad(rq) || !upload_find(rq->db, rq->a, req_client(rq),
					rq->session.user_id, id, &u, &rq->err))
		return reply_err(rq);
	if (!media_is_here(rq->a, rq->settings->media_dir, u.client_id,
			   u.sha256)) {
		err_set(&rq->err, ERR_MISSING, "the file is not here any more");
		return reply_err(rq);
	}
	return reply_file(rq, u.client_id, u.sha256, u.mime, u.name);
}

/* 202: the daemon fetches it; who is fetching it already is not hurried. */
static enum http_status reply_fetching(struct req *rq, int64_t client_id,
				       int64_t id)
{
	struct task t = { .client_id = client_id,
			  .kind = "media.fetch",
			  .subject_id = id,
			  .due_at = rq->now,
			  .request_id = rq->request_id };
	struct json_object *o = json_new(rq->a);
	bool there;

	if (!task_is_there(rq->db, rq->a, t.kind, id, "", &there, &rq->err) ||
	    (!there && !task_add(rq->db, rq->a, &t, &rq->err)))
		return reply_err(rq);
	rq->ring = !there;
	reply_header(rq, "Retry-After: %d", FETCH_RETRY_S);
	json_put_str(o, "status", "fetching");
	return reply_json(rq, HTTP_ACCEPTED, o);
}

enum http_status api_media(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct attachment f;

	if (req_bad(rq) ||
	    !attachment_find(rq->db, rq->a, req_client(rq), req_own_dialogs(rq),
			     id, &f, &rq->err))
		return reply_err(rq);
	/* As its message's text: for those who answer for the client. */
	if (f.is_deleted && rq->session.role == ROLE_MANAGER) {
		err_set(&rq->err, ERR_MISSING, "there is no such file");
		return reply_err(rq);
	}
	if (f.is_gone) {
		err_set(&rq->err, ERR_MISSING,
			"the service does not have this file any more");
		return reply_err(rq);
	}
	if (!*f.sha256 || !media_is_here(rq->a, rq->settings->media_dir,
					 f.client_id, f.sha256))
		return reply_fetching(rq, f.client_id, id);
	return reply_file(rq, f.client_id, f.sha256, f.mime, f.name);
}
