/*
 * decision.c - what a person decides about a message on its way.
 */
#include "config.h"

#include "core/decision.h"
#include "store/complaint.h"
#include "store/delivery.h"

static bool show(struct db *db, struct arena *a, const struct decision *d,
		 struct err *err)
{
	return complaint_decided(db, a, d->delivery_id, d->who, d->now,
				 d->request_id, err);
}

bool decision_retry(struct db *db, struct arena *a, const struct decision *d,
		    struct err *err)
{
	return delivery_retry(db, a, d->client_id, d->delivery_id, d->now,
			      err) &&
	       show(db, a, d, err);
}

bool decision_discard(struct db *db, struct arena *a, const struct decision *d,
		      struct err *err)
{
	return delivery_discard(db, a, d->client_id, d->delivery_id, d->now,
				err) &&
	       show(db, a, d, err);
}

bool decision_confirm(struct db *db, struct arena *a, const struct decision *d,
		      struct err *err)
{
	return delivery_confirm(db, a, d->client_id, d->delivery_id, d->who,
				d->now, d->request_id, err) &&
	       show(db, a, d, err);
}
