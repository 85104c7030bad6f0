#include "app/desktop/screens/code/source_text.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

constexpr size_t kLookedAtForZeros = 8'000;
constexpr int64_t kTabWidth = 4;

void measureLines(SourceText& source) {
    const std::string& text = source.text;
    source.lineStarts = {0};
    int64_t columns = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        columns += text[i] == '\t' ? kTabWidth : 1;
        if (text[i] != '\n') continue;
        source.lineStarts.push_back(uint32_t(i + 1));
        source.columnsMax = std::max(source.columnsMax, columns - 1);
        columns = 0;
    }
    source.columnsMax = std::max(source.columnsMax, columns);
    if (source.lineStarts.back() != text.size() || text.empty())
        source.lineStarts.push_back(uint32_t(text.size()));
}

std::shared_ptr<SourceText> failed(const QString& path, SourceText::Problem problem) {
    auto made = std::make_shared<SourceText>();
    made->path = path;
    made->problem = problem;
    made->lineStarts = {0};
    return made;
}

}  // namespace

SourceTextSnapshot makeSource(const QString& path, std::string text) {
    auto made = std::make_shared<SourceText>();
    made->path = path;
    made->bytes = int64_t(text.size());
    made->text = base::isValidUtf8(text) ? std::move(text) : base::toValidUtf8(text);
    measureLines(*made);
    return made;
}

SourceTextSnapshot readSource(const fs::path& root, const QString& path) {
    using Problem = SourceText::Problem;
    fs::path inside = fs::path(path.toStdString()).lexically_normal();
    if (inside.is_absolute()) inside = inside.lexically_relative(root);
    if (inside.empty() || inside.is_absolute() || *inside.begin() == "..")
        return failed(path, Problem::outside);
    const QString name = QString::fromStdString(inside.generic_string());
    auto read = base::readFile(root / inside, kSourceBytesMax);
    if (!read) {
        const base::Errc kind = read.error().kind();
        auto made = failed(name, kind == base::Errc::notFound       ? Problem::notFound
                                 : kind == base::Errc::invalidInput ? Problem::tooLarge
                                                                    : Problem::unreadable);
        made->error = QString::fromStdString(read.error().message());
        return made;
    }
    if (std::string_view(*read).substr(0, kLookedAtForZeros).find('\0') != std::string_view::npos)
        return failed(name, Problem::binary);
    return makeSource(name, std::move(*read));
}

}  // namespace moxie::desktop
