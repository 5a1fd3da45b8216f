// fast.cc: shapes, and payloads passed as the values of their members.
#include "node/fast.h"

#include <cstring>

#include "node/text.h"

namespace signet_node {

static bool is_same(signet_text a, signet_text b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool has_names(const Shapes::Shape &shape, const signet_member *members, size_t members_n)
{
    if (shape.number == Shapes::NONE || shape.members_n != members_n)
        return false;
    for (size_t i = 0; i < members_n; i++)
        if (!is_same(shape.members[i].name, members[i].name))
            return false;
    return true;
}

int32_t Shapes::find(const signet_member *members, size_t members_n)
{
    for (size_t i = 0; i < KNOWN; i++) {
        const size_t at = (last_ + i) % KNOWN;
        if (has_names(shapes_[at], members, members_n)) {
            last_ = at;
            return shapes_[at].number;
        }
    }
    return NONE;
}

int32_t Shapes::learn(const signet_member *members, size_t members_n)
{
    size_t used = 0;
    for (size_t i = 0; i < members_n; i++)
        used += members[i].name.len;
    if (used > sizeof Shape::names || members_n > SIGNET_MAX_MEMBERS || next_number_ == INT32_MAX)
        return NONE;
    Shape &shape = shapes_[static_cast<size_t>(next_number_) % KNOWN];
    char *name = shape.names;
    for (size_t i = 0; i < members_n; i++) {
        const size_t len = members[i].name.len;
        memcpy(name, members[i].name.ptr, len);
        shape.members[i].name = {name, len};
        name += len;
    }
    shape.members_n = members_n;
    return shape.number = next_number_++;
}

napi_value Fast::open(napi_env env)
{
    napi_value buffer = nullptr;
    napi_ref kept = nullptr; // never deleted: the addon keeps a pointer into the buffer
    void *bytes = nullptr;
    if (napi_create_arraybuffer(env, sizeof(Exchange), &bytes, &buffer) != napi_ok ||
        napi_create_reference(env, buffer, 1, &kept) != napi_ok)
        return nullptr;
    exchange_ = static_cast<Exchange *>(bytes);
    exchange_->shape = Shapes::NONE;
    return buffer;
}

// ---------------------------------------------------------------- payloads to sign

signet_sign_request Fast::request() const
{
    signet_sign_request request = {};
    request.alg = static_cast<signet_alg>(exchange_->alg);
    request.add_iat = true;
    request.iat_s = static_cast<int64_t>(exchange_->now());
    request.add_exp = !std::isnan(exchange_->lifetime_s);
    request.exp_s = request.add_exp ? request.iat_s + static_cast<int64_t>(exchange_->lifetime_s) : 0;
    return request;
}

int32_t Fast::learn(signet_text names)
{
    signet_member members[SIGNET_MAX_MEMBERS] = {};
    size_t members_n = 0;
    const char *name = names.ptr, *end = names.ptr + names.len;
    while (name < end) {
        const char *newline = static_cast<const char *>(memchr(name, '\n', static_cast<size_t>(end - name)));
        if (!newline || members_n == SIGNET_MAX_MEMBERS)
            return Shapes::NONE;
        members[members_n++].name = {name, static_cast<size_t>(newline - name)};
        name = newline + 1;
    }
    return signed_.learn(members, members_n);
}

// Behind so many UTF-16 code units of UTF-8 that Node has made of a string. nullptr if that is within a character; or
// if there is U+FFFD, which may stand for half of a surrogate pair: JSON.stringify writes that as an escape.
static const char *skip_units(const char *at, const char *end, int32_t units)
{
    while (units > 0 && at < end) {
        const unsigned char lead = static_cast<unsigned char>(*at);
        const int n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (end - at < n || (n == 3 && memcmp(at, "\xEF\xBF\xBD", 3) == 0))
            return nullptr;
        at += n;
        units -= n < 4 ? 1 : 2;
    }
    return units == 0 ? at : nullptr;
}

// For strings that are not ASCII, so that bytes remain: places by UTF-16 code units, in which lib counts.
static bool place_by_units(Shapes::Shape *shape, signet_text strings)
{
    const char *at = strings.ptr, *const end = at + strings.len;
    for (size_t i = 0; i < shape->members_n; i++) {
        signet_member &member = shape->members[i];
        if (member.kind != SIGNET_MEMBER_STRING)
            continue;
        const char *const next = skip_units(at, end, static_cast<int32_t>(member.text.len));
        if (!next)
            return false;
        member.text = {at, static_cast<size_t>(next - at)};
        at = next;
    }
    return at == end;
}

const signet_member *Fast::members(signet_text strings, size_t *members_n)
{
    Shapes::Shape *const shape = signed_.at(exchange_->shape);
    const char *string = strings.ptr, *end = strings.ptr + strings.len;
    if (!shape)
        return nullptr;
    for (size_t i = 0; i < shape->members_n; i++) {
        signet_member &member = shape->members[i];
        const int32_t mark = exchange_->spans[i][0];
        if (mark < 0) {
            member.kind = static_cast<signet_member_kind>(-1 - mark);
            member.number = exchange_->numbers[i];
            continue;
        }
        if (mark > end - string)
            return nullptr;
        member.kind = SIGNET_MEMBER_STRING;
        member.text = {string, static_cast<size_t>(mark)};
        string += mark;
    }
    *members_n = shape->members_n;
    return string == end || place_by_units(shape, strings) ? shape->members : nullptr;
}

// ---------------------------------------------------------------- payloads that were read

// True if a member with this name keeps its position in a JavaScript object: integer names move to the front.
static bool keeps_its_place(signet_text name)
{
    return name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9') && !is_same(name, {"__proto__", 9});
}

static bool keep_their_places(const signet_member *members, size_t members_n)
{
    for (size_t i = 0; i < members_n; i++)
        if (!keeps_its_place(members[i].name))
            return false;
    return true;
}

// Shapes::NONE the first time a shape is seen: one that never recurs is not worth learning for lib.
int32_t Fast::number_of(const signet_token &token)
{
    if (token.shape != 0 && token.shape == core_shape_)
        return number_;
    number_ = read_.find(token.members, token.members_n);
    core_shape_ = number_ == Shapes::NONE ? 0 : token.shape;
    if (number_ == Shapes::NONE && keep_their_places(token.members, token.members_n))
        (void)read_.learn(token.members, token.members_n);
    return number_;
}

static void write_value(size_t i, const signet_member &member, signet_text payload, Exchange *exchange)
{
    int32_t *span = exchange->spans[i];
    if (member.kind == SIGNET_MEMBER_STRING) {
        span[0] = static_cast<int32_t>(member.text.ptr - payload.ptr);
        span[1] = span[0] + static_cast<int32_t>(member.text.len);
        return;
    }
    span[0] = -1 - static_cast<int32_t>(member.kind);
    exchange->numbers[i] = member.number;
}

// By how much valid UTF-8 is longer in bytes than in UTF-16 code units.
static int32_t surplus_of(signet_text text)
{
    int32_t surplus = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = static_cast<unsigned char>(text.ptr[i]);
        surplus += (c & 0xC0) == 0x80;
        surplus -= c >= 0xF0;
    }
    return surplus;
}

// From bytes to UTF-16 code units. Only strings have characters that are not ASCII, names have none.
static void count_spans_in_units(const signet_token &token, Exchange *exchange)
{
    int32_t surplus = 0;
    for (size_t i = 0; i < token.members_n; i++) {
        if (token.members[i].kind != SIGNET_MEMBER_STRING)
            continue;
        exchange->spans[i][0] -= surplus;
        surplus += surplus_of(token.members[i].text);
        exchange->spans[i][1] -= surplus;
    }
}

napi_value Fast::payload(napi_env env, const signet_token &token)
{
    const bool ascii = is_ascii(token.payload);
    exchange_->turn++;
    exchange_->shape = token.members ? number_of(token) : Shapes::NONE;
    if (exchange_->shape != Shapes::NONE) {
        for (size_t i = 0; i < token.members_n; i++)
            write_value(i, token.members[i], token.payload, exchange_);
        if (!ascii)
            count_spans_in_units(token, exchange_);
    }
    return ascii ? string_from_ascii(env, token.payload) : string_from_utf8(env, token.payload);
}

} // namespace signet_node
