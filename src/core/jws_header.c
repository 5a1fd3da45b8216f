/* jws_header.c: the JOSE header (RFC 7515 section 4). */
#include "core/jws_header.h"

#include <string.h>

#include "core/alg.h"
#include "core/base64url.h"
#include "core/fail.h"

enum { ALG, KID, TYP, CRIT, FIELDS };

static signet_alg alg_of(const signet_json *value)
{
    char name[32];
    size_t len;
    return signet_json_copy(value, name, sizeof name, &len) ? signet_alg_from_name(name, len) : SIGNET_ALG_COUNT;
}

signet_status signet_header_parse(signet_text json, signet_json_names *names, size_t max_members, signet_header *header,
                                  signet_error *err)
{
    signet_json_field fields[FIELDS] = {
        [ALG] = SIGNET_JSON_FIELD("alg"),
        [KID] = SIGNET_JSON_FIELD("kid"),
        [TYP] = SIGNET_JSON_FIELD("typ"),
        [CRIT] = SIGNET_JSON_FIELD("crit"),
    };
    const signet_status status = signet_json_read_object(json.ptr, json.len, fields, FIELDS, names, max_members, err);
    if (status != SIGNET_OK)
        return status;
    header->json = json;
    header->alg = alg_of(&fields[ALG].value);
    header->kid = fields[KID].value;
    header->typ = fields[TYP].value;
    header->has_crit = fields[CRIT].value.kind != SIGNET_JSON_ABSENT;
    return SIGNET_OK;
}

/* Without looking for the dot: it is behind one of the segments that are remembered, or none of them fits. */
const signet_header *signet_header_seen(const signet_header_cache *cache, const char *jwt, size_t len,
                                        size_t *segment_len)
{
    for (int i = 0; i < SIGNET_HEADER_ENTRIES; i++) {
        const signet_header_entry *entry = &cache->entries[i];
        const size_t n = entry->segment_len;
        if (n > 0 && n < len && jwt[n] == '.' && memcmp(entry->segment, jwt, n) == 0) {
            *segment_len = n;
            return &entry->header;
        }
    }
    return NULL;
}

/* Moves a value that points into `from` to the same place of `to`. */
static signet_json moved(signet_json value, const char *from, const char *to)
{
    if (value.kind != SIGNET_JSON_ABSENT)
        value.ptr = to + (value.ptr - from);
    return value;
}

static const signet_header *remember(signet_header_cache *cache, const char *segment, size_t len,
                                     const signet_header *header)
{
    signet_header_entry *entry = &cache->entries[cache->next++ % SIGNET_HEADER_ENTRIES];
    memcpy(entry->segment, segment, len);
    memcpy(entry->json, header->json.ptr, header->json.len);
    entry->segment_len = len;
    entry->header = *header;
    entry->header.json.ptr = entry->json;
    entry->header.kid = moved(header->kid, header->json.ptr, entry->json);
    entry->header.typ = moved(header->typ, header->json.ptr, entry->json);
    return &entry->header;
}

signet_status signet_header_read(signet_header_cache *cache, signet_json_names *names, const char *segment, size_t len,
                                 char *room, const signet_header **header, signet_header *fresh, signet_error *err)
{
    size_t json_len;
    if (len == 0 || signet_b64url_decoded_len(len) > SIGNET_MAX_HEADER_LEN)
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, "header");
    if (!signet_b64url_decode(segment, len, room, &json_len))
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, "header");
    const signet_status status =
        signet_header_parse((signet_text){room, json_len}, names, SIGNET_MAX_HEADER_MEMBERS, fresh, err);
    if (status != SIGNET_OK) {
        if (err)
            err->field = "header";
        return status;
    }
    *header = len <= SIGNET_HEADER_SEGMENT_MAX ? remember(cache, segment, len, fresh) : fresh;
    return SIGNET_OK;
}

size_t signet_header_write_max(const signet_sign_request *request)
{
    return sizeof "{\"alg\":\"\",\"typ\":,\"kid\":}" + signet_alg_row_of(request->alg)->name_len +
           signet_json_quoted_max(request->typ.len + 3) + signet_json_quoted_max(request->kid.len);
}

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

size_t signet_header_write(const signet_sign_request *request, char *out)
{
    const signet_alg_row *row = signet_alg_row_of(request->alg);
    const signet_text typ = request->typ.ptr ? request->typ : (signet_text){"JWT", 3};
    char *to = put(out, "{\"alg\":\"", 8);
    to = put(to, row->name, row->name_len);
    *to++ = '"';
    if (typ.len > 0) {
        to = put(to, ",\"typ\":", 7);
        to += signet_json_quote(typ.ptr, typ.len, to);
    }
    if (request->kid.ptr) {
        to = put(to, ",\"kid\":", 7);
        to += signet_json_quote(request->kid.ptr, request->kid.len, to);
    }
    *to++ = '}';
    return (size_t)(to - out);
}
