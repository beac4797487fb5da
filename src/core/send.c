/*
 * send.c - an operator's message from the web inbox.
 */
#include "config.h"

#include "base/text.h"
#include "core/send.h"
#include "store/dialog.h"

bool send_from_web(struct db *db, struct arena *a, const struct web_row *m,
		   int64_t *message_id, struct err *err)
{
	struct dialog d;

	if (!m->text || text_is_blank(m->text))
		return err_field(err, "text", "must not be empty");
	if (text_points(m->text) > SEND_TEXT_MAX)
		return err_field(err, "text", "must have at most %d characters",
				 SEND_TEXT_MAX);
	if (m->client_ref && (text_is_blank(m->client_ref) ||
			      text_points(m->client_ref) > SEND_CLIENT_REF_MAX))
		return err_field(err, "client_ref",
				 "must have from 1 to %d characters",
				 SEND_CLIENT_REF_MAX);
	if (!dialog_find(db, a, m->client_id, 0, m->dialog_id, &d, err) ||
	    !message_take_web(db, a, m, message_id, err))
		return false;
	if (*message_id == 0)
		return err_set(err, ERR_CONFLICT,
			       "this client_ref was used in another dialog");
	return true;
}
