/*
 * send.c - an operator's message from the web inbox.
 */
#include "config.h"

#include "base/text.h"
#include "core/compose.h"
#include "core/send.h"
#include "store/dialog.h"
#include "store/message_list.h"
#include "store/upload.h"

static bool check(const struct web_row *m, size_t n_uploads, struct err *err)
{
	if (text_is_blank(m->text) && n_uploads == 0)
		return err_field(err, "text", "must not be empty");
	if (text_points(m->text) > SEND_TEXT_MAX)
		return err_field(err, "text", "must have at most %d characters",
				 SEND_TEXT_MAX);
	if (m->client_ref && (text_is_blank(m->client_ref) ||
			      text_points(m->client_ref) > SEND_CLIENT_REF_MAX))
		return err_field(err, "client_ref",
				 "must have from 1 to %d characters",
				 SEND_CLIENT_REF_MAX);
	if (n_uploads > SEND_FILES_MAX)
		return err_field(err, "attachments",
				 "must have at most %zu items",
				 (size_t)SEND_FILES_MAX);
	return true;
}

/* The same rules as of compose.h, told before anything is stored. */
static bool fits(const struct chan *chan, const struct upload *u,
		 struct err *err)
{
	enum chan_kind kind = (enum chan_kind)chan_kind_read(u->kind);
	struct err ignored = { 0 };

	if (!chan_takes(chan, kind))
		return err_field(err, "attachments",
				 "%s takes only pictures of up to %zu MB",
				 chan->title_ru,
				 chan->image_max_bytes / 1024 / 1024);
	if (!compose_fit_file(chan, &kind, (size_t)u->bytes, &ignored))
		return err_field(err, "attachments",
				 "%s takes files of up to %zu MB",
				 chan->title_ru,
				 (kind == CHAN_IMAGE ? chan->image_max_bytes
						     : chan->file_max_bytes) /
					 1024 / 1024);
	return true;
}

static struct message_file file_of(const struct upload *u)
{
	return (struct message_file){
		.kind = u->kind,
		.mime = u->mime,
		.name = u->name,
		.bytes = u->bytes,
		.width = u->width,
		.height = u->height,
		.duration_s = u->duration_s,
		.sha256 = u->sha256,
	};
}

/* Another person's, one that is taken and one that is named twice are no
 * uploads. */
static bool take_files(struct db *db, struct arena *a, struct web_row *m,
		       const struct chan *chan, const int64_t *uploads,
		       size_t n_uploads, struct err *err)
{
	struct message_file *files = arena_array(a, n_uploads, sizeof(*files));
	struct upload *list;
	size_t n;

	if (!uploads_take(db, a, m->client_id, m->user_id, uploads, n_uploads,
			  m->now, &list, &n, err))
		return false;
	if (n < n_uploads)
		return err_field(err, "attachments",
				 "there is no such upload, or it was sent: "
				 "upload the file again");
	for (size_t i = 0; i < n; i++) {
		if (!fits(chan, &list[i], err))
			return false;
		files[i] = file_of(&list[i]);
	}
	m->files = files;
	m->n_files = n;
	return true;
}

/* *id 0: this person has not used the reference. */
static bool find_sent(struct db *db, struct arena *a, const struct web_row *m,
		      int64_t *id, struct err *err)
{
	int64_t dialog_id;

	*id = 0;
	if (!m->client_ref)
		return true;
	if (!message_by_ref(db, a, m->client_id, m->user_id, m->client_ref, id,
			    &dialog_id, err))
		return false;
	return *id == 0 || dialog_id == m->dialog_id ||
	       err_set(err, ERR_CONFLICT,
		       "this client_ref was used in another dialog");
}

bool send_from_web(struct db *db, struct arena *a, const struct web_row *told,
		   const int64_t *uploads, size_t n_uploads,
		   int64_t *message_id, struct err *err)
{
	struct web_row m = *told;
	struct dialog d;

	if (!check(&m, n_uploads, err) ||
	    !dialog_find(db, a, m.client_id, 0, m.dialog_id, &d, err) ||
	    !find_sent(db, a, &m, message_id, err))
		return false;
	if (*message_id)
		return true;
	/* Both kinds of Telegram's chats take the same files. */
	if (n_uploads && !take_files(db, a, &m, chan_of(d.source, false),
				     uploads, n_uploads, err))
		return false;
	return message_take_web(db, a, &m, message_id, err);
}
