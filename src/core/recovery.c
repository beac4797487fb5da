/*
 * recovery.c - codes for the day when the phone is gone.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "core/recovery.h"

#define CODE_CHARS  15
#define GROUP_CHARS 5
#define TEXT_CHARS  (CODE_CHARS + CODE_CHARS / GROUP_CHARS - 1)

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct secret recovery_code_new(struct arena *a)
{
	struct secret random = secret_random_bytes(a, CODE_CHARS);
	char text[TEXT_CHARS];
	size_t len = 0;

	for (size_t i = 0; i < CODE_CHARS; i++) {
		if (i && i % GROUP_CHARS == 0)
			text[len++] = '-';
		text[len++] = digits[random.bytes[i] & 31];
	}
	return secret_copy(a, text, len);
}

/* '\0': not of a code. */
static char plain(char typed)
{
	char c = (char)tolower((unsigned char)typed);

	if (c == 'o')
		return '0';
	if (c == 'i' || c == 'l')
		return '1';
	return strchr(digits, c) ? c : '\0';
}

const char *recovery_hash(struct arena *a, const char *typed)
{
	char code[CODE_CHARS];
	size_t len = 0;

	for (; *typed; typed++) {
		if (*typed == ' ' || *typed == '-')
			continue;
		if (len == CODE_CHARS || !plain(*typed))
			return NULL;
		code[len++] = plain(*typed);
	}
	if (len < CODE_CHARS)
		return NULL;
	return secret_hash(a, secret_copy(a, code, len));
}
