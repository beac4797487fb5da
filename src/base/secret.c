/*
 * secret.c - tokens, keys and passwords (libsodium).
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/secret.h"

#define KEY_BYTES   crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define ID_BYTES    4 /* of the key's hash: tells keys apart, reveals none */
#define TAIL_CHARS  4

/* What password_hash() makes of a password nobody has. */
#define NOBODY_HASH                                              \
	"$argon2id$v=19$m=65536,t=2,p=1$Y2FuIG5ldmVyIG1hdGNoIQ$" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct key {
	unsigned char bytes[KEY_BYTES];
	char id[2 + 2 * ID_BYTES]; /* "k" and hex */
};

static struct key keys[2];
static int n_keys;

void secret_init(void)
{
	if (sodium_init() < 0)
		die("libsodium does not start: no source of randomness");
}

struct wipe {
	void *bytes;
	size_t len;
};

static void wipe(void *arg)
{
	struct wipe *w = arg;

	sodium_memzero(w->bytes, w->len);
}

struct secret secret_copy(struct arena *a, const char *s, size_t len)
{
	struct wipe *w = arena_alloc(a, sizeof(*w));

	w->bytes = arena_strn(a, s, len);
	w->len = len;
	arena_defer(a, wipe, w);
	return (struct secret){ w->bytes, len };
}

struct secret secret_random(struct arena *a, size_t n_bytes)
{
	unsigned char raw[64];
	char text[sizeof(raw) * 2];
	struct secret s;

	if (n_bytes > sizeof(raw))
		bug("secret_random: %zu bytes", n_bytes);
	randombytes_buf(raw, n_bytes);
	sodium_bin2base64(text, sizeof(text), raw, n_bytes,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	s = secret_copy(a, text, strlen(text));
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(text, sizeof(text));
	return s;
}

struct secret secret_random_bytes(struct arena *a, size_t n_bytes)
{
	struct wipe *w = arena_alloc(a, sizeof(*w));

	w->bytes = arena_alloc(a, n_bytes + 1);
	w->len = n_bytes;
	arena_defer(a, wipe, w);
	randombytes_buf(w->bytes, n_bytes);
	return (struct secret){ w->bytes, n_bytes };
}

bool secret_equal(struct secret a, struct secret b)
{
	return a.bytes && b.bytes && a.len == b.len &&
	       sodium_memcmp(a.bytes, b.bytes, a.len) == 0;
}

bool secret_is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       !(st.st_mode & (st.st_uid == geteuid() ? 0077 : 0007));
}

const char *secret_hash(struct arena *a, struct secret s)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *hex = arena_alloc(a, sizeof(hash) * 2 + 1);

	crypto_hash_sha256(hash, (const unsigned char *)s.bytes, s.len);
	sodium_bin2hex(hex, sizeof(hash) * 2 + 1, hash, sizeof(hash));
	return hex;
}

static void mac_of(struct secret key, struct secret s,
		   unsigned char mac[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state;

	if (key.len == 0)
		bug("a MAC without a key");
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.bytes,
				    key.len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)s.bytes,
				      s.len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof(state));
}

const char *secret_mac(struct arena *a, struct secret key, const char *text)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char *hex = arena_alloc(a, sizeof(mac) * 2 + 1);

	mac_of(key, (struct secret){ text, strlen(text) }, mac);
	sodium_bin2hex(hex, sizeof(mac) * 2 + 1, mac, sizeof(mac));
	return hex;
}

/* A copy of raw bytes, which are wiped here. */
static struct secret take(struct arena *a, unsigned char *raw, size_t len)
{
	struct secret s = secret_copy(a, (const char *)raw, len);

	sodium_memzero(raw, len);
	return s;
}

struct secret secret_digest(struct arena *a, struct secret s)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)s.bytes, s.len);
	return take(a, hash, sizeof(hash));
}

struct secret secret_digest_mac(struct arena *a, struct secret key,
				struct secret s)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];

	mac_of(key, s, mac);
	return take(a, mac, sizeof(mac));
}

const char *secret_tail(struct arena *a, struct secret s)
{
	if (!s.bytes || s.len < 4 * TAIL_CHARS)
		return "…";
	return arena_printf(a, "…%s", s.bytes + s.len - TAIL_CHARS);
}

static bool key_read(struct secret text, struct key *key, const char *name,
		     struct err *err)
{
	static const int variants[] = {
		sodium_base64_VARIANT_ORIGINAL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING,
		sodium_base64_VARIANT_URLSAFE,
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING
	};
	unsigned char hash[crypto_hash_sha256_BYTES];
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		if (sodium_base642bin(key->bytes, KEY_BYTES, text.bytes,
				      text.len, NULL, &len, NULL,
				      variants[i]) != 0 ||
		    len != KEY_BYTES)
			continue;
		crypto_hash_sha256(hash, key->bytes, KEY_BYTES);
		key->id[0] = 'k';
		sodium_bin2hex(key->id + 1, sizeof(key->id) - 1, hash,
			       ID_BYTES);
		return true;
	}
	return err_field(err, name,
			 "%s must be 32 bytes in base64; make one with: "
			 "openssl rand -base64 32",
			 name);
}

bool seal_init(struct secret key, struct secret old, struct err *err)
{
	n_keys = 0;
	if (!key_read(key, &keys[0], "APP_SECRET", err))
		return false;
	n_keys = 1;
	if (old.len == 0)
		return true;
	if (!key_read(old, &keys[1], "APP_SECRET_OLD", err))
		return false;
	n_keys = 2;
	return true;
}

const char *seal(struct arena *a, const char *column, struct secret s)
{
	size_t raw_len = NONCE_BYTES + s.len + TAG_BYTES;
	size_t text_len = sodium_base64_ENCODED_LEN(
		raw_len, sodium_base64_VARIANT_ORIGINAL);
	unsigned char *raw = arena_alloc(a, raw_len);
	char *text = arena_alloc(a, text_len);

	if (n_keys == 0)
		bug("seal: no key");
	randombytes_buf(raw, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		raw + NONCE_BYTES, NULL, (const unsigned char *)s.bytes, s.len,
		(const unsigned char *)column, strlen(column), NULL, raw,
		keys[0].bytes);
	sodium_bin2base64(text, text_len, raw, raw_len,
			  sodium_base64_VARIANT_ORIGINAL);
	return arena_printf(a, "%s:%s", keys[0].id, text);
}

static const struct key *key_find(const char *id, size_t len)
{
	for (int i = 0; i < n_keys; i++)
		if (strlen(keys[i].id) == len &&
		    memcmp(keys[i].id, id, len) == 0)
			return &keys[i];
	return NULL;
}

bool seal_is_first(const char *sealed)
{
	const char *colon = strchr(sealed, ':');

	return colon && key_find(sealed, (size_t)(colon - sealed)) == &keys[0];
}

bool unseal(struct arena *a, const char *column, const char *sealed,
	    struct secret *s, struct err *err)
{
	const char *colon = strchr(sealed, ':');
	const struct key *key =
		colon ? key_find(sealed, (size_t)(colon - sealed)) : NULL;
	size_t len = strlen(sealed), raw_len;
	unsigned char *raw = arena_alloc(a, len);
	char *plain = arena_alloc(a, len + 1);
	unsigned long long plain_len;

	if (!key)
		return err_set(err, ERR_DOWN,
			       "a stored secret (%s) is sealed with a key that "
			       "is neither APP_SECRET nor APP_SECRET_OLD",
			       column);
	if (sodium_base642bin(raw, len, colon + 1, strlen(colon + 1), NULL,
			      &raw_len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    raw_len < NONCE_BYTES + TAG_BYTES ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(
		    (unsigned char *)plain, &plain_len, NULL, raw + NONCE_BYTES,
		    raw_len - NONCE_BYTES, (const unsigned char *)column,
		    strlen(column), raw, key->bytes) != 0)
		return err_set(err, ERR_DOWN,
			       "a stored secret (%s) was damaged; enter it "
			       "again",
			       column);
	*s = secret_copy(a, plain, (size_t)plain_len);
	sodium_memzero(plain, len);
	return true;
}

bool password_hash(struct arena *a, struct secret password, const char **hash,
		   struct err *err)
{
	char *out = arena_alloc(a, crypto_pwhash_STRBYTES);

	if (crypto_pwhash_str(out, password.bytes, password.len,
			      crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		return err_set(err, ERR_DOWN,
			       "not enough memory to hash a password");
	*hash = out;
	return true;
}

bool password_matches(const char *hash, struct secret password)
{
	bool known = hash && *hash;
	bool right =
		crypto_pwhash_str_verify(known ? hash : NOBODY_HASH,
					 password.bytes, password.len) == 0;

	return known && right;
}
