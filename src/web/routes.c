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

	{ POST, "/api/webhooks/avito/{id}/{secret}",    NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_avito },
	{ POST, "/api/webhooks/telegram/{id}/{secret}", NEED_NONE, BODY_RAW, IN_WEBHOOK, webhook_telegram },
	/* clang-format on */
};

const size_t n_routes = ARRAY_LEN(routes);
