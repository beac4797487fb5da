/*
 * team_impl.h - what team.c and team_topic.c share of a message on its way to
 * the team.
 */
#ifndef DAEMON_TEAM_IMPL_H
#define DAEMON_TEAM_IMPL_H

#include "daemon/job.h"

/* Fills *end; false: the job has ended. */
bool team_end(struct job *j, struct chan_end *end);

/* Topics are no messages, but the bot makes a call.  false: the job waits. */
bool team_may_call(struct job *j);

/* j->call.rq is written: it leaves once the attempt is on disk. */
void team_attempt(struct job *j, int step, const char *action,
		  const char *content, void (*done)(struct call *c));

/* A message in the dialog's place, or those of an album. */
void team_send(struct job *j, struct chan_out *out, size_t n, int part,
	       const char *action, void (*done)(struct call *c));

/* What Telegram refused: mended on the way, or the job ends. */
void team_refused(struct job *j, const struct chan_sent *sent, struct err *err);

/* The dialog has a place in the group, with card and, where it continues
 * another topic, introduction.  false: something was started, or the job has
 * ended. */
bool team_is_home(struct job *j);

/* The topic is gone or closed, or the group has a new id.  false: that is not
 * it, or it was mended before in this go. */
bool team_mend(struct job *j, const struct chan_sent *sent);

#endif
