/*
 * telegram_place.c - how chats and messages at a Telegram source are called.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "chan/telegram.h"

const char *tg_place_id(struct arena *a, int64_t chat, int64_t owner)
{
	return owner ? arena_printf(a, "%" PRId64 "@%" PRId64, chat, owner)
		     : arena_printf(a, "%" PRId64, chat);
}

const char *tg_place_message_id(struct arena *a, const char *place,
				int64_t message)
{
	return arena_printf(a, "%s/%" PRId64, place, message);
}

const char *tg_place_chat(struct arena *a, const char *place)
{
	size_t len = strcspn(place, "@/");

	/* "@name" of a public chat is a whole. */
	return len ? arena_strn(a, place, len) : place;
}

const char *tg_place_message(const char *id)
{
	const char *slash = strchr(id, '/');

	return slash ? slash + 1 : id;
}

int64_t tg_place_owner(const char *place)
{
	const char *at = strchr(place, '@');
	char digits[20] = "";
	size_t len = at ? strcspn(at + 1, "/") : 0;
	long long owner;

	if (len == 0 || len >= sizeof(digits))
		return 0;
	memcpy(digits, at + 1, len);
	return text_read_i64(digits, 1, INT64_MAX, &owner) ? owner : 0;
}
