#include "app/desktop/screens/welcome/choice_page.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLocale>
#include <QRadioButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/screens/welcome/download_form.h"
#include "app/desktop/screens/welcome/server_form.h"

namespace moxie::desktop {

namespace {

QString fileSize(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace

ChoicePage::ChoicePage(WelcomeModel& model, Appearance& appearance)
    : WelcomePage(model, appearance),
      group_(new QButtonGroup(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(1));
    makeOptions(*layout);
    layout->addStretch();
    connect(group_, &QButtonGroup::buttonToggled, this, [this] {
        showParts();
        emit textsChanged();
    });
    connect(files_, &QComboBox::currentIndexChanged, this, &ChoicePage::showFile);
    connect(chooseFile_, &QPushButton::clicked, this, &ChoicePage::chooseFile);
    connect(chooseFolder_, &QPushButton::clicked, this, &ChoicePage::chooseFolder);
    connect(downloadForm_, &DownloadForm::fetched, this, &ChoicePage::inspect);
    connect(&model_, &WelcomeModel::filesInspected, this, &ChoicePage::showFiles);
    preselect();
    ChoicePage::applyLook();
    ChoicePage::retranslate();
    showParts();
}

QRadioButton* ChoicePage::addOption(const QString& objectName, QLabel*& help) {
    auto* button = new QRadioButton(this);
    button->setObjectName(objectName);
    group_->addButton(button);
    help = makeText(this, objectName + QStringLiteral(".help"));
    help->setContentsMargins(grid(6), 0, 0, grid(2));
    helps_.push_back(help);
    auto* layout = static_cast<QVBoxLayout*>(this->layout());
    layout->addWidget(button);
    layout->addWidget(help);
    return button;
}

void ChoicePage::makeOptions(QVBoxLayout& layout) {
    for (const QString& name : model_.foundModels()) {
        QLabel* help = nullptr;
        QRadioButton* button =
            addOption(QStringLiteral("welcome.model.found.%1").arg(found_.size()), help);
        button->setText(name);
        found_.push_back(button);
    }
    file_ = addOption(QStringLiteral("welcome.model.file"), fileHelp_);
    filePart_ = new QWidget(this);
    files_ = new QComboBox(filePart_);
    files_->setObjectName(QStringLiteral("welcome.model.files"));
    chooseFile_ = makeButton(filePart_, QStringLiteral("welcome.model.chooseFile"));
    chooseFolder_ = makeButton(filePart_, QStringLiteral("welcome.model.chooseFolder"));
    fileState_ = makeText(filePart_, QStringLiteral("welcome.model.fileState"));
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(2));
    row->addWidget(files_, 1);
    row->addWidget(chooseFile_);
    row->addWidget(chooseFolder_);
    auto* part = new QVBoxLayout(filePart_);
    part->setContentsMargins(grid(6), 0, grid(3), grid(2));
    part->setSpacing(grid(2));
    part->addLayout(row);
    part->addWidget(fileState_);
    layout.addWidget(filePart_);
    download_ = addOption(QStringLiteral("welcome.model.download"), downloadHelp_);
    downloadForm_ = new DownloadForm(model_, appearance_);
    layout.addWidget(downloadForm_);
    server_ = addOption(QStringLiteral("welcome.model.server"), serverHelp_);
    serverForm_ = new ServerForm(model_, appearance_);
    layout.addWidget(serverForm_);
    sample_ = addOption(QStringLiteral("welcome.model.sample"), sampleHelp_);
    sample_->setEnabled(!model_.sampleModel().isEmpty());
    none_ = addOption(QStringLiteral("welcome.model.none"), noneHelp_);
}

// What needs the fewest clicks: what is there already.
void ChoicePage::preselect() {
    if (!found_.empty())
        found_.front()->setChecked(true);
    else if (sample_->isEnabled())
        sample_->setChecked(true);
    else
        none_->setChecked(true);
}

QString ChoicePage::title() const {
    return tr("Which model answers");
}

QString ChoicePage::lead() const {
    return tr("You can change it at any time in the settings, and have several.");
}

QString ChoicePage::nextText() const {
    return none_->isChecked() ? tr("Go on without a model") : tr("Next");
}

void ChoicePage::enter() {
    if (wasAsked_) return;
    wasAsked_ = true;
    isInspecting_ = true;
    model_.inspect(QString());
    showFile();
}

void ChoicePage::leave() {
    serverForm_->stopTest();
    downloadForm_->cancel();
}

QString ChoicePage::finish() {
    const ModelChoice chosen = choice();
    if (download_->isChecked())
        return downloadForm_->isRunning() ? tr("The model is not here yet.")
                                          : tr("Download it first.");
    if (chosen.kind == ModelChoice::Kind::file) {
        const int index = files_->currentIndex();
        if (index < 0) return tr("Choose a file first.");
        if (!known_[size_t(index)].problem.isEmpty()) return known_[size_t(index)].problem;
    }
    if (chosen.kind == ModelChoice::Kind::server)
        if (const QString problem = serverForm_->problem(); !problem.isEmpty()) return problem;
    return model_.keep(chosen);
}

ModelChoice ChoicePage::choice() const {
    ModelChoice choice;
    for (const QRadioButton* button : found_)
        if (button->isChecked()) {
            choice.kind = ModelChoice::Kind::found;
            choice.found = button->text();
        }
    if (file_->isChecked()) {
        choice.kind = ModelChoice::Kind::file;
        if (const int index = files_->currentIndex(); index >= 0)
            choice.file = known_[size_t(index)].path;
    }
    if (server_->isChecked()) {
        choice.kind = ModelChoice::Kind::server;
        choice.server = serverForm_->server();
    }
    if (sample_->isChecked()) choice.kind = ModelChoice::Kind::sample;
    return choice;
}

void ChoicePage::chooseFile() {
    auto* dialog = new QFileDialog(this, tr("Choose a model file"));
    dialog->setObjectName(QStringLiteral("welcome.model.fileDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Models (*.gguf)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &ChoicePage::inspect);
    dialog->show();
}

void ChoicePage::chooseFolder() {
    auto* dialog = new QFileDialog(this, tr("Choose a folder with models"));
    dialog->setObjectName(QStringLiteral("welcome.model.folderDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &ChoicePage::inspect);
    dialog->show();
}

void ChoicePage::inspect(const QString& path) {
    isInspecting_ = true;
    model_.inspect(path);
    showFile();
}

void ChoicePage::showFiles(const QString& path, const std::vector<ModelFile>& files) {
    isInspecting_ = false;
    const bool isFirstLook = path.isEmpty();
    if (isFirstLook && files.empty()) return showFile();
    known_ = files;
    files_->clear();
    // The largest that fits knows the most.
    int best = 0;
    for (size_t i = 0; i < known_.size(); ++i) {
        files_->addItem(tr("%1 (%2)").arg(known_[i].name, fileSize(known_[i].fileBytes)));
        if (known_[i].problem.isEmpty() && known_[i].fits) best = int(i);
    }
    files_->setCurrentIndex(files_->count() > 0 ? best : -1);
    const bool isUsable = !known_.empty() && known_[size_t(best)].problem.isEmpty();
    // What the user chose, and nothing better than the sample, give way.
    if (!isFirstLook || (isUsable && (sample_->isChecked() || none_->isChecked())))
        file_->setChecked(true);
    if (known_.empty()) fileState_->setText(tr("There is no GGUF file in %1.").arg(path));
    showFile();
}

void ChoicePage::showFile() {
    const Look& look = appearance_.look();
    const int index = files_->currentIndex();
    files_->setEnabled(index >= 0);
    if (isInspecting_) return fileState_->setText(tr("Looking…"));
    if (index < 0 || size_t(index) >= known_.size()) {
        if (known_.empty() && !file_->isChecked()) fileState_->clear();
        return;
    }
    const ModelFile& file = known_[size_t(index)];
    fileState_->setText(
        !file.problem.isEmpty() ? tr("This file cannot be used: %1.").arg(file.problem)
        : file.fits             ? tr("Fits: needs about %1 of memory, reads up to %2 tokens.")
                          .arg(fileSize(file.memoryBytes),
                               QLocale().toString(qlonglong(file.contextTokens)))
                    : tr("Does not fit: it needs about %1 of memory. Choose a smaller one.")
                          .arg(fileSize(file.memoryBytes)));
    dress(*fileState_, look, TextRole::small,
          !file.problem.isEmpty() ? Role::error
          : file.fits             ? Role::success
                                  : Role::warning);
}

void ChoicePage::showParts() {
    filePart_->setVisible(file_->isChecked());
    downloadForm_->setVisible(download_->isChecked());
    serverForm_->setVisible(server_->isChecked());
    if (!server_->isChecked()) serverForm_->stopTest();
}

void ChoicePage::applyLook() {
    const Look& look = appearance_.look();
    for (QLabel* help : helps_)
        dress(*help, look, TextRole::small, Role::textMuted);
    dress(*fileState_, look, TextRole::small, Role::textMuted);
    showFile();
}

void ChoicePage::retranslate() {
    for (size_t i = 0; i < found_.size(); ++i)
        findChild<QLabel*>(QStringLiteral("welcome.model.found.%1.help").arg(i))
            ->setText(tr("Ready: its key was found, or it is in your settings."));
    file_->setText(tr("A model file on this computer"));
    fileHelp_->setText(
        tr("GGUF of the Llama family, stored as Q4_0, Q4_1, Q8_0 or F16. Nothing "
           "leaves this computer."));
    files_->setAccessibleName(tr("Model files found"));
    chooseFile_->setText(tr("Choose file…"));
    chooseFolder_->setText(tr("Choose folder…"));
    download_->setText(tr("A model to download"));
    downloadHelp_->setText(
        tr("A GGUF file by its address, kept where Moxie keeps models. A small one has 400 MB, "
           "one that can program 5 to 20 GB."));
    server_->setText(tr("A server"));
    serverHelp_->setText(
        tr("Your own, or one you have a key for. It gets your messages and the "
           "code the agent reads."));
    sample_->setText(tr("The sample model"));
    sampleHelp_->setText(sample_->isEnabled()
                             ? tr("Is here already and answers at once, but it is far too small "
                                  "to program: for trying only.")
                             : tr("It is not here. Set-up fetches it."));
    none_->setText(tr("None for now"));
    noneHelp_->setText(tr("You can look at sessions and code; an agent cannot work."));
    showFile();
}

}  // namespace moxie::desktop
