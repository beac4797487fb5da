/*
 * secret.h - tokens, keys and passwords.
 *
 * Secrets travel as struct secret, which no printf format takes, so that none
 * slips into a log or an answer.  At rest they are sealed: XChaCha20-Poly1305
 * under APP_SECRET with the key's id in front ("k1f0c2a9:BASE64"), bound to
 * the column they stand in, so that a sealed value moved to another column
 * does not open.  Keys rotate: the first key seals, all keys open.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct secret {
	const char *bytes; /* NUL-terminated for convenience; NULL: none */
	size_t len;
};

/* Once per process, before anything below.  Ends the process if libsodium
 * cannot start. */
void secret_init(void);

/* A copy whose memory is wiped when the arena is reset. */
struct secret secret_copy(struct arena *a, const char *s, size_t len);

/* n random bytes as URL-safe base64 without padding. */
struct secret secret_random(struct arena *a, size_t n_bytes);

/* n random bytes as they are, with whatever NUL there is among them. */
struct secret secret_random_bytes(struct arena *a, size_t n_bytes);

/* Same length and content, in constant time for equal lengths. */
bool secret_equal(struct secret a, struct secret b);

/* An open file that holds a secret is closed to whom it does not concern: to
 * others, and to the group as well if the file is ours.  One of root's is
 * read by way of its group or, from systemd, an ACL, which looks the same. */
bool secret_is_private(int fd);

/* Lower-case hex SHA-256, for looking a random secret up by its hash.  Not
 * for passwords. */
const char *secret_hash(struct arena *a, struct secret s);

/* Lower-case hex HMAC-SHA256 of a text: proves that the key's holder wrote
 * it.  The key must not be empty. */
const char *secret_mac(struct arena *a, struct secret key, const char *text);

/* SHA-256 and HMAC-SHA256 as 32 raw bytes: keys that are made of a secret. */
struct secret secret_digest(struct arena *a, struct secret s);
struct secret secret_digest_mac(struct arena *a, struct secret key,
				struct secret s);

/* The last four characters, "…" in front; all of it never. */
const char *secret_tail(struct arena *a, struct secret s);

/* The installation's keys: 32 bytes base64 each (any base64 variant).  `old`
 * may be empty; it only opens.  ERR_INPUT names what is wrong. */
bool seal_init(struct secret key, struct secret old, struct err *err);

/* `column` is the column's name, "bots.token".  Unsealing fails with ERR_DOWN
 * when the key is not one of ours or the value was tampered with. */
const char *seal(struct arena *a, const char *column, struct secret s);
bool unseal(struct arena *a, const char *column, const char *sealed,
	    struct secret *s, struct err *err);

/* Sealed under the first key, as far as its id tells. */
bool seal_is_first(const char *sealed);

/* argon2id at libsodium's interactive cost (64 MiB, about 65 ms). */
bool password_hash(struct arena *a, struct secret password, const char **hash,
		   struct err *err);

/* False also for hash == NULL, which costs the same time: an unknown login
 * must not answer faster than a wrong password. */
bool password_matches(const char *hash, struct secret password);

#endif
