#include "app/desktop/screens/settings/privacy_page.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLocale>
#include <QUrl>
#include <QVBoxLayout>
#include <utility>

#include "app/cli/models.h"
#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

QString sizeText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

struct PrivacyFacts {
    std::vector<StoredPlace> places;
    QStringList servers;
};

PrivacyFacts readPrivacyFacts(const std::filesystem::path& repository,
                              const std::stop_token& stop) {
    PrivacyFacts facts;
    facts.places = measureStorage(stop);
    const app::Messages say(app::Language::english);
    const auto plan = app::planModels({}, app::Config::load(repository, say), say);
    if (!plan) return facts;
    for (const app::ModelCandidate& candidate : plan->candidates) {
        const QString host = QUrl(QString::fromStdString(candidate.remote.baseUrl)).host();
        if (candidate.file.empty() && !facts.servers.contains(host)) facts.servers << host;
    }
    return facts;
}

}  // namespace

PrivacyPage::PrivacyPage(Appearance& appearance, Worker& worker, std::filesystem::path repository)
    : appearance_(appearance),
      worker_(worker),
      repository_(std::move(repository)),
      promise_(makeText(this, QStringLiteral("settings.privacy.promise"))),
      serversText_(makeText(this, QStringLiteral("settings.privacy.servers"))),
      storedTitle_(makeText(this, QStringLiteral("settings.privacy.stored"))),
      state_(makeText(this, QStringLiteral("settings.privacy.state"))),
      deletionText_(makeText(this, QStringLiteral("settings.privacy.deletion"))),
      delete_(makeButton(this, QStringLiteral("settings.privacy.delete"))),
      sure_(makeButton(this, QStringLiteral("settings.privacy.sure"))),
      keep_(makeButton(this, QStringLiteral("settings.privacy.keep"))),
      undo_(makeButton(this, QStringLiteral("settings.privacy.undo"))) {
    setObjectName(QStringLiteral("settings.privacy"));
    place();
    connect(delete_, &QPushButton::clicked, this, [this] {
        deletion_ = Deletion::asked;
        showDeletion();
        keep_->setFocus();
    });
    connect(keep_, &QPushButton::clicked, this, [this] {
        deletion_ = Deletion::none;
        showDeletion();
        delete_->setFocus();
    });
    connect(sure_, &QPushButton::clicked, this, [this] { change(&deleteIndex, Deletion::done); });
    connect(undo_, &QPushButton::clicked, this, [this] { change(&restoreIndex, Deletion::none); });
    connect(&appearance_, &Appearance::changed, this, &PrivacyPage::applyLook);
    applyLook();
    retranslate();
}

void PrivacyPage::place() {
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(2));
    row->addWidget(deletionText_, 1);
    for (QPushButton* button : {delete_, sure_, keep_, undo_})
        row->addWidget(button);
    table_ = new QWidget(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(2), 0, 0);
    layout->setSpacing(grid(2));
    layout->addWidget(promise_);
    layout->addWidget(serversText_);
    layout->addSpacing(grid(4));
    layout->addWidget(storedTitle_);
    layout->addWidget(state_);
    layout->addWidget(table_);
    layout->addSpacing(grid(2));
    layout->addLayout(row);
    layout->addStretch(1);
}

void PrivacyPage::applyLook() {
    const Look& look = appearance_.look();
    dress(*promise_, look, TextRole::body, Role::text);
    dress(*serversText_, look, TextRole::body, Role::text);
    dress(*storedTitle_, look, TextRole::title, Role::text);
    dress(*state_, look, TextRole::small, Role::textMuted);
    dress(*deletionText_, look, TextRole::small, Role::textMuted);
    showPlaces();
}

void PrivacyPage::retranslate() {
    promise_->setText(
        tr("Moxie has no account and no telemetry. Nothing is sent anywhere but to the models you "
           "chose. Keys stay in the environment, or in a file that only you can read."));
    storedTitle_->setText(tr("Stored on this computer"));
    delete_->setText(tr("Delete the index…"));
    sure_->setText(tr("Delete"));
    sure_->setAccessibleName(tr("Delete the index"));
    keep_->setText(tr("Keep"));
    keep_->setAccessibleName(tr("Keep the index"));
    undo_->setText(tr("Undo"));
    undo_->setAccessibleName(tr("Bring the index back"));
    showPlaces();
    showDeletion();
}

void PrivacyPage::reload() {
    worker_.run(
        *this,
        [repository = repository_](const std::stop_token& stop) {
            return readPrivacyFacts(repository, stop);
        },
        [this](PrivacyFacts facts) {
            places_ = std::move(facts.places);
            servers_ = std::move(facts.servers);
            isRead_ = true;
            showPlaces();
            showDeletion();
        });
}

void PrivacyPage::showPlaces() {
    serversText_->setText(
        !isRead_           ? QString()
        : servers_.empty() ? tr("The model runs on this computer: no text leaves it.")
                           : tr("These servers get your messages and the code the agent reads: %1.")
                                 .arg(servers_.join(QStringLiteral(", "))));
    state_->setText(isRead_ ? tr("Checkpoints lie in each repository itself, under refs/moxie.")
                            : tr("Measuring…"));
    delete table_->layout();
    qDeleteAll(table_->findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
    auto* grid4 = new QGridLayout(table_);
    grid4->setContentsMargins(0, 0, 0, 0);
    grid4->setHorizontalSpacing(grid(4));
    grid4->setVerticalSpacing(grid(2));
    grid4->setColumnStretch(0, 1);
    const Look& look = appearance_.look();
    const QString titles[] = {tr("Settings, keys of actions, rules"),
                              tr("Sessions: messages, outputs, plans"), tr("Models you put there"),
                              tr("Index of your repositories"),
                              tr("What set-up fetched: sample model, grammars")};
    int row = 0;
    for (const StoredPlace& place : places_) {
        const QString path = QString::fromStdString(place.path.string());
        auto* title = makeText(table_, {});
        title->setText(titles[size_t(place.kind)]);
        dress(*title, look, TextRole::body, Role::text);
        auto* where = makeText(table_, {});
        where->setText(path);
        dress(*where, look, TextRole::small, Role::textMuted);
        auto* size = makeText(table_, {});
        size->setWordWrap(false);
        size->setText(place.exists ? sizeText(place.bytes) : tr("nothing yet"));
        dress(*size, look, TextRole::body, place.exists ? Role::text : Role::textMuted);
        auto* open = makeButton(table_, QStringLiteral("settings.privacy.open.%1").arg(row));
        open->setText(tr("Open folder"));
        open->setAccessibleName(tr("Open the folder %1").arg(path));
        open->setEnabled(place.exists);
        connect(open, &QPushButton::clicked, this, [this, path] { emit openFolderWanted(path); });
        grid4->addWidget(title, 2 * row, 0);
        grid4->addWidget(where, 2 * row + 1, 0);
        grid4->addWidget(size, 2 * row, 1, 2, 1, Qt::AlignRight | Qt::AlignVCenter);
        grid4->addWidget(open, 2 * row, 2, 2, 1, Qt::AlignVCenter);
        ++row;
    }
}

void PrivacyPage::showDeletion() {
    const bool hasIndex =
        places_.size() > size_t(StoredKind::index) && places_[size_t(StoredKind::index)].exists;
    delete_->setVisible(deletion_ == Deletion::none);
    delete_->setEnabled(hasIndex);
    sure_->setVisible(deletion_ == Deletion::asked);
    keep_->setVisible(deletion_ == Deletion::asked);
    undo_->setVisible(deletion_ == Deletion::done);
    deletionText_->setText(deletion_ == Deletion::asked
                               ? tr("Delete the index of all repositories? It is made again "
                                    "when a session needs it.")
                           : deletion_ == Deletion::done ? tr("The index is deleted.")
                                                         : QString());
}

void PrivacyPage::change(base::Status (*act)(), Deletion after) {
    worker_.run(
        *this, [act](const std::stop_token&) { return act(); },
        [this, after](const base::Status& done) {
            deletion_ = done ? after : Deletion::none;
            showDeletion();
            if (!done) deletionText_->setText(QString::fromStdString(done.error().message()));
            (after == Deletion::done && done ? undo_ : delete_)->setFocus();
            reload();
        });
}

void PrivacyPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop
