/*
 * messages.c - one message of a dialog: as people see it, and taken back.
 */
#include "config.h"

#include "core/deletion.h"
#include "core/dialog.h"
#include "store/message_list.h"
#include "store/task.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *author_json(const struct message_line *m)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "kind", m->author);
	json_put_str(o, "id", m->author_id);
	json_put_str(o, "name", m->author_name);
	return o;
}

/* What was taken back is for those who answer for the client. */
static bool may_see(const struct req *rq, const struct message_line *m)
{
	return !m->deleted_at || rq->session.role != ROLE_MANAGER;
}

static void put_maybe(struct req *rq, struct json_object *o, const char *key,
		      const char *json)
{
	if (*json)
		json_put_stored(rq, o, key, json);
	else
		json_put(o, key, NULL);
}

static void put_maybe_time(struct req *rq, struct json_object *o,
			   const char *key, int64_t at)
{
	if (at)
		json_put_time(rq, o, key, at);
	else
		json_put(o, key, NULL);
}

static void put_content(struct req *rq, struct json_object *o,
			const struct message_line *m)
{
	bool seen = may_see(rq, m);

	json_put_str(o, "text", seen ? m->text : "");
	put_maybe(rq, o, "entities", seen ? m->entities : "");
	put_maybe(rq, o, "data", seen ? m->data : "");
	json_put_stored(rq, o, "attachments", seen ? m->files : "[]");
}

struct json_object *api_message_put(struct req *rq, struct json_object *o,
				    const struct message_line *m)
{
	json_put_i64(o, "id", m->id);
	json_put_i64(o, "dialog_id", m->dialog_id);
	json_put_str(o, "direction", m->origin);
	json_put_str(o, "external_id", m->external_id);
	json_put_str(o, "kind", m->kind);
	put_content(rq, o, m);
	json_put_str(o, "album", m->album);
	json_put(o, "quote_message_id",
		 m->quote_message_id
			 ? json_object_new_int64(m->quote_message_id)
			 : NULL);
	json_put(o, "author", author_json(m));
	json_put_bool(o, "is_auto_reply", m->is_auto_reply);
	json_put_bool(o, "is_history", m->is_history);
	json_put_bool(o, "is_note", m->is_note);
	json_put_str(o, "hidden_by", m->hidden_by);
	json_put_bool(o, "is_archived", m->is_archived);
	json_put_str(o, "status", m->status);
	json_put_str(o, "error", m->error);
	json_put_stored(rq, o, "external_ids", m->copies);
	json_put_stored(rq, o, "reactions", m->reactions);
	put_maybe_time(rq, o, "edited_at", m->edited_at);
	put_maybe_time(rq, o, "deleted_at", m->deleted_at);
	json_put_str(o, "deleted_by", m->deleted_by);
	put_maybe_time(rq, o, "read_at", m->read_at);
	json_put_time(rq, o, "written_at", m->written_at);
	json_put_time(rq, o, "created_at", m->created_at);
	return o;
}

/* The message of that dialog, if the caller may see the dialog. */
static bool find(struct req *rq, struct dialog *d, struct message_line *m)
{
	int64_t id = req_path_i64(rq, "id");
	int64_t message_id = req_path_i64(rq, "message_id");

	if (req_bad(rq) ||
	    !dialog_find(rq->db, rq->a, req_client(rq), req_own_dialogs(rq), id,
			 d, &rq->err) ||
	    !message_find(rq->db, rq->a, d->client_id, message_id, m, &rq->err))
		return false;
	return m->dialog_id == d->id ||
	       err_set(&rq->err, ERR_MISSING, "there is no such message");
}

enum http_status api_message(struct req *rq)
{
	const char *versions = "[]";
	struct message_line m;
	struct json_object *o;
	struct dialog d;

	if (!find(rq, &d, &m) ||
	    (may_see(rq, &m) && !message_versions(rq->db, rq->a, d.client_id,
						  m.id, &versions, &rq->err)))
		return reply_err(rq);
	o = api_message_put(rq, json_new(rq->a), &m);
	json_put_stored(rq, o, "versions", versions);
	return reply_json(rq, HTTP_OK, o);
}

/* 202: the daemon takes it back where the buyer is. */
enum http_status api_message_delete(struct req *rq)
{
	struct deletion gone = { .now = rq->now, .request_id = rq->request_id };
	struct message_line m;
	struct dialog d;

	if (!find(rq, &d, &m))
		return reply_err(rq);
	gone.client_id = d.client_id;
	gone.message_id = m.id;
	if (!message_delete_for_buyer(rq->db, rq->a, &gone, &rq->err) ||
	    !message_find(rq->db, rq->a, d.client_id, m.id, &m, &rq->err))
		return reply_err(rq);
	rq->ring = true;
	return reply_json(rq, HTTP_ACCEPTED,
			  api_message_put(rq, json_new(rq->a), &m));
}

/* Nobody waits for it, and soon it is no longer true. */
enum http_status api_dialog_typing(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct task typing = {
		.kind = "dialog.typing",
		.due_at = rq->now,
		.request_id = rq->request_id,
	};
	struct json_object *args = json_new(rq->a);
	struct dialog d;

	if (req_bad(rq) || !dialog_find(rq->db, rq->a, req_client(rq),
					req_own_dialogs(rq), id, &d, &rq->err))
		return reply_err(rq);
	json_put_i64(args, "at", rq->now);
	typing.client_id = d.client_id;
	typing.subject_id = d.id;
	typing.args = json_text(args);
	if (!task_add(rq->db, rq->a, &typing, &rq->err))
		return reply_err(rq);
	rq->ring = true;
	return reply_empty(rq);
}
