/*
 * totp.c - one-time codes of an authenticator app (RFC 6238).
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/clock.h"
#include "core/totp.h"

#define SECRET_BYTES 20
#define STEP_US      (30 * CLOCK_SECOND_US)
#define SKEW_STEPS   1       /* each way */
#define MODULUS      1000000 /* ten to the power of TOTP_DIGITS */
#define URI_MAX      2048

struct secret totp_secret_new(struct arena *a)
{
	return secret_random_bytes(a, SECRET_BYTES);
}

struct secret totp_secret_text(struct arena *a, struct secret secret)
{
	struct buf b;

	buf_init(&b, a, secret.len * 2);
	buf_add_base32(&b, secret.bytes, secret.len);
	return secret_copy(a, b.s, b.len);
}

/* Algorithm, digits and period are the defaults, and not every app takes them
 * well when they are told. */
struct secret totp_uri(struct arena *a, struct secret secret,
		       const char *issuer, const char *login)
{
	struct buf b;

	buf_init(&b, a, URI_MAX);
	buf_add_str(&b, "otpauth://totp/");
	buf_add_url(&b, issuer);
	buf_add_char(&b, ':');
	buf_add_url(&b, login);
	buf_add_str(&b, "?secret=");
	buf_add_base32(&b, secret.bytes, secret.len);
	buf_add_str(&b, "&issuer=");
	buf_add_url(&b, issuer);
	if (b.overflow)
		bug("totp_uri: a login of %zu bytes", strlen(login));
	return secret_copy(a, b.s, b.len);
}

int64_t totp_step(int64_t at)
{
	return at / STEP_US;
}

/* RFC 4226, section 5.3. */
static unsigned truncated(const unsigned char *mac, size_t len)
{
	const unsigned char *p = mac + (mac[len - 1] & 0xf);

	return (p[0] & 0x7fu) << 24 | (unsigned)p[1] << 16 |
	       (unsigned)p[2] << 8 | p[3];
}

void totp_code(struct secret secret, int64_t step, char out[TOTP_DIGITS + 1])
{
	unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), secret.bytes, (int)secret.len, counter,
		  sizeof(counter), mac, &len))
		bug("totp_code: libcrypto has no HMAC-SHA-1");
	snprintf(out, TOTP_DIGITS + 1, "%0*u", TOTP_DIGITS,
		 truncated(mac, len) % MODULUS);
}

/* All are computed, whichever it is: the time tells nothing. */
int64_t totp_find(struct secret secret, const char *code, int64_t at,
		  int64_t used)
{
	struct secret typed = { code, strlen(code) };
	int64_t now = totp_step(at), found = 0;
	char right[TOTP_DIGITS + 1];

	for (int64_t step = now - SKEW_STEPS; step <= now + SKEW_STEPS;
	     step++) {
		totp_code(secret, step, right);
		if (secret_equal(typed,
				 (struct secret){ right, TOTP_DIGITS }) &&
		    step > used)
			found = step;
	}
	return found;
}
