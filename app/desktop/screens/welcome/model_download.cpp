#include "app/desktop/screens/welcome/model_download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <QCryptographicHash>
#include <QFile>
#include <QUrl>
#include <algorithm>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;
using base::Errc;

constexpr int64_t kTellMs = 100, kSpareBytes = int64_t(256) << 20;
constexpr long kSilenceSeconds = 60, kConnectSeconds = 20;
constexpr int kAttempts = 5;  // after a broken connection, as long as each brings something
constexpr std::string_view kMagic = "GGUF";
constexpr int64_t kNothingMore = 416;  // of HTTP

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string lowered(std::string_view text) {
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return low;
}

int64_t numberIn(std::string_view text) {
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// The part of a file that is here, and what the server called that state of the file.
class PartFile {
public:
    explicit PartFile(const fs::path& file)
        : path_(file.string() + ".part"),
          origin_(file.string() + ".part.origin") {}

    ~PartFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    base::Status open() {
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor_ < 0) return base::fail(base::errnoError(errno, "open " + path_.string()));
        bytes_ = ::lseek(descriptor_, 0, SEEK_END);
        return {};
    }

    const fs::path& path() const { return path_; }

    int64_t bytes() const { return bytes_; }

    // What If-Range wants; "": what is here cannot be gone on with.
    std::string validatorFor(const std::string& url) const {
        const auto text = base::readFile(origin_, 16 << 10);
        if (!text || bytes_ == 0) return {};
        const size_t end = text->find('\n');
        return end != std::string::npos && text->substr(0, end) == url ? text->substr(end + 1)
                                                                       : std::string();
    }

    base::Status noteOrigin(const std::string& url, const std::string& validator) const {
        return base::writeFileAtomically(origin_, url + "\n" + validator,
                                         base::Durability::renameOnly);
    }

    base::Status startOver() {
        bytes_ = 0;
        if (::ftruncate(descriptor_, 0) == 0 && ::lseek(descriptor_, 0, SEEK_SET) == 0) return {};
        return base::fail(base::errnoError(errno, "empty " + path_.string()));
    }

    base::Status append(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return base::fail(base::errnoError(errno, "write " + path_.string()));
            bytes_ += written;
            bytes.remove_prefix(size_t(written));
        }
        return {};
    }

    base::Status putInPlace(const fs::path& file) const {
        std::error_code failed;
        if (::fsync(descriptor_) != 0)
            return base::fail(base::errnoError(errno, "write " + path_.string()));
        fs::rename(path_, file, failed);
        if (failed)
            return base::fail(Errc::io, fmt::format("{}: {}", file.string(), failed.message()));
        fs::remove(origin_, failed);
        return {};
    }

    void remove() const {
        std::error_code ignored;
        fs::remove(path_, ignored);
        fs::remove(origin_, ignored);
    }

private:
    fs::path path_, origin_;
    int descriptor_ = -1;
    int64_t bytes_ = 0;
};

struct ReplyHead {
    int64_t status = 0, length = 0, rangeTotal = 0;
    std::string etag = {}, modified = {};
};

// One request and what comes back.
class Transfer {
public:
    Transfer(const DownloadRequest& request, PartFile& part, const DownloadListener& listener,
             const std::stop_token& stop)
        : request_(request),
          part_(part),
          listener_(listener),
          stop_(stop) {}

    // Fails: as downloadModel(). A connection that broke is no failure: isBroken().
    base::Status run() {
        const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
        curl_slist* list = nullptr;
        const std::string validator = part_.validatorFor(request_.url);
        if (validator.empty()) {
            TRY(part_.startOver());
        } else {
            list = curl_slist_append(list, fmt::format("Range: bytes={}-", part_.bytes()).c_str());
            list = curl_slist_append(list, ("If-Range: " + validator).c_str());
        }
        const std::unique_ptr<curl_slist, FreeList> headers(list);
        char detail[CURL_ERROR_SIZE] = "";
        setUp(easy.get(), headers.get());
        curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);
        const CURLcode code = curl_easy_perform(easy.get());
        if (stop_.stop_requested())
            return base::fail(Errc::cancelled, "the download was cancelled");
        if (!status_) return status_;
        if (head_.status == kNothingMore) return settleNothingMore();
        TRY(checkStatus());
        if (code == CURLE_OK) return {};
        why_ = detail[0] != '\0' ? detail : curl_easy_strerror(code);
        return {};
    }

    bool isBroken() const { return !why_.empty(); }

    const std::string& why() const { return why_; }

    int64_t bytesTotal() const { return bytesTotal_; }

private:
    void setUp(CURL* easy, curl_slist* headers) {
        curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        // Never from a safe place to an unsafe one.
        curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR,
                         request_.url.starts_with("https:") ? "https" : "http,https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 8L);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::onBytes);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Transfer::onProgress);
        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, this);
    }

    static size_t onHeader(char* data, size_t, size_t size, void* user) {
        static_cast<Transfer*>(user)->takeHeader({data, size});
        return size;
    }

    static size_t onBytes(char* data, size_t, size_t size, void* user) {
        auto* transfer = static_cast<Transfer*>(user);
        return transfer->takeBytes({data, size}) ? size : 0;
    }

    static int onProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Transfer*>(user)->stop_.stop_requested() ? 1 : 0;
    }

    void takeHeader(std::string_view line) {
        if (line.starts_with("HTTP/")) {  // of a redirect first, perhaps
            head_ = {};
            const size_t space = line.find(' ');
            if (space != std::string_view::npos) head_.status = numberIn(line.substr(space + 1));
            return;
        }
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) return;
        const std::string name = lowered(line.substr(0, colon));
        const std::string_view value = base::trim(line.substr(colon + 1));
        if (name == "content-length") head_.length = numberIn(value);
        if (name == "etag" && !value.starts_with("W/")) head_.etag = value;
        if (name == "last-modified") head_.modified = value;
        if (name == "content-range")
            head_.rangeTotal =
                numberIn(value.substr(std::min(value.rfind('/'), value.size() - 1) + 1));
    }

    base::Status begin() {
        hasBegun_ = true;
        TRY(checkStatus());
        if (head_.status == 200) TRY(part_.startOver());
        bytesTotal_ = head_.status == 206 ? head_.rangeTotal : head_.length;
        std::error_code failed;
        const fs::space_info space = fs::space(part_.path().parent_path(), failed);
        const int64_t missing = bytesTotal_ - part_.bytes() + kSpareBytes;
        if (!failed && bytesTotal_ > 0 && int64_t(space.available) < missing)
            return base::fail(Errc::io,
                              fmt::format("the disk has {} MB, the file needs {} MB",
                                          space.available >> 20, uint64_t(missing) >> 20));
        return part_.noteOrigin(request_.url, head_.etag.empty() ? head_.modified : head_.etag);
    }

    // Where the part ends there is nothing: it is whole, or of another file.
    base::Status settleNothingMore() {
        bytesTotal_ = head_.rangeTotal;
        if (head_.rangeTotal == part_.bytes()) return {};
        why_ = "the server has another file there now; what came before is dropped";
        return part_.startOver();
    }

    bool takeBytes(std::string_view bytes) {
        if (stop_.stop_requested()) return false;
        if (head_.status == kNothingMore) return true;
        if (!hasBegun_) status_ = begin();
        if (status_ && part_.bytes() < int64_t(kMagic.size())) status_ = checkMagic(bytes);
        if (status_) status_ = part_.append(bytes);
        if (!status_) return false;
        const int64_t now = clock_.steadyMs();
        if (now - toldMs_ < kTellMs) return true;
        toldMs_ = now;
        listener_({part_.bytes(), bytesTotal_});
        return true;
    }

    // A page that asks to log in has the status of a file.
    base::Status checkMagic(std::string_view bytes) {
        start_ += bytes.substr(0, kMagic.size() - start_.size());
        if (kMagic.starts_with(start_)) return {};
        return base::fail(Errc::invalidInput, "what the server sends is no GGUF file");
    }

    base::Status checkStatus() const {
        switch (head_.status) {
            case 0:  // there was no reply
            case 200:
            case 206:
                return {};
            case 401:
            case 403:
                return base::fail(Errc::denied, "the server gives it to no one without a key");
            case 404:
            case 410:
                return base::fail(Errc::notFound, "the server has no such file");
            default:
                return base::fail(Errc::io, fmt::format("the server answered {}", head_.status));
        }
    }

    const DownloadRequest& request_;
    PartFile& part_;
    const DownloadListener& listener_;
    const std::stop_token& stop_;
    base::SystemClock clock_;
    ReplyHead head_;
    base::Status status_;
    std::string why_, start_;
    int64_t bytesTotal_ = 0, toldMs_ = 0;
    bool hasBegun_ = false;
};

// As long as broken connections bring the file further.
base::Status fetch(const DownloadRequest& request, PartFile& part, const DownloadListener& listener,
                   const std::stop_token& stop) {
    for (int attempt = 1;; ++attempt) {
        const int64_t before = part.bytes();
        Transfer transfer(request, part, listener, stop);
        TRY(transfer.run());
        const bool isShort = transfer.bytesTotal() > 0 && part.bytes() < transfer.bytesTotal();
        if (!transfer.isBroken() && !isShort) return {};
        if (attempt == kAttempts || part.bytes() <= before)
            return base::fail(
                Errc::io, transfer.isBroken() ? transfer.why() : "the connection ended too early");
    }
}

base::Result<std::string> sumOf(const fs::path& file, const DownloadListener& listener,
                                const std::stop_token& stop) {
    constexpr qint64 kPiece = 4 << 20;
    QFile bytes(QString::fromStdString(file.string()));
    if (!bytes.open(QIODevice::ReadOnly))
        return base::fail(Errc::io, bytes.errorString().toStdString());
    QCryptographicHash hash(QCryptographicHash::Sha256);
    while (!bytes.atEnd()) {
        if (stop.stop_requested()) return base::fail(Errc::cancelled, "the check was cancelled");
        hash.addData(bytes.read(kPiece));
        listener({bytes.pos(), bytes.size(), true});
    }
    return hash.result().toHex().toStdString();
}

bool isSum(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(),
                                            [](unsigned char c) { return std::isxdigit(c) != 0; });
}

base::Status checkSum(const DownloadRequest& request, const PartFile& part,
                      const DownloadListener& listener, const std::stop_token& stop) {
    if (request.sha256.empty()) return {};
    TRY_ASSIGN(const std::string sum, sumOf(part.path(), listener, stop));
    if (sum == lowered(request.sha256)) return {};
    part.remove();
    return base::fail(Errc::corrupt,
                      fmt::format("its SHA-256 is {}, expected {}", sum, lowered(request.sha256)));
}

}  // namespace

base::Result<std::string> modelFileName(const std::string& url) {
    const QUrl address(QString::fromStdString(url), QUrl::StrictMode);
    const bool isWeb =
        address.scheme() == QLatin1String("http") || address.scheme() == QLatin1String("https");
    const std::string name = address.fileName().toStdString();
    if (!isWeb || address.host().isEmpty() || !address.userInfo().isEmpty() ||
        !name.ends_with(".gguf") || name.starts_with('.') || name.find('/') != std::string::npos)
        return base::fail(Errc::invalidInput, "it is no http or https address of a .gguf file");
    return name;
}

base::Status downloadModel(const DownloadRequest& request, const DownloadListener& listener,
                           const std::stop_token& stop) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    BASE_CHECK(started == CURLE_OK);
    TRY(modelFileName(request.url));
    if (!request.sha256.empty() && !isSum(request.sha256))
        return base::fail(Errc::invalidInput, "a SHA-256 has 64 hexadecimal digits");
    std::error_code failed;
    if (fs::exists(request.file, failed))
        return base::fail(Errc::invalidInput,
                          fmt::format("{} is there already", request.file.string()));
    fs::create_directories(request.file.parent_path(), failed);
    PartFile part(request.file);
    TRY(part.open());
    const base::Status fetched = fetch(request, part, listener, stop);
    if (part.bytes() == 0) part.remove();
    if (!fetched) return fetched;
    if (part.bytes() == 0) return base::fail(Errc::invalidInput, "the server sent nothing");
    TRY(checkSum(request, part, listener, stop));
    return part.putInPlace(request.file);
}

}  // namespace moxie::desktop
