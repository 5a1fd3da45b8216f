/* The primitives that src/session uses, with the RFCs' test cases. */
#include "fixture.h"

#include "core/crypto.h"
#include "core/hmac.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(digits[bytes[i] >> 4], hex[2 * i]);
        assert_int_equal(digits[bytes[i] & 15], hex[2 * i + 1]);
    }
}

static void sha_256_matches_fips_180(void **state)
{
    uint8_t hash[32];
    (void)state;
    assert_true(signet_sha256("abc", 3, hash));
    assert_hex(hash, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(signet_sha256("", 0, hash));
    assert_hex(hash, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void hmac_matches_rfc_4231(void **state)
{
    uint8_t mac[32], key[131];
    (void)state;
    assert_true(signet_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac));
    assert_hex(mac, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    assert_true(signet_hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac));
    assert_hex(mac, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* States kept as plain SHA-2 and as contexts, for every digest and all lengths around one and two blocks. */
static void hmac_is_the_same_from_plain_states_and_from_contexts(void **state)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    uint8_t key[200], text[300], plain[SIGNET_MAX_HASH_LEN], by_contexts[SIGNET_MAX_HASH_LEN];
    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 11);
    for (int digest = 0; digest < SIGNET_DIGEST_COUNT; digest++) {
        const size_t key_len = digest == SIGNET_DIGEST_SHA384 ? 20 : sizeof key;
        signet_hmac a, b;
        assert_int_equal(signet_hmac_init(&a, (signet_digest)digest, SIGNET_HMAC_BEST, key, key_len), SIGNET_OK);
        assert_int_equal(signet_hmac_init(&b, (signet_digest)digest, SIGNET_HMAC_CONTEXTS, key, key_len), SIGNET_OK);
        assert_true(a.is_plain && !b.is_plain);
        for (size_t len = 0; len <= sizeof text; len++) {
            const signet_text whole = {(const char *)text, len},
                              halves[] = {{whole.ptr, len / 2}, {whole.ptr + len / 2, len - len / 2}};
            assert_true(signet_hmac_compute(&a, md, halves, 2, plain) &&
                        signet_hmac_compute(&b, md, &whole, 1, by_contexts));
            assert_memory_equal(plain, by_contexts, signet_digest_len((signet_digest)digest));
        }
        signet_hmac_clear(&a);
        signet_hmac_clear(&b);
    }
    EVP_MD_CTX_free(md);
    assert_queue_empty();
}

static void hkdf_matches_rfc_5869(void **state)
{
    uint8_t ikm[22], salt[13], info[10], out[82];
    (void)state;
    memset(ikm, 0x0b, sizeof ikm);
    for (uint8_t i = 0; i < sizeof salt; i++)
        salt[i] = i;
    for (uint8_t i = 0; i < sizeof info; i++)
        info[i] = (uint8_t)(0xf0 + i);
    assert_true(signet_hkdf_sha256(ikm, sizeof ikm, salt, sizeof salt, info, sizeof info, out, 42));
    assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    assert_true(signet_hkdf_sha256(ikm, sizeof ikm, NULL, 0, NULL, 0, out, 42));
    assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    assert_false(signet_hkdf_sha256(ikm, sizeof ikm, NULL, 0, NULL, 0, out, 255 * 32 + 1));
}

static void random_bytes_differ(void **state)
{
    uint8_t a[16], b[16];
    (void)state;
    assert_true(signet_random(a, sizeof a) && signet_random(b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_queue_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha_256_matches_fips_180),
        cmocka_unit_test(hmac_matches_rfc_4231),
        cmocka_unit_test(hmac_is_the_same_from_plain_states_and_from_contexts),
        cmocka_unit_test(hkdf_matches_rfc_5869),
        cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
