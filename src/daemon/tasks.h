/*
 * tasks.h - the kinds of tasks; each is defined in src/daemon/task/.
 */
#ifndef DAEMON_TASKS_H
#define DAEMON_TASKS_H

#include "daemon/run.h"

/* Is the token good, the bot an administrator of a forum?  Runs again daily,
 * sooner while something is wrong. */
extern const struct task_type task_bot_check;
/* setWebhook with the current secret; args {drop:true}: take it away. */
extern const struct task_type task_bot_webhook;
/* deleteWebhook of a bot that was deleted here: args {token_sealed}. */
extern const struct task_type task_bot_unhook;

/* Tells Telegram which commands its groups are offered. */
extern const struct task_type task_bot_commands;

/* subject: a dialog.  Its topic shows how the dialog stands. */
extern const struct task_type task_topic_state;

/* subject: a row of unrouted.  The bot says what became of that message. */
extern const struct task_type task_topic_unrouted;

/* Are the credentials good, whose are they, is the webhook as it should be?
 * Runs again daily, sooner while something is wrong; starts the poller. */
extern const struct task_type task_avito_check;
/* Unsubscribes an account that was deleted here: args {api_client_id,
 * secret_sealed, url_sealed}. */
extern const struct task_type task_avito_unsubscribe;
/* The poller of one account: a task that runs again. */
extern const struct task_type task_avito_poll;
extern const struct task_type task_avito_silence;
/* Tells Avito that a dialog (subject) has been read. */
extern const struct task_type task_avito_mark_read;

/* subject: the bot of a source.  args {connection}: what Telegram knows of it
 * is taken down. */
extern const struct task_type task_business_learn;

/* subject: the bot.  args {chat, message, emoji}, {chat, message} and {chat,
 * topic, reply_to, text}. */
extern const struct task_type task_telegram_react;
extern const struct task_type task_telegram_pin;
extern const struct task_type task_telegram_say;
/* subject: a delivery that failed.  Its complaint shows how it stands. */
extern const struct task_type task_telegram_complaint;

/* subject: an attachment.  Its file is fetched and kept. */
extern const struct task_type task_media_fetch;

/* subject: a message that was edited or deleted.  Its copies show it as it
 * stands. */
extern const struct task_type task_message_show;
/* subject: a message; key: the side that reacted to it, "buyer" or "team". */
extern const struct task_type task_message_react;
/* subject: a dialog; args {at}.  Its buyer sees that somebody is writing. */
extern const struct task_type task_dialog_typing;
/* Tells a customer of a personal account that a dialog (subject) is read. */
extern const struct task_type task_telegram_mark_read;

/* Waits for what people write to the master bot: one daemon at a time, over
 * and over while there is a token. */
extern const struct task_type task_master_poll;
/* Answers one of them; args as core/master_answer.h has them. */
extern const struct task_type task_master_answer;

/* What a buyer's message (subject) starts by itself; a text that is due, and
 * one that has arrived (subject: its row of auto_replies). */
extern const struct task_type task_dialog_automate;
extern const struct task_type task_auto_reply_send;
extern const struct task_type task_auto_reply_sent;

/* Forgets what has served: seen updates.  Runs again hourly. */
extern const struct task_type task_housekeeping;
extern const struct task_type task_watch;

/* All of them, by number from 0; NULL behind the last. */
#define TASK_TYPES_MAX 40
const struct task_type *task_type_at(size_t i);
size_t task_type_index(const struct task_type *type);

#endif
