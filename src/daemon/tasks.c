/*
 * tasks.c - every kind of task, one line each.
 */
#include "config.h"

#include <string.h>

#include "base/err.h"
#include "daemon/tasks.h"

static const struct task_type *const types[] = {
	/* clang-format off */
	&task_auto_reply_send,
	&task_auto_reply_sent,
	&task_avito_check,
	&task_avito_mark_read,
	&task_avito_poll,
	&task_avito_silence,
	&task_avito_unsubscribe,
	&task_bot_check,
	&task_bot_commands,
	&task_bot_unhook,
	&task_bot_webhook,
	&task_business_learn,
	&task_dialog_automate,
	&task_dialog_typing,
	&task_housekeeping,
	&task_master_answer,
	&task_master_poll,
	&task_media_fetch,
	&task_message_react,
	&task_message_show,
	&task_telegram_complaint,
	&task_telegram_mark_read,
	&task_telegram_pin,
	&task_telegram_react,
	&task_telegram_say,
	&task_topic_state,
	&task_topic_unrouted,
	&task_watch,
	/* clang-format on */
};

_Static_assert(ARRAY_LEN(types) <= TASK_TYPES_MAX, "TASK_TYPES_MAX");

const struct task_type *task_type_at(size_t i)
{
	return i < ARRAY_LEN(types) ? types[i] : NULL;
}

size_t task_type_index(const struct task_type *type)
{
	size_t i = 0;

	while (types[i] != type)
		i++;
	return i;
}

const struct task_type *task_type_find(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i]->kind, kind) == 0)
			return types[i];
	bug("'%s' is no kind of task", kind);
}
