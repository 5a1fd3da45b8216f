/* key_der.c: keys in DER (RFC 5208, 5280, 5915, 8017). */
#include "core/key_der.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "core/fail.h"
#include "core/key.h"

/* No key is near this; OpenSSL's lengths are `long` and `int`. */
#define MAX_DER_LEN 1048576

/* The key, if the parser read the whole input. */
static EVP_PKEY *whole(EVP_PKEY *pkey, const uint8_t *stopped_at, const uint8_t *end)
{
    if (pkey && stopped_at != end) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

static EVP_PKEY *from_certificate(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    X509 *certificate = d2i_X509(NULL, &at, (long)len);
    EVP_PKEY *pkey = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return whole(pkey, at, der + len);
}

EVP_PKEY *signet_der_public(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    if (len == 0 || len > MAX_DER_LEN || der[0] != 0x30)
        return NULL;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)len);
    if (pkey)
        return whole(pkey, at, der + len);
    at = der;
    if ((pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)len)))
        return whole(pkey, at, der + len);
    return from_certificate(der, len);
}

static EVP_PKEY *decrypt(X509_SIG *sealed, const signet_text *passphrase)
{
    PKCS8_PRIV_KEY_INFO *opened = PKCS8_decrypt(sealed, passphrase->ptr, (int)passphrase->len);
    EVP_PKEY *pkey = opened ? EVP_PKCS82PKEY(opened) : NULL;
    PKCS8_PRIV_KEY_INFO_free(opened);
    return pkey;
}

signet_status signet_der_private(const uint8_t *der, size_t len, const signet_text *passphrase, EVP_PKEY **pkey)
{
    const uint8_t *at = der;
    if (len == 0 || len > MAX_DER_LEN || der[0] != 0x30)
        return SIGNET_ERR_KEY_INVALID;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)len);
    if (sealed) {
        const bool has_passphrase = at == der + len && passphrase && passphrase->ptr && passphrase->len <= INT_MAX;
        *pkey = has_passphrase ? decrypt(sealed, passphrase) : NULL;
        X509_SIG_free(sealed);
        return *pkey ? SIGNET_OK : SIGNET_ERR_KEY_PASSPHRASE;
    }
    at = der;
    *pkey = d2i_AutoPrivateKey(NULL, &at, (long)len);
    *pkey = whole(*pkey, at, der + len);
    return *pkey ? SIGNET_OK : SIGNET_ERR_KEY_INVALID;
}

signet_status signet_key_from_der(const void *der, size_t der_len, const signet_text *passphrase, signet_key **key,
                                  signet_error *err)
{
    EVP_PKEY *pkey = NULL;
    signet_status status = SIGNET_ERR_KEY_INVALID;
    if (!der || der_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    (void)ERR_set_mark();
    pkey = signet_der_public(der, der_len);
    const bool is_private = !pkey;
    if (is_private)
        status = signet_der_private(der, der_len, passphrase, &pkey);
    (void)ERR_pop_to_mark();
    return pkey ? signet_key_from_pkey(pkey, is_private, key, err) : signet_fail(err, status, NULL);
}
