<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>ActionContexts</name>
        <message>
            <source>Everywhere</source>
            <translation>所有位置</translation>
        </message>
        <message>
            <source>In the conversation</source>
            <translation>在对话中</translation>
        </message>
        <message>
            <source>In the message box</source>
            <translation>在消息框中</translation>
        </message>
        <message>
            <source>On a permission card</source>
            <translation>在权限卡片上</translation>
        </message>
        <message>
            <source>In the changes</source>
            <translation>在更改中</translation>
        </message>
        <message>
            <source>In the commit panel</source>
            <translation>在提交面板中</translation>
        </message>
        <message>
            <source>In texts</source>
            <translation>在文本中</translation>
        </message>
    </context>
    <context>
        <name>Actions</name>
        <message>
            <source>Open folder…</source>
            <translation>打开文件夹…</translation>
        </message>
        <message>
            <source>New session</source>
            <translation>新建会话</translation>
        </message>
        <message>
            <source>Next session that needs me</source>
            <translation>下一个需要我的会话</translation>
        </message>
        <message>
            <source>Find in all sessions</source>
            <translation>在所有会话中查找</translation>
        </message>
        <message>
            <source>Go to file or symbol</source>
            <translation>转到文件或符号</translation>
        </message>
        <message>
            <source>Command palette</source>
            <translation>命令面板</translation>
        </message>
        <message>
            <source>Next area</source>
            <translation>下一个区域</translation>
        </message>
        <message>
            <source>Previous area</source>
            <translation>上一个区域</translation>
        </message>
        <message>
            <source>Go to the message box</source>
            <translation>转到消息框</translation>
        </message>
        <message>
            <source>Show or hide sessions</source>
            <translation>显示或隐藏会话栏</translation>
        </message>
        <message>
            <source>Show or hide the workbench</source>
            <translation>显示或隐藏工作台</translation>
        </message>
        <message>
            <source>Workbench: changes</source>
            <translation>工作台：更改</translation>
        </message>
        <message>
            <source>Workbench: context</source>
            <translation>工作台：上下文</translation>
        </message>
        <message>
            <source>Workbench: symbols</source>
            <translation>工作台：符号</translation>
        </message>
        <message>
            <source>Workbench: terminal</source>
            <translation>工作台：终端</translation>
        </message>
        <message>
            <source>Workbench: commit</source>
            <translation>工作台：提交</translation>
        </message>
        <message>
            <source>Workbench: engine</source>
            <translation>工作台：推理引擎</translation>
        </message>
        <message>
            <source>Workbench: preview</source>
            <translation>工作台：预览</translation>
        </message>
        <message>
            <source>Workbench: PLC</source>
            <translation>工作台：PLC 可编程控制器</translation>
        </message>
        <message>
            <source>Show the terminal</source>
            <translation>显示终端</translation>
        </message>
        <message>
            <source>Review changes</source>
            <translation>审阅更改</translation>
        </message>
        <message>
            <source>Open in the editor at this line</source>
            <translation>在编辑器中打开此行</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>重做</translation>
        </message>
        <message>
            <source>Find here</source>
            <translation>在此处查找</translation>
        </message>
        <message>
            <source>Next match</source>
            <translation>下一个匹配</translation>
        </message>
        <message>
            <source>Previous match</source>
            <translation>上一个匹配</translation>
        </message>
        <message>
            <source>Larger text</source>
            <translation>放大文字</translation>
        </message>
        <message>
            <source>Smaller text</source>
            <translation>缩小文字</translation>
        </message>
        <message>
            <source>Normal text size</source>
            <translation>恢复文字大小</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>帮助</translation>
        </message>
        <message>
            <source>Keyboard sheet</source>
            <translation>按键一览</translation>
        </message>
        <message>
            <source>About Moxie</source>
            <translation>关于 Moxie</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message>
            <source>Summary, normal or verbose</source>
            <translation>切换摘要、普通、详细</translation>
        </message>
        <message>
            <source>Previous message of mine</source>
            <translation>我的上一条消息</translation>
        </message>
        <message>
            <source>Next message of mine</source>
            <translation>我的下一条消息</translation>
        </message>
        <message>
            <source>Side question, kept out of the history</source>
            <translation>旁问（不计入历史）</translation>
        </message>
        <message>
            <source>Stop the agent</source>
            <translation>停止智能体</translation>
        </message>
        <message>
            <source>Stop the agent and its command</source>
            <translation>停止智能体及其命令</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
        <message>
            <source>New line</source>
            <translation>换行</translation>
        </message>
        <message>
            <source>Send now, interrupting</source>
            <translation>立即发送并打断</translation>
        </message>
        <message>
            <source>Allow once</source>
            <translation>允许一次</translation>
        </message>
        <message>
            <source>Allow for the rest of this turn</source>
            <translation>本轮内允许</translation>
        </message>
        <message>
            <source>Allow in this session</source>
            <translation>本会话内允许</translation>
        </message>
        <message>
            <source>Always allow in this project</source>
            <translation>在此项目中始终允许</translation>
        </message>
        <message>
            <source>Deny</source>
            <translation>拒绝</translation>
        </message>
        <message>
            <source>Next hunk</source>
            <translation>下一个差异块</translation>
        </message>
        <message>
            <source>Previous hunk</source>
            <translation>上一个差异块</translation>
        </message>
        <message>
            <source>Next file</source>
            <translation>下一个文件</translation>
        </message>
        <message>
            <source>Previous file</source>
            <translation>上一个文件</translation>
        </message>
        <message>
            <source>Accept hunk</source>
            <translation>接受差异块</translation>
        </message>
        <message>
            <source>Reject hunk</source>
            <translation>拒绝差异块</translation>
        </message>
        <message>
            <source>Stage hunk</source>
            <translation>暂存差异块</translation>
        </message>
        <message>
            <source>Comment on hunk</source>
            <translation>评论差异块</translation>
        </message>
        <message>
            <source>Edit hunk</source>
            <translation>编辑差异块</translation>
        </message>
        <message>
            <source>Mark file as reviewed</source>
            <translation>标记文件为已审阅</translation>
        </message>
        <message>
            <source>Commit</source>
            <translation>提交</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Select all</source>
            <translation>全选</translation>
        </message>
    </context>
    <context>
        <name>Canvas</name>
        <message>
            <source>empty</source>
            <translation>空</translation>
        </message>
        <message>
            <source>%1 to %2 of %3</source>
            <translation>第 %1 至 %2 项，共 %3 项</translation>
        </message>
    </context>
    <context>
        <name>Settings</name>
        <message>
            <source>Appearance</source>
            <translation>外观</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>按键</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Permissions</source>
            <translation>权限</translation>
        </message>
        <message>
            <source>Budgets</source>
            <translation>预算</translation>
        </message>
        <message>
            <source>Work</source>
            <translation>工作</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>主题</translation>
        </message>
        <message>
            <source>Text size in percent</source>
            <translation>文字大小（百分比）</translation>
        </message>
        <message>
            <source>How much of the steps is shown</source>
            <translation>步骤显示的详细程度</translation>
        </message>
        <message>
            <source>Colours of the command on a terminal</source>
            <translation>命令在终端中的颜色</translation>
        </message>
        <message>
            <source>Enter sends the message</source>
            <translation>按回车键发送消息</translation>
        </message>
        <message>
            <source>Keys of actions</source>
            <translation>操作的按键</translation>
        </message>
        <message>
            <source>Models, tried in this order</source>
            <translation>模型（按此顺序尝试）</translation>
        </message>
        <message>
            <source>How much the model may think</source>
            <translation>模型思考的程度</translation>
        </message>
        <message>
            <source>Tokens of the repository overview</source>
            <translation>仓库概览的词元数</translation>
        </message>
        <message>
            <source>Tries of one request</source>
            <translation>单个请求的尝试次数</translation>
        </message>
        <message>
            <source>Seconds of waiting between tries</source>
            <translation>两次尝试之间等待的秒数</translation>
        </message>
        <message>
            <source>Seconds of silence until a try has failed</source>
            <translation>静默多少秒后视为失败</translation>
        </message>
        <message>
            <source>What the agent may do without asking</source>
            <translation>智能体无需询问即可做的事</translation>
        </message>
        <message>
            <source>Jail for commands</source>
            <translation>命令的沙箱</translation>
        </message>
        <message>
            <source>Commands may use the network</source>
            <translation>命令可以使用网络</translation>
        </message>
        <message>
            <source>Tools the agent must not use</source>
            <translation>智能体不得使用的工具</translation>
        </message>
        <message>
            <source>Steps in one turn</source>
            <translation>一轮中的步数</translation>
        </message>
        <message>
            <source>Tokens in one turn</source>
            <translation>一轮中的词元数</translation>
        </message>
        <message>
            <source>Seconds in one turn</source>
            <translation>一轮中的秒数</translation>
        </message>
        <message>
            <source>US dollars in one turn</source>
            <translation>一轮中的美元数</translation>
        </message>
        <message>
            <source>Commands that must pass</source>
            <translation>必须通过的命令</translation>
        </message>
        <message>
            <source>Commit at the end of a run</source>
            <translation>运行结束时提交</translation>
        </message>
    </context>
    <context>
        <name>moxie::app::MainWindow</name>
        <message>
            <source>Moxie</source>
            <translation>Moxie</translation>
        </message>
        <message>
            <source>Open a repository to see its sessions.</source>
            <translation>打开一个仓库以查看它的会话。</translation>
        </message>
        <message>
            <source>Sessions</source>
            <translation>会话</translation>
        </message>
        <message>
            <source>Events of the session</source>
            <translation>会话的事件</translation>
        </message>
        <message>
            <source>&amp;File</source>
            <translation>文件(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Open repository…</source>
            <translation>打开仓库(&amp;O)…</translation>
        </message>
        <message>
            <source>&amp;Refresh</source>
            <translation>刷新(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation>退出(&amp;Q)</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>帮助(&amp;H)</translation>
        </message>
        <message>
            <source>&amp;About Moxie</source>
            <translation>关于 Moxie(&amp;A)</translation>
        </message>
        <message>
            <source>Open repository</source>
            <translation>打开仓库</translation>
        </message>
        <message>
            <source>%1 — Moxie</source>
            <translation>%1 — Moxie</translation>
        </message>
        <message>
            <source>The sessions cannot be read: %1</source>
            <translation>无法读取会话列表：%1</translation>
        </message>
        <message>
            <source>Sessions of %1. Choose one to read its events.</source>
            <translation>%1 的会话。选择一个以阅读其事件。</translation>
        </message>
        <message>
            <source>There are no sessions of %1 yet. Start one: moxie run "TASK"</source>
            <translation>%1 还没有会话。用这条命令开始一个：moxie run "任务"</translation>
        </message>
        <message>
            <source>The session cannot be read: %1</source>
            <translation>无法读取该会话：%1</translation>
        </message>
        <message>
            <source>About Moxie</source>
            <translation>关于 Moxie</translation>
        </message>
        <message>
            <source>Moxie, an agentic coding assistant.

This window is at its beginning: it shows the sessions of a repository and their events. Work is driven with the command: moxie run "TASK"</source>
            <translation>Moxie（默契），智能编程助手。

这个窗口尚在起步阶段：它显示仓库的会话及其事件。工作由命令驱动：moxie run "任务"</translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::ActionRegistry</name>
        <message>
            <source>%1 (%2)</source>
            <comment>text and keys of an action</comment>
            <translation>%1（%2）</translation>
        </message>
        <message>
            <source>There is no action "%1".</source>
            <translation>没有名为“%1”的操作。</translation>
        </message>
        <message>
            <source>"%1" is not a key.</source>
            <translation>“%1”不是按键。</translation>
        </message>
        <message>
            <source>%1 stands for both "%2" and "%3".</source>
            <translation>%1 同时被“%2”和“%3”使用。</translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::Canvas</name>
        <message numerus="yes">
            <source>%n new</source>
            <comment>items that came while scrolled up</comment>
            <translation>
                <numerusform>%n 条新内容</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n new, go to the end</source>
            <translation>
                <numerusform>%n 条新内容，转到末尾</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::CommandPalette</name>
        <message>
            <source>Command palette</source>
            <translation>命令面板</translation>
        </message>
        <message>
            <source>Type a command</source>
            <translation>输入命令</translation>
        </message>
        <message>
            <source>Command</source>
            <translation>命令</translation>
        </message>
        <message>
            <source>Commands that fit</source>
            <translation>匹配的命令</translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::FindBar</name>
        <message>
            <source>Find</source>
            <translation>查找</translation>
        </message>
        <message>
            <source>Previous match</source>
            <translation>上一个匹配</translation>
        </message>
        <message>
            <source>Next match</source>
            <translation>下一个匹配</translation>
        </message>
        <message>
            <source>Close find</source>
            <translation>关闭查找</translation>
        </message>
        <message>
            <source>Not found</source>
            <translation>未找到</translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::KeySheet</name>
        <message>
            <source>Keyboard</source>
            <translation>键盘</translation>
        </message>
        <message>
            <source>Keys of all actions</source>
            <translation>所有操作的按键</translation>
        </message>
    </context>
    <context>
        <name>moxie::desktop::LineCanvas</name>
        <message>
            <source>added, line %1: %2</source>
            <translation>新增，第 %1 行：%2</translation>
        </message>
        <message>
            <source>removed, line %1: %2</source>
            <translation>删除，第 %1 行：%2</translation>
        </message>
    </context>
</TS>
