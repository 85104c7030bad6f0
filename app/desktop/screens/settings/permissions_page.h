// The rules that the user keeps for this project (allow, ask, deny), and the log of what was asked
// and answered in its sessions. Files are read and written by the worker.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <filesystem>
#include <memory>
#include <string_view>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/settings/decision_log.h"
#include "base/result.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;

namespace moxie::app {
class Messages;  // whose header moc cannot read
enum class RuleKind;
struct ProjectRules;
}  // namespace moxie::app

namespace moxie::desktop {

class Appearance;
class Settings;

struct PermissionPlaces {
    std::filesystem::path repository, sessionsFolder;
};

class PermissionsPage final : public QWidget {
    Q_OBJECT

public:
    // All must outlive the page.
    PermissionsPage(Settings& settings, Appearance& appearance, Worker& worker,
                    PermissionPlaces places);
    ~PermissionsPage() override;

    // Reads rules and log again.
    void reload();

signals:
    void openSessionWanted(const QString& sessionId);

protected:
    void changeEvent(QEvent* event) override;

private:
    void place();
    void retranslate();
    void applyLook();
    void addRule();
    void removeRule();
    void changeRules(app::RuleKind kind, const QString& rule,
                     base::Status (*change)(const std::filesystem::path&, app::RuleKind,
                                            std::string_view, const app::Messages&));
    void showRules();
    void showLog();

    Settings& settings_;
    Appearance& appearance_;
    Worker& worker_;
    const PermissionPlaces places_;
    std::unique_ptr<app::ProjectRules> rules_;  // never null
    DecisionLog log_;
    bool isLogRead_ = false;
    QLabel *rulesTitle_, *rulesHelp_, *rulesProblem_, *logTitle_, *logState_;
    QTreeWidget *rulesList_, *logList_;
    QComboBox* kind_;
    QLineEdit *rule_, *search_;
    QPushButton *add_, *remove_;
};

}  // namespace moxie::desktop
