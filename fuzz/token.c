/*
 * Any text as a token: split, verified, decoded. To get past the signature, the input is also used as header and
 * payload (separated by the first NUL) and signed with the right key. The fast path and the full parser must then find
 * the same claims.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/claims.h"
#include "core/json_flat.h"
#include "core/scratch.h"
#include "core/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static signet_scratch *scratch;
static signet_key *key;

static void check_flat(signet_text payload)
{
    static signet_flat flat;
    signet_claims quick, full;
    if (!signet_json_read_flat(payload.ptr, payload.len, &flat))
        return;
    if (signet_claims_read(payload, &scratch->names, &full, NULL) != SIGNET_OK || !full.is_object)
        abort(); /* the fast path accepted what the full parser refuses */
    signet_claims_from_flat(&flat, &quick);
    for (int i = 0; i < SIGNET_CLAIM_COUNT; i++) {
        const signet_json *a = &quick.fields[i].value, *b = &full.fields[i].value;
        if (a->kind != b->kind || (a->kind != SIGNET_JSON_ABSENT && (a->ptr != b->ptr || a->len != b->len)))
            abort();
    }
}

static void check_signed(const uint8_t *bytes, size_t len)
{
    const uint8_t *cut = memchr(bytes, 0, len);
    const size_t header_len = cut ? (size_t)(cut - bytes) : len;
    const signet_text payload = {(const char *)bytes + (cut ? header_len + 1 : len), cut ? len - header_len - 1 : 0};
    char *token = malloc(2 * len + 200), *to = token;
    uint8_t mac[64];
    size_t mac_len;
    const signet_verify_options options = {.now_s = 1e9};
    signet_token out;
    to += signet_b64url_encode(bytes, header_len, to);
    *to++ = '.';
    to += signet_b64url_encode(payload.ptr, payload.len, to);
    if (signet_signature_make(key, scratch, SIGNET_HS256, (signet_text){token, (size_t)(to - token)}, mac, &mac_len,
                              NULL) != SIGNET_OK)
        abort();
    *to++ = '.';
    to += signet_b64url_encode(mac, mac_len, to);
    (void)signet_verify(key, scratch, token, (size_t)(to - token), &options, &out, NULL);
    check_flat(payload);
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const signet_text audience = {"me", 2};
    const signet_verify_options options = {
        .now_s = 1e9,
        .expected = {
            [SIGNET_EXPECT_AUDIENCE] = {true, &audience, 1, 0}, [SIGNET_EXPECT_MAX_AGE] = {true, NULL, 0, 60}}};
    signet_token token;
    if (!scratch && (!(scratch = signet_scratch_new()) || signet_key_from_secret("fuzz", 4, &key, NULL) != SIGNET_OK))
        abort();
    if (signet_verify(key, scratch, (const char *)bytes, len, &options, &token, NULL) == SIGNET_OK)
        abort(); /* nobody finds a signature by chance */
    (void)signet_decode(scratch, (const char *)bytes, len, &token, NULL);
    check_signed(bytes, len);
    return 0;
}
