/*
 * dialog.h - the rules for what people change about a dialog.
 *
 * All run inside the caller's transaction.
 */
#ifndef CORE_DIALOG_H
#define CORE_DIALOG_H

#include "core/problems.h"
#include "store/dialog.h"

/* Of a dialog; characters. */
#define DIALOG_LABELS_MAX 20
#define DIALOG_LABEL_MAX  50

/* Words, NULL at the end. */
extern const char *const dialog_statuses[];  /* that it may have */
extern const char *const dialog_decisions[]; /* that people give it */

/* Status, labels and assignee (0: nobody), who must be a user of the client
 * that can sign in.  What was archived may stay so; only filters put it
 * there.  The dialog's topic will show it. */
bool dialog_change(struct db *db, struct arena *a, const struct dialog *d,
		   int64_t now, struct problems *problems, struct err *err);

#endif
