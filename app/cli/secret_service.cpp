#include "app/cli/secret_service.h"

#include <libsecret/secret.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace moxie::app {

namespace {

struct FreeError {
    void operator()(GError* error) const { g_error_free(error); }
};

using Error = std::unique_ptr<GError, FreeError>;

const SecretSchema* schema() {
    static const SecretSchema kSchema = {
        "dev.moxie.Key",
        SECRET_SCHEMA_NONE,
        {{"variable", SECRET_SCHEMA_ATTRIBUTE_STRING}, {nullptr, SECRET_SCHEMA_ATTRIBUTE_STRING}},
        0,
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr};
    return &kSchema;
}

// Without a bus GLib would start one of its own, on a server too.
bool hasSessionBus() {
    if (const char* address = std::getenv("DBUS_SESSION_BUS_ADDRESS");
        address != nullptr && *address != '\0')
        return true;
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::error_code ignored;
    return runtime != nullptr && *runtime != '\0' &&
           std::filesystem::exists(std::filesystem::path(runtime) / "bus", ignored);
}

base::Status problemOf(const Error& error) {
    const bool isMissing = error->domain == G_DBUS_ERROR ||
                           g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    const bool isLocked = g_error_matches(error.get(), SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
                          g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CANCELLED);
    return base::fail(isMissing  ? base::Errc::unsupported
                      : isLocked ? base::Errc::denied
                                 : base::Errc::io,
                      std::string("the keyring: ") + error->message);
}

}  // namespace

std::string secretOf(const std::string& variable) {
    if (!hasSessionBus()) return {};
    const std::unique_ptr<GHashTable, decltype(&g_hash_table_unref)> attributes(
        secret_attributes_build(schema(), "variable", variable.c_str(), nullptr),
        &g_hash_table_unref);
    GError* problem = nullptr;
    GList* found = secret_service_search_sync(nullptr, schema(), attributes.get(),
                                              SECRET_SEARCH_LOAD_SECRETS, nullptr, &problem);
    const Error error(problem);
    std::string key;
    if (found != nullptr)
        if (SecretValue* value = secret_item_get_secret(SECRET_ITEM(found->data))) {
            if (const char* text = secret_value_get_text(value)) key = text;
            secret_value_unref(value);
        }
    g_list_free_full(found, g_object_unref);
    return key;
}

base::Status storeSecret(const std::string& variable, const std::string& key) {
    if (!hasSessionBus())
        return base::fail(base::Errc::unsupported, "the keyring: there is no session bus");
    GError* problem = nullptr;
    const std::string label = "Moxie: " + variable;
    const bool isStored =
        secret_password_store_sync(schema(), SECRET_COLLECTION_DEFAULT, label.c_str(), key.c_str(),
                                   nullptr, &problem, "variable", variable.c_str(), nullptr) != 0;
    const Error error(problem);
    if (isStored) return {};
    return error ? problemOf(error)
                 : base::fail(base::Errc::io, "the keyring did not take the key");
}

}  // namespace moxie::app
