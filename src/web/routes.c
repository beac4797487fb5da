/*
 * routes.c - the whole URL space.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/routes.h"

const struct route routes[] = {
	/* clang-format off */
	/* method, path,                needs,      body,      pools,  run */
	{ GET,  "/health/live",         NEED_NONE,  BODY_NONE, IN_BOTH, health_live },
	{ GET,  "/health/ready",        NEED_NONE,  BODY_NONE, IN_WEB, health_ready },
	{ GET,  "/api/health/",         NEED_NONE,  BODY_NONE, IN_WEB, api_health },

	{ GET,  "/openapi.json",        NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_openapi },
	{ GET,  "/docs",                NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_page },
	{ GET,  "/docs/docs.css",       NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_style },
	{ GET,  "/docs/docs.js",        NEED_ADMIN_IF_HIDDEN, BODY_NONE, IN_WEB, docs_script },

	{ POST, "/api/auth/login",      NEED_NONE,  BODY_JSON, IN_WEB, api_login },
	{ POST, "/api/auth/refresh",    NEED_NONE,  BODY_JSON, IN_WEB, api_refresh },
	{ POST, "/api/auth/logout",     NEED_USER,  BODY_NONE, IN_WEB, api_logout },
	{ GET,  "/api/me",              NEED_USER,  BODY_NONE, IN_WEB, api_me },

	{ GET,   "/api/dialogs",                NEED_USER, BODY_NONE, IN_WEB, api_dialogs },
	{ GET,   "/api/dialogs/{id}",           NEED_USER, BODY_NONE, IN_WEB, api_dialog },
	{ PATCH, "/api/dialogs/{id}",           NEED_USER, BODY_JSON, IN_WEB, api_dialog_change },
	{ POST,  "/api/dialogs/{id}/read",      NEED_USER, BODY_NONE, IN_WEB, api_dialog_read },
	{ GET,   "/api/dialogs/{id}/messages",  NEED_USER, BODY_NONE, IN_WEB, api_messages },
	{ POST,  "/api/dialogs/{id}/messages",  NEED_USER, BODY_JSON, IN_WEB, api_message_send },

	{ GET,  "/api/deliveries",              NEED_USER, BODY_NONE, IN_WEB, api_deliveries },
	{ GET,  "/api/deliveries/{id}",         NEED_USER, BODY_NONE, IN_WEB, api_delivery },
	{ POST, "/api/deliveries/{id}/retry",   NEED_USER, BODY_NONE, IN_WEB, api_delivery_retry },
	{ POST, "/api/deliveries/{id}/discard", NEED_USER, BODY_NONE, IN_WEB, api_delivery_discard },

	{ POST, "/api/webhooks/avito/{id}/{secret}",    NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_avito },
	{ POST, "/api/webhooks/telegram/{id}/{secret}", NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_telegram },
	/* clang-format on */
};

const size_t n_routes = ARRAY_LEN(routes);
