/*
 * filter.h - a project's filters as they are set up.
 *
 * [{id, name, enabled, action, items, buyers, words, match, kinds,
 * directions}]: the first that is enabled and applies to a message decides.
 *
 *	hide  not shown to the team's group; it stays unread and waiting
 *	drop  goes to the archive: nothing counts it, nothing answers it
 *	pass  goes its way; those behind are not asked
 *
 * All conditions that a filter has must hold; one that is empty is none.
 * items are ads' numbers, buyers their numbers at the source or their names
 * (as far as they are known when the message comes), kinds the words of
 * chan_kind_name(), directions "buyer", "seller" (typed in the source's app)
 * and "system".  What people write here, and history, is not filtered.
 */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include "core/words.h"

#define FILTERS_MAX       50
#define FILTER_ID_MAX     64 /* characters */
#define FILTER_NAME_MAX   100
#define FILTER_ITEMS_MAX  100
#define FILTER_BUYERS_MAX 50
#define FILTER_BUYER_MAX  100
#define FILTER_MAX_BYTES  8000 /* as it is stored */

/* *json: each complete, with a default for what was absent.  What is wrong is
 * noted under "filters".  False only when the database cannot be asked. */
bool filters_check(struct db *db, struct arena *a, const char **json,
		   struct problems *p, struct err *err);

#endif
