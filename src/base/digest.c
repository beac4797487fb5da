/*
 * digest.c - SHA-256 of what comes bit by bit (over libsodium).
 */
#include "config.h"

#include <sodium.h>

#include "base/digest.h"

#define HEX_BYTES (crypto_hash_sha256_BYTES * 2 + 1)

void digest_begin(struct digest *d, struct arena *a)
{
	d->a = a;
	d->state = arena_alloc(a, sizeof(crypto_hash_sha256_state));
	crypto_hash_sha256_init(d->state);
}

void digest_add(struct digest *d, const char *bytes, size_t len)
{
	crypto_hash_sha256_update(d->state, (const unsigned char *)bytes, len);
}

const char *digest_finish(struct digest *d)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *hex = arena_alloc(d->a, HEX_BYTES);

	crypto_hash_sha256_final(d->state, hash);
	return sodium_bin2hex(hex, HEX_BYTES, hash, sizeof(hash));
}
