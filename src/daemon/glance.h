/*
 * glance.h - a list that looks as it did has nothing new in it.
 *
 * Of each account's quick looks the fingerprint of the last answer in which
 * nothing had to be read.  The same bytes again need neither be understood nor
 * be compared with the database, which is nearly all that an idle account
 * costs.  A full walk does not ask here, so what a fingerprint could hide is
 * found by the next one; and a process that starts remembers nothing.
 */
#ifndef DAEMON_GLANCE_H
#define DAEMON_GLANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glances;

/* One per process, for its life. */
struct glances *glances_new(void);

/* The lists of an account. */
enum glance_list { GLANCE_UNREAD, GLANCE_ALL, GLANCE_LISTS };

bool glance_is_same(const struct glances *g, int64_t account_id,
		    enum glance_list list, const char *body, size_t len);

void glance_keep(struct glances *g, int64_t account_id, enum glance_list list,
		 const char *body, size_t len);

#endif
