/*
 * second_factor.h - what is known of a person's second factor.
 *
 * Columns of users; the rules are in core/second_factor.h.
 */
#ifndef STORE_SECOND_FACTOR_H
#define STORE_SECOND_FACTOR_H

#include "store/db.h"

struct second_factor {
	const char
		*secret_sealed; /* "": none; the column is users.totp_secret */
	int64_t used_step;      /* the last whose code was taken */
	int64_t confirmed_at;   /* 0: not switched on */
	int64_t codes_left;     /* recovery codes */
};

/* ERR_MISSING: there is no such user.  second_factor_lock() keeps the row as
 * it is until the transaction ends. */
bool second_factor_find(struct db *db, struct arena *a, int64_t user_id,
			struct second_factor *f, struct err *err);
bool second_factor_lock(struct db *db, struct arena *a, int64_t user_id,
			struct second_factor *f, struct err *err);

/* Nothing else stays: not switched on, no recovery codes.  NULL: no secret. */
bool second_factor_put_secret(struct db *db, struct arena *a, int64_t user_id,
			      const char *secret_sealed, struct err *err);
bool second_factor_put_confirmed(struct db *db, struct arena *a,
				 int64_t user_id, int64_t at, struct err *err);
bool second_factor_put_step(struct db *db, struct arena *a, int64_t user_id,
			    int64_t step, struct err *err);

/* All recovery codes, by hash; those before are gone. */
bool second_factor_put_codes(struct db *db, struct arena *a, int64_t user_id,
			     const char *const *hashes, size_t n,
			     struct err *err);

/* Takes one out; *taken tells whether it was there. */
bool second_factor_take_code(struct db *db, struct arena *a, int64_t user_id,
			     const char *hash, bool *taken, struct err *err);

#endif
