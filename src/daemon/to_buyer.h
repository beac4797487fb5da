/*
 * to_buyer.h - what a message to a buyer has in common, whatever the source.
 *
 * Of a message with several files nothing is sent when one will not be taken,
 * as long as that shows in time; later the others still arrive, and the end
 * says which did not.
 */
#ifndef DAEMON_TO_BUYER_H
#define DAEMON_TO_BUYER_H

#include "daemon/job.h"

/* j->parts from the delivery.  false: the job has ended. */
bool to_buyer_compose(struct job *j);

/* Some part has arrived. */
bool to_buyer_has_begun(const struct job *j);

/* The service, or whoever has the file, refuses this part (j->trouble is set):
 * the others go on, or the job ends. */
void to_buyer_refused(struct job *j, int part, const struct err *err);

/* No part is left: all have arrived, or all but some files. */
void to_buyer_finish(struct job *j);

#endif
