/*
 * dialog.c - the rules for what people change about a dialog.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "core/dialog.h"
#include "core/fields.h"
#include "store/topic_state.h"
#include "store/user.h"

const char *const dialog_statuses[] = { "open", "closed", "archived", NULL };
const char *const dialog_decisions[] = { "open", "closed", NULL };

static bool check_assignee(struct db *db, struct arena *a,
			   const struct dialog *d, struct problems *problems,
			   struct err *err)
{
	struct user u = { 0 };

	if (!d->assignee_id)
		return true;
	if (!user_find(db, a, d->client_id, d->assignee_id, &u, err)) {
		if (err->kind != ERR_MISSING)
			return false;
		*err = (struct err){ 0 };
		problems_add(problems, "assignee_id", "there is no such user");
	} else if (u.disabled_at) {
		problems_add(problems, "assignee_id", "this user is disabled");
	}
	return true;
}

static bool check_labels(struct arena *a, const struct dialog *d,
			 struct problems *problems, struct err *err)
{
	struct json_object *o = json_new(a), *labels;
	struct fields f;

	if (!json_read(a, d->labels, strlen(d->labels), &labels, err))
		return false;
	json_put(o, "labels", json_object_get(labels));
	fields_init(&f, o, "", problems);
	fields_texts(&f, "labels", DIALOG_LABELS_MAX, DIALOG_LABEL_MAX);
	return true;
}

bool dialog_change(struct db *db, struct arena *a, const struct dialog *d,
		   int64_t now, struct problems *problems, struct err *err)
{
	problems_check_word(problems, "status", d->status, dialog_statuses);
	return check_labels(a, d, problems, err) &&
	       check_assignee(db, a, d, problems, err) &&
	       problems_none(problems, err) && dialog_store(db, a, d, err) &&
	       (!d->topic_id || topic_state_ask(db, a, d->client_id, d->id, now,
						log_id(), err));
}
