/* limits.c: checks of user IDs and session IDs, and cutting text to the size of a record's fields. */
#include "session/limits.h"

#include <string.h>

#include "core/base64url.h"
#include "core/fail.h"

static bool has_control_character(signet_text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    return false;
}

signet_status signet_user_id_copy(signet_text text, char user_id[SIGNET_MAX_USER_ID_LEN + 1], signet_error *err)
{
    if (!text.ptr || text.len == 0 || text.len > SIGNET_MAX_USER_ID_LEN || has_control_character(text) ||
        !signet_utf8_valid(text.ptr, text.len))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "userId",
                                  "a user id is a string of 1 to 256 bytes without control characters");
    memcpy(user_id, text.ptr, text.len);
    user_id[text.len] = 0;
    return SIGNET_OK;
}

bool signet_user_id_read(const signet_json *value, char user_id[SIGNET_MAX_USER_ID_LEN + 1])
{
    char raw[SIGNET_MAX_USER_ID_LEN + 1];
    size_t len;
    return signet_json_copy(value, raw, sizeof raw, &len) &&
           signet_user_id_copy((signet_text){raw, len}, user_id, NULL) == SIGNET_OK;
}

static bool is_visible_ascii(signet_text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '!' || text.ptr[i] > '~')
            return false;
    return true;
}

signet_status signet_idempotency_key_check(signet_text key, const char *field, signet_error *err)
{
    if (!key.ptr || (key.len >= SIGNET_MIN_IDEMPOTENCY_KEY_LEN && key.len <= SIGNET_MAX_IDEMPOTENCY_KEY_LEN &&
                     is_visible_ascii(key)))
        return SIGNET_OK;
    return signet_fail_detail(err, SIGNET_ERR_BODY, field, "%s must be %d to %d visible ASCII characters", field,
                              SIGNET_MIN_IDEMPOTENCY_KEY_LEN, SIGNET_MAX_IDEMPOTENCY_KEY_LEN);
}

bool signet_is_session_id(signet_text text)
{
    return text.ptr && text.len == SIGNET_SESSION_ID_LEN && signet_b64url_is_alphabet(text.ptr, text.len);
}

signet_text signet_text_cut(signet_text text, size_t max)
{
    if (!text.ptr)
        return text;
    if (text.len > max)
        text.len = max;
    const char *nul = memchr(text.ptr, 0, text.len);
    if (nul)
        text.len = (size_t)(nul - text.ptr);
    while (text.len > 0 && !signet_utf8_valid(text.ptr, text.len))
        text.len--;
    return text;
}

void signet_text_copy(signet_text text, size_t max, char *out)
{
    signet_text cut = signet_text_cut(text, max);
    if (cut.ptr)
        memcpy(out, cut.ptr, cut.len);
    out[cut.ptr ? cut.len : 0] = 0;
}
