/*
 * gauges.h - how much waits in the database, at one moment.
 *
 * One statement over partial indexes: it costs by what waits, not by what was
 * ever stored.
 */
#ifndef STORE_GAUGES_H
#define STORE_GAUGES_H

#include "store/db.h"

struct gauges {
	/* Deliveries by state. */
	int64_t queued, sending, unsure, dead;
	int64_t oldest_at; /* of those not ended, when it was made; 0: none */

	/* Lanes that wait for an object to be mended, or for room at it. */
	int64_t held_by_bot, held_by_avito, held_by_project, held_by_room;

	int64_t tasks_due, tasks_failed;
	int64_t daemons; /* seen since `alive_since` */
};

bool gauges_read(struct db *db, struct arena *a, int64_t now,
		 int64_t alive_since, struct gauges *g, struct err *err);

#endif
