/*
 * second_factor.c - what is known of a person's second factor.
 */
#include "config.h"

#include "store/second_factor.h"

#define COLUMNS                                                    \
	"SELECT totp_secret_sealed, totp_step, totp_confirmed_at," \
	"  jsonb_array_length(recovery_hashes) FROM users WHERE id = $1"

static const struct stmt find = { "second_factor_find", COLUMNS };

static const struct stmt lock = {
	"second_factor_lock",
	COLUMNS " FOR NO KEY UPDATE",
};

static bool read_one(struct db *db, struct arena *a, const struct stmt *s,
		     int64_t user_id, struct second_factor *f, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, s, DB_ARGS(arg_i64(a, user_id)), &r, err))
		return false;
	*f = (struct second_factor){
		.secret_sealed = rows_str(&r, 0, 0),
		.used_step = rows_i64(&r, 0, 1),
		.confirmed_at = rows_time(&r, 0, 2),
		.codes_left = rows_i64(&r, 0, 3),
	};
	return true;
}

bool second_factor_find(struct db *db, struct arena *a, int64_t user_id,
			struct second_factor *f, struct err *err)
{
	return read_one(db, a, &find, user_id, f, err);
}

bool second_factor_lock(struct db *db, struct arena *a, int64_t user_id,
			struct second_factor *f, struct err *err)
{
	return read_one(db, a, &lock, user_id, f, err);
}

static const struct stmt put_secret = {
	"second_factor_put_secret",
	"UPDATE users SET totp_secret_sealed = $2, totp_step = 0,"
	"  totp_confirmed_at = NULL, recovery_hashes = '[]' WHERE id = $1",
};

bool second_factor_put_secret(struct db *db, struct arena *a, int64_t user_id,
			      const char *secret_sealed, struct err *err)
{
	return db_exec(db, &put_secret,
		       DB_ARGS(arg_i64(a, user_id), secret_sealed), err);
}

static const struct stmt put_confirmed = {
	"second_factor_put_confirmed",
	"UPDATE users SET totp_confirmed_at = $2 WHERE id = $1",
};

bool second_factor_put_confirmed(struct db *db, struct arena *a,
				 int64_t user_id, int64_t at, struct err *err)
{
	return db_exec(db, &put_confirmed,
		       DB_ARGS(arg_i64(a, user_id), arg_time(a, at)), err);
}

static const struct stmt put_step = {
	"second_factor_put_step",
	"UPDATE users SET totp_step = $2 WHERE id = $1",
};

bool second_factor_put_step(struct db *db, struct arena *a, int64_t user_id,
			    int64_t step, struct err *err)
{
	return db_exec(db, &put_step,
		       DB_ARGS(arg_i64(a, user_id), arg_i64(a, step)), err);
}

static const struct stmt put_codes = {
	"second_factor_put_codes",
	"UPDATE users SET recovery_hashes = $2 WHERE id = $1",
};

bool second_factor_put_codes(struct db *db, struct arena *a, int64_t user_id,
			     const char *const *hashes, size_t n,
			     struct err *err)
{
	return db_exec(db, &put_codes,
		       DB_ARGS(arg_i64(a, user_id), arg_array(a, hashes, n)),
		       err);
}

static const struct stmt take_code = {
	"second_factor_take_code",
	"UPDATE users SET recovery_hashes = recovery_hashes - $2::text"
	" WHERE id = $1 AND recovery_hashes ? $2",
};

bool second_factor_take_code(struct db *db, struct arena *a, int64_t user_id,
			     const char *hash, bool *taken, struct err *err)
{
	if (!db_exec(db, &take_code, DB_ARGS(arg_i64(a, user_id), hash), err))
		return false;
	*taken = db_touched(db) == 1;
	return true;
}
