#include "app/cli/stored_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "app/cli/secret_service.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

namespace moxie::app {

namespace {

constexpr int64_t kKeyBytesMax = 16 << 10;

bool isVariable(const std::string& name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::filesystem::path keyFile(const std::string& variable) {
    return base::configDir() / "keys" / variable;
}

bool usesKeyring() {
    const char* home = std::getenv("MOXIE_HOME");
    return home == nullptr || *home == '\0';
}

base::Status writePrivately(const std::filesystem::path& file, const std::string& text) {
    const std::string part = file.string() + ".part";
    ::unlink(part.c_str());
    const int descriptor =
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return base::fail(base::errnoError(errno, "open " + part));
    const bool isWritten = ::write(descriptor, text.data(), text.size()) == ssize_t(text.size()) &&
                           ::fsync(descriptor) == 0;
    const int problem = errno;
    ::close(descriptor);
    if (isWritten && ::rename(part.c_str(), file.c_str()) == 0) return {};
    const int reason = isWritten ? errno : problem;
    ::unlink(part.c_str());
    return base::fail(base::errnoError(reason, "write " + file.string()));
}

}  // namespace

std::string keyOf(const std::string& variable) {
    if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0')
        return value;
    if (!isVariable(variable)) return {};
    if (usesKeyring())
        if (std::string secret = secretOf(variable); !secret.empty()) return secret;
    struct stat status = {};
    const std::filesystem::path file = keyFile(variable);
    if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
        return {};
    const auto text = base::readFile(file, kKeyBytesMax);
    return text ? std::string(base::trim(*text)) : std::string();
}

base::Result<SecretPlace> storeKey(const std::string& variable, const std::string& key) {
    if (!isVariable(variable))
        return base::fail(base::Errc::invalidInput, "\"" + variable + "\" is no variable's name");
    const std::string text(base::trim(key));
    if (text.empty() || int64_t(text.size()) > kKeyBytesMax ||
        std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }))
        return base::fail(base::Errc::invalidInput, "this cannot be a key");
    const std::filesystem::path file = keyFile(variable);
    std::error_code failed;
    // A keyring that is locked or missing is no reason to have no key.
    if (usesKeyring() && storeSecret(variable, text)) {
        std::filesystem::remove(file, failed);
        return SecretPlace::keyring;
    }
    std::filesystem::create_directories(file.parent_path(), failed);
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all, failed);
    TRY(writePrivately(file, text + "\n"));
    return SecretPlace::file;
}

}  // namespace moxie::app
