/*
 * housekeeping.c - forgets what has served, and adds up what was counted.
 */
#include "config.h"

#include "base/clock.h"
#include "core/route.h"
#include "core/upload.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/filter.h"
#include "store/housekeeping.h"

#define EVERY_US (3600 * SECOND_US)

static void start(struct run *r)
{
	int64_t now = clock_now_us();
	struct err err = { 0 };

	if (updates_forget(r->dm->db, &r->a, now - UPDATES_KEEP_US, &err) &&
	    proofs_forget(r->dm->db, &r->a, now, &err) &&
	    links_forget(r->dm->db, &r->a, now - LINKS_KEEP_US, &err) &&
	    pending_forget(r->dm->db, &r->a, now, &err) &&
	    sessions_forget(r->dm->db, &r->a, now, &err) &&
	    filter_hits_fold(r->dm->db, &r->a, &err) &&
	    uploads_sweep(r->dm->db, &r->a, r->dm->s->media_dir, now, &err) &&
	    unrouted_expire(r->dm->db, &r->a, now - ROUTE_ASK_US, now, &err) &&
	    unrouted_forget(r->dm->db, &r->a, now - UPDATES_KEEP_US, &err))
		run_again(r, now + EVERY_US, NULL);
	else
		run_error(r, &err);
}

const struct task_type task_housekeeping = {
	.kind = "housekeeping",
	.start = start,
};
