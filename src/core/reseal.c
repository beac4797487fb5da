/*
 * reseal.c - stored secrets, sealed anew under the first key.
 */
#include "config.h"

#include "base/secret.h"
#include "core/reseal.h"

/* Read at once; what is open lies in memory no longer than that. */
#define BATCH 100

static bool reseal_value(const struct reseal *r, struct arena *a,
			 const struct sealed_place *p,
			 const struct sealed_value *v, struct reseal_count *n,
			 struct err *err)
{
	struct err why = { 0 };
	struct secret open;
	bool replaced;

	/* Opened in any case: so a damaged one is found, too. */
	if (!unseal(a, p->bound_to, v->sealed, &open, &why)) {
		n->closed++;
		r->closed(p, v->key, why.text);
		return true;
	}
	if (seal_is_first(v->sealed)) {
		n->first++;
		return true;
	}
	if (r->dry_run) {
		n->done++;
		return true;
	}
	if (!sealed_replace(r->db, p, v, seal(a, p->bound_to, open), &replaced,
			    err))
		return false;
	*(replaced ? &n->done : &n->moved) += 1;
	return true;
}

/* *after: the key that was come to; NULL when there are no more. */
static bool reseal_batch(const struct reseal *r, struct arena *a,
			 const struct sealed_place *p, const char **after,
			 struct reseal_count *n, struct err *err)
{
	struct sealed_value *list;
	size_t len;

	if (!sealed_list(r->db, a, p, *after, BATCH, &list, &len, err))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!reseal_value(r, a, p, &list[i], n, err))
			return false;
	*after = len == BATCH ? list[len - 1].key : NULL;
	return true;
}

bool reseal_place(const struct reseal *r, const struct sealed_place *p,
		  struct reseal_count *n, struct err *err)
{
	struct arena work = { 0 }, place = { 0 };
	const char *after = p->start;
	bool ok = true;

	while (ok && after) {
		ok = reseal_batch(r, &work, p, &after, n, err);
		after = arena_str(&place, after);
		arena_reset(&work);
	}
	arena_release(&work);
	arena_release(&place);
	return ok;
}
