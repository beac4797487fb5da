/*
 * fuzz_telegram_proof.c - any bytes as what Telegram signed.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/telegram_proof.h"
#include "harness/fuzz.h"

/* The corpus is signed with this token, at this time. */
#define TOKEN "700001:AAabcdefghijklmnopqrstuvwxyz_-012345"
#define NOW   (INT64_C(1790000000) * CLOCK_SECOND_US)

static void check(bool proven, const struct telegram_proof *p,
		  const struct err *err)
{
	if (!proven) {
		FUZZ_CHECK((err->kind == ERR_INPUT || err->kind == ERR_AUTH) &&
			   *err->text);
		return;
	}
	FUZZ_CHECK(p->telegram_user_id > 0 && strlen(p->proof_hash) == 64);
	FUZZ_CHECK(text_is_utf8(p->first_name, strlen(p->first_name)) &&
		   p->last_name && p->username);
	FUZZ_CHECK(p->expires_at > NOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct secret token = { TOKEN, sizeof(TOKEN) - 1 };
	static struct arena a;
	const char *s = arena_strn(&a, (const char *)bytes, len);
	struct telegram_proof p;
	struct json_object *o;
	struct err err = { 0 };

	check(telegram_init_data_read(&a, s, token, NOW, &p, &err), &p, &err);
	err = (struct err){ 0 };
	if (json_read(&a, s, len, &o, &err))
		check(telegram_widget_read(&a, o, token, NOW, &p, &err), &p,
		      &err);
	arena_reset(&a);
	return 0;
}
