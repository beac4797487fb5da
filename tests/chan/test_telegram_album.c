/*
 * test_telegram_album.c - several files on their way to Telegram as one
 * message.
 */
#include "config.h"

#include "chan/service.h"
#include "chan/telegram.h"

static const struct chan_end end = {
	.api_base = "https://api.example/",
	.token = { "700:A-b_C", 9 },
};

static struct http_request rq;

/* A photo and a video with their bytes. */
static void write_two(struct chan_out out[2])
{
	out[0] = (struct chan_out){ .kind = CHAN_IMAGE,
				    .chat = "-1001000000001",
				    .topic = 7,
				    .text = "Анна:\nВот",
				    .entities = "[{\"type\":\"bold\","
						"\"offset\":0,\"length\":4}]",
				    .reply_to = "11",
				    .bytes = "JPEG",
				    .len = 4,
				    .mime = "image/jpeg" };
	out[1] = (struct chan_out){ .kind = CHAN_VIDEO,
				    .chat = "-1001000000001",
				    .topic = 7,
				    .bytes = "MP\0004",
				    .len = 4,
				    .mime = "video/mp4",
				    .name = "дача.mp4",
				    .width = 320,
				    .height = 240,
				    .duration_s = 3 };
	rq = (struct http_request){ 0 };
	chan_telegram.album_write(&unit_arena, &end, out, 2, &rq);
}

static const struct http_part *part_named(const char *name)
{
	for (size_t i = 0; i < rq.n_parts; i++)
		if (strcmp(rq.parts[i].name, name) == 0)
			return &rq.parts[i];
	return NULL;
}

static struct json_object *item(struct json_object *media, size_t i)
{
	return json_object_array_get_idx(media, i);
}

static void bytes_go_up_under_the_names_that_the_items_tell(void)
{
	struct chan_out out[2];
	struct json_object *media;
	const struct http_part *video;

	write_two(out);
	UNIT_ASSERT_STR(strrchr(rq.url, '/') + 1, "sendMediaGroup");
	CU_ASSERT_FALSE(rq.idempotent);
	UNIT_ASSERT_STR(part_named("chat_id")->bytes, "-1001000000001");
	UNIT_ASSERT_STR(part_named("message_thread_id")->bytes, "7");
	CU_ASSERT_PTR_NOT_NULL(part_named("reply_parameters"));
	media = service_json(part_named("media")->bytes);
	UNIT_ASSERT_INT(json_object_array_length(media), 2);
	UNIT_ASSERT_STR(json_str(item(media, 0), "type", ""), "photo");
	UNIT_ASSERT_STR(json_str(item(media, 0), "media", ""),
			"attach://file0");
	UNIT_ASSERT_STR(part_named("file0")->filename, "photo.jpg");
	UNIT_ASSERT_STR(json_str(item(media, 1), "type", ""), "video");
	UNIT_ASSERT_STR(json_str(item(media, 1), "media", ""),
			"attach://file1");
	UNIT_ASSERT_INT(json_i64(item(media, 1), "width", 0), 320);
	UNIT_ASSERT_INT(json_i64(item(media, 1), "duration", 0), 3);
	video = part_named("file1");
	UNIT_ASSERT_STR(video->filename, "дача.mp4");
	UNIT_ASSERT_INT(video->len, 4);
	CU_ASSERT_EQUAL(memcmp(video->bytes, "MP\0004", 4), 0);
}

static void only_an_item_with_words_has_a_caption(void)
{
	struct chan_out out[2];
	struct json_object *media;

	write_two(out);
	media = service_json(part_named("media")->bytes);
	UNIT_ASSERT_STR(json_str(item(media, 0), "caption", NULL),
			"Анна:\nВот");
	UNIT_ASSERT_INT(json_object_array_length(json_array_at(
				item(media, 0), "caption_entities")),
			1);
	CU_ASSERT_PTR_NULL(json_member(item(media, 1), "caption"));
	CU_ASSERT_PTR_NULL(json_member(item(media, 1), "caption_entities"));
}

static void files_that_telegram_has_are_named_by_their_ids(void)
{
	struct chan_out out[2] = {
		{ .kind = CHAN_DOCUMENT, .chat = "501", .file_ref = "BQAD1" },
		{ .kind = CHAN_DOCUMENT,
		  .chat = "501",
		  .bytes = "%PDF",
		  .len = 4 },
	};
	struct json_object *o;

	rq = (struct http_request){ 0 };
	chan_telegram_bot.album_write(&unit_arena, &end, out, 2, &rq);
	o = service_json(part_named("media")->bytes);
	UNIT_ASSERT_STR(json_str(item(o, 0), "media", ""), "BQAD1");
	CU_ASSERT_PTR_NULL(part_named("file0"));
	CU_ASSERT_PTR_NOT_NULL(part_named("file1"));

	out[1].file_ref = "BQAD2";
	rq = (struct http_request){ 0 };
	chan_telegram_bot.album_write(&unit_arena, &end, out, 2, &rq);
	UNIT_ASSERT_STR(rq.mime, "application/json");
	o = json_array_at(service_json(rq.body), "media");
	UNIT_ASSERT_STR(json_str(item(o, 1), "media", ""), "BQAD2");
}

static bool read_two(struct http_reply r, struct chan_sent sent[2],
		     struct err *err)
{
	*err = (struct err){ 0 };
	return chan_telegram.album_read(&unit_arena, &r, sent, 2, err);
}

static void each_item_gets_its_own_id(void)
{
	struct chan_sent sent[2];
	struct err err;

	CU_ASSERT_TRUE(
		read_two(service_file("chan/telegram/album.json"), sent, &err));
	UNIT_ASSERT_STR(sent[0].id, "81");
	UNIT_ASSERT_STR(sent[1].id, "82");
}

static void refusal_is_told_of_the_first(void)
{
	static const char body[] =
		"{\"ok\":false,\"error_code\":400,\"description\":"
		"\"Bad Request: failed to send message #2 with the error "
		"message \\\"PHOTO_INVALID_DIMENSIONS\\\"\"}";
	struct chan_sent sent[2];
	struct err err;

	CU_ASSERT_FALSE(read_two(service_says(400, body), sent, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
	UNIT_ASSERT_INT(sent[0].trouble, CHAN_BAD_FILE);
}

static void what_names_not_all_items_leaves_it_open_whether_they_went(void)
{
	static const char one[] =
		"{\"ok\":true,\"result\":[{\"message_id\":81}]}";
	static const char nameless[] =
		"{\"ok\":true,\"result\":[{\"message_id\":81},{}]}";
	struct chan_sent sent[2];
	struct err err;

	CU_ASSERT_FALSE(read_two(service_says(200, one), sent, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_UNSURE);
	CU_ASSERT_FALSE(read_two(service_says(200, nameless), sent, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_UNSURE);
	for (size_t i = 0; i < ARRAY_LEN(service_rubbish); i++)
		CU_ASSERT_FALSE(read_two(service_says(200, service_rubbish[i]),
					 sent, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(bytes_go_up_under_the_names_that_the_items_tell),
		UNIT_TEST(only_an_item_with_words_has_a_caption),
		UNIT_TEST(files_that_telegram_has_are_named_by_their_ids),
		UNIT_TEST(each_item_gets_its_own_id),
		UNIT_TEST(refusal_is_told_of_the_first),
		UNIT_TEST(
			what_names_not_all_items_leaves_it_open_whether_they_went),
	};

	return unit_main("telegram_album", tests, ARRAY_LEN(tests), argc, argv);
}
