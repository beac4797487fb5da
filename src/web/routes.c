/*
 * routes.c - the whole URL space.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/page/pages.h"
#include "web/routes.h"

const struct route routes[] = {
	/* clang-format off */
	/* method, path,                needs,      body,      pools,  run */
	{ GET,  "/",                    NEED_NONE,  BODY_NONE, IN_WEB, page_home },
	{ GET,  "/language/{language}", NEED_NONE,  BODY_NONE, IN_WEB, page_language },

	{ GET,  "/login",               NEED_NONE,  BODY_NONE, IN_WEB, page_login },
	{ POST, "/login",               NEED_NONE,  BODY_FORM, IN_WEB, page_login_submit },
	{ GET,  "/login/code",          NEED_NONE,  BODY_NONE, IN_WEB, page_code },
	{ POST, "/login/code",          NEED_NONE,  BODY_FORM, IN_WEB, page_code_submit },
	{ POST, "/login/link",          NEED_NONE,  BODY_FORM, IN_WEB, page_link_submit },
	{ GET,  "/login/telegram",      NEED_NONE,  BODY_NONE, IN_WEB, page_login_telegram },
	{ POST, "/logout",              NEED_SELF,  BODY_FORM, IN_WEB, page_logout },
	{ GET,  "/profile/telegram",    NEED_PERSON, BODY_NONE, IN_WEB, page_telegram },
	{ POST, "/profile/telegram",    NEED_PERSON, BODY_FORM, IN_WEB, page_telegram_link },
	{ GET,  "/client",              NEED_USER,  BODY_NONE, IN_WEB, page_client },
	{ GET,  "/admin",               NEED_ADMIN, BODY_NONE, IN_WEB, page_admin },
	{ GET,  "/client/invites",      NEED_OWNER, BODY_NONE, IN_WEB, page_invites },
	{ POST, "/client/invites",      NEED_OWNER, BODY_FORM, IN_WEB, page_invite_create },
	{ POST, "/client/invites/{id}/revoke", NEED_OWNER, BODY_FORM, IN_WEB, page_invite_revoke },
	{ GET,  "/profile/second-factor",         NEED_FACTOR, BODY_NONE, IN_WEB, page_second_factor },
	{ POST, "/profile/second-factor",         NEED_FACTOR, BODY_FORM, IN_WEB, page_second_factor_start },
	{ POST, "/profile/second-factor/confirm", NEED_FACTOR, BODY_FORM, IN_WEB, page_second_factor_confirm },
	{ POST, "/profile/second-factor/codes",   NEED_FACTOR, BODY_FORM, IN_WEB, page_second_factor_renew },
	{ POST, "/profile/second-factor/off",     NEED_FACTOR, BODY_FORM, IN_WEB, page_second_factor_drop },
	{ GET,  "/profile/second-factor/qr.svg",  NEED_FACTOR, BODY_NONE, IN_WEB, page_second_factor_qr },
	{ GET,  "/client/audit",        NEED_OWNER, BODY_NONE, IN_WEB, page_audit },
	{ GET,  "/admin/settings",      NEED_ADMIN, BODY_NONE, IN_WEB, page_settings },
	{ POST, "/admin/settings",      NEED_ADMIN, BODY_FORM, IN_WEB, page_settings_change },
	{ GET,  "/admin/audit",         NEED_ADMIN, BODY_NONE, IN_WEB, page_audit },

	{ GET,  "/profile",             NEED_SELF,  BODY_NONE, IN_WEB, page_profile },
	{ POST, "/profile",             NEED_SELF,  BODY_FORM, IN_WEB, page_profile_change },
	{ GET,  "/profile/password",    NEED_SELF,  BODY_NONE, IN_WEB, page_password },
	{ POST, "/profile/password",    NEED_SELF,  BODY_FORM, IN_WEB, page_password_change },
	{ POST, "/profile/sessions/end-others", NEED_SELF, BODY_FORM, IN_WEB, page_sessions_end },
	{ POST, "/profile/sessions/{id}/end", NEED_SELF, BODY_FORM, IN_WEB, page_session_end },
	{ GET,  "/profile/tokens",      NEED_SELF,  BODY_NONE, IN_WEB, page_profile },
	{ POST, "/profile/tokens",      NEED_PERSON, BODY_FORM, IN_WEB, page_token_create },
	{ POST, "/profile/tokens/{id}/revoke", NEED_SELF, BODY_FORM, IN_WEB, page_token_revoke },

	{ GET,  "/client/users",         NEED_OWNER, BODY_NONE, IN_WEB, page_users },
	{ POST, "/client/users",         NEED_OWNER, BODY_FORM, IN_WEB, page_user_create },
	{ GET,  "/client/users/new",     NEED_OWNER, BODY_NONE, IN_WEB, page_user_new },
	{ GET,  "/client/users/{id}",    NEED_OWNER, BODY_NONE, IN_WEB, page_user },
	{ POST, "/client/users/{id}",    NEED_OWNER, BODY_FORM, IN_WEB, page_user_change },
	{ GET,  "/client/users/{id}/{act}", NEED_OWNER, BODY_NONE, IN_WEB, page_user_ask },
	{ POST, "/client/users/{id}/{act}", NEED_OWNER, BODY_FORM, IN_WEB, page_user_act },
	{ GET,  "/admin/users",          NEED_ADMIN, BODY_NONE, IN_WEB, page_users },
	{ POST, "/admin/users",          NEED_ADMIN, BODY_FORM, IN_WEB, page_user_create },
	{ GET,  "/admin/users/new",      NEED_ADMIN, BODY_NONE, IN_WEB, page_user_new },
	{ GET,  "/admin/users/{id}",     NEED_ADMIN, BODY_NONE, IN_WEB, page_user },
	{ POST, "/admin/users/{id}",     NEED_ADMIN, BODY_FORM, IN_WEB, page_user_change },
	{ GET,  "/admin/users/{id}/{act}", NEED_ADMIN, BODY_NONE, IN_WEB, page_user_ask },
	{ POST, "/admin/users/{id}/{act}", NEED_ADMIN, BODY_FORM, IN_WEB, page_user_act },

	{ GET,  "/admin/clients",       NEED_ADMIN, BODY_NONE, IN_WEB, page_clients },
	{ POST, "/admin/clients",       NEED_ADMIN, BODY_FORM, IN_WEB, page_client_create },
	{ GET,  "/admin/clients/{id}",  NEED_ADMIN, BODY_NONE, IN_WEB, page_client_one },
	{ POST, "/admin/clients/{id}",  NEED_ADMIN, BODY_FORM, IN_WEB, page_client_change },
	{ GET,  "/admin/clients/{id}/delete", NEED_ADMIN, BODY_NONE, IN_WEB, page_client_ask_remove },
	{ POST, "/admin/clients/{id}/delete", NEED_ADMIN, BODY_FORM, IN_WEB, page_client_remove },
	{ GET,  "/admin/clients/{client}/invites", NEED_ADMIN, BODY_NONE, IN_WEB, page_invites },
	{ POST, "/admin/clients/{client}/invites", NEED_ADMIN, BODY_FORM, IN_WEB, page_invite_create },
	{ POST, "/admin/clients/{client}/invites/{id}/revoke", NEED_ADMIN, BODY_FORM, IN_WEB, page_invite_revoke },

	{ GET,  "/health/live",         NEED_NONE,  BODY_NONE, IN_BOTH, health_live },
	{ GET,  "/health/ready",        NEED_NONE,  BODY_NONE, IN_WEB, health_ready },
	{ GET,  "/api/health/",         NEED_NONE,  BODY_NONE, IN_WEB, api_health },

	{ GET,  "/openapi.json",        NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_openapi },
	{ GET,  "/docs",                NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_page },
	{ GET,  "/docs/docs.css",       NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_style },
	{ GET,  "/docs/docs.js",        NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_script },

	{ POST, "/api/auth/login",      NEED_NONE,  BODY_JSON, IN_WEB, api_login },
	{ POST, "/api/auth/second-factor", NEED_NONE, BODY_JSON, IN_WEB, api_second_factor },
	{ POST, "/api/auth/telegram",   NEED_NONE,  BODY_JSON, IN_WEB, api_telegram },
	{ POST, "/api/auth/master/exchange", NEED_NONE, BODY_JSON, IN_WEB, api_master_exchange },
	{ POST, "/api/auth/refresh",    NEED_NONE,  BODY_JSON, IN_WEB, api_refresh },
	{ POST, "/api/auth/logout",     NEED_SELF,  BODY_NONE, IN_WEB, api_logout },
	{ GET,  "/api/auth/sessions",   NEED_SELF,  BODY_NONE, IN_WEB, api_session_list },
	{ DELETE, "/api/auth/sessions/{id}", NEED_SELF, BODY_NONE, IN_WEB, api_session_end },
	{ POST, "/api/auth/master/link", NEED_NONE, BODY_JSON, IN_WEB, api_master_link },
	{ GET,  "/api/me",              NEED_USER,  BODY_NONE, IN_WEB, api_me },
	{ PATCH, "/api/me",             NEED_SELF,  BODY_JSON, IN_WEB, api_me_change },
	{ POST, "/api/me/password",     NEED_SELF,  BODY_JSON, IN_WEB, api_me_password },
	{ GET,  "/api/me/tokens",       NEED_SELF,  BODY_NONE, IN_WEB, api_token_list },
	{ POST, "/api/me/tokens",       NEED_PERSON, BODY_JSON, IN_WEB, api_token_create },
	{ DELETE, "/api/me/tokens/{id}", NEED_SELF, BODY_NONE, IN_WEB, api_token_remove },

	{ GET,    "/api/admin/settings",           NEED_ADMIN, BODY_NONE, IN_WEB, api_settings },
	{ PATCH,  "/api/admin/settings",           NEED_ADMIN, BODY_JSON, IN_WEB, api_settings_change },
	{ GET,    "/api/me/second-factor",         NEED_FACTOR, BODY_NONE, IN_WEB, api_own_factor },
	{ POST,   "/api/me/second-factor",         NEED_FACTOR, BODY_NONE, IN_WEB, api_own_factor_start },
	{ DELETE, "/api/me/second-factor",         NEED_FACTOR, BODY_JSON, IN_WEB, api_own_factor_drop },
	{ POST,   "/api/me/second-factor/confirm", NEED_FACTOR, BODY_JSON, IN_WEB, api_own_factor_confirm },
	{ POST,   "/api/me/second-factor/codes",   NEED_FACTOR, BODY_JSON, IN_WEB, api_own_factor_renew },

	{ GET,    "/api/clients",                  NEED_ADMIN, BODY_NONE, IN_WEB, api_client_list },
	{ POST,   "/api/clients",                  NEED_ADMIN, BODY_JSON, IN_WEB, api_client_create },
	{ GET,    "/api/clients/{id}",             NEED_USER,  BODY_NONE, IN_WEB, api_client_get },
	{ PATCH,  "/api/clients/{id}",             NEED_OWNER, BODY_JSON, IN_WEB, api_client_change },
	{ DELETE, "/api/clients/{id}",             NEED_ADMIN, BODY_NONE, IN_WEB, api_client_remove },

	{ GET,    "/api/users",                    NEED_USER,  BODY_NONE, IN_WEB, api_user_list },
	{ POST,   "/api/users",                    NEED_KEEPER, BODY_JSON, IN_WEB, api_user_create },
	{ GET,    "/api/users/{id}",               NEED_USER,  BODY_NONE, IN_WEB, api_user_get },
	{ PATCH,  "/api/users/{id}",               NEED_KEEPER, BODY_JSON, IN_WEB, api_user_change },
	{ DELETE, "/api/users/{id}",               NEED_KEEPER, BODY_NONE, IN_WEB, api_user_remove },
	{ DELETE, "/api/users/{id}/second-factor", NEED_KEEPER, BODY_NONE, IN_WEB, api_user_reset_factor },

	{ GET,    "/api/invites",                  NEED_OWNER, BODY_NONE, IN_WEB, api_invite_list },
	{ POST,   "/api/invites",                  NEED_KEEPER, BODY_JSON, IN_WEB, api_invite_create },
	{ GET,    "/api/invites/{id}",             NEED_OWNER, BODY_NONE, IN_WEB, api_invite_get },
	{ DELETE, "/api/invites/{id}",             NEED_KEEPER, BODY_NONE, IN_WEB, api_invite_revoke },

	{ GET,    "/api/projects",                 NEED_USER,  BODY_NONE, IN_WEB, api_project_list },
	{ POST,   "/api/projects",                 NEED_OWNER, BODY_JSON, IN_WEB, api_project_create },
	{ GET,    "/api/projects/{id}",            NEED_USER,  BODY_NONE, IN_WEB, api_project_get },
	{ PATCH,  "/api/projects/{id}",            NEED_OWNER, BODY_JSON, IN_WEB, api_project_change },
	{ DELETE, "/api/projects/{id}",            NEED_OWNER, BODY_NONE, IN_WEB, api_project_remove },
	{ GET,    "/api/projects/{id}/auto-reply/preview", NEED_USER,  BODY_NONE, IN_WEB, api_auto_reply_preview },
	{ POST,   "/api/projects/{id}/auto-reply/dry-run", NEED_OWNER, BODY_JSON, IN_WEB, api_auto_reply_dry_run },
	{ POST,   "/api/projects/{id}/calendar",   NEED_OWNER, BODY_JSON, IN_WEB, api_project_calendar },

	{ GET,    "/api/bots",                     NEED_USER,  BODY_NONE, IN_WEB, api_bot_list },
	{ POST,   "/api/bots",                     NEED_OWNER, BODY_JSON, IN_WEB, api_bot_create },
	{ GET,    "/api/bots/{id}",                NEED_USER,  BODY_NONE, IN_WEB, api_bot_get },
	{ PATCH,  "/api/bots/{id}",                NEED_OWNER, BODY_JSON, IN_WEB, api_bot_change },
	{ DELETE, "/api/bots/{id}",                NEED_OWNER, BODY_NONE, IN_WEB, api_bot_remove },
	{ POST,   "/api/bots/{id}/webhook",        NEED_OWNER, BODY_NONE, IN_WEB, api_bot_webhook },
	{ DELETE, "/api/bots/{id}/webhook",        NEED_OWNER, BODY_NONE, IN_WEB, api_bot_webhook_drop },

	{ GET,    "/api/avito/accounts",           NEED_USER,  BODY_NONE, IN_WEB, api_avito_account_list },
	{ POST,   "/api/avito/accounts",           NEED_OWNER, BODY_JSON, IN_WEB, api_avito_account_create },
	{ GET,    "/api/avito/accounts/{id}",      NEED_USER,  BODY_NONE, IN_WEB, api_avito_account_get },
	{ PATCH,  "/api/avito/accounts/{id}",      NEED_OWNER, BODY_JSON, IN_WEB, api_avito_account_change },
	{ DELETE, "/api/avito/accounts/{id}",      NEED_OWNER, BODY_NONE, IN_WEB, api_avito_account_remove },
	{ POST,   "/api/avito/accounts/{id}/check", NEED_OWNER, BODY_NONE, IN_WEB, api_avito_account_check },

	{ GET,    "/api/telegram-sources",         NEED_USER,  BODY_NONE, IN_WEB, api_telegram_source_list },
	{ POST,   "/api/telegram-sources",         NEED_OWNER, BODY_JSON, IN_WEB, api_telegram_source_create },
	{ GET,    "/api/telegram-sources/{id}",    NEED_USER,  BODY_NONE, IN_WEB, api_telegram_source_get },
	{ PATCH,  "/api/telegram-sources/{id}",    NEED_OWNER, BODY_JSON, IN_WEB, api_telegram_source_change },
	{ DELETE, "/api/telegram-sources/{id}",    NEED_OWNER, BODY_NONE, IN_WEB, api_telegram_source_remove },
	{ POST,   "/api/telegram-sources/{id}/webhook", NEED_OWNER, BODY_NONE, IN_WEB, api_telegram_source_webhook },
	{ POST,   "/api/telegram-sources/{id}/check", NEED_OWNER, BODY_NONE, IN_WEB, api_telegram_source_check },

	{ GET,   "/api/dialogs",                NEED_USER, BODY_NONE, IN_WEB, api_dialogs },
	{ GET,   "/api/dialogs/{id}",           NEED_USER, BODY_NONE, IN_WEB, api_dialog },
	{ PATCH, "/api/dialogs/{id}",           NEED_USER, BODY_JSON, IN_WEB, api_dialog_change },
	{ POST,  "/api/dialogs/{id}/read",      NEED_USER, BODY_NONE, IN_WEB, api_dialog_read },
	{ GET,   "/api/dialogs/{id}/messages",  NEED_USER, BODY_NONE, IN_WEB, api_messages },
	{ POST,  "/api/dialogs/{id}/messages",  NEED_USER, BODY_JSON, IN_WEB, api_message_send },

	{ POST, "/api/upload",                  NEED_USER, BODY_FILE, IN_WEB, api_upload },
	{ GET,  "/api/uploads/{id}",            NEED_USER, BODY_NONE, IN_WEB, api_upload_file },
	{ GET,  "/api/media/{id}",              NEED_USER, BODY_NONE, IN_WEB, api_media },

	{ GET,  "/api/deliveries",              NEED_USER, BODY_NONE, IN_WEB, api_deliveries },
	{ GET,  "/api/deliveries/{id}",         NEED_USER, BODY_NONE, IN_WEB, api_delivery },
	{ POST, "/api/deliveries/{id}/retry",   NEED_USER, BODY_NONE, IN_WEB, api_delivery_retry },
	{ POST, "/api/deliveries/{id}/discard", NEED_USER, BODY_NONE, IN_WEB, api_delivery_discard },
	{ POST, "/api/deliveries/{id}/confirm", NEED_USER, BODY_NONE, IN_WEB, api_delivery_confirm },

	{ GET,  "/api/notices",                  NEED_USER, BODY_NONE, IN_WEB, api_notices },
	{ POST, "/api/notices/{id}/acknowledge", NEED_USER, BODY_NONE, IN_WEB, api_notice_acknowledge },

	{ GET,  "/api/audit",                    NEED_OWNER, BODY_NONE, IN_WEB, api_audit },
	{ GET,  "/api/admin/audit",              NEED_ADMIN, BODY_NONE, IN_WEB, api_audit },

	{ POST, "/api/webhooks/avito/{id}/{secret}",    NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_avito },
	{ POST, "/api/webhooks/telegram/{id}/{secret}", NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_telegram },
	{ POST, "/api/webhooks/source-telegram/{id}/{secret}", NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_source },
	/* clang-format on */
};

const size_t n_routes = ARRAY_LEN(routes);
