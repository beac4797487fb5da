/*
 * api.h - the handlers, one file per noun.
 *
 * Each fills the reply and returns its status; routes.c says what is checked
 * before.  How they are written: web/req.h.
 */
#ifndef WEB_API_API_H
#define WEB_API_API_H

#include "web/req.h"

/* audit.c */
enum http_status api_audit(struct req *rq);

/* auth.c */
enum http_status api_login(struct req *rq);
enum http_status api_second_factor(struct req *rq);
enum http_status api_refresh(struct req *rq);
enum http_status api_logout(struct req *rq);

/* me.c */
enum http_status api_me(struct req *rq);
enum http_status api_me_change(struct req *rq);
enum http_status api_me_password(struct req *rq);
enum http_status api_session_list(struct req *rq);
enum http_status api_session_end(struct req *rq);
enum http_status api_token_list(struct req *rq);
enum http_status api_token_create(struct req *rq);
enum http_status api_token_remove(struct req *rq);

/* own_factor.c */
enum http_status api_own_factor(struct req *rq);
enum http_status api_own_factor_start(struct req *rq);
enum http_status api_own_factor_confirm(struct req *rq);
enum http_status api_own_factor_renew(struct req *rq);
enum http_status api_own_factor_drop(struct req *rq);
enum http_status api_user_reset_factor(struct req *rq);

/* telegram.c */
enum http_status api_master_exchange(struct req *rq);
enum http_status api_telegram(struct req *rq);

/* deliveries.c */
enum http_status api_deliveries(struct req *rq);
enum http_status api_delivery(struct req *rq);
enum http_status api_delivery_discard(struct req *rq);
enum http_status api_delivery_confirm(struct req *rq);
enum http_status api_delivery_retry(struct req *rq);

/* dialogs.c */
enum http_status api_dialog(struct req *rq);
enum http_status api_dialog_change(struct req *rq);
enum http_status api_dialog_read(struct req *rq);
enum http_status api_dialogs(struct req *rq);
enum http_status api_message_send(struct req *rq);
enum http_status api_messages(struct req *rq);

/* messages.c */
enum http_status api_dialog_typing(struct req *rq);
enum http_status api_message(struct req *rq);
enum http_status api_message_delete(struct req *rq);
struct message_line;
/* All that is told of a message, into o. */
struct json_object *api_message_put(struct req *rq, struct json_object *o,
				    const struct message_line *m);

/* uploads.c */
enum http_status api_media(struct req *rq);
enum http_status api_upload(struct req *rq);
enum http_status api_upload_file(struct req *rq);

/* master.c */
enum http_status api_master_link(struct req *rq);

/* notices.c */
enum http_status api_notice_acknowledge(struct req *rq);
enum http_status api_notices(struct req *rq);

/* health.c */
enum http_status api_health(struct req *rq);
enum http_status health_live(struct req *rq);
enum http_status health_ready(struct req *rq);

/* clients.c */
enum http_status api_client_list(struct req *rq);
enum http_status api_client_create(struct req *rq);
enum http_status api_client_get(struct req *rq);
enum http_status api_client_change(struct req *rq);
enum http_status api_client_remove(struct req *rq);

/* settings.c */
enum http_status api_settings(struct req *rq);
enum http_status api_settings_change(struct req *rq);

/* users.c */
enum http_status api_user_list(struct req *rq);
enum http_status api_user_create(struct req *rq);
enum http_status api_user_get(struct req *rq);
enum http_status api_user_change(struct req *rq);
enum http_status api_user_remove(struct req *rq);

/* invites.c */
enum http_status api_invite_list(struct req *rq);
enum http_status api_invite_create(struct req *rq);
enum http_status api_invite_get(struct req *rq);
enum http_status api_invite_revoke(struct req *rq);

/* projects.c */
enum http_status api_project_list(struct req *rq);
enum http_status api_project_create(struct req *rq);
enum http_status api_project_get(struct req *rq);
enum http_status api_project_change(struct req *rq);
enum http_status api_project_remove(struct req *rq);
enum http_status api_filter_hits(struct req *rq);
enum http_status api_filters_try(struct req *rq);
enum http_status api_rules_try(struct req *rq);

/* auto_replies.c */
enum http_status api_auto_reply_preview(struct req *rq);
enum http_status api_auto_reply_dry_run(struct req *rq);
enum http_status api_project_calendar(struct req *rq);

/* bots.c */
enum http_status api_bot_list(struct req *rq);
enum http_status api_bot_create(struct req *rq);
enum http_status api_bot_get(struct req *rq);
enum http_status api_bot_change(struct req *rq);
enum http_status api_bot_remove(struct req *rq);
enum http_status api_bot_webhook(struct req *rq);
enum http_status api_bot_webhook_drop(struct req *rq);

/* avito_accounts.c */
enum http_status api_avito_account_list(struct req *rq);
enum http_status api_avito_account_create(struct req *rq);
enum http_status api_avito_account_get(struct req *rq);
enum http_status api_avito_account_change(struct req *rq);
enum http_status api_avito_account_remove(struct req *rq);
enum http_status api_avito_account_check(struct req *rq);

/* telegram_sources.c */
enum http_status api_telegram_source_list(struct req *rq);
enum http_status api_telegram_source_create(struct req *rq);
enum http_status api_telegram_source_get(struct req *rq);
enum http_status api_telegram_source_change(struct req *rq);
enum http_status api_telegram_source_remove(struct req *rq);
enum http_status api_telegram_source_webhook(struct req *rq);
enum http_status api_telegram_source_check(struct req *rq);

/* webhooks.c */
enum http_status webhook_avito(struct req *rq);
enum http_status webhook_source(struct req *rq);
enum http_status webhook_telegram(struct req *rq);

/* docs.c */
enum http_status docs_openapi(struct req *rq);
enum http_status docs_page(struct req *rq);
enum http_status docs_style(struct req *rq);
enum http_status docs_script(struct req *rq);

#endif
