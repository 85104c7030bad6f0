// A folder of its own as MOXIE_HOME, gone afterwards.
#pragma once
#include <QTemporaryDir>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace moxie::desktop::testing {

class TempHome {
public:
    TempHome() { ::setenv("MOXIE_HOME", folder_.path().toUtf8().constData(), 1); }

    ~TempHome() { ::unsetenv("MOXIE_HOME"); }

    TempHome(const TempHome&) = delete;
    TempHome& operator=(const TempHome&) = delete;

    std::filesystem::path path() const { return folder_.path().toStdString(); }

private:
    QTemporaryDir folder_;
};

}  // namespace moxie::desktop::testing
