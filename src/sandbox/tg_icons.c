/*
 * tg_icons.c - the stickers that everybody may use as a topic's icon.
 */
#include "config.h"

#include <string.h>

#include "sandbox/tg_api.h"

static const struct {
	const char *id, *emoji;
} icons[] = {
	{ "5434144690511290129", "📰" },    { "5312536423851630001", "💡" },
	{ "5312016608254762256", "⚡" },    { "5377544228505134960", "🎙" },
	{ "5418085807791545980", "🔝" },    { "5370870893004203704", "🗣" },
	{ "5420216386448270341", "🆒" },    { "5379748062124056162", "❗" },
	{ "5373251851074415873", "📝" },    { "5433614043006903194", "📆" },
	{ "5357315181649076022", "📁" },    { "5309965701241379366", "🔎" },
	{ "5309984423003823246", "📣" },    { "5312241539987020022", "🔥" },
	{ "5312138559556164615", "❤" },    { "5377316857231450742", "❓" },
	{ "5350305691942788490", "📈" },    { "5350713563512052787", "📉" },
	{ "5309958691854754293", "💎" },    { "5350452584119279096", "💰" },
	{ "5377438129928020693", "⁉" },    { "5409357944619802453", "📱" },
	{ "5312322066328853156", "🚗" },    { "5312486108309757006", "🏠" },
	{ "5310228579009699834", "🎉" },    { "5377498341074542641", "‼" },
	{ "5408906741125490282", "🏁" },    { "5357121491508928442", "👀" },
	{ "5431492767249342908", "🛒" }, { "5348227245599105972", "💼" },
	{ "5417915203100613993", "💬" },    { "5238156910363950406", "✍" },
	{ "5235579393115438657", "⭐" },    { "5237699328843200968", "✅" },
};

bool tg_icon_known(struct tg_call *c, const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(icons); i++) {
		if (strcmp(icons[i].id, id) == 0)
			return true;
	}
	tg_violation(c, "icon_custom_emoji_id %s", id);
	return tg_fail(c, 400, "DOCUMENT_INVALID");
}

void tg_run_topic_icons(struct tg_call *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(icons); i++) {
		struct json_object *o = json_object_new_object();

		json_put_str(o, "file_id",
			     arena_printf(c->a, "icon-%s", icons[i].id));
		json_put_str(o, "file_unique_id",
			     arena_printf(c->a, "u-icon-%s", icons[i].id));
		json_put_str(o, "type", "custom_emoji");
		json_put_i64(o, "width", 100);
		json_put_i64(o, "height", 100);
		json_put_bool(o, "is_animated", true);
		json_put_bool(o, "is_video", false);
		json_put_str(o, "emoji", icons[i].emoji);
		json_put_str(o, "set_name", "Topics");
		json_put_str(o, "custom_emoji_id", icons[i].id);
		json_object_array_add(list, o);
	}
	tg_ok(c, list);
}
