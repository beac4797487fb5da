/*
 * token.h - what a caller holds to prove a session.
 *
 * An access token is a JWT (HS256) that names the user, the session and, as
 * `kid`, the key, and lives for minutes.  A refresh token names the session
 * and a generation under a MAC, so that the database holds nothing a thief
 * could use, and a token that was used before is known for what it is.  A
 * challenge names a session that waits for its second factor.  All are made
 * with JWT_SECRET; JWT_SECRET_OLD still opens.
 *
 * An API token is 32 random bytes behind a prefix by which scanners of leaked
 * secrets know it; it is stored by its SHA-256.
 */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

struct token_keys {
	struct secret key; /* never empty */
	struct secret old; /* may be empty */
};

/* now and expires_at in microseconds, as everywhere. */
const char *access_token(struct arena *a, const struct token_keys *keys,
			 int64_t user_id, int64_t session_id, int64_t now,
			 int64_t expires_at);

/* False: forged, malformed, of another kind, or expired; nobody needs to know
 * which. */
bool access_token_read(struct arena *a, const struct token_keys *keys,
		       const char *token, int64_t now, int64_t *user_id,
		       int64_t *session_id);

const char *refresh_token(struct arena *a, const struct token_keys *keys,
			  int64_t session_id, int64_t generation);
bool refresh_token_read(struct arena *a, const struct token_keys *keys,
			const char *token, int64_t *session_id,
			int64_t *generation);

/* For a moment only: how long is the session's to say. */
const char *challenge_token(struct arena *a, const struct token_keys *keys,
			    int64_t session_id);
bool challenge_token_read(struct arena *a, const struct token_keys *keys,
			  const char *token, int64_t *session_id);

struct secret api_token_new(struct arena *a);

/* True: an API token by its looks, and not a JWT. */
bool is_api_token(const char *token);

#endif
