/* What can be decoded encodes to the same text, and what was encoded decodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(signet_b64url_encoded_len(len) + 1);
    uint8_t *back = malloc(len + 1);
    size_t back_len;
    const size_t text_len = signet_b64url_encode(bytes, len, text);
    if (!signet_b64url_decode(text, text_len, back, &back_len) || back_len != len || memcmp(back, bytes, len) != 0)
        abort();
    if (signet_b64url_decode((const char *)bytes, len, back, &back_len) &&
        (signet_b64url_encode(back, back_len, text) != len || memcmp(text, bytes, len) != 0))
        abort();
    free(text);
    free(back);
    return 0;
}
