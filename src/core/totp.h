/*
 * totp.h - one-time codes of an authenticator app (RFC 6238).
 *
 * SHA-1, 30 s, six digits: what every app computes when it is told nothing
 * else.  A secret is its raw bytes; people and apps see it in base32.
 */
#ifndef CORE_TOTP_H
#define CORE_TOTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/secret.h"

#define TOTP_DIGITS 6

/* As many random bytes as SHA-1 has, which RFC 4226 recommends. */
struct secret totp_secret_new(struct arena *a);

/* The secret as people type it, and as an app reads it from a QR code:
 * "otpauth://totp/...", percent-encoded. */
struct secret totp_secret_text(struct arena *a, struct secret secret);
struct secret totp_uri(struct arena *a, struct secret secret,
		       const char *issuer, const char *login);

/* In which step of 30 s a moment lies, counted from 1970. */
int64_t totp_step(int64_t at);

void totp_code(struct secret secret, int64_t step, char out[TOTP_DIGITS + 1]);

/*
 * The step whose code this is: the present one, the one before it or the one
 * after, as clocks differ and people type slowly; 0: none.  Only steps after
 * `used` count, the last one that was accepted: a code is good once.
 */
int64_t totp_find(struct secret secret, const char *code, int64_t at,
		  int64_t used);

#endif
