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
    <message>
        <source>In the terminal</source>
        <translation>在终端中</translation>
    </message>
    <message>
        <source>In source code</source>
        <translation>在源代码中</translation>
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
        <translation>快捷键一览</translation>
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
    <message>
        <source>Add the selection to the message</source>
        <translation>将所选内容添加到消息</translation>
    </message>
    <message>
        <source>Back to where I was</source>
        <translation>返回之前的位置</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>再次前进</translation>
    </message>
    <message>
        <source>Go to line</source>
        <translation>转到行</translation>
    </message>
    <message>
        <source>Go to where it is defined</source>
        <translation>转到定义处</translation>
    </message>
    <message>
        <source>Show where it is used</source>
        <translation>显示使用处</translation>
    </message>
    <message>
        <source>Show or hide the outline</source>
        <translation>显示或隐藏大纲</translation>
    </message>
    <message>
        <source>Ask about the selection</source>
        <translation>就所选内容提问</translation>
    </message>
    <message>
        <source>New session in its own worktree</source>
        <translation>在独立工作树中新建会话</translation>
    </message>
    <message>
        <source>Changes side by side or below each other</source>
        <translation>更改左右并排或上下显示</translation>
    </message>
    <message>
        <source>Show whole files in the changes</source>
        <translation>在更改中显示整个文件</translation>
    </message>
    <message>
        <source>Fold changes of white space</source>
        <translation>折叠仅空白的更改</translation>
    </message>
    <message>
        <source>Changed files as a tree or flat</source>
        <translation>更改的文件以树形或列表显示</translation>
    </message>
    <message>
        <source>Compare with another commit</source>
        <translation>与另一个提交比较</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Show or hide the files of the repository</source>
        <translation>显示或隐藏仓库的文件</translation>
    </message>
    <message>
        <source>Show or hide who changed each line</source>
        <translation>显示或隐藏每一行的修改者</translation>
    </message>
    <message>
        <source>Fold or unfold here</source>
        <translation>折叠或展开此处</translation>
    </message>
    <message>
        <source>Fold or unfold all functions</source>
        <translation>折叠或展开所有函数</translation>
    </message>
    <message>
        <source>Edit these lines</source>
        <translation>编辑这些行</translation>
    </message>
    <message>
        <source>Ask on the side</source>
        <translation>旁问</translation>
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
    <name>Choices</name>
    <message>
        <source>As the system says</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>On a terminal</source>
        <translation>仅在终端上</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>始终</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>Plan: reads only</source>
        <translation>计划：只读</translation>
    </message>
    <message>
        <source>Ask before edits and commands</source>
        <translation>编辑和命令之前询问</translation>
    </message>
    <message>
        <source>Edit freely, ask before commands</source>
        <translation>可自由编辑，命令之前询问</translation>
    </message>
    <message>
        <source>Everything inside the jail</source>
        <translation>沙箱内全部允许</translation>
    </message>
    <message>
        <source>Required</source>
        <translation>必须</translation>
    </message>
    <message>
        <source>Off: commands reach everything</source>
        <translation>关闭：命令可以访问一切</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>低</translation>
    </message>
    <message>
        <source>High</source>
        <translation>高</translation>
    </message>
    <message>
        <source>As much as it likes</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>High contrast, light</source>
        <translation>高对比度，浅色</translation>
    </message>
    <message>
        <source>High contrast, dark</source>
        <translation>高对比度，深色</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>摘要</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>Verbose</source>
        <translation>详细</translation>
    </message>
</context>
<context>
    <name>ClearButton</name>
    <message>
        <source>Clear</source>
        <translation>清空</translation>
    </message>
</context>
<context>
    <name>CodeRows</name>
    <message>
        <source>function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>constructor</source>
        <translation>构造函数</translation>
    </message>
    <message>
        <source>type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>interface</source>
        <translation>接口</translation>
    </message>
    <message>
        <source>enumeration</source>
        <translation>枚举</translation>
    </message>
    <message>
        <source>enumerator</source>
        <translation>枚举值</translation>
    </message>
    <message>
        <source>field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>variable</source>
        <translation>变量</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>常量</translation>
    </message>
    <message>
        <source>macro</source>
        <translation>宏</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>type alias</source>
        <translation>类型别名</translation>
    </message>
    <message>
        <source>symbol</source>
        <translation>符号</translation>
    </message>
    <message numerus="yes">
        <source>about %Ln tokens</source>
        <comment>what a reference costs</comment>
        <translation>
            <numerusform>约 %Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 ms</source>
        <comment>how long a question took</comment>
        <translation>%1 毫秒</translation>
    </message>
    <message>
        <source>file %1</source>
        <translation>文件 %1</translation>
    </message>
    <message>
        <source>%1 %2 in %3, line %4</source>
        <comment>kind, name, file, line</comment>
        <translation>%1 %2，位于 %3 第 %4 行</translation>
    </message>
    <message>
        <source>%1 %2, line %3</source>
        <comment>kind, name, line</comment>
        <translation>%1 %2，第 %3 行</translation>
    </message>
    <message>
        <source>%1, line %2: %3</source>
        <comment>file, line, why</comment>
        <translation>%1 第 %2 行：%3</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>file, why</comment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>called</source>
        <comment>how a symbol is used</comment>
        <translation>被调用</translation>
    </message>
    <message>
        <source>used as a type</source>
        <comment>how a symbol is used</comment>
        <translation>用作类型</translation>
    </message>
    <message>
        <source>read</source>
        <comment>how a symbol is used</comment>
        <translation>被读取</translation>
    </message>
    <message>
        <source>written</source>
        <comment>how a symbol is used</comment>
        <translation>被写入</translation>
    </message>
    <message>
        <source>inherited</source>
        <comment>how a symbol is used</comment>
        <translation>被继承</translation>
    </message>
    <message>
        <source>imported</source>
        <comment>how a symbol is used</comment>
        <translation>被导入</translation>
    </message>
    <message>
        <source>outside of functions</source>
        <translation>函数之外</translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln times</source>
        <comment>how a symbol is used, how often</comment>
        <translation>
            <numerusform>%1，%Ln 次</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is %2 in %3, line %4: %5</source>
        <comment>symbol, how it is used, file, line, text</comment>
        <translation>%1 %2，位于 %3 第 %4 行：%5</translation>
    </message>
    <message>
        <source>Defined</source>
        <translation>定义</translation>
    </message>
    <message>
        <source>Used</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <comment>kind of a symbol, where it is</comment>
        <translation>%1，位于 %2</translation>
    </message>
    <message numerus="yes">
        <source>%Ln times</source>
        <comment>how often it is called</comment>
        <translation>
            <numerusform>%Ln 次</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 calls %2, line %3</source>
        <comment>symbol, symbol, line</comment>
        <translation>%1 调用 %2，第 %3 行</translation>
    </message>
    <message>
        <source>Calls</source>
        <translation>调用</translation>
    </message>
    <message>
        <source>its path is named</source>
        <translation>路径被提到</translation>
    </message>
    <message>
        <source>name %1</source>
        <translation>名称 %1</translation>
    </message>
    <message>
        <source>has the quoted text</source>
        <translation>含有引用的文字</translation>
    </message>
    <message>
        <source>words: %1</source>
        <translation>词：%1</translation>
    </message>
    <message>
        <source>messages of commits</source>
        <translation>提交说明</translation>
    </message>
    <message>
        <source>; </source>
        <comment>between reasons</comment>
        <translation>；</translation>
    </message>
</context>
<context>
    <name>CommandTexts</name>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>waits for your permission</source>
        <translation>等待您的许可</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>exit %1</source>
        <translation>退出码 %1</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>verification</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>agent</source>
        <translation>智能体</translation>
    </message>
</context>
<context>
    <name>ConversationTexts</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open in editor</source>
        <translation>在编辑器中打开</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>引用</translation>
    </message>
    <message>
        <source>Edit and resend</source>
        <translation>编辑后重发</translation>
    </message>
    <message>
        <source>Restore to here</source>
        <translation>恢复到此处</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>正在工作</translation>
    </message>
    <message>
        <source>%1 in all, Esc stops</source>
        <comment>time</comment>
        <translation>共 %1，按 Esc 停止</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步骤</translation>
    </message>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation>
            <numerusform>%n 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>End of the turn</source>
        <translation>本轮结束</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Committed</source>
        <translation>已提交</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 个文件</translation>
    </message>
    <message numerus="yes">
        <source>%n files</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>May the agent run this command?</source>
        <translation>允许智能体运行这条命令吗？</translation>
    </message>
    <message>
        <source>May the agent change this file?</source>
        <translation>允许智能体更改这个文件吗？</translation>
    </message>
    <message>
        <source>May the agent read this?</source>
        <translation>允许智能体读取此内容吗？</translation>
    </message>
    <message>
        <source>May the agent search here?</source>
        <translation>允许智能体在此处搜索吗？</translation>
    </message>
    <message>
        <source>May the agent fetch this from the network?</source>
        <translation>允许智能体从网络获取此内容吗？</translation>
    </message>
    <message>
        <source>May the agent use %1?</source>
        <comment>a tool</comment>
        <translation>允许智能体使用 %1 吗？</translation>
    </message>
    <message>
        <source>… 1 more line</source>
        <translation>… 还有 1 行</translation>
    </message>
    <message numerus="yes">
        <source>… %n more lines</source>
        <translation>
            <numerusform>… 还有 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>read files</source>
        <translation>读取文件</translation>
    </message>
    <message>
        <source>change files</source>
        <translation>更改文件</translation>
    </message>
    <message>
        <source>run programs</source>
        <translation>运行程序</translation>
    </message>
    <message>
        <source>use the network</source>
        <translation>使用网络</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>things that were done</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>It could: %1. Inside the sandbox, without network.</source>
        <translation>它可能会：%1。在沙箱内，无网络。</translation>
    </message>
    <message>
        <source>It could: %1. Inside the sandbox, with network.</source>
        <translation>它可能会：%1。在沙箱内，有网络。</translation>
    </message>
    <message>
        <source>It could: %1. Only inside the workspace.</source>
        <translation>它可能会：%1。仅限工作区内。</translation>
    </message>
    <message>
        <source>It could: %1.</source>
        <translation>它可能会：%1。</translation>
    </message>
    <message>
        <source>It could: %1. Not inside the sandbox.</source>
        <translation>它可能会：%1。不在沙箱内。</translation>
    </message>
    <message>
        <source>Why it asks: %1</source>
        <translation>询问原因：%1</translation>
    </message>
    <message>
        <source>Why it asks: the rule &quot;%1&quot;</source>
        <translation>询问原因：规则“%1”</translation>
    </message>
    <message>
        <source>Why it asks: %1 (rule &quot;%2&quot;)</source>
        <translation>询问原因：%1（规则“%2”）</translation>
    </message>
    <message>
        <source>Only once: %1</source>
        <translation>只能允许一次：%1</translation>
    </message>
    <message>
        <source>… 1 line before</source>
        <translation>… 前面还有 1 行</translation>
    </message>
    <message numerus="yes">
        <source>… %n lines before</source>
        <translation>
            <numerusform>… 前面还有 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>exit code %1</source>
        <translation>退出码 %1</translation>
    </message>
    <message>
        <source>Whole output</source>
        <translation>完整输出</translation>
    </message>
    <message>
        <source>Review changes</source>
        <translation>审阅更改</translation>
    </message>
    <message>
        <source>Open file</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>running</source>
        <translation>正在运行</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>passed in %1</source>
        <translation>通过，用时 %1</translation>
    </message>
    <message>
        <source>exit code %1 after %2</source>
        <translation>退出码 %1，用时 %2</translation>
    </message>
    <message>
        <source>No output</source>
        <translation>没有输出</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>Reading %1</source>
        <translation>正在读取 %1</translation>
    </message>
    <message>
        <source>Editing %1</source>
        <translation>正在编辑 %1</translation>
    </message>
    <message>
        <source>Searching for %1</source>
        <translation>正在搜索 %1</translation>
    </message>
    <message>
        <source>Running %1</source>
        <translation>正在运行 %1</translation>
    </message>
    <message>
        <source>Fetching %1</source>
        <translation>正在获取 %1</translation>
    </message>
    <message>
        <source>Planning</source>
        <translation>正在计划</translation>
    </message>
    <message>
        <source>Using %1: %2</source>
        <comment>a tool and what for</comment>
        <translation>正在使用 %1：%2</translation>
    </message>
    <message>
        <source>Read %1</source>
        <translation>读取 %1</translation>
    </message>
    <message>
        <source>Edited %1</source>
        <translation>已编辑 %1</translation>
    </message>
    <message>
        <source>Searched for %1</source>
        <translation>已搜索 %1</translation>
    </message>
    <message>
        <source>Ran %1</source>
        <translation>已运行 %1</translation>
    </message>
    <message>
        <source>Fetched %1</source>
        <translation>已获取 %1</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>已计划</translation>
    </message>
    <message>
        <source>Used %1: %2</source>
        <comment>a tool and what for</comment>
        <translation>已使用 %1：%2</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>编辑 %1</translation>
    </message>
    <message>
        <source>Search for %1</source>
        <translation>搜索 %1</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>Fetch %1</source>
        <translation>获取 %1</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Use %1: %2</source>
        <comment>a tool and what for</comment>
        <translation>使用 %1：%2</translation>
    </message>
    <message>
        <source>Verified in %1</source>
        <translation>已验证，用时 %1</translation>
    </message>
    <message>
        <source>Done in %1, not verified</source>
        <translation>已完成，用时 %1，未验证</translation>
    </message>
    <message>
        <source>The checks failed after %1</source>
        <translation>检查失败，用时 %1</translation>
    </message>
    <message>
        <source>Ended after %1: a permission was missing</source>
        <translation>已结束，用时 %1：缺少权限</translation>
    </message>
    <message>
        <source>The budget was used up after %1</source>
        <translation>预算已用尽，用时 %1</translation>
    </message>
    <message>
        <source>The agent got stuck after %1</source>
        <translation>智能体停滞不前，用时 %1</translation>
    </message>
    <message>
        <source>Ended: commands cannot be run in a sandbox here</source>
        <translation>已结束：此处无法在沙箱中运行命令</translation>
    </message>
    <message>
        <source>The model refused</source>
        <translation>模型拒绝了请求</translation>
    </message>
    <message>
        <source>Stopped after %1</source>
        <translation>已停止，用时 %1</translation>
    </message>
    <message>
        <source>Ended from outside after %1</source>
        <translation>已被外部终止，用时 %1</translation>
    </message>
    <message>
        <source>Failed after %1</source>
        <translation>失败，用时 %1</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>read 1 file</source>
        <translation>读取了 1 个文件</translation>
    </message>
    <message numerus="yes">
        <source>read %n files</source>
        <translation>
            <numerusform>读取了 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>searched once</source>
        <translation>搜索了 1 次</translation>
    </message>
    <message numerus="yes">
        <source>searched %n times</source>
        <translation>
            <numerusform>搜索了 %n 次</numerusform>
        </translation>
    </message>
    <message>
        <source>ran 1 command</source>
        <translation>运行了 1 条命令</translation>
    </message>
    <message numerus="yes">
        <source>ran %n commands</source>
        <translation>
            <numerusform>运行了 %n 条命令</numerusform>
        </translation>
    </message>
    <message>
        <source>edited 1 file</source>
        <translation>编辑了 1 个文件</translation>
    </message>
    <message numerus="yes">
        <source>edited %n files</source>
        <translation>
            <numerusform>编辑了 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>made 1 other call</source>
        <translation>另有 1 次调用</translation>
    </message>
    <message numerus="yes">
        <source>made %n other calls</source>
        <translation>
            <numerusform>另有 %n 次调用</numerusform>
        </translation>
    </message>
    <message>
        <source>1 failed</source>
        <translation>1 个失败</translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n 个失败</numerusform>
        </translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 个步骤</translation>
    </message>
    <message numerus="yes">
        <source>%n steps</source>
        <translation>
            <numerusform>%n 个步骤</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>&quot;7 steps&quot;, what was done</comment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>正在检查</translation>
    </message>
    <message>
        <source>Check: %1</source>
        <translation>检查：%1</translation>
    </message>
    <message>
        <source>Check %1 of %2: %3</source>
        <translation>检查 %1/%2：%3</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>正在思考</translation>
    </message>
    <message>
        <source>Thought for %1</source>
        <translation>思考了 %1</translation>
    </message>
    <message>
        <source>Thought</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>needs your permission</source>
        <translation>需要您的许可</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Cut off: the program ended while this turn ran</source>
        <translation>已中断：本轮运行时程序退出了</translation>
    </message>
    <message>
        <source>Waiting for your permission</source>
        <translation>正在等待您的许可</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>正在撰写</translation>
    </message>
    <message>
        <source>Waiting for the model</source>
        <translation>正在等待模型</translation>
    </message>
    <message>
        <source>Allowed once</source>
        <translation>已允许一次</translation>
    </message>
    <message>
        <source>Allowed for the rest of this turn</source>
        <translation>本轮内已允许</translation>
    </message>
    <message>
        <source>Allowed in this session: %1</source>
        <translation>本会话内已允许：%1</translation>
    </message>
    <message>
        <source>Allowed in this session</source>
        <translation>本会话内已允许</translation>
    </message>
    <message>
        <source>Always allowed in this project: %1</source>
        <translation>本项目中始终允许：%1</translation>
    </message>
    <message>
        <source>Always allowed in this project</source>
        <translation>本项目中始终允许</translation>
    </message>
    <message>
        <source>Denied: nobody was there to answer</source>
        <translation>已拒绝：当时无人应答</translation>
    </message>
    <message>
        <source>Denied</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>Denied: %1</source>
        <translation>已拒绝：%1</translation>
    </message>
    <message>
        <source>Apply to file</source>
        <translation>应用到文件</translation>
    </message>
    <message>
        <source>Helpful</source>
        <translation>有帮助</translation>
    </message>
    <message>
        <source>Rated helpful</source>
        <translation>已评为有帮助</translation>
    </message>
    <message>
        <source>Your pictures</source>
        <translation>你的图片</translation>
    </message>
    <message>
        <source>1 picture</source>
        <translation>1 张图片</translation>
    </message>
    <message numerus="yes">
        <source>%n pictures</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Open the picture</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Open picture %1</source>
        <translation>打开图片 %1</translation>
    </message>
    <message>
        <source>No answer: %1</source>
        <translation>没有回答：%1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>model, time</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Unhelpful</source>
        <translation>没有帮助</translation>
    </message>
    <message>
        <source>Rated unhelpful</source>
        <translation>已评为没有帮助</translation>
    </message>
    <message>
        <source>As Markdown</source>
        <translation>以 Markdown 打开</translation>
    </message>
</context>
<context>
    <name>CostTexts</name>
    <message>
        <source>unknown price</source>
        <translation>价格未知</translation>
    </message>
    <message>
        <source>local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
</context>
<context>
    <name>PolicyReasons</name>
    <message>
        <source>it runs a command</source>
        <translation>它要运行命令</translation>
    </message>
    <message>
        <source>it changes files</source>
        <translation>它要更改文件</translation>
    </message>
    <message>
        <source>it uses the network</source>
        <translation>它要使用网络</translation>
    </message>
    <message>
        <source>a rule wants to be asked</source>
        <translation>有规则要求询问</translation>
    </message>
    <message>
        <source>your rule wants to be asked each time</source>
        <translation>您的规则要求每次询问</translation>
    </message>
    <message>
        <source>what it drops cannot be brought back, so it is asked each time</source>
        <translation>丢弃的内容无法找回，因此每次都询问</translation>
    </message>
    <message>
        <source>git -c alias hides its command</source>
        <translation>git -c alias 隐藏了所运行的命令</translation>
    </message>
    <message>
        <source>the command is nested too deeply to be read</source>
        <translation>命令嵌套过深，无法解读</translation>
    </message>
    <message>
        <source>drops uncommitted changes</source>
        <translation>会丢弃未提交的更改</translation>
    </message>
    <message>
        <source>overwrites files</source>
        <translation>会覆盖文件</translation>
    </message>
    <message>
        <source>deletes untracked files</source>
        <translation>会删除未跟踪的文件</translation>
    </message>
    <message>
        <source>rewrites or deletes on the remote</source>
        <translation>会改写或删除远程内容</translation>
    </message>
    <message>
        <source>deletes or moves a branch</source>
        <translation>会删除或移动分支</translation>
    </message>
    <message>
        <source>deletes or moves a tag</source>
        <translation>会删除或移动标签</translation>
    </message>
    <message>
        <source>drops stashed changes</source>
        <translation>会丢弃贮藏的更改</translation>
    </message>
    <message>
        <source>rewrites a commit</source>
        <translation>会改写提交</translation>
    </message>
    <message>
        <source>hides commands in an alias</source>
        <translation>把命令藏在别名中</translation>
    </message>
    <message>
        <source>removes a worktree</source>
        <translation>会移除工作树</translation>
    </message>
    <message>
        <source>removes a submodule&apos;s files</source>
        <translation>会移除子模块的文件</translation>
    </message>
    <message>
        <source>deletes the reflog</source>
        <translation>会删除引用日志</translation>
    </message>
    <message>
        <source>moves refs</source>
        <translation>会移动引用</translation>
    </message>
    <message>
        <source>deletes unreachable commits</source>
        <translation>会删除不可达的提交</translation>
    </message>
    <message>
        <source>deletes files</source>
        <translation>会删除文件</translation>
    </message>
    <message>
        <source>rewrites or deletes commits</source>
        <translation>会改写或删除提交</translation>
    </message>
    <message>
        <source>hides its command</source>
        <translation>隐藏了所运行的命令</translation>
    </message>
</context>
<context>
    <name>ReviewMessages</name>
    <message>
        <source>Nothing was written: %1. Look at the lines as they are now and decide again.</source>
        <translation>没有写入：%1。请查看现在的内容，重新决定。</translation>
    </message>
    <message>
        <source>Nothing was written: %1. Ignored and very large files are in no checkpoint, so they are not overwritten.</source>
        <translation>没有写入：%1。被忽略的文件和很大的文件不在检查点中，因此不会被覆盖。</translation>
    </message>
    <message>
        <source>That could not be done, and nothing was changed: %1</source>
        <translation>未能完成，没有任何改动：%1</translation>
    </message>
    <message>
        <source>I looked at your changes and have these comments:</source>
        <translation>我看了你的更改，有以下评论：</translation>
    </message>
    <message>
        <source>%1. In %2, from line %3:</source>
        <translation>%1. 在 %2 中，从第 %3 行起：</translation>
    </message>
    <message>
        <source>Why did you change %1?</source>
        <translation>你为什么更改 %1？</translation>
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
        <translation>快捷键</translation>
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
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation>按回车键发送消息</translation>
    </message>
    <message>
        <source>Keys of actions</source>
        <translation>操作的快捷键</translation>
    </message>
    <message>
        <source>Gigabytes of remembered conversations</source>
        <translation>记住的对话占用的磁盘（GB）</translation>
    </message>
    <message>
        <source>On disk, for what local models have read; 0: none.</source>
        <translation>本地模型已读内容占用的磁盘；0 表示不使用。</translation>
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
        <source>Jail for commands</source>
        <translation>命令的沙箱</translation>
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
        <source>Privacy</source>
        <translation>隐私</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>Models and backends</source>
        <translation>模型与后端</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>编辑器</translation>
    </message>
    <message>
        <source>Index</source>
        <translation>索引</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
    <message>
        <source>Language of the messages; auto follows the locale. MOXIE_LANG wins over it.</source>
        <translation>消息的语言；auto 跟随系统区域设置。MOXIE_LANG 优先。</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Desktop notifications when a session needs you, has finished or has failed.</source>
        <translation>会话需要您、已完成或失败时的桌面通知。</translation>
    </message>
    <message>
        <source>Run before a turn counts as verified; empty: found from the project. A project&apos;s list is used inside the jail only.</source>
        <translation>一轮通过验证之前要运行的命令；留空则从项目中查找。项目的列表只在沙箱内使用。</translation>
    </message>
    <message>
        <source>Commit at the end</source>
        <translation>结束时提交</translation>
    </message>
    <message>
        <source>Whether moxie run commits at the end.</source>
        <translation>moxie run 是否在结束时提交。</translation>
    </message>
    <message>
        <source>Colours of the window; system follows the desktop environment.</source>
        <translation>窗口的颜色；system 跟随桌面环境。</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>In percent, for all texts of the window.</source>
        <translation>窗口中所有文字的百分比。</translation>
    </message>
    <message>
        <source>Detail of steps</source>
        <translation>步骤的详细程度</translation>
    </message>
    <message>
        <source>How much of the agent&apos;s steps a conversation shows.</source>
        <translation>对话中显示智能体步骤的详细程度。</translation>
    </message>
    <message>
        <source>Reduced motion</source>
        <translation>减少动态效果</translation>
    </message>
    <message>
        <source>Nothing folds or slides, everything is in its place at once.</source>
        <translation>不折叠、不滑动，一切立即就位。</translation>
    </message>
    <message>
        <source>Enter sends and Shift+Enter breaks the line; off swaps them.</source>
        <translation>Enter 发送，Shift+Enter 换行；关闭则互换。</translation>
    </message>
    <message>
        <source>Keys of actions, such as &quot;hunk.accept=Y&quot;; nothing after the sign takes the keys away.</source>
        <translation>操作的快捷键，例如“hunk.accept=Y”；等号后留空则取消快捷键。</translation>
    </message>
    <message>
        <source>The models, tried in this order.</source>
        <translation>模型，按此顺序尝试。</translation>
    </message>
    <message>
        <source>Thinking effort</source>
        <translation>思考强度</translation>
    </message>
    <message>
        <source>How much the model may think.</source>
        <translation>模型可以思考多少。</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>What the agent may do without asking.</source>
        <translation>智能体无需询问就可以做什么。</translation>
    </message>
    <message>
        <source>Whether commands must run in a jail.</source>
        <translation>命令是否必须在沙箱中运行。</translation>
    </message>
    <message>
        <source>Network for commands</source>
        <translation>命令的网络</translation>
    </message>
    <message>
        <source>Whether commands may use the network.</source>
        <translation>命令是否可以使用网络。</translation>
    </message>
    <message>
        <source>Denied tools</source>
        <translation>禁用的工具</translation>
    </message>
    <message>
        <source>Tools the agent must not use.</source>
        <translation>智能体不得使用的工具。</translation>
    </message>
    <message>
        <source>Editor command</source>
        <translation>编辑器命令</translation>
    </message>
    <message>
        <source>Command that opens a file in your editor, with FILE, LINE and COLUMN; empty: the first editor that is found.</source>
        <translation>在您的编辑器中打开文件的命令，含 FILE、LINE 和 COLUMN；留空则使用找到的第一个编辑器。</translation>
    </message>
    <message>
        <source>Size of the repository pack in the first request; 0: none; -1: an eighth of the model&apos;s context, at most 24000.</source>
        <translation>首次请求中仓库概览的大小；0：无；-1：模型上下文的八分之一，最多 24000。</translation>
    </message>
    <message>
        <source>The agent hands over after so many; 0 means no bound.</source>
        <translation>达到此步数后智能体会交接；0 表示不限。</translation>
    </message>
    <message>
        <source>Of all requests of the turn; 0 means no bound.</source>
        <translation>本轮所有请求合计；0 表示不限。</translation>
    </message>
    <message>
        <source>From the first request on; 0 means no bound.</source>
        <translation>从第一个请求开始计算；0 表示不限。</translation>
    </message>
    <message>
        <source>Counts where the price of the model is known; 0 means no bound.</source>
        <translation>已知模型价格时计算；0 表示不限。</translation>
    </message>
    <message>
        <source>US dollars in one session</source>
        <translation>一个会话的美元数</translation>
    </message>
    <message>
        <source>US dollars of one session in the window; a turn that would go beyond pauses; 0 means no bound.</source>
        <translation>窗口中一个会话的美元数；会超出的轮次将暂停；0 表示不限。</translation>
    </message>
    <message>
        <source>US dollars in one day</source>
        <translation>一天的美元数</translation>
    </message>
    <message>
        <source>US dollars of all sessions of a day, held by the window; 0 means no bound.</source>
        <translation>一天内所有会话的美元数，由窗口控制；0 表示不限。</translation>
    </message>
    <message>
        <source>US dollars in one project</source>
        <translation>一个项目的美元数</translation>
    </message>
    <message>
        <source>US dollars of all sessions of a repository, held by the window; 0 means no bound.</source>
        <translation>一个仓库所有会话的美元数，由窗口控制；0 表示不限。</translation>
    </message>
    <message>
        <source>Tokens in one session</source>
        <translation>一个会话的词元数</translation>
    </message>
    <message>
        <source>Input and output tokens of one session in the window; 0 means no bound.</source>
        <translation>窗口中一个会话的输入和输出词元；0 表示不限。</translation>
    </message>
    <message>
        <source>Tokens in one day</source>
        <translation>一天的词元数</translation>
    </message>
    <message>
        <source>Input and output tokens of all sessions of a day, held by the window; 0 means no bound.</source>
        <translation>一天内所有会话的输入和输出词元，由窗口控制；0 表示不限。</translation>
    </message>
    <message>
        <source>Tokens in one project</source>
        <translation>一个项目的词元数</translation>
    </message>
    <message>
        <source>Input and output tokens of all sessions of a repository, held by the window; 0 means no bound.</source>
        <translation>一个仓库所有会话的输入和输出词元，由窗口控制；0 表示不限。</translation>
    </message>
    <message>
        <source>A request that failed is sent again, up to so many times in all.</source>
        <translation>失败的请求会再次发送，总共最多这么多次。</translation>
    </message>
    <message>
        <source>Waiting between the tries of one request, all together.</source>
        <translation>一个请求各次尝试之间等待的总时间。</translation>
    </message>
    <message>
        <source>Silence of a stream after which the try has failed.</source>
        <translation>数据流沉默这么久之后，该次尝试视为失败。</translation>
    </message>
    <message>
        <source>Colours of the command</source>
        <translation>命令的颜色</translation>
    </message>
    <message>
        <source>Colours on a terminal.</source>
        <translation>终端上的颜色。</translation>
    </message>
</context>
<context>
    <name>SlashCommands</name>
    <message>
        <source>Stop the agent</source>
        <translation>停止智能体</translation>
    </message>
    <message>
        <source>New session</source>
        <translation>新建会话</translation>
    </message>
    <message>
        <source>Take back what the last turn changed</source>
        <translation>撤回上一轮所做的更改</translation>
    </message>
    <message>
        <source>Commit changes</source>
        <translation>提交更改</translation>
    </message>
    <message>
        <source>Plan only, change nothing</source>
        <translation>只做计划，不做更改</translation>
    </message>
    <message>
        <source>Ask before each edit and command</source>
        <translation>每次编辑和命令前询问</translation>
    </message>
    <message>
        <source>Edit files, ask before commands</source>
        <translation>编辑文件，命令前询问</translation>
    </message>
    <message>
        <source>Edit and run commands without asking</source>
        <translation>编辑和执行命令不再询问</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::AboutPage</name>
    <message>
        <source>Copied. It holds no paths and none of your texts.</source>
        <translation>已复制。其中不含路径，也不含您的文本。</translation>
    </message>
    <message>
        <source>Moxie %1</source>
        <translation>Moxie %1</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>复制诊断信息</translation>
    </message>
    <message>
        <source>When the window did not react</source>
        <translation>窗口没有响应的时候</translation>
    </message>
    <message>
        <source>Parts of others and their licences</source>
        <translation>第三方组件及其许可证</translation>
    </message>
    <message>
        <source>%1: %2 ms, %3</source>
        <translation>%1：%2 毫秒，%3</translation>
    </message>
    <message>
        <source>Not once for more than 100 ms since it started.</source>
        <translation>启动以来没有一次超过 100 毫秒。</translation>
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
        <source>There is no action &quot;%1&quot;.</source>
        <translation>没有名为“%1”的操作。</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is not a key.</source>
        <translation>“%1”不是按键。</translation>
    </message>
    <message>
        <source>%1 stands for both &quot;%2&quot; and &quot;%3&quot;.</source>
        <translation>%1 同时被“%2”和“%3”使用。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ApplyPage</name>
    <message>
        <source>Apply the diff</source>
        <translation>应用该差异</translation>
    </message>
    <message>
        <source>In place of the lines that begin and end like it</source>
        <translation>替换首尾与之相同的那些行</translation>
    </message>
    <message>
        <source>As a new file</source>
        <translation>作为新文件</translation>
    </message>
    <message>
        <source>In place of the whole file</source>
        <translation>替换整个文件</translation>
    </message>
    <message>
        <source>At the end of the file</source>
        <translation>加在文件末尾</translation>
    </message>
    <message>
        <source>Say for which file this code is.</source>
        <translation>请说明这段代码属于哪个文件。</translation>
    </message>
    <message>
        <source>Not possible: %1</source>
        <translation>无法进行：%1</translation>
    </message>
    <message>
        <source>Reading the file…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>The file has this code already.</source>
        <translation>文件中已有这段代码。</translation>
    </message>
    <message>
        <source>Apply code to a file</source>
        <translation>将代码应用到文件</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>File to apply the code to</source>
        <translation>要应用代码的文件</translation>
    </message>
    <message>
        <source>Path in the repository</source>
        <translation>仓库中的路径</translation>
    </message>
    <message>
        <source>How</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>How the code becomes part of the file</source>
        <translation>代码如何成为文件的一部分</translation>
    </message>
    <message>
        <source>A checkpoint is taken first. You review the change then.</source>
        <translation>会先建立检查点，然后由你审查这处更改。</translation>
    </message>
    <message>
        <source>What would change</source>
        <translation>将会更改的内容</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>写入</translation>
    </message>
    <message>
        <source>Write the change into the file</source>
        <translation>将更改写入文件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Leave the file as it is</source>
        <translation>保持文件不变</translation>
    </message>
    <message>
        <source>Enter shows what would change.</source>
        <translation>按回车键查看将更改的内容。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::AsidePanel</name>
    <message>
        <source>On the side</source>
        <translation>旁问</translation>
    </message>
    <message>
        <source>Not part of the session. %1 tokens, in none of its sums.</source>
        <translation>不属于会话。%1 个词元，不计入会话的合计。</translation>
    </message>
    <message>
        <source>Not part of the session: the agent does not see it.</source>
        <translation>不属于会话：智能体看不到。</translation>
    </message>
    <message>
        <source>Questions on the side</source>
        <translation>旁问</translation>
    </message>
    <message>
        <source>Question on the side</source>
        <translation>旁问的问题</translation>
    </message>
    <message>
        <source>Ask about what the agent knows by now</source>
        <translation>询问智能体目前所知的内容</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>停止回答</translation>
    </message>
    <message>
        <source>Ask on the side</source>
        <translation>旁问</translation>
    </message>
    <message>
        <source>Close the questions on the side</source>
        <translation>关闭旁问</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::BaseBar</name>
    <message>
        <source>Compare with</source>
        <translation>比较对象</translation>
    </message>
    <message>
        <source>A commit, branch or tag, such as main or HEAD~3</source>
        <translation>提交、分支或标签，例如 main 或 HEAD~3</translation>
    </message>
    <message>
        <source>Commit, branch or tag to compare with</source>
        <translation>要比较的提交、分支或标签</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::BeforeSource</name>
    <message>
        <source>no line here</source>
        <translation>此处没有行</translation>
    </message>
    <message>
        <source>removed, line %1: %2</source>
        <translation>删除，第 %1 行：%2</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::BudgetBar</name>
    <message>
        <source>Raise to %1</source>
        <translation>提高到 %1</translation>
    </message>
    <message>
        <source>Raise to %1 tokens</source>
        <translation>提高到 %1 词元</translation>
    </message>
    <message>
        <source>Go on with the local model</source>
        <translation>改用本地模型继续</translation>
    </message>
    <message>
        <source>Stop here</source>
        <translation>到此为止</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭此提示</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::BudgetWatch</name>
    <message>
        <source>This session has used %1 of its budget of %2.</source>
        <translation>此会话已用 %1，预算为 %2。</translation>
    </message>
    <message>
        <source>Today %1 of the day&apos;s budget of %2 were used.</source>
        <translation>今天已用 %1，每日预算为 %2。</translation>
    </message>
    <message>
        <source>This project has used %1 of its budget of %2.</source>
        <translation>此项目已用 %1，预算为 %2。</translation>
    </message>
    <message>
        <source>This session has used %1 of its budget of %2 tokens.</source>
        <translation>此会话已用 %1 词元，预算为 %2 词元。</translation>
    </message>
    <message>
        <source>Today %1 of the day&apos;s budget of %2 tokens were used.</source>
        <translation>今天已用 %1 词元，每日预算为 %2 词元。</translation>
    </message>
    <message>
        <source>This project has used %1 of its budget of %2 tokens.</source>
        <translation>此项目已用 %1 词元，预算为 %2 词元。</translation>
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
    <name>moxie::desktop::ChangesBar</name>
    <message>
        <source>Last turn</source>
        <translation>上一轮</translation>
    </message>
    <message>
        <source>This session</source>
        <translation>本会话</translation>
    </message>
    <message>
        <source>Uncommitted</source>
        <translation>未提交</translation>
    </message>
    <message>
        <source>Whole branch</source>
        <translation>整个分支</translation>
    </message>
    <message>
        <source>Against a commit…</source>
        <translation>与某个提交比较…</translation>
    </message>
    <message>
        <source>Which changes</source>
        <translation>显示哪些更改</translation>
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
        <source>Accept all</source>
        <translation>全部接受</translation>
    </message>
    <message>
        <source>Reject all</source>
        <translation>全部拒绝</translation>
    </message>
    <message>
        <source>Accept every open hunk, also your own</source>
        <translation>接受所有未决定的差异块，包括您自己的</translation>
    </message>
    <message>
        <source>Take back all open hunks of the agent; yours stay. A checkpoint is taken first.</source>
        <translation>撤回智能体所有未决定的差异块，您自己的保留。会先建立检查点。</translation>
    </message>
    <message>
        <source>View and checkpoints</source>
        <translation>视图与检查点</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>左右并排</translation>
    </message>
    <message>
        <source>Show whole files</source>
        <translation>显示整个文件</translation>
    </message>
    <message>
        <source>Fold changes of white space</source>
        <translation>折叠仅空白的更改</translation>
    </message>
    <message>
        <source>Files as a tree</source>
        <translation>以树形显示文件</translation>
    </message>
    <message>
        <source>Checkpoints…</source>
        <translation>检查点…</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message>
        <source>%1 · %2 · +%3 −%4</source>
        <comment>files, hunks, lines added and removed</comment>
        <translation>%1 · %2 · +%3 −%4</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 个文件</translation>
    </message>
    <message numerus="yes">
        <source>%n files</source>
        <translation>
            <numerusform>%n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>1 hunk</source>
        <translation>1 个差异块</translation>
    </message>
    <message numerus="yes">
        <source>%n hunks</source>
        <translation>
            <numerusform>%n 个差异块</numerusform>
        </translation>
    </message>
    <message>
        <source>Against %1</source>
        <comment>a commit, branch or tag</comment>
        <translation>与 %1 比较</translation>
    </message>
    <message>
        <source>Send 1 comment</source>
        <translation>发送 1 条评论</translation>
    </message>
    <message numerus="yes">
        <source>Send %n comments</source>
        <translation>
            <numerusform>发送 %n 条评论</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ChangesScreen</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Took back 1 hunk of the agent. A checkpoint was taken before.</source>
        <translation>已撤回智能体的 1 个差异块。此前已建立检查点。</translation>
    </message>
    <message numerus="yes">
        <source>Took back %n hunks of the agent. A checkpoint was taken before.</source>
        <translation>
            <numerusform>已撤回智能体的 %n 个差异块。此前已建立检查点。</numerusform>
        </translation>
    </message>
    <message>
        <source>There was no open hunk of the agent to take back.</source>
        <translation>没有可撤回的智能体差异块。</translation>
    </message>
    <message>
        <source>The files are as they were at the checkpoint.</source>
        <translation>文件已恢复到检查点时的样子。</translation>
    </message>
    <message>
        <source>The branch %1 holds the checkpoint now. Here nothing was changed.</source>
        <translation>分支 %1 现在保存着该检查点。这里没有任何改动。</translation>
    </message>
    <message>
        <source>The code is written into %1. Review it here.</source>
        <translation>代码已写入 %1。请在此审查。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CheckpointPage</name>
    <message>
        <source>Before turn %1</source>
        <translation>第 %1 轮之前</translation>
    </message>
    <message>
        <source>Before a rejection or an edit</source>
        <translation>拒绝或编辑之前</translation>
    </message>
    <message>
        <source>Before an undo</source>
        <translation>撤销之前</translation>
    </message>
    <message>
        <source>Before the undo of a restore</source>
        <translation>撤销恢复之前</translation>
    </message>
    <message>
        <source>Before a restore</source>
        <translation>恢复之前</translation>
    </message>
    <message>
        <source>After a restore</source>
        <translation>恢复之后</translation>
    </message>
    <message>
        <source>After a turn</source>
        <translation>一轮之后</translation>
    </message>
    <message>
        <source>%1    %2</source>
        <comment>time and title of a checkpoint</comment>
        <translation>%1    %2</translation>
    </message>
    <message>
        <source>No checkpoints yet. One is taken before each turn of the agent, and before anything here writes a file.</source>
        <translation>还没有检查点。智能体的每一轮之前，以及这里写入文件之前，都会建立一个。</translation>
    </message>
    <message>
        <source>Restoring makes the files as they were then. A checkpoint of now is taken first, and the restore can be undone. The branch, its commits and what is staged stay. Ignored and very large files stay as well.</source>
        <translation>恢复会让文件回到当时的样子。会先为现在的状态建立检查点，恢复也可以撤销。分支、它的提交和已暂存的内容保持不变，被忽略的文件和很大的文件也保持不变。</translation>
    </message>
    <message>
        <source>There have been commits since: after restoring, the files differ from the last commit. Restore the files only, or make a new branch that holds this checkpoint and leaves everything here as it is.</source>
        <translation>此后已有提交：恢复之后，文件会与最近一次提交不同。可以只恢复文件，也可以建立一个保存此检查点的新分支，这里的一切保持不变。</translation>
    </message>
    <message>
        <source>Checkpoints of this session</source>
        <translation>本会话的检查点</translation>
    </message>
    <message>
        <source>Back to the changes</source>
        <translation>返回更改</translation>
    </message>
    <message>
        <source>Restore these files</source>
        <translation>恢复这些文件</translation>
    </message>
    <message>
        <source>Make branch</source>
        <translation>建立分支</translation>
    </message>
    <message>
        <source>Name of the new branch</source>
        <translation>新分支的名称</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ChoicePage</name>
    <message>
        <source>Which model answers</source>
        <translation>由哪个模型回答</translation>
    </message>
    <message>
        <source>You can change it at any time in the settings, and have several.</source>
        <translation>以后可以随时在设置中更改，也可以同时使用多个。</translation>
    </message>
    <message>
        <source>Go on without a model</source>
        <translation>不使用模型继续</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Choose a file first.</source>
        <translation>请先选择一个文件。</translation>
    </message>
    <message>
        <source>Choose a model file</source>
        <translation>选择模型文件</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>模型 (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose a folder with models</source>
        <translation>选择存放模型的文件夹</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>There is no GGUF file in %1.</source>
        <translation>%1 中没有 GGUF 文件。</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查看…</translation>
    </message>
    <message>
        <source>This file cannot be used: %1.</source>
        <translation>此文件无法使用：%1。</translation>
    </message>
    <message>
        <source>Fits: needs about %1 of memory, reads up to %2 tokens.</source>
        <translation>适合：大约需要 %1 内存，最多读取 %2 个词元。</translation>
    </message>
    <message>
        <source>Does not fit: it needs about %1 of memory. Choose a smaller one.</source>
        <translation>不适合：大约需要 %1 内存。请选择更小的模型。</translation>
    </message>
    <message>
        <source>Ready: its key was found, or it is in your settings.</source>
        <translation>可以使用：已找到密钥，或已在您的设置中。</translation>
    </message>
    <message>
        <source>A model file on this computer</source>
        <translation>本机上的模型文件</translation>
    </message>
    <message>
        <source>GGUF of the Llama family, stored as Q4_0, Q4_1, Q8_0 or F16. Nothing leaves this computer.</source>
        <translation>Llama 系列的 GGUF 文件，以 Q4_0、Q4_1、Q8_0 或 F16 存储。任何内容都不会离开本机。</translation>
    </message>
    <message>
        <source>Model files found</source>
        <translation>找到的模型文件</translation>
    </message>
    <message>
        <source>Choose file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>A server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Your own, or one you have a key for. It gets your messages and the code the agent reads.</source>
        <translation>您自己的服务器，或您有密钥的服务器。它会收到您的消息和智能体读取的代码。</translation>
    </message>
    <message>
        <source>The sample model</source>
        <translation>示例模型</translation>
    </message>
    <message>
        <source>Is here already and answers at once, but it is far too small to program: for trying only.</source>
        <translation>已经在本机，可以立即回答，但太小，不能编程：仅供体验。</translation>
    </message>
    <message>
        <source>It is not here. Set-up fetches it.</source>
        <translation>本机没有。安装程序会获取它。</translation>
    </message>
    <message>
        <source>None for now</source>
        <translation>暂时不用</translation>
    </message>
    <message>
        <source>You can look at sessions and code; an agent cannot work.</source>
        <translation>您可以查看会话和代码，但智能体无法工作。</translation>
    </message>
    <message>
        <source>The model is not here yet.</source>
        <translation>模型尚未下载完。</translation>
    </message>
    <message>
        <source>Download it first.</source>
        <translation>请先下载模型。</translation>
    </message>
    <message>
        <source>A model to download</source>
        <translation>下载一个模型</translation>
    </message>
    <message>
        <source>A GGUF file by its address, kept where Moxie keeps models. A small one has 400 MB, one that can program 5 to 20 GB.</source>
        <translation>按地址下载 GGUF 文件，保存在 Moxie 的模型文件夹中。小模型约 400 MB，能编程的模型为 5 至 20 GB。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodeList</name>
    <message>
        <source>Add, %1</source>
        <comment>to the message; its price</comment>
        <translation>添加，%1</translation>
    </message>
    <message>
        <source>Add ≈%1</source>
        <comment>to the message; about so many tokens</comment>
        <translation>添加 ≈%1</translation>
    </message>
    <message>
        <source>What to do with this place</source>
        <translation>对此处可做的操作</translation>
    </message>
    <message>
        <source>Go there</source>
        <translation>转到该处</translation>
    </message>
    <message>
        <source>Add to message, %1</source>
        <comment>its price</comment>
        <translation>添加到消息，%1</translation>
    </message>
    <message>
        <source>Copy the place</source>
        <translation>复制位置</translation>
    </message>
    <message>
        <source>Open in the editor</source>
        <translation>在编辑器中打开</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodePane</name>
    <message>
        <source>Close this list</source>
        <translation>关闭此列表</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodeSource</name>
    <message>
        <source>line %1: %2</source>
        <translation>第 %1 行：%2</translation>
    </message>
    <message>
        <source>not committed</source>
        <comment>in the margin, instead of an author</comment>
        <translation>未提交</translation>
    </message>
    <message numerus="yes">
        <source>%n lines</source>
        <comment>folded away</comment>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>line %1: %2, folded, lines hidden: %3</source>
        <translation>第 %1 行：%2，已折叠，隐藏 %3 行</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CodeViewer</name>
    <message>
        <source>Source code</source>
        <translation>源代码</translation>
    </message>
    <message>
        <source>Text of the file</source>
        <translation>文件内容</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>大纲</translation>
    </message>
    <message>
        <source>No file is open</source>
        <translation>没有打开的文件</translation>
    </message>
    <message>
        <source>Type some letters of a file&apos;s or symbol&apos;s name to read it here.</source>
        <translation>输入文件名或符号名的几个字母，即可在此阅读。</translation>
    </message>
    <message>
        <source>Go to file or symbol…</source>
        <translation>转到文件或符号…</translation>
    </message>
    <message>
        <source>Reading the file…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>It is not inside this repository.</source>
        <translation>它不在此仓库内。</translation>
    </message>
    <message>
        <source>It is not there. It may have been moved or deleted.</source>
        <translation>文件不存在，可能已被移动或删除。</translation>
    </message>
    <message>
        <source>It is larger than 32 MB. Open it in your editor.</source>
        <translation>文件大于 32 MB，请在编辑器中打开。</translation>
    </message>
    <message>
        <source>It is not a text. Open it in the program it belongs to.</source>
        <translation>这不是文本文件，请用相应的程序打开。</translation>
    </message>
    <message>
        <source>%1 cannot be shown</source>
        <translation>无法显示 %1</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>No symbols are known of this file.</source>
        <translation>此文件没有已知的符号。</translation>
    </message>
    <message>
        <source>Uses</source>
        <translation>使用处</translation>
    </message>
    <message>
        <source>There is no name at the caret.</source>
        <translation>光标处没有名称。</translation>
    </message>
    <message numerus="yes">
        <source>used in %Ln places</source>
        <comment>of a symbol</comment>
        <translation>
            <numerusform>在 %Ln 处被使用</numerusform>
        </translation>
    </message>
    <message>
        <source>The index cannot answer: %1</source>
        <translation>索引无法回答：%1</translation>
    </message>
    <message>
        <source>The index knows no definition and no use of “%1”.</source>
        <translation>索引中没有“%1”的定义和使用。</translation>
    </message>
    <message>
        <source>Line %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>Lines %1 to %2</source>
        <translation>第 %1 至 %2 行</translation>
    </message>
    <message>
        <source>The file is not what you read any more. Look at it again.</source>
        <translation>文件已不是您读到的内容。请重新查看。</translation>
    </message>
    <message>
        <source>No checkpoint can hold this file, so nothing is written to it here.</source>
        <translation>没有检查点能保存此文件，因此不会在此写入。</translation>
    </message>
    <message>
        <source>The file was not written: %1</source>
        <translation>文件未写入：%1</translation>
    </message>
    <message>
        <source>Git cannot say who changed it: %1</source>
        <translation>Git 无法说明是谁修改的：%1</translation>
    </message>
    <message>
        <source>not committed yet</source>
        <translation>尚未提交</translation>
    </message>
    <message>
        <source>changed before %1, commit %2</source>
        <comment>a date</comment>
        <translation>在 %1 之前修改，提交 %2</translation>
    </message>
    <message>
        <source>%1, %2, commit %3: %4</source>
        <comment>author, date, commit, its message</comment>
        <translation>%1，%2，提交 %3：%4</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CommandModel</name>
    <message>
        <source>%1, %2</source>
        <comment>a command and what became of it</comment>
        <translation>%1，%2</translation>
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
    <message>
        <source>No command fits.</source>
        <translation>没有匹配的命令。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CommandView</name>
    <message>
        <source>Commands of the session</source>
        <translation>会话中的命令</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CommitFiles</name>
    <message>
        <source>%1, was %2</source>
        <comment>a renamed file</comment>
        <translation>%1，原为 %2</translation>
    </message>
    <message>
        <source>Staged in part: what is staged is ticked.</source>
        <translation>只暂存了一部分：已勾选暂存的内容。</translation>
    </message>
    <message>
        <source>%1, %2 added, %3 removed</source>
        <translation>%1，增加 %2 行，删除 %3 行</translation>
    </message>
    <message>
        <source>After line %1</source>
        <translation>第 %1 行之后</translation>
    </message>
    <message>
        <source>Line %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>Lines %1 to %2</source>
        <translation>第 %1 至 %2 行</translation>
    </message>
    <message>
        <source>Added: %1</source>
        <translation>增加：%1</translation>
    </message>
    <message>
        <source>Removed: %1</source>
        <translation>删除：%1</translation>
    </message>
    <message>
        <source>Goes as a whole: %1</source>
        <translation>只能整个提交：%1</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CommitScreen</name>
    <message>
        <source>New branch…</source>
        <translation>新建分支…</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message>
        <source>Name, then Enter</source>
        <translation>输入名称后按回车</translation>
    </message>
    <message>
        <source>Name of the new branch</source>
        <translation>新分支的名称</translation>
    </message>
    <message>
        <source>Files to commit</source>
        <translation>要提交的文件</translation>
    </message>
    <message>
        <source>What this commit does, in one line; then an empty line, then why.</source>
        <translation>用一行说明此提交做什么；空一行，再写为什么。</translation>
    </message>
    <message>
        <source>Commit message</source>
        <translation>提交说明</translation>
    </message>
    <message>
        <source>Sign off</source>
        <translation>签署</translation>
    </message>
    <message>
        <source>Adds a line that says you may submit this work: Signed-off-by</source>
        <translation>添加一行说明您有权提交此内容：Signed-off-by</translation>
    </message>
    <message>
        <source>Amend the last commit</source>
        <translation>修补上一次提交</translation>
    </message>
    <message>
        <source>Output of the hook</source>
        <translation>钩子的输出</translation>
    </message>
    <message>
        <source>Committed %1: %2</source>
        <comment>short id and subject</comment>
        <translation>已提交 %1：%2</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>收回</translation>
    </message>
    <message>
        <source>The commit is taken back. The files are as they were.</source>
        <translation>提交已收回。文件保持原样。</translation>
    </message>
    <message>
        <source>On no branch</source>
        <translation>不在任何分支上</translation>
    </message>
    <message>
        <source>On %1</source>
        <comment>a branch</comment>
        <translation>位于 %1</translation>
    </message>
    <message>
        <source>as %1</source>
        <comment>the author of a commit</comment>
        <translation>作者 %1</translation>
    </message>
    <message>
        <source>Looking at the repository…</source>
        <translation>正在查看仓库…</translation>
    </message>
    <message>
        <source>No git repository</source>
        <translation>没有 git 仓库</translation>
    </message>
    <message>
        <source>This folder is in none. One is made before the agent writes its first file, or by: git init</source>
        <translation>此文件夹不在任何仓库中。智能体写入第一个文件之前会建立，也可以用命令建立：git init</translation>
    </message>
    <message>
        <source>The repository cannot be read</source>
        <translation>无法读取仓库</translation>
    </message>
    <message>
        <source>Nothing was changed. The reason: %1</source>
        <translation>没有任何改动。原因：%1</translation>
    </message>
    <message>
        <source>Nothing to commit</source>
        <translation>没有可提交的内容</translation>
    </message>
    <message>
        <source>All files are as in the last commit.</source>
        <translation>所有文件都与最近一次提交相同。</translation>
    </message>
    <message>
        <source>%1 of %2 ticked</source>
        <comment>files to commit</comment>
        <translation>已勾选 %1 / %2</translation>
    </message>
    <message>
        <source>Committing…</source>
        <translation>正在提交…</translation>
    </message>
    <message>
        <source>Amend</source>
        <translation>修补</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Write a message first.</source>
        <translation>请先写提交说明。</translation>
    </message>
    <message>
        <source>Tick a file first.</source>
        <translation>请先勾选文件。</translation>
    </message>
    <message>
        <source>%1 (Ctrl+Enter)</source>
        <translation>%1（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Use suggestion (Tab)</source>
        <translation>采用建议（Tab）</translation>
    </message>
    <message>
        <source>Suggest</source>
        <translation>建议说明</translation>
    </message>
    <message>
        <source>Proposes a message from the task and the changes. You decide.</source>
        <translation>根据任务和更改提出说明，由您决定是否采用。</translation>
    </message>
    <message>
        <source>The ticked files and this message go into your last commit.</source>
        <translation>勾选的文件和此说明会并入您的上一次提交。</translation>
    </message>
    <message>
        <source>Not possible: %1</source>
        <translation>不能这样做：%1</translation>
    </message>
    <message>
        <source>Some files have conflicts. Resolve them and mark them with git add, then commit.</source>
        <translation>有些文件存在冲突。请解决冲突，用 git add 标记，然后提交。</translation>
    </message>
    <message>
        <source>A merge, rebase or similar is in progress. Finish it with git first.</source>
        <translation>合并、变基或类似操作正在进行。请先用 git 完成它。</translation>
    </message>
    <message>
        <source>Git does not know who you are. Say it once in a terminal:
git config --global user.name &quot;Your Name&quot;
git config --global user.email you@example.org</source>
        <translation>Git 还不知道您是谁。请在终端中设置一次：
git config --global user.name &quot;您的姓名&quot;
git config --global user.email you@example.org</translation>
    </message>
    <message>
        <source>The hook %1 is running…</source>
        <translation>钩子 %1 正在运行…</translation>
    </message>
    <message>
        <source>The hook %1 has ended</source>
        <translation>钩子 %1 已结束</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Not committed: the hook %1 refused. Your message is kept.</source>
        <translation>未提交：钩子 %1 拒绝了。您的说明已保留。</translation>
    </message>
    <message>
        <source>That was not done: %1. Your message is kept.</source>
        <translation>未能完成：%1。您的说明已保留。</translation>
    </message>
    <message>
        <source>Moxie as co-author</source>
        <translation>Moxie 为共同作者</translation>
    </message>
    <message>
        <source>Adds a line that names Moxie: Co-authored-by</source>
        <translation>添加一行注明 Moxie：Co-authored-by</translation>
    </message>
    <message>
        <source>What is staged is being read…</source>
        <translation>正在读取暂存的内容…</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CompletionPopup</name>
    <message>
        <source>%1, %2</source>
        <comment>a name and where it is</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Names that fit</source>
        <translation>匹配的名称</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ComposerScreen</name>
    <message>
        <source>The session is being read.</source>
        <translation>正在读取会话。</translation>
    </message>
    <message>
        <source>This session cannot go on: %1</source>
        <translation>此会话无法继续：%1</translation>
    </message>
    <message>
        <source>Watching: another process works on this session.</source>
        <translation>旁观中：另一个进程正在处理此会话。</translation>
    </message>
    <message>
        <source>There is no command %1. Put a space before it to send it as a message.</source>
        <translation>没有命令 %1。若要作为消息发送，请在前面加一个空格。</translation>
    </message>
    <message>
        <source>Nothing is running.</source>
        <translation>没有正在运行的任务。</translation>
    </message>
    <message>
        <source>Editing a queued message. Esc leaves it as it was.</source>
        <translation>正在编辑排队的消息。按 Esc 保持原样。</translation>
    </message>
    <message>
        <source>The message was sent meanwhile. This text becomes a new one.</source>
        <translation>该消息刚刚已发送。此文本将作为新消息。</translation>
    </message>
    <message>
        <source>Message to the agent</source>
        <translation>给智能体的消息</translation>
    </message>
    <message>
        <source>Write on: it is sent at the end of this turn</source>
        <translation>继续写：本轮结束时发送</translation>
    </message>
    <message>
        <source>What shall the agent do? @ names files, / gives commands</source>
        <translation>要智能体做什么？@ 引用文件，/ 输入命令</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>排队</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Save the queued message</source>
        <translation>保存排队的消息</translation>
    </message>
    <message>
        <source>Queue the message for the end of this turn</source>
        <translation>将消息排到本轮结束时发送</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>发送消息</translation>
    </message>
    <message>
        <source>Write a message first</source>
        <translation>请先写一条消息</translation>
    </message>
    <message>
        <source>Stop now</source>
        <translation>立即停止</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop now, ending also a running command</source>
        <translation>立即停止，同时结束正在运行的命令</translation>
    </message>
    <message>
        <source>Stop after the running command</source>
        <translation>在当前命令结束后停止</translation>
    </message>
    <message>
        <source>A picture is still being read. Send again in a moment.</source>
        <translation>图片仍在读取中，请稍后再发送。</translation>
    </message>
    <message>
        <source>%1 takes no pictures. Choose a model that does, or say in the settings that it does.</source>
        <translation>%1 不接受图片。请选择接受图片的模型，或在设置中说明它接受图片。</translation>
    </message>
    <message>
        <source>Add pictures</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Pictures (*.png *.jpg *.jpeg *.gif *.webp *.bmp)</source>
        <translation>图片 (*.png *.jpg *.jpeg *.gif *.webp *.bmp)</translation>
    </message>
    <message>
        <source>Add pictures to the message</source>
        <translation>为消息添加图片</translation>
    </message>
    <message>
        <source>Ask on the side</source>
        <translation>旁问</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ConversationScreen</name>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy selection</source>
        <translation>复制所选内容</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Copy answer</source>
        <translation>复制回答</translation>
    </message>
    <message>
        <source>Quote in the message box</source>
        <translation>在消息框中引用</translation>
    </message>
    <message>
        <source>Edit and resend…</source>
        <translation>编辑后重发…</translation>
    </message>
    <message>
        <source>Restore the files to here…</source>
        <translation>将文件恢复到此处…</translation>
    </message>
    <message>
        <source>Open as Markdown</source>
        <translation>以 Markdown 打开</translation>
    </message>
    <message>
        <source>Permission needed: %1</source>
        <translation>需要权限：%1</translation>
    </message>
    <message>
        <source>This session cannot be shown</source>
        <translation>无法显示此会话</translation>
    </message>
    <message>
        <source>Nothing was changed: its log is kept on the disk as it is.</source>
        <translation>没有任何改动：它的日志原样保留在磁盘上。</translation>
    </message>
    <message>
        <source>Another program is driving this session; you are watching.</source>
        <translation>另一个程序正在驱动此会话，您正在旁观。</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>正在工作</translation>
    </message>
    <message>
        <source>Answer ready. %1.</source>
        <comment>how the turn ended</comment>
        <translation>回答已就绪。%1。</translation>
    </message>
    <message>
        <source>Answer ready. %1. %2.</source>
        <comment>how the turn ended, what was done</comment>
        <translation>回答已就绪。%1。%2。</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Reading the session…</source>
        <translation>正在读取会话…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Rated helpful</source>
        <translation>已评为有帮助</translation>
    </message>
    <message>
        <source>Rating taken back</source>
        <translation>已收回评价</translation>
    </message>
    <message>
        <source>Rated unhelpful</source>
        <translation>已评为没有帮助</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CostChip</name>
    <message>
        <source>today …</source>
        <translation>今天 …</translation>
    </message>
    <message>
        <source>today: unknown price</source>
        <translation>今天：价格未知</translation>
    </message>
    <message>
        <source>today %1</source>
        <comment>an amount of money</comment>
        <translation>今天 %1</translation>
    </message>
    <message>
        <source>What was spent. Opens turn, session, day and month.</source>
        <translation>已花费的费用。打开可查看本轮、会话、当日与当月。</translation>
    </message>
    <message>
        <source>Cost: %1</source>
        <translation>费用：%1</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CostPanel</name>
    <message>
        <source>This turn</source>
        <translation>本轮</translation>
    </message>
    <message>
        <source>This session</source>
        <translation>此会话</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>While it works this session burns %1 an hour and %2 tokens a minute.</source>
        <translation>工作时此会话每小时花费 %1，每分钟消耗 %2 词元。</translation>
    </message>
    <message>
        <source>While it works this session burns %1 tokens a minute.</source>
        <translation>工作时此会话每分钟消耗 %1 词元。</translation>
    </message>
    <message>
        <source>On this machine: %1 s for %2 tokens, %3 tokens a second with the reading of the prompt.</source>
        <translation>本机：%2 词元用时 %1 秒，含读取提示词每秒 %3 词元。</translation>
    </message>
    <message>
        <source>Older turns</source>
        <translation>更早的轮次</translation>
    </message>
    <message>
        <source>Turn %1</source>
        <translation>第 %1 轮</translation>
    </message>
    <message>
        <source>This session has sent nothing to a model yet.</source>
        <translation>此会话尚未向模型发送任何内容。</translation>
    </message>
    <message>
        <source>Nothing was sent to a model this month.</source>
        <translation>本月尚未向模型发送任何内容。</translation>
    </message>
    <message>
        <source>The sessions are being read…</source>
        <translation>正在读取会话…</translation>
    </message>
    <message>
        <source>The sessions cannot be read: %1</source>
        <translation>无法读取会话：%1</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>费用</translation>
    </message>
    <message>
        <source>Prices as of %1</source>
        <translation>价格日期：%1</translation>
    </message>
    <message>
        <source>Money is worked out from the counted tokens and a table of prices of that day, or from the prices in your settings. It is no bill.</source>
        <translation>费用根据所计词元和该日的价格表（或您设置中的价格）计算得出，并非账单。</translation>
    </message>
    <message>
        <source>This session by turn</source>
        <translation>此会话（按轮次）</translation>
    </message>
    <message>
        <source>This month by day</source>
        <translation>本月（按日）</translation>
    </message>
    <message>
        <source>What the rows are</source>
        <translation>各行的含义</translation>
    </message>
    <message>
        <source>Cost of turn, session, day and month</source>
        <translation>本轮、会话、当日与当月的费用</translation>
    </message>
    <message>
        <source>Cost row by row</source>
        <translation>逐行费用</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::CostTable</name>
    <message>
        <source>Total</source>
        <translation>合计</translation>
    </message>
    <message>
        <source>Input tokens that were in no cache</source>
        <translation>未命中缓存的输入词元</translation>
    </message>
    <message>
        <source>Input tokens that were read from a cache</source>
        <translation>从缓存读取的输入词元</translation>
    </message>
    <message>
        <source>Output tokens, reasoning included</source>
        <translation>输出词元，含推理</translation>
    </message>
    <message>
        <source>Of the output, tokens of reasoning</source>
        <translation>输出中的推理词元</translation>
    </message>
    <message>
        <source>New in</source>
        <translation>新输入</translation>
    </message>
    <message>
        <source>Cached in</source>
        <translation>缓存输入</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Money</source>
        <translation>费用</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Desk</name>
    <message>
        <source>There is no folder %1.</source>
        <translation>没有文件夹 %1。</translation>
    </message>
    <message>
        <source>Run the tests and fix what fails.</source>
        <translation>运行测试并修复失败的部分。</translation>
    </message>
    <message>
        <source>Explain how @%1 works.</source>
        <translation>解释 @%1 是如何工作的。</translation>
    </message>
    <message>
        <source>Look through the last commit for mistakes.</source>
        <translation>检查最近一次提交中有没有错误。</translation>
    </message>
    <message numerus="yes">
        <source>The last turn was given back: %n files changed.</source>
        <translation>
            <numerusform>已撤回上一轮：%n 个文件有变化。</numerusform>
        </translation>
    </message>
    <message>
        <source>The last turn cannot be given back: %1</source>
        <translation>无法撤回上一轮：%1</translation>
    </message>
    <message>
        <source>The sample session cannot be made: %1</source>
        <translation>无法创建示例会话：%1</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Moxie</source>
        <translation>Moxie</translation>
    </message>
    <message>
        <source>%1 — Moxie</source>
        <translation>%1 — Moxie</translation>
    </message>
    <message>
        <source>(%1) %2</source>
        <comment>sessions that wait, and the title</comment>
        <translation>(%1) %2</translation>
    </message>
    <message>
        <source>Go on with the task.</source>
        <translation>请继续完成任务。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::DesktopNotifier</name>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::DiffSource</name>
    <message>
        <source>%1 line %2</source>
        <translation>%1 第 %2 行</translation>
    </message>
    <message>
        <source>%1 lines %2 to %3</source>
        <translation>%1 第 %2 至 %3 行</translation>
    </message>
    <message>
        <source>proposed, yours</source>
        <translation>待定，您的</translation>
    </message>
    <message>
        <source>proposed</source>
        <translation>待定</translation>
    </message>
    <message>
        <source>%1, %2 added, %3 removed, %4</source>
        <translation>%1，增加 %2 行，删除 %3 行，%4</translation>
    </message>
    <message>
        <source>stale</source>
        <translation>已过时</translation>
    </message>
    <message>
        <source>reviewed</source>
        <translation>已审阅</translation>
    </message>
    <message>
        <source>large file, folded</source>
        <translation>大文件，已折叠</translation>
    </message>
    <message>
        <source>binary file (%1), %2</source>
        <translation>二进制文件（%1），%2</translation>
    </message>
    <message>
        <source>binary file (%1), %2 before, %3 now</source>
        <translation>二进制文件（%1），原来 %2，现在 %3</translation>
    </message>
    <message>
        <source>The file is executable now. Modes are not decided here.</source>
        <translation>文件现在可执行。文件模式不在这里决定。</translation>
    </message>
    <message>
        <source>The file is not executable any more. Modes are not decided here.</source>
        <translation>文件不再可执行。文件模式不在这里决定。</translation>
    </message>
    <message>
        <source>Renamed from %1, text unchanged. The old and the new name are decided each for itself.</source>
        <translation>由 %1 重命名而来，文本未变。旧名称和新名称各自决定。</translation>
    </message>
    <message>
        <source>A symbolic link. Links are shown, but not decided here.</source>
        <translation>符号链接。链接只显示，不在这里决定。</translation>
    </message>
    <message>
        <source>A submodule. Its commit is not decided here.</source>
        <translation>子模块。其提交不在这里决定。</translation>
    </message>
    <message>
        <source>Larger than 8 MB. The file is shown, but not decided here.</source>
        <translation>大于 8 MB。文件只显示，不在这里决定。</translation>
    </message>
    <message>
        <source>The file cannot be read. It is left alone.</source>
        <translation>无法读取文件，不作改动。</translation>
    </message>
    <message>
        <source>you</source>
        <translation>您</translation>
    </message>
    <message>
        <source>agent</source>
        <translation>智能体</translation>
    </message>
    <message>
        <source>line %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>lines %1 to %2</source>
        <translation>第 %1 至 %2 行</translation>
    </message>
    <message>
        <source>%1 · +%2 −%3 · %4</source>
        <comment>a hunk: where, lines added and removed, author</comment>
        <translation>%1 · +%2 −%3 · %4</translation>
    </message>
    <message>
        <source>white space only</source>
        <translation>仅空白</translation>
    </message>
    <message>
        <source>Not written: the file changed here after you looked. Decide on the lines as they are now.</source>
        <translation>没有写入：您查看之后文件在这里又有改动。请按现在的内容决定。</translation>
    </message>
    <message>
        <source>Your comment: %1</source>
        <translation>您的评论：%1</translation>
    </message>
    <message>
        <source>removed, line %1: %2</source>
        <translation>删除，第 %1 行：%2</translation>
    </message>
    <message>
        <source>File %1, hunks: %2, reviewed</source>
        <translation>文件 %1，%2 个差异块，已审阅</translation>
    </message>
    <message>
        <source>File %1, hunks: %2</source>
        <translation>文件 %1，%2 个差异块</translation>
    </message>
    <message>
        <source>moved from line %1</source>
        <translation>从第 %1 行移来</translation>
    </message>
    <message>
        <source>moved to line %1</source>
        <translation>移到第 %1 行</translation>
    </message>
    <message>
        <source>moved from %1 line %2</source>
        <comment>file, line</comment>
        <translation>从 %1 第 %2 行移来</translation>
    </message>
    <message>
        <source>moved to %1 line %2</source>
        <comment>file, line</comment>
        <translation>移到 %1 第 %2 行</translation>
    </message>
    <message>
        <source>no line here</source>
        <translation>此处没有行</translation>
    </message>
    <message>
        <source>other</source>
        <comment>author: neither the agent nor you in this window</comment>
        <translation>其他</translation>
    </message>
    <message>
        <source>proposed, by somebody else</source>
        <translation>待定，出自他人</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::DiffView</name>
    <message>
        <source>The lines before</source>
        <translation>原来的行</translation>
    </message>
    <message>
        <source>The lines now</source>
        <translation>现在的行</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>更改</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::DownloadForm</name>
    <message>
        <source>Write the address of the file first.</source>
        <translation>请先填写文件的地址。</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>正在询问服务器…</translation>
    </message>
    <message>
        <source>Checking its SHA-256…</source>
        <translation>正在校验 SHA-256…</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 so far</source>
        <translation>已下载 %1</translation>
    </message>
    <message>
        <source>Stopped. What is here stays, and it can go on from there.</source>
        <translation>已停止。已下载的部分会保留，可以从那里继续。</translation>
    </message>
    <message>
        <source>Not downloaded: %1.</source>
        <translation>未下载：%1。</translation>
    </message>
    <message>
        <source>It is here.</source>
        <translation>已下载完成。</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>if the page of the model says it</source>
        <translation>如果模型的网页上有</translation>
    </message>
    <message>
        <source>How much of the model is here</source>
        <translation>模型已下载的部分</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Stop the download</source>
        <translation>停止下载</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::DraftStore</name>
    <message>
        <source>The draft cannot be kept on disk: %1</source>
        <translation>草稿无法保存到磁盘：%1</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::EditBar</name>
    <message>
        <source>Your lines instead of: %1</source>
        <translation>您的内容，替换：%1</translation>
    </message>
    <message>
        <source>Empty: the lines are removed.</source>
        <translation>留空：这些行会被删除。</translation>
    </message>
    <message>
        <source>Write to the file</source>
        <translation>写入文件</translation>
    </message>
    <message>
        <source>Write to the file (Ctrl+Enter). A checkpoint is taken first, and it can be undone.</source>
        <translation>写入文件（Ctrl+Enter）。会先建立检查点，并且可以撤销。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::EditorLink</name>
    <message>
        <source>No editor was found. Name one under Settings, Editor command.</source>
        <translation>未找到编辑器。请在“设置”的“编辑器命令”中指定。</translation>
    </message>
    <message>
        <source>The editor command in the settings cannot be understood: a quote is not closed.</source>
        <translation>无法理解设置中的编辑器命令：引号未闭合。</translation>
    </message>
    <message>
        <source>%1 could not be started: %2</source>
        <translation>无法启动 %1：%2</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::EmptyPage</name>
    <message>
        <source>Example: %1</source>
        <translation>示例：%1</translation>
    </message>
    <message>
        <source>What shall be done?</source>
        <translation>要做什么？</translation>
    </message>
    <message>
        <source>What shall be done in %1?</source>
        <translation>要在 %1 中做什么？</translation>
    </message>
    <message>
        <source>Write a task below.</source>
        <translation>请在下方写下任务。</translation>
    </message>
    <message>
        <source>Write a task below, or begin with one of these:</source>
        <translation>请在下方写下任务，或从以下示例开始：</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::FileList</name>
    <message>
        <source>%1, %2 added, %3 removed, reviewed</source>
        <translation>%1，增加 %2 行，删除 %3 行，已审阅</translation>
    </message>
    <message>
        <source>%1, %2 added, %3 removed</source>
        <translation>%1，增加 %2 行，删除 %3 行</translation>
    </message>
    <message>
        <source>Changed files</source>
        <translation>已更改的文件</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::FileTree</name>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Close the list of files</source>
        <translation>关闭文件列表</translation>
    </message>
    <message>
        <source>Find a file…</source>
        <translation>查找文件…</translation>
    </message>
    <message>
        <source>Find a file in all folders</source>
        <translation>在所有文件夹中查找文件</translation>
    </message>
    <message>
        <source>Files of the repository</source>
        <translation>仓库的文件</translation>
    </message>
    <message>
        <source>Files that fit</source>
        <translation>符合的文件</translation>
    </message>
    <message>
        <source>No repository is open.</source>
        <translation>没有打开的仓库。</translation>
    </message>
    <message>
        <source>The files are being read…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>The index cannot be read: %1</source>
        <translation>无法读取索引：%1</translation>
    </message>
    <message numerus="yes">
        <source>%n more: type letters above</source>
        <comment>files of a large folder</comment>
        <translation>
            <numerusform>还有 %n 个：请在上方输入字母</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, git: %2</source>
        <comment>name, letter</comment>
        <translation>%1，git：%2</translation>
    </message>
    <message>
        <source>folder %1, with changes</source>
        <translation>文件夹 %1，其中有更改</translation>
    </message>
    <message>
        <source>folder %1</source>
        <translation>文件夹 %1</translation>
    </message>
    <message>
        <source>No file is called “%1”.</source>
        <translation>没有名为“%1”的文件。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::FilterRow</name>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message numerus="yes">
        <source>Needs me %n</source>
        <translation>
            <numerusform>待我处理 %n</numerusform>
        </translation>
    </message>
    <message>
        <source>Needs me</source>
        <translation>待我处理</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>已归档</translation>
    </message>
    <message>
        <source>All sessions</source>
        <translation>全部会话</translation>
    </message>
    <message numerus="yes">
        <source>Sessions that need me: %n</source>
        <translation>
            <numerusform>待我处理的会话：%n</numerusform>
        </translation>
    </message>
    <message>
        <source>Running sessions</source>
        <translation>运行中的会话</translation>
    </message>
    <message>
        <source>Archived and deleted sessions</source>
        <translation>已归档和已删除的会话</translation>
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
    <name>moxie::desktop::GoToDialog</name>
    <message>
        <source>Go to file or symbol</source>
        <translation>转到文件或符号</translation>
    </message>
    <message>
        <source>File or symbol, path:line, @symbol, in:folder</source>
        <translation>文件或符号、路径:行号、@符号、in:文件夹</translation>
    </message>
    <message>
        <source>Name of a file or symbol</source>
        <translation>文件名或符号名</translation>
    </message>
    <message>
        <source>Files and symbols that fit</source>
        <translation>匹配的文件和符号</translation>
    </message>
    <message>
        <source>Enter goes there, Shift+Enter adds it to the message</source>
        <translation>Enter 转到该处，Shift+Enter 添加到消息</translation>
    </message>
    <message>
        <source>No repository is open.</source>
        <translation>没有打开的仓库。</translation>
    </message>
    <message>
        <source>The names of this repository are being read…</source>
        <translation>正在读取此仓库中的名称…</translation>
    </message>
    <message>
        <source>The index cannot be read: %1</source>
        <translation>无法读取索引：%1</translation>
    </message>
    <message>
        <source>Enter goes to line %1 of the open file.</source>
        <translation>按 Enter 转到当前文件的第 %1 行。</translation>
    </message>
    <message>
        <source>There are no files in this repository.</source>
        <translation>此仓库中没有文件。</translation>
    </message>
    <message>
        <source>Nothing is called “%1”.</source>
        <translation>没有名为“%1”的内容。</translation>
    </message>
    <message>
        <source>line %1</source>
        <translation>第 %1 行</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::HunkBar</name>
    <message numerus="yes">
        <source>Accept %n lines</source>
        <translation>
            <numerusform>接受 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Accept 1 line</source>
        <translation>接受 1 行</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message numerus="yes">
        <source>Reject %n lines</source>
        <translation>
            <numerusform>拒绝 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Reject 1 line</source>
        <translation>拒绝 1 行</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>评论</translation>
    </message>
    <message>
        <source>More for this hunk</source>
        <translation>此差异块的更多操作</translation>
    </message>
    <message>
        <source>Accept and stage</source>
        <translation>接受并暂存</translation>
    </message>
    <message>
        <source>Ask the agent why</source>
        <translation>问智能体为什么</translation>
    </message>
    <message>
        <source>Open in the editor</source>
        <translation>在编辑器中打开</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::IndexPanel</name>
    <message>
        <source>%1 files, %2 symbols, %3 on disk</source>
        <comment>what the index holds</comment>
        <translation>%1 个文件，%2 个符号，占用磁盘 %3</translation>
    </message>
    <message>
        <source>By language</source>
        <translation>按语言</translation>
    </message>
    <message>
        <source>Show what the index holds of each language</source>
        <translation>显示索引中每种语言的内容</translation>
    </message>
    <message>
        <source>Being updated: %1 of %2 changed files</source>
        <translation>正在更新：已处理 %1 / %2 个变化的文件</translation>
    </message>
    <message>
        <source>Being compared with the files…</source>
        <translation>正在与文件比对…</translation>
    </message>
    <message>
        <source>Paused at %1 of %2 changed files: what is found may be old.</source>
        <translation>已暂停于 %1 / %2 个变化的文件：搜索结果可能已过时。</translation>
    </message>
    <message>
        <source>Paused: what is found may be old.</source>
        <translation>已暂停：搜索结果可能已过时。</translation>
    </message>
    <message>
        <source>Up to date at %1</source>
        <comment>time of day</comment>
        <translation>已是最新（%1）</translation>
    </message>
    <message>
        <source>Stale: not compared with the files yet.</source>
        <translation>已过时：尚未与文件比对。</translation>
    </message>
    <message>
        <source>Stale: the update failed (%1).</source>
        <translation>已过时：更新失败（%1）。</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Progress of the index</source>
        <translation>索引进度</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>Symbols</source>
        <translation>符号</translation>
    </message>
    <message>
        <source>With errors</source>
        <comment>files whose text has syntax errors</comment>
        <translation>含错误</translation>
    </message>
    <message>
        <source>What the index holds of each language</source>
        <translation>索引中每种语言的内容</translation>
    </message>
    <message>
        <source>binary</source>
        <translation>二进制</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>过大</translation>
    </message>
    <message>
        <source>generated or bulk data</source>
        <translation>生成的代码或大量数据</translation>
    </message>
    <message numerus="yes">
        <source>%n files are found by name only, not by their text:</source>
        <translation>
            <numerusform>%n 个文件只能按文件名找到，不能按内容找到：</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (%2, %3)</source>
        <comment>path, why its text is not known, size</comment>
        <translation>%1（%2，%3）</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>另有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>What git ignores is left out altogether.</source>
        <translation>git 忽略的内容完全不收录。</translation>
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
        <translation>所有操作的快捷键</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::KeymapPage</name>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>操作及其快捷键</translation>
    </message>
    <message>
        <source>Record a key…</source>
        <translation>录制按键…</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>无快捷键</translation>
    </message>
    <message>
        <source>Take the key away from the chosen action</source>
        <translation>取消所选操作的快捷键</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset the key of the chosen action</source>
        <translation>重置所选操作的快捷键</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>全部重置</translation>
    </message>
    <message>
        <source>Reset the keys of all actions</source>
        <translation>重置所有操作的快捷键</translation>
    </message>
    <message>
        <source>Print the sheet…</source>
        <translation>打印快捷键表…</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>互换</translation>
    </message>
    <message>
        <source>Let the two actions swap their keys</source>
        <translation>让两个操作互换快捷键</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>Leave the keys as they were</source>
        <translation>快捷键保持原样</translation>
    </message>
    <message>
        <source>Press the new key</source>
        <translation>请按新的按键</translation>
    </message>
    <message>
        <source>New key; Escape gives up</source>
        <translation>新按键；按 Esc 放弃</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>已更改</translation>
    </message>
    <message>
        <source>For “%1”. Escape gives up.</source>
        <translation>为“%1”录制。按 Esc 放弃。</translation>
    </message>
    <message>
        <source>%1 stands for “%2” already.</source>
        <translation>%1 已用于“%2”。</translation>
    </message>
    <message>
        <source>Changed keys: %1</source>
        <translation>已更改的快捷键：%1</translation>
    </message>
    <message>
        <source>%1 stands for several actions already. Choose another key.</source>
        <translation>%1 已用于多个操作。请选择另一个按键。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::LanguagePage</name>
    <message>
        <source>Welcome to Moxie</source>
        <translation>欢迎使用 Moxie</translation>
    </message>
    <message>
        <source>A few steps and you can work. No account, no telemetry: what you do stays on this computer unless you choose a model elsewhere.</source>
        <translation>几个步骤之后就可以开始工作。无需帐号，没有遥测：除非您选择别处的模型，一切都留在本机。</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::LineBar</name>
    <message>
        <source>Go to line</source>
        <translation>转到行</translation>
    </message>
    <message>
        <source>Line to go to</source>
        <translation>要转到的行</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>共 %1 行</translation>
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
<context>
    <name>moxie::desktop::LinesEditor</name>
    <message>
        <source>Comment on %1</source>
        <translation>评论 %1</translation>
    </message>
    <message>
        <source>Your lines for %1</source>
        <translation>您为 %1 写的内容</translation>
    </message>
    <message>
        <source>What should the agent do here? It is sent with your other comments.</source>
        <translation>智能体在这里应该做什么？会与您的其他评论一起发送。</translation>
    </message>
    <message>
        <source>Empty: the lines are removed.</source>
        <translation>留空则删除这些行。</translation>
    </message>
    <message>
        <source>Add comment</source>
        <translation>添加评论</translation>
    </message>
    <message>
        <source>Use these lines</source>
        <translation>采用这些行</translation>
    </message>
    <message>
        <source>%1 (Ctrl+Enter)</source>
        <translation>%1（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::LiveAside</name>
    <message>
        <source>A budget is used up.</source>
        <translation>预算已用完。</translation>
    </message>
    <message>
        <source>the model gave no answer in words</source>
        <translation>模型没有给出文字回答</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::LiveSession</name>
    <message>
        <source>Opening the model…</source>
        <translation>正在打开模型…</translation>
    </message>
    <message>
        <source>Reading the repository, %1 %…</source>
        <translation>正在读取仓库，%1 %…</translation>
    </message>
    <message>
        <source>Reading the repository…</source>
        <translation>正在读取仓库…</translation>
    </message>
    <message>
        <source>Opening the session…</source>
        <translation>正在打开会话…</translation>
    </message>
    <message>
        <source>Another process works in this session. The message waits here.</source>
        <translation>另一个进程正在此会话中工作。消息在此等候。</translation>
    </message>
    <message>
        <source>The session does not say in which folder it works.</source>
        <translation>会话没有说明它在哪个文件夹中工作。</translation>
    </message>
    <message>
        <source>The turn ended early: %1</source>
        <translation>本轮提前结束：%1</translation>
    </message>
    <message>
        <source>The message was not sent: %1</source>
        <translation>消息未发送：%1</translation>
    </message>
    <message>
        <source>The plan can be changed once the agent works here.</source>
        <translation>智能体在此工作后才能更改计划。</translation>
    </message>
    <message>
        <source>A budget is used up. The message waits here.</source>
        <translation>预算已用完，消息在这里等待。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::MachinePage</name>
    <message>
        <source>What this computer can do</source>
        <translation>本机能做什么</translation>
    </message>
    <message>
        <source>Models can run here, without any network. How well depends on memory: how much, and how fast.</source>
        <translation>模型可以在本机运行，不需要任何网络。效果取决于内存：容量和速度。</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Speed of the memory</source>
        <translation>内存速度</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>显卡</translation>
    </message>
    <message>
        <source>Tiny: for trying</source>
        <translation>微型：仅供体验</translation>
    </message>
    <message>
        <source>Small: 3 billion parameters</source>
        <translation>小型：30 亿参数</translation>
    </message>
    <message>
        <source>Medium: 8 billion</source>
        <translation>中型：80 亿</translation>
    </message>
    <message>
        <source>Large: 14 billion</source>
        <translation>大型：140 亿</translation>
    </message>
    <message>
        <source>Very large: 32 billion</source>
        <translation>超大型：320 亿</translation>
    </message>
    <message>
        <source>measuring…</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <source>%1, threads: %2, %3</source>
        <translation>%1，%2 个线程，%3</translation>
    </message>
    <message>
        <source>%1, of which %2 are free</source>
        <translation>%1，其中 %2 可用</translation>
    </message>
    <message>
        <source>%1 in a second</source>
        <translation>每秒 %1</translation>
    </message>
    <message>
        <source>could not be measured</source>
        <translation>无法测量</translation>
    </message>
    <message>
        <source>%1 free, reads %2 in a second</source>
        <translation>可用 %1，每秒读取 %2</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>none found; models run on the processor</source>
        <translation>未发现；模型在处理器上运行</translation>
    </message>
    <message>
        <source>found, but this version runs models on the processor</source>
        <translation>已发现，但此版本在处理器上运行模型</translation>
    </message>
    <message>
        <source>✓ runs well, up to %1 tokens a second</source>
        <translation>✓ 运行良好，每秒最多 %1 个词元</translation>
    </message>
    <message>
        <source>– runs slowly, up to %1 tokens a second</source>
        <translation>– 运行较慢，每秒最多 %1 个词元</translation>
    </message>
    <message>
        <source>– needs %1: close other programs first</source>
        <translation>– 需要 %1：请先关闭其他程序</translation>
    </message>
    <message>
        <source>✗ does not fit, it needs %1</source>
        <translation>✗ 装不下，需要 %1</translation>
    </message>
    <message>
        <source>For real work this computer is on the small side. Choose a server in the next step; small models still do for short edits and for trying.</source>
        <translation>对于实际工作，本机性能偏低。请在下一步选择服务器；小型模型仍可用于简短的编辑和体验。</translation>
    </message>
    <message>
        <source>This computer is strong enough to work with a model of its own.</source>
        <translation>本机性能足够，可以使用本机模型工作。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::MainWindow</name>
    <message>
        <source>Sessions</source>
        <translation>会话</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>会话内容</translation>
    </message>
    <message>
        <source>Workbench</source>
        <translation>工作台</translation>
    </message>
    <message>
        <source>Tabs of the workbench</source>
        <translation>工作台的标签页</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::MessagePage</name>
    <message>
        <source>No changes yet</source>
        <translation>还没有更改</translation>
    </message>
    <message>
        <source>What the agent changes in this session appears here, hunk by hunk.</source>
        <translation>智能体在本会话中所做的更改会逐块显示在这里。</translation>
    </message>
    <message>
        <source>Show uncommitted changes</source>
        <translation>显示未提交的更改</translation>
    </message>
    <message>
        <source>This folder is in no git repository. One is made before the agent writes its first file.</source>
        <translation>此文件夹不在任何 git 仓库中。智能体写入第一个文件之前会建立仓库。</translation>
    </message>
    <message>
        <source>No commit yet</source>
        <translation>还没有提交</translation>
    </message>
    <message>
        <source>There is no commit to compare with. Make the first one, or look at the changes of this session.</source>
        <translation>没有可比较的提交。请先做第一次提交，或查看本会话的更改。</translation>
    </message>
    <message>
        <source>No other branch</source>
        <translation>没有其他分支</translation>
    </message>
    <message>
        <source>This branch left no other one, so there is nothing to compare with.</source>
        <translation>此分支不是从其他分支分出的，没有可比较的内容。</translation>
    </message>
    <message>
        <source>Looking for changes…</source>
        <translation>正在查找更改…</translation>
    </message>
    <message>
        <source>The changes cannot be shown</source>
        <translation>无法显示更改</translation>
    </message>
    <message>
        <source>No file was touched. The reason: %1</source>
        <translation>没有改动任何文件。原因：%1</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Everything is reviewed</source>
        <translation>全部审阅完毕</translation>
    </message>
    <message>
        <source>No changes</source>
        <translation>没有更改</translation>
    </message>
    <message numerus="yes">
        <source>Hunks decided: %n. What you accepted stays in the files and can be committed.</source>
        <translation>
            <numerusform>已决定 %n 个差异块。您接受的内容保留在文件中，可以提交。</numerusform>
        </translation>
    </message>
    <message>
        <source>The files are as they were.</source>
        <translation>文件与原来一样。</translation>
    </message>
    <message>
        <source>Undo the last decision</source>
        <translation>撤销上一个决定</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ModeButton</name>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>询问</translation>
    </message>
    <message>
        <source>Auto-edit</source>
        <translation>自动编辑</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Plan: reads and plans, changes nothing</source>
        <translation>计划：只阅读和规划，不做更改</translation>
    </message>
    <message>
        <source>Ask: asks before each edit and each command</source>
        <translation>询问：每次编辑和每条命令前都先询问</translation>
    </message>
    <message>
        <source>Auto-edit: edits files, asks before commands</source>
        <translation>自动编辑：直接编辑文件，执行命令前询问</translation>
    </message>
    <message>
        <source>Auto: edits and runs commands in the jail without asking</source>
        <translation>自动：在沙箱中编辑和执行命令，不再询问</translation>
    </message>
    <message>
        <source>%1 ▾</source>
        <comment>a mode; the sign says that a menu opens</comment>
        <translation>%1 ▾</translation>
    </message>
    <message>
        <source>Mode: %1</source>
        <translation>模式：%1</translation>
    </message>
    <message>
        <source>Modes</source>
        <translation>模式</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ModelButton</name>
    <message>
        <source>%1 · %2</source>
        <comment>model and backend</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>As the settings say: %1</source>
        <translation>按设置：%1</translation>
    </message>
    <message>
        <source>Models and backends…</source>
        <translation>模型与后端…</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>%1 ▾</source>
        <comment>a model; the sign says that a menu opens</comment>
        <translation>%1 ▾</translation>
    </message>
    <message>
        <source>Model: %1</source>
        <translation>模型：%1</translation>
    </message>
    <message>
        <source>%1. Opens the models for the next turns of this session.</source>
        <translation>%1。打开本会话后续轮次可用的模型。</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ModelFacts</name>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>As known by its name: it takes them</source>
        <translation>按名称已知：接受图片</translation>
    </message>
    <message>
        <source>As known by its name: it takes none</source>
        <translation>按名称已知：不接受图片</translation>
    </message>
    <message>
        <source>%1 · %2 tokens</source>
        <comment>model, its window</comment>
        <translation>%1 · %2 个词元</translation>
    </message>
    <message>
        <source>%1 · $%2 in, $%3 out</source>
        <comment>and its price per million tokens</comment>
        <translation>%1 · 输入 $%2，输出 $%3</translation>
    </message>
    <message>
        <source>%1 · pictures</source>
        <comment>and it takes pictures</comment>
        <translation>%1 · 图片</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>上下文窗口</translation>
    </message>
    <message>
        <source>US$ per million tokens</source>
        <translation>美元/百万词元</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Context window in tokens</source>
        <translation>上下文窗口（词元数）</translation>
    </message>
    <message>
        <source>in</source>
        <comment>tokens that are sent</comment>
        <translation>输入</translation>
    </message>
    <message>
        <source>cached</source>
        <comment>tokens that are sent and known already</comment>
        <translation>缓存</translation>
    </message>
    <message>
        <source>out</source>
        <comment>tokens of the answer</comment>
        <translation>输出</translation>
    </message>
    <message>
        <source>Price of a million input tokens in US dollars</source>
        <translation>每百万输入词元的价格（美元）</translation>
    </message>
    <message>
        <source>Price of a million cached input tokens in US dollars</source>
        <translation>每百万缓存输入词元的价格（美元）</translation>
    </message>
    <message>
        <source>Price of a million output tokens in US dollars</source>
        <translation>每百万输出词元的价格（美元）</translation>
    </message>
    <message>
        <source>Whether the model takes pictures</source>
        <translation>模型是否接受图片</translation>
    </message>
    <message>
        <source>It takes pictures</source>
        <translation>接受图片</translation>
    </message>
    <message>
        <source>It takes none</source>
        <translation>不接受图片</translation>
    </message>
    <message>
        <source>Known models</source>
        <translation>已知模型</translation>
    </message>
    <message>
        <source>Choose one of the known models</source>
        <translation>选择一个已知模型</translation>
    </message>
    <message>
        <source>Grey numbers are what Moxie knows by the model&apos;s name (prices of %1). What you write takes their place.</source>
        <translation>灰色数字是 Moxie 按模型名称所知的（价格截至 %1）。你填写的值会取代它们。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ModelsControl</name>
    <message>
        <source>Models in the order they are tried</source>
        <translation>模型，按尝试的顺序</translation>
    </message>
    <message>
        <source>Add server</source>
        <translation>添加服务器</translation>
    </message>
    <message>
        <source>Add file</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Try this model earlier</source>
        <translation>更早尝试此模型</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Try this model later</source>
        <translation>更晚尝试此模型</translation>
    </message>
    <message>
        <source>OpenAI and what speaks like it</source>
        <translation>OpenAI 及兼容接口</translation>
    </message>
    <message>
        <source>Anthropic and what speaks like it</source>
        <translation>Anthropic 及兼容接口</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Model file</source>
        <translation>模型文件</translation>
    </message>
    <message>
        <source>Interface</source>
        <translation>接口</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Key variable</source>
        <translation>密钥变量</translation>
    </message>
    <message>
        <source>New model</source>
        <translation>新模型</translation>
    </message>
    <message>
        <source>A GGUF file on this computer.</source>
        <translation>本机上的 GGUF 文件。</translation>
    </message>
    <message>
        <source>The key itself stays in the environment variable; it is written into no file.</source>
        <translation>密钥本身留在环境变量中，不会写入任何文件。</translation>
    </message>
    <message>
        <source>This is no name of an environment variable. Put the key into one, and write its name here.</source>
        <translation>这不是环境变量的名称。请把密钥放入环境变量，并在这里填写其名称。</translation>
    </message>
    <message>
        <source>Download or test…</source>
        <translation>下载或测试…</translation>
    </message>
    <message>
        <source>Opens the first run, which finds, downloads and tests models</source>
        <translation>打开首次运行向导，可查找、下载和测试模型</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::NoticeStrip</name>
    <message>
        <source>1 more</source>
        <translation>还有 1 条</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <comment>notices</comment>
        <translation>
            <numerusform>还有 %n 条</numerusform>
        </translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>关闭通知</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Notifications</name>
    <message>
        <source>Moxie needs your permission</source>
        <translation>Moxie 需要您的许可</translation>
    </message>
    <message>
        <source>Moxie has stopped: the budget is spent</source>
        <translation>Moxie 已停止：预算已用完</translation>
    </message>
    <message>
        <source>Moxie has stopped without finishing</source>
        <translation>Moxie 未完成即已停止</translation>
    </message>
    <message>
        <source>Moxie asks you something</source>
        <translation>Moxie 向您提问</translation>
    </message>
    <message>
        <source>Moxie has finished</source>
        <translation>Moxie 已完成</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::OutputHeader</name>
    <message>
        <source>Add to message</source>
        <translation>添加到消息</translation>
    </message>
    <message>
        <source>Add the selection to the message</source>
        <translation>将所选内容添加到消息</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::OutputScreen</name>
    <message>
        <source>The session is being read…</source>
        <translation>正在读取会话…</translation>
    </message>
    <message>
        <source>The session cannot be read: %1</source>
        <translation>无法读取会话：%1</translation>
    </message>
    <message>
        <source>No commands yet.
What the agent runs appears here while it runs.</source>
        <translation>还没有命令。
智能体运行的命令会实时显示在这里。</translation>
    </message>
    <message>
        <source>The command wrote nothing.</source>
        <translation>该命令没有输出。</translation>
    </message>
    <message>
        <source>No output yet.</source>
        <translation>还没有输出。</translation>
    </message>
    <message>
        <source>The output cannot be read: %1</source>
        <translation>无法读取输出：%1</translation>
    </message>
    <message>
        <source>The command waits for your permission.</source>
        <translation>该命令正在等待您的许可。</translation>
    </message>
    <message>
        <source>The command was not run.</source>
        <translation>该命令未运行。</translation>
    </message>
    <message>
        <source>Reading: %1 of %2.</source>
        <translation>正在读取：%1 / %2。</translation>
    </message>
    <message numerus="yes">
        <source>The first %n lines are not shown.</source>
        <translation>
            <numerusform>最前面的 %n 行未显示。</numerusform>
        </translation>
    </message>
    <message>
        <source>Only the first %1 were kept when the command ran.</source>
        <translation>命令运行时只保留了前 %1。</translation>
    </message>
    <message>
        <source>Only what the model was given to read was kept.</source>
        <translation>只保留了提供给模型阅读的内容。</translation>
    </message>
    <message>
        <source>The output cannot be read on: %1</source>
        <translation>无法继续读取输出：%1</translation>
    </message>
    <message>
        <source>Output of the command</source>
        <translation>命令的输出</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PermissionCard</name>
    <message>
        <source>Deny and say why…</source>
        <translation>拒绝并说明原因…</translation>
    </message>
    <message>
        <source>Deny and say why</source>
        <translation>拒绝并说明原因</translation>
    </message>
    <message>
        <source>What should it do instead? Enter denies and tells the agent.</source>
        <translation>它应该怎么做？按回车拒绝并告知智能体。</translation>
    </message>
    <message>
        <source>Reason of the denial</source>
        <translation>拒绝的原因</translation>
    </message>
    <message>
        <source>Permission needed</source>
        <translation>需要权限</translation>
    </message>
    <message>
        <source>%1 to %2 answer. Enter answers nothing.</source>
        <comment>keys</comment>
        <translation>用 %1 至 %2 回答。回车不会作出回答。</translation>
    </message>
    <message numerus="yes">
        <source>The agent asks for %n permissions</source>
        <translation>
            <numerusform>智能体请求 %n 项权限</numerusform>
        </translation>
    </message>
    <message>
        <source>A wider answer allows all that this pattern covers:</source>
        <translation>更宽的回答会允许此模式涵盖的所有内容：</translation>
    </message>
    <message>
        <source>Pattern of a wider answer</source>
        <translation>更宽回答的模式</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PermissionsPage</name>
    <message>
        <source>Rules of this project</source>
        <translation>本项目的规则</translation>
    </message>
    <message>
        <source>Open a folder to see its rules.</source>
        <translation>打开文件夹以查看其规则。</translation>
    </message>
    <message>
        <source>“bash(ctest*)” or “edit(src/*)”: * stands for any text. Deny wins over ask, ask over allow. Kept in your settings folder, never in the project.</source>
        <translation>“bash(ctest*)”或“edit(src/*)”：* 代表任意文本。拒绝优先于询问，询问优先于允许。保存在您的设置文件夹中，从不保存在项目中。</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Answer of the new rule</source>
        <translation>新规则的回答</translation>
    </message>
    <message>
        <source>Allow</source>
        <translation>允许</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>询问</translation>
    </message>
    <message>
        <source>Deny</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>New rule</source>
        <translation>新规则</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add the rule</source>
        <translation>添加规则</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the chosen rule</source>
        <translation>移除所选规则</translation>
    </message>
    <message>
        <source>Decisions in this project</source>
        <translation>本项目中的决定</translation>
    </message>
    <message>
        <source>Search in the decisions</source>
        <translation>在决定中搜索</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Tool</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>once</source>
        <translation>一次</translation>
    </message>
    <message>
        <source>this turn</source>
        <translation>本轮</translation>
    </message>
    <message>
        <source>this session</source>
        <translation>本会话</translation>
    </message>
    <message>
        <source>always</source>
        <translation>始终</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>nobody there</source>
        <translation>无人应答</translation>
    </message>
    <message>
        <source>Reading the logs…</source>
        <translation>正在读取日志…</translation>
    </message>
    <message>
        <source>The sessions cannot be read: %1.</source>
        <translation>无法读取会话：%1。</translation>
    </message>
    <message>
        <source>Nothing was asked yet.</source>
        <translation>还没有询问过。</translation>
    </message>
    <message>
        <source>Decisions: %1. Older sessions were not read.</source>
        <translation>决定：%1。更早的会话未读取。</translation>
    </message>
    <message>
        <source>Decisions: %1.</source>
        <translation>决定：%1。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PicturePane</name>
    <message>
        <source>%1 × %2, %3</source>
        <comment>width, height, bytes of a picture</comment>
        <translation>%1 × %2，%3</translation>
    </message>
    <message>
        <source>Before: %1</source>
        <translation>之前：%1</translation>
    </message>
    <message>
        <source>Before: no picture</source>
        <translation>之前：没有图片</translation>
    </message>
    <message>
        <source>Before: cannot be shown</source>
        <translation>之前：无法显示</translation>
    </message>
    <message>
        <source>Now: %1</source>
        <translation>现在：%1</translation>
    </message>
    <message>
        <source>Now: no picture</source>
        <translation>现在：没有图片</translation>
    </message>
    <message>
        <source>Now: cannot be shown</source>
        <translation>现在：无法显示</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PictureStrip</name>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Picture %1 of %2: %3</source>
        <translation>第 %1 张图片，共 %2 张：%3</translation>
    </message>
    <message>
        <source>The picture was not added: %1</source>
        <translation>图片未添加：%1</translation>
    </message>
    <message numerus="yes">
        <source>A message takes %n pictures at most.</source>
        <translation>
            <numerusform>一条消息最多 %n 张图片。</numerusform>
        </translation>
    </message>
    <message>
        <source>Pictures of this message</source>
        <translation>此消息的图片</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the chosen picture</source>
        <translation>移除所选图片</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PlanRowPainter</name>
    <message>
        <source>Text of the step</source>
        <translation>步骤的文字</translation>
    </message>
    <message>
        <source>What is to be done</source>
        <translation>要做什么</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PlanRows</name>
    <message>
        <source>1 call</source>
        <translation>1 次调用</translation>
    </message>
    <message numerus="yes">
        <source>%n calls</source>
        <translation>
            <numerusform>%n 次调用</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, pending</source>
        <translation>%1，待办</translation>
    </message>
    <message>
        <source>%1, in progress</source>
        <translation>%1，进行中</translation>
    </message>
    <message>
        <source>%1, done</source>
        <translation>%1，已完成</translation>
    </message>
    <message>
        <source>%1, struck</source>
        <translation>%1，已划去</translation>
    </message>
    <message>
        <source>high priority</source>
        <translation>高优先级</translation>
    </message>
    <message>
        <source>low priority</source>
        <translation>低优先级</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>%1 +%2</source>
        <comment>a file, and how many more</comment>
        <translation>%1 +%2</translation>
    </message>
    <message>
        <source>%1, touches %2</source>
        <comment>a step, files</comment>
        <translation>%1，涉及 %2</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PlanStrip</name>
    <message>
        <source>The session cannot go on.</source>
        <translation>会话无法继续。</translation>
    </message>
    <message>
        <source>Watching: another process works on this session.</source>
        <translation>旁观中：另一个进程正在处理此会话。</translation>
    </message>
    <message>
        <source>%1 of %2, %3</source>
        <comment>step, steps, what is being done</comment>
        <translation>第 %1 步，共 %2 步：%3</translation>
    </message>
    <message numerus="yes">
        <source>All %n done</source>
        <comment>steps of the plan</comment>
        <translation>
            <numerusform>全部 %n 步已完成</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2 done</source>
        <translation>已完成 %1 / %2</translation>
    </message>
    <message>
        <source>Plan: %1</source>
        <translation>计划：%1</translation>
    </message>
    <message>
        <source>Close the plan</source>
        <translation>收起计划</translation>
    </message>
    <message>
        <source>Open the plan</source>
        <translation>展开计划</translation>
    </message>
    <message>
        <source>Steps of the plan</source>
        <translation>计划的步骤</translation>
    </message>
    <message>
        <source>Sent: the agent sees it at its next step.</source>
        <translation>已发送：智能体在下一步会看到。</translation>
    </message>
    <message>
        <source>Add a step</source>
        <translation>添加步骤</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Edit the chosen step</source>
        <translation>编辑选中的步骤</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move the chosen step up</source>
        <translation>上移选中的步骤</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Move the chosen step down</source>
        <translation>下移选中的步骤</translation>
    </message>
    <message>
        <source>Approve, ask before each edit</source>
        <translation>批准，每次编辑前询问</translation>
    </message>
    <message>
        <source>Approve, edit files without asking</source>
        <translation>批准，编辑文件不再询问</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Strike</source>
        <translation>划去</translation>
    </message>
    <message>
        <source>Restore the chosen step</source>
        <translation>恢复选中的步骤</translation>
    </message>
    <message>
        <source>Strike the chosen step</source>
        <translation>划去选中的步骤</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Approve %1 of %2</source>
        <translation>批准 %1 / %2</translation>
    </message>
    <message>
        <source>Approve the ticked steps</source>
        <translation>批准勾选的步骤</translation>
    </message>
    <message>
        <source>The agent is still planning</source>
        <translation>智能体仍在规划</translation>
    </message>
    <message>
        <source>Tick a step first</source>
        <translation>请先勾选一个步骤</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Files that the chosen step touches</source>
        <translation>所选步骤涉及的文件</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::PrivacyPage</name>
    <message>
        <source>Moxie has no account and no telemetry. Nothing is sent anywhere but to the models you chose. Keys stay in the environment, or in a file that only you can read.</source>
        <translation>Moxie 没有帐号，也没有遥测。除了您选择的模型，不会向任何地方发送内容。密钥留在环境变量中，或只有您能读取的文件中。</translation>
    </message>
    <message>
        <source>Stored on this computer</source>
        <translation>保存在本机</translation>
    </message>
    <message>
        <source>Delete the index…</source>
        <translation>删除索引…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the index</source>
        <translation>删除索引</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Keep the index</source>
        <translation>保留索引</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Bring the index back</source>
        <translation>恢复索引</translation>
    </message>
    <message>
        <source>The model runs on this computer: no text leaves it.</source>
        <translation>模型在本机运行：没有文本离开本机。</translation>
    </message>
    <message>
        <source>These servers get your messages and the code the agent reads: %1.</source>
        <translation>以下服务器会收到您的消息和智能体读取的代码：%1。</translation>
    </message>
    <message>
        <source>Checkpoints lie in each repository itself, under refs/moxie.</source>
        <translation>检查点保存在各个仓库中的 refs/moxie 下。</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <source>Settings, keys of actions, rules</source>
        <translation>设置、快捷键、规则</translation>
    </message>
    <message>
        <source>Sessions: messages, outputs, plans</source>
        <translation>会话：消息、输出、计划</translation>
    </message>
    <message>
        <source>Models you put there</source>
        <translation>您放入的模型</translation>
    </message>
    <message>
        <source>Index of your repositories</source>
        <translation>您的仓库的索引</translation>
    </message>
    <message>
        <source>What set-up fetched: sample model, grammars</source>
        <translation>安装程序获取的内容：示例模型、语法</translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open the folder %1</source>
        <translation>打开文件夹 %1</translation>
    </message>
    <message>
        <source>Delete the index of all repositories? It is made again when a session needs it.</source>
        <translation>要删除所有仓库的索引吗？会话需要时会重新建立。</translation>
    </message>
    <message>
        <source>The index is deleted.</source>
        <translation>索引已删除。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::QueuedMessages</name>
    <message>
        <source>Queued: %1</source>
        <translation>已排队：%1</translation>
    </message>
    <message>
        <source>1 message waits for the end of this turn</source>
        <translation>1 条消息等待本轮结束</translation>
    </message>
    <message numerus="yes">
        <source>%n messages wait for the end of this turn</source>
        <translation>
            <numerusform>%n 条消息等待本轮结束</numerusform>
        </translation>
    </message>
    <message>
        <source>Queued messages</source>
        <translation>排队的消息</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Edit the chosen queued message</source>
        <translation>编辑选中的排队消息</translation>
    </message>
    <message>
        <source>Send now</source>
        <translation>立即发送</translation>
    </message>
    <message>
        <source>Stop the turn and send the chosen queued message</source>
        <translation>停止本轮并发送选中的排队消息</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the chosen queued message</source>
        <translation>移除选中的排队消息</translation>
    </message>
    <message numerus="yes">
        <source>%1 (with %n pictures)</source>
        <comment>message</comment>
        <translation>
            <numerusform>%1（附 %n 张图片）</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SearchHits</name>
    <message>
        <source>%1: %2, %3</source>
        <comment>title, excerpt, age</comment>
        <translation>%1：%2，%3</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SearchScreen</name>
    <message>
        <source>Symbols and texts of the repository</source>
        <translation>仓库中的符号和文本</translation>
    </message>
    <message>
        <source>Name of a symbol, or words of the text</source>
        <translation>符号名，或文本中的词</translation>
    </message>
    <message>
        <source>What to look for</source>
        <translation>搜索内容</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>搜索结果</translation>
    </message>
    <message>
        <source>Where to look</source>
        <translation>搜索范围</translation>
    </message>
    <message>
        <source>Symbols and texts</source>
        <translation>符号和文本</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>All symbols</source>
        <translation>所有符号</translation>
    </message>
    <message>
        <source>Functions</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>Types</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>值</translation>
    </message>
    <message>
        <source>No repository is open</source>
        <translation>没有打开的仓库</translation>
    </message>
    <message>
        <source>Open a folder to search its code.</source>
        <translation>打开一个文件夹以搜索其中的代码。</translation>
    </message>
    <message>
        <source>The index is being opened…</source>
        <translation>正在打开索引…</translation>
    </message>
    <message>
        <source>Names can be found as soon as the first files are read.</source>
        <translation>读完第一批文件后即可查找名称。</translation>
    </message>
    <message>
        <source>The index cannot be opened</source>
        <translation>无法打开索引</translation>
    </message>
    <message>
        <source>Find symbols and texts</source>
        <translation>查找符号和文本</translation>
    </message>
    <message>
        <source>Some letters of a name are enough. “in:folder” looks below a folder, “Type::name” for a member.</source>
        <translation>输入名称的几个字母即可。“in:文件夹”在该文件夹内查找，“类型::名称”查找成员。</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>In texts</source>
        <translation>文本中</translation>
    </message>
    <message>
        <source>The index cannot answer</source>
        <translation>索引无法回答</translation>
    </message>
    <message>
        <source>Nothing fits “%1”</source>
        <translation>没有匹配“%1”的结果</translation>
    </message>
    <message>
        <source>Try fewer letters, or other words.</source>
        <translation>请减少字母，或换用其他词。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln results in %1</source>
        <comment>how many, how long it took</comment>
        <translation>
            <numerusform>%Ln 个结果，用时 %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ServerForm</name>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Interface</source>
        <translation>接口</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Key variable</source>
        <translation>密钥变量</translation>
    </message>
    <message>
        <source>OpenAI and what speaks like it</source>
        <translation>OpenAI 及兼容接口</translation>
    </message>
    <message>
        <source>Anthropic and what speaks like it</source>
        <translation>Anthropic 及兼容接口</translation>
    </message>
    <message>
        <source>as the server calls it</source>
        <translation>服务器使用的名称</translation>
    </message>
    <message>
        <source>EXAMPLE_API_KEY, if the key is in the environment</source>
        <translation>EXAMPLE_API_KEY，如果密钥在环境变量中</translation>
    </message>
    <message>
        <source>or the key itself, if it needs one</source>
        <translation>或密钥本身，如果需要</translation>
    </message>
    <message>
        <source>Cancel the test</source>
        <translation>取消测试</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>The address begins with http:// or https://, and names the server.</source>
        <translation>地址以 http:// 或 https:// 开头，并写明服务器。</translation>
    </message>
    <message>
        <source>Write the model&apos;s name as the server calls it.</source>
        <translation>请填写服务器使用的模型名称。</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>正在询问服务器…</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>It answered after %1 ms, without a word.</source>
        <translation>%1 毫秒后收到应答，但没有内容。</translation>
    </message>
    <message>
        <source>It answered after %1 ms: “%2”</source>
        <translation>%1 毫秒后收到回答：“%2”</translation>
    </message>
    <message>
        <source>A key that you type goes into the keyring of this desktop, else into a file that only you can read; never into the settings.</source>
        <translation>您输入的密钥保存在桌面的密钥环中；没有密钥环时保存在只有您能读取的文件中，绝不写入设置。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionActions</name>
    <message>
        <source>Take out of the archive</source>
        <translation>取消归档</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Fork into a new session</source>
        <translation>分叉为新会话</translation>
    </message>
    <message>
        <source>Export as Markdown…</source>
        <translation>导出为 Markdown…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Export the session as Markdown</source>
        <translation>将会话导出为 Markdown</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>What to do with the session</source>
        <translation>对会话的操作</translation>
    </message>
    <message>
        <source>Remove its worktree</source>
        <translation>移除它的工作树</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionAge</name>
    <message>
        <source>now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <comment>days</comment>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>1 minute ago</source>
        <translation>1 分钟前</translation>
    </message>
    <message numerus="yes">
        <source>%n minutes ago</source>
        <translation>
            <numerusform>%n 分钟前</numerusform>
        </translation>
    </message>
    <message>
        <source>1 hour ago</source>
        <translation>1 小时前</translation>
    </message>
    <message numerus="yes">
        <source>%n hours ago</source>
        <translation>
            <numerusform>%n 小时前</numerusform>
        </translation>
    </message>
    <message>
        <source>1 day ago</source>
        <translation>1 天前</translation>
    </message>
    <message numerus="yes">
        <source>%n days ago</source>
        <translation>
            <numerusform>%n 天前</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionPage</name>
    <message>
        <source>The plan is approved. Go ahead with it.</source>
        <translation>计划已批准，请开始执行。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionRowPainter</name>
    <message>
        <source>Title of the session</source>
        <translation>会话标题</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionSign</name>
    <message>
        <source>needs permission</source>
        <translation>需要权限</translation>
    </message>
    <message>
        <source>asks a question</source>
        <translation>在提问</translation>
    </message>
    <message>
        <source>paused by its budget</source>
        <translation>因预算暂停</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>working</source>
        <translation>工作中</translation>
    </message>
    <message>
        <source>finished, not seen yet</source>
        <translation>已完成，尚未查看</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>空闲</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionStore</name>
    <message>
        <source>Titles and archived sessions cannot be read: %1</source>
        <translation>无法读取标题和已归档的会话：%1</translation>
    </message>
    <message>
        <source>Titles and archived sessions cannot be kept: %1</source>
        <translation>无法保存标题和已归档的会话：%1</translation>
    </message>
    <message>
        <source>There is no such session any more.</source>
        <translation>此会话已不存在。</translation>
    </message>
    <message>
        <source>The session is at work. Stop it before you remove it.</source>
        <translation>会话正在工作。请先停止，再移除。</translation>
    </message>
    <message>
        <source>The session was not removed: %1</source>
        <translation>会话未移除：%1</translation>
    </message>
    <message>
        <source>The session did not come back: %1</source>
        <translation>会话未能恢复：%1</translation>
    </message>
    <message>
        <source>The search came to nothing: %1</source>
        <translation>搜索未成功：%1</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Moxie</source>
        <translation>Moxie</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>committed</source>
        <translation>已提交</translation>
    </message>
    <message>
        <source>The conversation was not exported: %1</source>
        <translation>对话未导出：%1</translation>
    </message>
    <message>
        <source>The session was not forked: %1</source>
        <translation>会话未分叉：%1</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionTree</name>
    <message>
        <source>Deleted, kept for 30 days</source>
        <translation>已删除，保留 30 天</translation>
    </message>
    <message>
        <source>Project %1, 1 session</source>
        <translation>项目 %1，1 个会话</translation>
    </message>
    <message numerus="yes">
        <source>Project %1, %n sessions</source>
        <translation>
            <numerusform>项目 %1，%n 个会话</numerusform>
        </translation>
    </message>
    <message>
        <source>Session without a message</source>
        <translation>没有消息的会话</translation>
    </message>
    <message>
        <source>%1, %2, %3</source>
        <comment>title, state, age</comment>
        <translation>%1，%2，%3</translation>
    </message>
    <message>
        <source>%1, deleted %2</source>
        <comment>title, age</comment>
        <translation>%1，删除于 %2</translation>
    </message>
    <message>
        <source>%1
On branch %2</source>
        <translation>%1
分支 %2</translation>
    </message>
    <message>
        <source>%1, %2, %3, in its own worktree on branch %4</source>
        <comment>title, state, age, branch</comment>
        <translation>%1，%2，%3，在独立工作树的分支 %4 上</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SessionsScreen</name>
    <message>
        <source>“%1” is deleted. It can be restored for 30 days.</source>
        <translation>“%1”已删除，30 天内可以恢复。</translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message>
        <source>Nothing was found.</source>
        <translation>没有找到。</translation>
    </message>
    <message>
        <source>All are archived.</source>
        <translation>全部会话都已归档。</translation>
    </message>
    <message>
        <source>No session needs you.</source>
        <translation>没有会话需要您。</translation>
    </message>
    <message>
        <source>No session is running.</source>
        <translation>没有会话在运行。</translation>
    </message>
    <message>
        <source>Nothing is archived or deleted.</source>
        <translation>没有已归档或已删除的会话。</translation>
    </message>
    <message>
        <source>The sessions are being read…</source>
        <translation>正在读取会话…</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>The sessions cannot be read: %1</source>
        <translation>无法读取会话：%1</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>In conversations; some are not searched yet</source>
        <translation>对话中；有些尚未搜索</translation>
    </message>
    <message>
        <source>In conversations, the best ones</source>
        <translation>对话中，最匹配的</translation>
    </message>
    <message>
        <source>In conversations</source>
        <translation>对话中</translation>
    </message>
    <message>
        <source>New session</source>
        <translation>新建会话</translation>
    </message>
    <message>
        <source>Search all sessions</source>
        <translation>搜索全部会话</translation>
    </message>
    <message>
        <source>Sessions</source>
        <translation>会话</translation>
    </message>
    <message>
        <source>Found in conversations</source>
        <translation>在对话中找到</translation>
    </message>
    <message>
        <source>Other ways to begin</source>
        <translation>其他开始方式</translation>
    </message>
    <message>
        <source>New session in this folder</source>
        <translation>在此文件夹中新建会话</translation>
    </message>
    <message>
        <source>New session in its own worktree</source>
        <translation>在独立工作树中新建会话</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>“%1” is archived. Its worktree is still there.</source>
        <translation>“%1”已归档，它的工作树仍在。</translation>
    </message>
    <message>
        <source>Keep the worktree</source>
        <translation>保留工作树</translation>
    </message>
    <message>
        <source>Remove it; its branch stays</source>
        <translation>移除工作树，保留分支</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Remove its worktree, too; its branch stays</source>
        <translation>同时移除工作树，保留分支</translation>
    </message>
    <message numerus="yes">
        <source>%n files in the worktree of “%1” are not committed.</source>
        <translation>
            <numerusform>“%1”的工作树中有 %n 个文件未提交。</numerusform>
        </translation>
    </message>
    <message>
        <source>Commit to its branch, then remove it</source>
        <translation>提交到它的分支，然后移除</translation>
    </message>
    <message>
        <source>Discard; a checkpoint keeps them</source>
        <translation>丢弃；检查点会保留它们</translation>
    </message>
    <message>
        <source>The worktree of “%1” is removed. Its branch %2 stays.</source>
        <translation>“%1”的工作树已移除，分支 %2 保留。</translation>
    </message>
    <message>
        <source>No session yet. Write a task to begin one.</source>
        <translation>还没有会话。写下任务即可开始。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SettingControl</name>
    <message>
        <source>no bound</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>On</source>
        <comment>a switch</comment>
        <translation>开</translation>
    </message>
    <message>
        <source>Off</source>
        <comment>a switch</comment>
        <translation>关</translation>
    </message>
    <message>
        <source>One in each line</source>
        <translation>每行一个</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SettingRow</name>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset “%1” to its default</source>
        <translation>将“%1”重置为默认值</translation>
    </message>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>%1, changed from the default</source>
        <translation>%1，已不同于默认值</translation>
    </message>
    <message>
        <source>In this project: %1, from %2.</source>
        <translation>在本项目中：%1，来自 %2。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Settings</name>
    <message>
        <source>The file cannot be read: %1.</source>
        <translation>无法读取文件：%1。</translation>
    </message>
    <message>
        <source>The file is not read: %1.</source>
        <translation>未读取该文件：%1。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::SettingsScreen</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Search in the settings</source>
        <translation>在设置中搜索</translation>
    </message>
    <message>
        <source>Groups of settings</source>
        <translation>设置分组</translation>
    </message>
    <message>
        <source>No setting fits. Try another word.</source>
        <translation>没有符合的设置。请换一个词。</translation>
    </message>
    <message>
        <source>Open file</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>Your settings file needs a repair. What was in force stays in force; nothing can be changed here until then.</source>
        <translation>您的设置文件需要修正。原先生效的设置继续生效；修正之前这里无法更改。</translation>
    </message>
    <message>
        <source>A part of the project&apos;s settings file is not in force.</source>
        <translation>项目设置文件的一部分未生效。</translation>
    </message>
    <message>
        <source>Open the settings file at the line</source>
        <translation>在该行打开设置文件</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::StartPage</name>
    <message>
        <source>Where to begin</source>
        <translation>从哪里开始</translation>
    </message>
    <message>
        <source>Moxie works in a folder, best in a Git repository. Everything it changes can be taken back.</source>
        <translation>Moxie 在文件夹中工作，最好是 Git 仓库。它的所有更改都可以撤销。</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Your own project.</source>
        <translation>您自己的项目。</translation>
    </message>
    <message>
        <source>Try it on a sample repository</source>
        <translation>用示例仓库试一试</translation>
    </message>
    <message>
        <source>A small repository with a failing test, made in a temporary folder: watch the agent find and mend it.</source>
        <translation>临时文件夹中的一个小仓库，含一个失败的测试：看智能体找到并修复问题。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::StatusChips</name>
    <message>
        <source>%1, on this computer</source>
        <translation>%1，本机</translation>
    </message>
    <message>
        <source>%1, RECORDED</source>
        <translation>%1，录制回放</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>model and kind of server</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Model: %1</source>
        <translation>模型：%1</translation>
    </message>
    <message>
        <source>The model that answered last. Click for models and backends.</source>
        <translation>最近一次作答的模型。点击查看模型与后端。</translation>
    </message>
    <message>
        <source>context %1 of %2</source>
        <translation>上下文 %1 / %2</translation>
    </message>
    <message>
        <source>context %1</source>
        <translation>上下文 %1</translation>
    </message>
    <message>
        <source>Context: %1</source>
        <translation>上下文：%1</translation>
    </message>
    <message>
        <source>Tokens that the last request carried, of what the model can read.</source>
        <translation>上一次请求携带的词元数，以及模型可读取的上限。</translation>
    </message>
    <message>
        <source>index %1 %</source>
        <translation>索引 %1 %</translation>
    </message>
    <message>
        <source>index is being read</source>
        <translation>正在读取索引</translation>
    </message>
    <message>
        <source>index paused</source>
        <translation>索引已暂停</translation>
    </message>
    <message>
        <source>index up to date</source>
        <translation>索引已是最新</translation>
    </message>
    <message>
        <source>index may be out of date</source>
        <translation>索引可能已过时</translation>
    </message>
    <message>
        <source>no index</source>
        <translation>无索引</translation>
    </message>
    <message>
        <source>Index: %1</source>
        <translation>索引：%1</translation>
    </message>
    <message numerus="yes">
        <source>%n files are known. Click for more.</source>
        <translation>
            <numerusform>已收录 %n 个文件。点击查看详情。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moxie::desktop::TestPage</name>
    <message>
        <source>A first answer</source>
        <translation>第一个回答</translation>
    </message>
    <message>
        <source>The model says a few words, so that you know how fast it is.</source>
        <translation>模型会说几句话，让您知道它有多快。</translation>
    </message>
    <message>
        <source>No model was chosen, so there is nothing to test.</source>
        <translation>没有选择模型，因此无需测试。</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>正在等待第一个词…</translation>
    </message>
    <message>
        <source>Tokens so far: %1</source>
        <translation>已有词元：%1</translation>
    </message>
    <message>
        <source>✓ It works.</source>
        <translation>✓ 可以使用。</translation>
    </message>
    <message>
        <source>It did not answer: %1. Go back to choose another one, or go on.</source>
        <translation>没有得到回答：%1。请返回选择另一个模型，或继续。</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>再试一次</translation>
    </message>
    <message>
        <source>%1 tokens a second</source>
        <translation>每秒 %1 个词元</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
    <message>
        <source>%1 measured, %2 planned</source>
        <translation>实测 %1，计划 %2</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>First token after</source>
        <translation>首个词元用时</translation>
    </message>
    <message>
        <source>Loaded in</source>
        <translation>加载用时</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Answer of the model</source>
        <translation>模型的回答</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ViewerFoot</name>
    <message>
        <source>Ask about it</source>
        <translation>询问</translation>
    </message>
    <message>
        <source>Add to message</source>
        <translation>添加到消息</translation>
    </message>
    <message>
        <source>Open in editor</source>
        <translation>在编辑器中打开</translation>
    </message>
    <message>
        <source>Ask about these lines</source>
        <translation>就这些行提问</translation>
    </message>
    <message>
        <source>Add these lines to the message</source>
        <translation>将这些行添加到消息</translation>
    </message>
    <message>
        <source>Open in the editor at this line</source>
        <translation>在编辑器中打开此行</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::ViewerHead</name>
    <message>
        <source>Uses</source>
        <translation>使用处</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>大纲</translation>
    </message>
    <message>
        <source>Back to where I was</source>
        <translation>返回之前的位置</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>再次前进</translation>
    </message>
    <message>
        <source>Where the symbol at the caret is used</source>
        <translation>光标处符号的使用处</translation>
    </message>
    <message>
        <source>Outline of this file</source>
        <translation>此文件的大纲</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>More for this text</source>
        <translation>此文本的更多操作</translation>
    </message>
    <message>
        <source>Files of the repository</source>
        <translation>仓库的文件</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::WelcomePage</name>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::WelcomeScreen</name>
    <message>
        <source>First steps</source>
        <translation>入门</translation>
    </message>
    <message>
        <source>Step %1 of %2</source>
        <translation>第 %1 步，共 %2 步</translation>
    </message>
    <message>
        <source>Skip, look around with the sample session</source>
        <translation>跳过，用示例会话随便看看</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Workbench</name>
    <message>
        <source>Commands of the agent appear here.</source>
        <translation>智能体执行的命令会显示在这里。</translation>
    </message>
    <message>
        <source>Terminal</source>
        <translation>终端</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Symbols</source>
        <translation>符号</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::WorktreeSessions</name>
    <message>
        <source>This session has a worktree of its own, on branch %1. What is not committed in the other folder is not in it.</source>
        <translation>此会话有独立的工作树，位于分支 %1。另一文件夹中未提交的内容不在其中。</translation>
    </message>
</context>
<context>
    <name>moxie::desktop::Worktrees</name>
    <message>
        <source>No worktree was made: %1</source>
        <translation>没有建立工作树：%1</translation>
    </message>
    <message>
        <source>The worktree was not removed: %1</source>
        <translation>没有移除工作树：%1</translation>
    </message>
</context>
</TS>
