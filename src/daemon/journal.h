/*
 * journal.h - what the jobs of one turn have to write, in one transaction.
 *
 * A commit costs more than the statements in it, so attempts that begin and
 * outcomes that came in are collected and written together in the loop's next
 * turn.  Only when an attempt is on disk does its request leave; an outcome is
 * kept until it is on disk, and written again while the database is away:
 * what Telegram has accepted must not be sent twice because we could not write
 * it down.
 */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include "daemon/job.h"

/* j->begin is filled: written, then j->begun(j). */
void journal_begin(struct job *j);

/* j->ending is filled: written, then the job ends or goes on by drain(). */
void journal_end(struct job *j);

/* At the end of the process: writes the outcomes that are still there; what has
 * not begun stays so. */
void journal_close(struct daemon *dm);

/* The job will not be asked about any more. */
void journal_forget(struct job *j);

#endif
