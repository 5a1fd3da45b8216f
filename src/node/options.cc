// options.cc: reads createAuth's options by the tables of signet.h.
#include "node/options.h"

namespace signet_node {

namespace {

constexpr int64_t ms_per_s = 1000;

signet_text bytes_of(const Napi::Value &value)
{
    const auto buffer = value.As<Napi::Buffer<char>>();
    return {buffer.Length() ? buffer.Data() : "", buffer.Length()};
}

std::vector<std::string> split(const std::string &words)
{
    std::vector<std::string> list;
    for (size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
        end = words.find(' ', at);
        list.push_back(words.substr(at, end - at));
    }
    return list;
}

} // namespace

// ---------------------------------------------------------------- values

Napi::Value Options::find(const std::string &name) const
{
    const size_t dot = name.find('.');
    if (dot == std::string::npos)
        return object_.Get(name);
    const Napi::Value outer = object_.Get(name.substr(0, dot));
    return outer.IsObject() ? outer.As<Napi::Object>().Get(name.substr(dot + 1)) : object_.Env().Undefined();
}

signet_text Options::keep(Napi::Value text)
{
    const std::string &copy = kept->texts.emplace_back(text.As<Napi::String>().Utf8Value());
    return {copy.data(), copy.size()};
}

bool Options::is_given(const char *name) const
{
    return !find(name).IsUndefined();
}

int64_t Options::whole(const char *name) const
{
    const Napi::Value value = find(name);
    return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
}

signet_text Options::secret(const char *name) const
{
    const Napi::Value value = find(name);
    return value.IsBuffer() ? bytes_of(value) : signet_text{nullptr, 0};
}

std::vector<signet_text> Options::secrets(const char *name) const
{
    std::vector<signet_text> list;
    const Napi::Value value = find(name);
    if (!value.IsArray())
        return list;
    const Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++)
        list.push_back(bytes_of(array.Get(i)));
    return list;
}

// ---------------------------------------------------------------- kinds of option

void Options::milliseconds(const char *name, int64_t *value, int64_t, int64_t)
{
    *value = whole(name);
}

void Options::seconds(const char *name, int64_t *value, int64_t, int64_t)
{
    *value = whole(name) / ms_per_s;
}

void Options::count(const char *name, unsigned *value, int64_t, int64_t)
{
    *value = static_cast<unsigned>(whole(name));
}

void Options::text(const char *name, signet_text *value, int64_t, int64_t)
{
    const Napi::Value text = find(name);
    if (text.IsString())
        *value = keep(text);
}

void Options::texts(const char *name, signet_texts *value, int64_t, int64_t)
{
    const Napi::Value texts = find(name);
    if (!texts.IsArray())
        return;
    std::vector<signet_text> &list = kept->lists.emplace_back();
    const Napi::Array array = texts.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++)
        list.push_back(keep(array.Get(i)));
    *value = {list.data(), list.size()};
}

void Options::string(const char *name, const char **value, int64_t, int64_t)
{
    const Napi::Value text = find(name);
    if (text.IsString())
        *value = keep(text).ptr;
}

void Options::word(const char *name, unsigned *value, const char *words, unsigned)
{
    const std::string given = find(name).ToString();
    const std::vector<std::string> list = split(words);
    for (unsigned i = 0; i < list.size(); i++)
        if (list[i] == given)
            *value = i;
}

// ---------------------------------------------------------------- the tables

void Options::read(signet_auth_config *config)
{
#define X(member, name, kind, ...) kind(name, &config->member, __VA_ARGS__);
    SIGNET_AUTH_OPTION_TABLE(X)
#undef X
}

void Options::read(signet_store_options *options)
{
#define X(member, name, kind, ...) kind(name, &options->member, __VA_ARGS__);
    SIGNET_STORE_OPTION_TABLE(X)
#undef X
}

namespace {

void add_range(Napi::Object table, const char *name, int64_t least, int64_t most)
{
    Napi::Object limits = Napi::Object::New(table.Env());
    limits.Set("from", static_cast<double>(least));
    limits.Set("to", static_cast<double>(most));
    table.Set(name, limits);
}

void add_words(Napi::Object table, const char *name, const char *words)
{
    Napi::Object limits = Napi::Object::New(table.Env());
    Napi::Array list = Napi::Array::New(table.Env());
    for (const std::string &word : split(words))
        list.Set(list.Length(), word);
    limits.Set("words", list);
    table.Set(name, limits);
}

} // namespace

Napi::Object option_limits(Napi::Env env)
{
    Napi::Object table = Napi::Object::New(env);
#define add_milliseconds(name, least, most) add_range(table, name, least, most)
#define add_seconds(name, least, most) add_range(table, name, (least)*ms_per_s, (most)*ms_per_s)
#define add_count(name, least, most) add_range(table, name, least, most)
#define add_word(name, words, last) add_words(table, name, words)
#define add_text(name, least, most) table.Set(name, Napi::Object::New(env)) // checked in C alone: lib counts no bytes
#define add_texts add_text
#define add_string add_text
#define X(member, name, kind, ...) add_##kind(name, __VA_ARGS__);
    SIGNET_AUTH_OPTION_TABLE(X)
    SIGNET_STORE_OPTION_TABLE(X)
#undef X
    return table;
}

} // namespace signet_node
