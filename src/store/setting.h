/*
 * setting.h - what administrators set in the cabinet: a name and a value,
 * plain or sealed.  Settings of the configuration are in core/settings.h.
 */
#ifndef STORE_SETTING_H
#define STORE_SETTING_H

#include "store/db.h"

/* Both NULL: it is not set. */
struct setting {
	const char *value, *sealed;
};

bool setting_find(struct db *db, struct arena *a, const char *name,
		  struct setting *v, struct err *err);

/* Neither value nor seal: it is set no more. */
bool setting_put(struct db *db, struct arena *a, const char *name,
		 const struct setting *v, int64_t now, struct err *err);

#endif
