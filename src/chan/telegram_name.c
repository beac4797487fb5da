/*
 * telegram_name.c - what a bot's token and name look like.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "chan/telegram.h"

#define TOKEN_KEY_MIN 20 /* characters behind the colon */
#define ID_DIGITS_MAX 19
#define USERNAME_MIN  5
#define USERNAME_MAX  32

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool is_key(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(s[i]) && s[i] != '-')
			return false;
	return len >= TOKEN_KEY_MIN;
}

int64_t tg_token_id(struct secret token)
{
	const char *colon =
		token.len ? memchr(token.bytes, ':', token.len) : NULL;
	char digits[ID_DIGITS_MAX + 1] = "";
	size_t n = colon ? (size_t)(colon - token.bytes) : 0;
	long long id;

	if (n == 0 || n > ID_DIGITS_MAX || token.len > TG_TOKEN_MAX)
		return 0;
	memcpy(digits, token.bytes, n);
	if (!text_read_i64(digits, 1, INT64_MAX, &id) ||
	    !is_key(colon + 1, token.len - n - 1))
		return 0;
	return id;
}

bool tg_is_username(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (!is_name_char(s[i]))
			return false;
	return len >= USERNAME_MIN && len <= USERNAME_MAX;
}
