// Step 3: which model answers: one that is there already, a file, one to download, a server, the
// sample, or none for now. Threads: GUI thread only.
#pragma once
#include <vector>

#include "app/desktop/screens/welcome/welcome_page.h"

class QButtonGroup;
class QComboBox;
class QRadioButton;
class QVBoxLayout;

namespace moxie::desktop {

class DownloadForm;
class ServerForm;

class ChoicePage final : public WelcomePage {
    Q_OBJECT

public:
    ChoicePage(WelcomeModel& model, Appearance& appearance);

    QString title() const override;
    QString lead() const override;
    QString nextText() const override;
    void enter() override;
    void leave() override;
    // Writes the choice.
    QString finish() override;

    ModelChoice choice() const;

protected:
    void applyLook() override;
    void retranslate() override;

private:
    QRadioButton* addOption(const QString& objectName, QLabel*& help);
    void makeOptions(QVBoxLayout& layout);
    void chooseFile();
    void chooseFolder();
    void inspect(const QString& path);
    void showFiles(const QString& path, const std::vector<ModelFile>& files);
    void showFile();
    void showParts();
    void preselect();

    std::vector<ModelFile> known_;  // shown in files_
    std::vector<QRadioButton*> found_;
    std::vector<QLabel*> helps_;
    QButtonGroup* group_;
    QRadioButton *file_ = nullptr, *download_ = nullptr, *server_ = nullptr, *sample_ = nullptr,
                 *none_ = nullptr;
    QLabel *fileHelp_ = nullptr, *downloadHelp_ = nullptr, *serverHelp_ = nullptr,
           *sampleHelp_ = nullptr, *noneHelp_ = nullptr;
    QWidget* filePart_ = nullptr;
    QComboBox* files_ = nullptr;
    QPushButton *chooseFile_ = nullptr, *chooseFolder_ = nullptr;
    QLabel* fileState_ = nullptr;
    DownloadForm* downloadForm_ = nullptr;
    ServerForm* serverForm_ = nullptr;
    bool isInspecting_ = false, wasAsked_ = false;
};

}  // namespace moxie::desktop
