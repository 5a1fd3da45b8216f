/* key_pem.c: keys in PEM (RFC 7468). The label names the structure; a private key takes precedence over other blocks.
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "core/fail.h"
#include "core/key.h"
#include "core/key_der.h"

/* One PEM block, owned. */
typedef struct block {
    char *label, *header;
    uint8_t *der;
    long der_len;
} block;

static void block_clear(block *b)
{
    OPENSSL_free(b->label);
    OPENSSL_free(b->header);
    if (b->der)
        OPENSSL_clear_free(b->der, (size_t)b->der_len);
    memset(b, 0, sizeof *b);
}

/* OpenSSL's own would ask at the terminal. */
static int give_passphrase(char *out, int size, int writing, void *context)
{
    const signet_text *passphrase = context;
    (void)writing;
    if (!passphrase || !passphrase->ptr || passphrase->len > (size_t)size)
        return -1;
    memcpy(out, passphrase->ptr, passphrase->len);
    return (int)passphrase->len;
}

/* Undoes the encryption that PEM's own header tells of ("Proc-Type: 4,ENCRYPTED"), older than that of PKCS #8. */
static signet_status open_block(block *b, const signet_text *passphrase)
{
    EVP_CIPHER_INFO cipher;
    signet_text lent = passphrase ? *passphrase : (signet_text){NULL, 0};
    if (PEM_get_EVP_CIPHER_INFO(b->header, &cipher) != 1)
        return SIGNET_ERR_KEY_INVALID;
    return PEM_do_header(&cipher, b->der, &b->der_len, give_passphrase, &lent) == 1 ? SIGNET_OK
                                                                                    : SIGNET_ERR_KEY_PASSPHRASE;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t text_len = strlen(text), end_len = strlen(end);
    return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* The key of one block. SIGNET_OK with `*pkey` NULL: a block that is no key ("EC PARAMETERS"). */
static signet_status read_block(block *b, const signet_text *passphrase, EVP_PKEY **pkey, bool *is_private)
{
    *pkey = NULL;
    *is_private = ends_with(b->label, "PRIVATE KEY");
    if (*is_private) {
        const signet_status status = open_block(b, passphrase);
        if (status != SIGNET_OK)
            return status;
        const signet_status read = signet_der_private(b->der, (size_t)b->der_len, passphrase, pkey);
        /* With one wrong passphrase of 256, what is decrypted seems to be padded as it should be. */
        return *b->header && read == SIGNET_ERR_KEY_INVALID ? SIGNET_ERR_KEY_PASSPHRASE : read;
    }
    if (!ends_with(b->label, "PUBLIC KEY") && !ends_with(b->label, "CERTIFICATE"))
        return SIGNET_OK;
    *pkey = signet_der_public(b->der, (size_t)b->der_len);
    return *pkey ? SIGNET_OK : SIGNET_ERR_KEY_INVALID;
}

/* Goes through the blocks: the first private key, or else the first public one. */
static signet_status read_blocks(BIO *bio, const signet_text *passphrase, EVP_PKEY **pkey, bool *is_private)
{
    block b = {0};
    signet_status status = SIGNET_OK;
    while (status == SIGNET_OK && !*is_private && PEM_read_bio(bio, &b.label, &b.header, &b.der, &b.der_len) == 1) {
        EVP_PKEY *found = NULL;
        bool found_private = false;
        status = read_block(&b, passphrase, &found, &found_private);
        if (found && (found_private || !*pkey)) {
            EVP_PKEY_free(*pkey);
            *pkey = found;
            *is_private = found_private;
        } else {
            EVP_PKEY_free(found);
        }
        block_clear(&b);
    }
    if (status == SIGNET_OK && !*pkey)
        status = SIGNET_ERR_KEY_INVALID;
    return status;
}

const char *signet_text_find(const char *text, size_t len, const char *word)
{
    const size_t word_len = strlen(word);
    for (const char *end = text + len; (size_t)(end - text) >= word_len; text++) {
        if (!(text = memchr(text, *word, (size_t)(end - text) - word_len + 1)))
            return NULL;
        if (memcmp(text, word, word_len) == 0)
            return text;
    }
    return NULL;
}

/* What has become of a PEM on its way through environment variables and copies; NULL: nothing that shows. */
static const char *what_is_wrong(const char *pem, size_t len)
{
    const char *begin = signet_text_find(pem, len, "-----BEGIN "), *end = signet_text_find(pem, len, "-----END ");
    if (!begin)
        return NULL;
    if (!end || end < begin)
        return "its end is missing (a .env file keeps the first line alone of a value that is not in double quotes)";
    const size_t body_len = (size_t)(end - begin);
    if (signet_text_find(begin, body_len, "\\n"))
        return "its line breaks are the two characters \\n, as environment variables have them: pass "
               "key.replace(/\\\\n/g, '\\n')";
    if (signet_text_find(begin, body_len, "OPENSSH"))
        return "it is in OpenSSH's own format (ssh-keygen -p -m PKCS8 -f COPY rewrites a copy of an RSA or ECDSA key)";
    return memchr(begin, '\n', body_len) ? NULL : "its line breaks are missing";
}

static signet_status fail_unreadable(const void *pem, size_t len, signet_error *err)
{
    const char *why = what_is_wrong(pem, len);
    return why ? signet_fail_detail(err, SIGNET_ERR_KEY_UNREADABLE, NULL, "%s", why)
               : signet_fail(err, SIGNET_ERR_KEY_INVALID, NULL);
}

signet_status signet_key_from_pem(const void *pem, size_t pem_len, const signet_text *passphrase, signet_key **key,
                                  signet_error *err)
{
    EVP_PKEY *pkey = NULL;
    bool is_private = false;
    signet_status status = SIGNET_ERR_MEMORY;
    if (!pem || pem_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    if (pem_len > INT_MAX)
        return signet_fail(err, SIGNET_ERR_KEY_INVALID, NULL);
    (void)ERR_set_mark();
    BIO *bio = BIO_new_mem_buf(pem, (int)pem_len);
    if (bio)
        status = read_blocks(bio, passphrase, &pkey, &is_private);
    BIO_free(bio);
    (void)ERR_pop_to_mark();
    if (status == SIGNET_OK)
        return signet_key_from_pkey(pkey, is_private, key, err);
    EVP_PKEY_free(pkey);
    return status == SIGNET_ERR_KEY_INVALID ? fail_unreadable(pem, pem_len, err) : signet_fail(err, status, NULL);
}
