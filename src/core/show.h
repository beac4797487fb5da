/*
 * show.h - what must be done so that the copies of a message look as it does
 * now.
 *
 * Pure: an edited or deleted message and where it can be seen, in; steps, out.
 * A step that has been done already does no harm.
 */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

#include "core/compose.h"
#include "store/shown.h"

enum show_act {
	SHOW_EDIT,   /* the copy becomes the part */
	SHOW_DELETE, /* the copy goes */
	SHOW_SEND,   /* the part is new there: it becomes the copy */
	SHOW_SAY,    /* nothing can be done to the copy: the part's text answers
		      * it, in the topic */
};

struct show_step {
	enum show_act act;
	struct shown_copy copy; /* SHOW_SEND: without an id yet */
	struct part part;
	bool forgets; /* SHOW_DELETE: nobody asks for the copy any more */
};

/* For the service where the buyer is: only what we sent there can change. */
void show_plan_buyer(struct arena *a, const struct shown *s,
		     struct show_step **steps, size_t *n);

/* For the team's group.  company: all messages that the first copy shows, in
 * order, the message itself among them; NULL: it stands alone. */
void show_plan_team(struct arena *a, const struct shown *s,
		    const struct delivery *company, size_t n_company,
		    struct show_step **steps, size_t *n);

/* What the team is told instead of a change to a copy that cannot be made. */
const char *show_note(struct arena *a, const struct shown *s,
		      const struct part *part);

/* What the team is told when the buyer's side refuses. */
const char *show_refusal(struct arena *a, const struct shown *s,
			 const char *reason);

/* The same when that cannot be seen in the topic; NULL: it can. */
const char *show_success(const struct shown *s);

bool show_is_deleted(const struct shown *s);

/* By an operator in the group: nothing of it there is ours to change. */
bool show_is_written_there(const struct shown *s);

#endif
