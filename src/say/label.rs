//! Fixed words of the screen: titles, columns, vitals, and what each key does. A new one is one row here.

use super::Lang;

/// Makes the enum and its words from one row a label: a row without both languages does not compile.
macro_rules! labels {
    ($($name:ident => $en:literal, $zh:literal;)*) => {
        /// A fixed text of the screen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Label {
            $($name,)*
        }

        impl Label {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn text(self, lang: Lang) -> &'static str {
                match self {
                    $(Self::$name => lang.pick($en, $zh),)*
                }
            }
        }
    };
}

labels! {
    // Titles of panes.
    Feeds => "feeds", "数据源";
    FeedsInYourOrder => "feeds, in your order", "数据源（按你的顺序）";
    Trouble => "trouble, worst first", "故障（最严重在前）";
    Why => "why", "原因";
    Messages => "messages", "消息";
    Outages => "outages", "断线记录";
    Figures => "figures", "指标";
    Services => "services", "业务";
    Help => "help", "帮助";
    Inspect => "inspect", "查看";
    Events => "events", "事件";
    Commands => "commands", "命令";
    Send => "send", "发送";
    SendHint => "a message for this feed, as it is written", "发给该数据源的消息，原样发送";
    Faults => "faults", "故障注入";

    Busy => "the feed has too many wishes waiting; try again", "该数据源的待处理操作过多，请稍后再试";

    // Heads of columns.
    Feed => "feed", "数据源";
    State => "state", "状态";
    Next => "next", "下一步";
    Svc => "svc", "业务";
    Rate => "rate", "速率";
    Last => "last", "最近";
    Lag => "lag", "延迟";
    LagMs => "lag 50/99 ms", "延迟 50/99 ms";
    Gaps => "gaps", "缺口";
    Now => "now", "现在";
    SixtySecondsAgo => "60 s ago", "60 秒前";
    SixtySecondsToNow => "60 s to now", "最近 60 秒";
    Service => "service", "业务";

    // Vitals of a feed.
    Link => "link", "连接";
    Beat => "beat", "心跳";
    Answer => "answer", "应答";
    Rtt => "rtt", "往返";
    Bytes => "bytes", "流量";
    Most => "max", "最大";
    Scale => "scale", "刻度";
    Uptime => "open", "已连接";
    Attempt => "attempt", "次数";
    NextDial => "next dial", "下次连接";
    Dial => "dial", "正在连接";
    Steps => "dial", "拨号";
    Outage => "outage", "断线";
    LastOutage => "last outage", "上次断线";
    NoOutage => "none", "无";
    Missed => "missed", "遗漏";
    Began => "began", "开始";
    Lasted => "lasted", "历时";
    Dials => "dials", "连接";
    Noticed => "noticed", "发现";
    LastByte => "last byte", "最后字节";
    Slept => "slept", "休眠";
    DataBack => "data back", "数据恢复";
    Together => "together", "同时";
    Comes => "comes next", "接下来";
    NewestFirst => "newest first", "最新在前";
    NoneFollows => "nothing by itself", "不再自动连接";
    AtOnce => "at once", "当即";
    Unknown => "not known yet", "尚不清楚";
    NoSuchNumber => "the feed has no such number", "数据源没有此项编号";
    NoBeatWhileData => "none due while data flows", "有数据时不需要心跳";
    ByYou => "by you", "由你操作";
    NotUs => "not us", "非本机";
    MaybeUs => "maybe us", "或为本机";
    Recording => "rec", "录制";
    Paused => "paused", "已暂停";
    Frozen => "frozen", "已冻结";
    Unrouted => "of no service", "未归类";
    StillComing => "off, still coming: the server ignored the unsubscribe", "已关闭但仍有数据：服务器未理会退订";
    NothingYet => "nothing yet", "暂无";
    TooSmall => "the window is too small", "窗口太小";
    Discovered => "discovered", "新发现";

    // What keys do, as the footer has it.
    KeyToggle => "toggle", "开关";
    KeyInspect => "inspect", "查看";
    KeyFilter => "filter", "过滤";
    KeyFreeze => "freeze", "冻结";
    KeyZoom => "zoom", "放大";
    KeyOutages => "outages", "断线";
    KeyDial => "dial now", "立即连接";
    KeyDisconnect => "disconnect", "断开";
    KeyResume => "resume", "恢复";
    KeySend => "send", "发送";
    KeyFaults => "faults", "故障";
    KeySort => "sort", "排序";
    KeyBeats => "heartbeats", "心跳";
    KeyAcknowledge => "acknowledge", "确认";
    KeyMute => "mute", "静音";
    KeyCopy => "copy", "复制";
    KeyMouse => "mouse", "鼠标";
    KeyUtc => "UTC", "UTC";
    KeyHelp => "help", "帮助";
    KeyAll => "all", "全部";
    KeyQuit => "quit", "退出";
    KeyNextPane => "next pane", "下个窗格";
    KeyMove => "move", "移动";
    KeyClose => "close", "关闭";
    KeyYes => "yes", "是";
    KeyNo => "no", "否";

    // What keys do, as the help has it.
    HelpToggleNth => "switch the n-th service of the selected feed on or off", "开关所选数据源的第 n 个业务";
    HelpToggle => "switch the selected service on or off", "开关所选业务";
    HelpMove => "move the selection", "移动选择";
    HelpPage => "move by a page", "翻页";
    HelpEnds => "to the first, to the last", "到第一行、最后一行";
    HelpNextPane => "go to the next pane", "切换到下一个窗格";
    HelpInspect => "look at the selected message or feed", "查看所选的消息或数据源";
    HelpFilter => "show only messages that match", "只显示匹配的消息";
    HelpMatches => "next and previous match", "下一个、上一个匹配";
    HelpLeave => "leave, close, clear", "离开、关闭、清除";
    HelpFreeze => "hold the view still; the feed goes on", "冻结画面，数据照常接收";
    HelpDial => "dial now; asks if the link is open", "立即连接；连接已打开时先询问";
    HelpDisconnect => "disconnect or resume; asks", "断开或恢复，先询问";
    HelpSend => "send a message", "发送消息";
    HelpFaults => "inject faults", "注入故障";
    HelpOutages => "the outages so far", "查看断线记录";
    HelpZoom => "give the pane the whole screen", "窗格占满屏幕";
    HelpSort => "sort the feeds", "数据源排序";
    HelpBeats => "show or hide heartbeats", "显示或隐藏心跳";
    HelpAcknowledge => "take note of a trouble", "确认已知故障";
    HelpMute => "mute a feed", "静音数据源";
    HelpCopy => "copy the selected message", "复制所选消息";
    HelpMouse => "mouse on or off", "开关鼠标";
    HelpUtc => "times in UTC or local", "UTC 或本地时间";
    HelpHelp => "this help", "本帮助";
    HelpCommands => "all commands", "全部命令";
    HelpSuspend => "suspend", "挂起程序";
    HelpQuit => "quit; closes a popup first", "退出；先关闭弹窗";

    // What is wrong with a filter.
    FilterMissing => "something has to stand here", "此处缺少内容";
    FilterCloses => "nothing is open that this could close", "没有与之对应的左括号";
    FilterOpens => "a ) is missing", "缺少右括号 )";
    FilterDir => "in or out", "应为 in 或 out";
    FilterSize => "a size: 300, 1k, 2m", "应为大小：300、1k、2m";
    FilterPath => "a path: .data.items[0].\"a key\"", "应为路径：.data.items[0].\"a key\"";
    FilterSaved => "no saved filter has this name", "没有这个名字的已存过滤";
    FilterTooDeep => "too deep", "嵌套过深";

    // Messages looked into.
    ShapeTree => "tree", "树";
    ShapePretty => "written out", "展开";
    ShapeRaw => "raw", "原文";
    ShapeHex => "hex", "十六进制";
    EmptyMessage => "no bytes", "无内容";
    LatestValues => "latest values", "最新值";
    AllMessages => "all messages", "全部消息";
    Columns => "columns", "列";
    Change => "change", "变化";
    Age => "age", "距今";
    Count => "count", "次数";
    ColumnTime => "time", "时间";
    ColumnDelta => "time from the selected", "与所选的时间差";
    ColumnKind => "kind", "类型";
    ColumnDir => "direction", "方向";
    ColumnSize => "size", "大小";
    IsObject => "object", "对象";
    IsArray => "array", "数组";
    IsText => "text", "文本";
    IsNumber => "number", "数字";
    IsBool => "true or false", "布尔";
    IsNull => "null", "null";

    // Questions.
    AskRedial => "The link is open. Drop it and dial anew?", "连接正常。要断开并重新连接吗？";
    AskDisconnect => "Disconnect and stay away?", "要断开并保持断开吗？";
    AskRemove => "Watch it no more? Its link is closed, its messages go.", "不再查看？将断开连接，消息不再保留。";
    AskQuit => "Quit?", "要退出吗？";

    // What the screen answers to a key that cannot be served.
    NoWish => "the feed is busy and did not take the wish; try again", "数据源繁忙，未接受请求，请重试";
    NoSuchService => "there is no service with that number", "没有这个编号的业务";
    FaultsNotAllowed => "faults may be injected when started with --allow-faults", "以 --allow-faults 启动后才能注入故障";
}
