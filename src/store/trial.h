/*
 * trial.h - the last messages of a project, to try filters and rules out on.
 */
#ifndef STORE_TRIAL_H
#define STORE_TRIAL_H

#include "store/db.h"

struct trial_message {
	int64_t id, dialog_id, written_at;
	const char *author, *kind;
	const char *text;   /* its beginning */
	const char *filter; /* id of the one that applies; NULL: none does */
	const char *found;  /* JSON array: ids of rules whose words are there */
	bool is_first;      /* of the buyer in its dialog */
};

/* Of the dialogs with the newest messages, each dialog's together and oldest
 * first: their numbers.  History and what is parked are not among them.  *all:
 * none was left out because there are too many. */
bool trial_list(struct db *db, struct arena *a, int64_t client_id,
		int64_t project_id, int64_t since, bool buyers_only, int limit,
		const char ***ids, size_t *n, bool *all, struct err *err);

/* Those messages, judged by `filters` or by the words of `rules`, which are
 * complete JSON arrays. */
bool trial_filters(struct db *db, struct arena *a, int64_t client_id,
		   const char *filters, const char *const *ids, size_t n_ids,
		   struct trial_message **list, size_t *n, struct err *err);
bool trial_rules(struct db *db, struct arena *a, int64_t client_id,
		 const char *rules, const char *const *ids, size_t n_ids,
		 struct trial_message **list, size_t *n, struct err *err);

#endif
