<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>CodeRows</name>
    <message numerus="yes">
        <source>about %Ln tokens</source>
        <comment>what a reference costs</comment>
        <translation>
            <numerusform>about %Ln token</numerusform>
            <numerusform>about %Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln times</source>
        <comment>how a symbol is used, how often</comment>
        <translation>
            <numerusform>%1, once</numerusform>
            <numerusform>%1, %Ln times</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln times</source>
        <comment>how often it is called</comment>
        <translation>
            <numerusform>%Ln time</numerusform>
            <numerusform>%Ln times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationTexts</name>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n files</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… %n more lines</source>
        <translation>
            <numerusform>… %n more line</numerusform>
            <numerusform>… %n more lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… %n lines before</source>
        <translation>
            <numerusform>… %n line before</numerusform>
            <numerusform>… %n lines before</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>read %n files</source>
        <translation>
            <numerusform>read %n file</numerusform>
            <numerusform>read %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>searched %n times</source>
        <translation>
            <numerusform>searched once</numerusform>
            <numerusform>searched %n times</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>ran %n commands</source>
        <translation>
            <numerusform>ran %n command</numerusform>
            <numerusform>ran %n commands</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>edited %n files</source>
        <translation>
            <numerusform>edited %n file</numerusform>
            <numerusform>edited %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>made %n other calls</source>
        <translation>
            <numerusform>made %n other call</numerusform>
            <numerusform>made %n other calls</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n steps</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pictures</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Canvas</name>
    <message numerus="yes">
        <source>%n new</source>
        <comment>items that came while scrolled up</comment>
        <translation>
            <numerusform>%n new</numerusform>
            <numerusform>%n new</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new, go to the end</source>
        <translation>
            <numerusform>%n new, go to the end</numerusform>
            <numerusform>%n new, go to the end</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ChangesBar</name>
    <message numerus="yes">
        <source>%n files</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hunks</source>
        <translation>
            <numerusform>%n hunk</numerusform>
            <numerusform>%n hunks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Send %n comments</source>
        <translation>
            <numerusform>Send %n comment</numerusform>
            <numerusform>Send %n comments</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ChangesScreen</name>
    <message numerus="yes">
        <source>Took back %n hunks of the agent. A checkpoint was taken before.</source>
        <translation>
            <numerusform>Took back %n hunk of the agent. A checkpoint was taken before.</numerusform>
            <numerusform>Took back %n hunks of the agent. A checkpoint was taken before.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodeSource</name>
    <message numerus="yes">
        <source>%n lines</source>
        <comment>folded away</comment>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodeViewer</name>
    <message numerus="yes">
        <source>used in %Ln places</source>
        <comment>of a symbol</comment>
        <translation>
            <numerusform>used in %Ln place</numerusform>
            <numerusform>used in %Ln places</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Desk</name>
    <message numerus="yes">
        <source>The last turn was given back: %n files changed.</source>
        <translation>
            <numerusform>The last turn was given back: %n file changed.</numerusform>
            <numerusform>The last turn was given back: %n files changed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::FileTree</name>
    <message numerus="yes">
        <source>%n more: type letters above</source>
        <comment>files of a large folder</comment>
        <translation>
            <numerusform>%n more: type letters above</numerusform>
            <numerusform>%n more: type letters above</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::FilterRow</name>
    <message numerus="yes">
        <source>Needs me %n</source>
        <translation>
            <numerusform>Needs me %n</numerusform>
            <numerusform>Needs me %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sessions that need me: %n</source>
        <translation>
            <numerusform>Sessions that need me: %n</numerusform>
            <numerusform>Sessions that need me: %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::HunkBar</name>
    <message numerus="yes">
        <source>Accept %n lines</source>
        <translation>
            <numerusform>Accept %n line</numerusform>
            <numerusform>Accept %n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Reject %n lines</source>
        <translation>
            <numerusform>Reject %n line</numerusform>
            <numerusform>Reject %n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::IndexPanel</name>
    <message numerus="yes">
        <source>%n files are found by name only, not by their text:</source>
        <translation>
            <numerusform>%n file is found by name only, not by its text:</numerusform>
            <numerusform>%n files are found by name only, not by their text:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::MessagePage</name>
    <message numerus="yes">
        <source>Hunks decided: %n. What you accepted stays in the files and can be committed.</source>
        <translation>
            <numerusform>Hunks decided: %n. What you accepted stays in the files and can be committed.</numerusform>
            <numerusform>Hunks decided: %n. What you accepted stays in the files and can be committed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::NoticeStrip</name>
    <message numerus="yes">
        <source>%n more</source>
        <comment>notices</comment>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::OutputScreen</name>
    <message numerus="yes">
        <source>The first %n lines are not shown.</source>
        <translation>
            <numerusform>The first line is not shown.</numerusform>
            <numerusform>The first %n lines are not shown.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PermissionCard</name>
    <message numerus="yes">
        <source>The agent asks for %n permissions</source>
        <translation>
            <numerusform>The agent asks for %n permission</numerusform>
            <numerusform>The agent asks for %n permissions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PictureStrip</name>
    <message numerus="yes">
        <source>A message takes %n pictures at most.</source>
        <translation>
            <numerusform>A message takes %n picture at most.</numerusform>
            <numerusform>A message takes %n pictures at most.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PlanRows</name>
    <message numerus="yes">
        <source>%n calls</source>
        <translation>
            <numerusform>%n call</numerusform>
            <numerusform>%n calls</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PlanStrip</name>
    <message numerus="yes">
        <source>All %n done</source>
        <comment>steps of the plan</comment>
        <translation>
            <numerusform>All done</numerusform>
            <numerusform>All %n done</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::QueuedMessages</name>
    <message numerus="yes">
        <source>%n messages wait for the end of this turn</source>
        <translation>
            <numerusform>%n message waits for the end of this turn</numerusform>
            <numerusform>%n messages wait for the end of this turn</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 (with %n pictures)</source>
        <comment>message</comment>
        <translation>
            <numerusform>%1 (with %n picture)</numerusform>
            <numerusform>%1 (with %n pictures)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SearchScreen</name>
    <message numerus="yes">
        <source>%Ln results in %1</source>
        <comment>how many, how long it took</comment>
        <translation>
            <numerusform>%Ln result in %1</numerusform>
            <numerusform>%Ln results in %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionAge</name>
    <message numerus="yes">
        <source>%n minutes ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hours ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n days ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionTree</name>
    <message numerus="yes">
        <source>Project %1, %n sessions</source>
        <translation>
            <numerusform>Project %1, %n session</numerusform>
            <numerusform>Project %1, %n sessions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionsScreen</name>
    <message numerus="yes">
        <source>%n files in the worktree of “%1” are not committed.</source>
        <translation>
            <numerusform>%n file in the worktree of “%1” is not committed.</numerusform>
            <numerusform>%n files in the worktree of “%1” are not committed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::StatusChips</name>
    <message numerus="yes">
        <source>%n files are known. Click for more.</source>
        <translation>
            <numerusform>%n file is known. Click for more.</numerusform>
            <numerusform>%n files are known. Click for more.</numerusform>
        </translation>
    </message>
</context>
</TS>
