/*
 * token.h - what a caller holds to prove a session.
 *
 * An access token is a JWT (HS256) that names the user and the session and
 * lives for minutes.  A refresh token names the session and a generation
 * under a MAC, so that the database holds nothing a thief could use, and a
 * token that was used before is known for what it is.  Both are made with
 * JWT_SECRET; JWT_SECRET_OLD still opens.
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

#endif
