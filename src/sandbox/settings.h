/*
 * settings.h - how the stand-ins behave where the real ones leave a choice.
 *
 * One table, in settings.c.  Start values come from the configuration file,
 * the environment and --set; the control API changes them while running.
 */
#ifndef SANDBOX_SETTINGS_H
#define SANDBOX_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

struct settings {
	int64_t port;
	int64_t journal_max;
	const char *webhook_route;

	int64_t avito_expired_status;
	int64_t avito_bad_secret_status;
	bool avito_tokens_coexist;
	int64_t avito_token_ttl_s;
	bool avito_many_subscriptions;
	int64_t avito_webhook_timeout_ms;
	int64_t avito_webhook_attempts;
	int64_t avito_webhook_spacing_ms;
	int64_t avito_webhook_delay_ms;
	const char *avito_webhook_order;
	int64_t avito_webhook_copies;
	bool avito_webhook_same_envelope;
	int64_t avito_webhook_disable_after;
	bool avito_webhook_signature;
	bool avito_webhook_test_call;
	int64_t avito_rate_per_minute;
	int64_t avito_items_rate_per_minute;
	int64_t avito_item_rate_per_minute;
	bool avito_retry_after;
	const char *avito_read_name;
	const char *avito_echo;
	int64_t avito_echo_delay_ms;
	bool avito_send_marks_read;
	const char *avito_text_unit;
	bool avito_accepts_blank;
	const char *avito_list_shape;
	const char *avito_u2u_context;
	const char *avito_deleted_as;
	int64_t avito_late_delete_status;
	int64_t avito_voice_link_s;
	int64_t avito_image_link_s;
	int64_t avito_image_id_s;
	const char *avito_buyer_ids;
	int64_t avito_history_max;

	bool telegram_rate_limits;
	int64_t telegram_rate_chat_per_minute;
	int64_t telegram_rate_group_per_minute;
	int64_t telegram_rate_per_s;
	int64_t telegram_webhook_timeout_ms;
	int64_t telegram_webhook_backoff_ms;
	int64_t telegram_webhook_backoff_max_ms;
	int64_t telegram_update_life_s;
	int64_t telegram_callback_life_s;
	bool telegram_https_only;
	bool telegram_closed_for_admins;
	bool telegram_answer_twice_fails;
	const char *telegram_cross_topic_reply;
	bool telegram_private_reactions;
	bool telegram_business_echo;
};

extern struct settings set;

/* path may be NULL.  False: `report` says why. */
bool settings_load(struct arena *a, const char *path, struct buf *report);
/* NAME=VALUE from the command line, after settings_load(). */
bool settings_assign(const char *pair, struct err *err);
/* What is set now is what settings_reset() goes back to. */
void settings_keep(void);
void settings_reset(void);
/* Every member of o is a setting, or nothing is changed. */
bool settings_patch(struct json_object *o, struct err *err);
/* Ownership passes to the caller. */
struct json_object *settings_json(void);
/* One Markdown table for --help and docs/SANDBOX.md. */
void settings_describe(struct buf *b);
void settings_release(void);

#endif
