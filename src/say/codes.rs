//! What the numbers of others mean: close codes of the WebSocket and statuses of HTTP. What follows from them is decided
//! by profile and policy, not here.

use super::Lang;

/// A close code in words: RFC 6455, section 7.4.1, and the registry of IANA that goes on from there.
pub fn close_code(lang: Lang, code: u16) -> &'static str {
    match code {
        1000 => lang.pick("normal closure", "正常关闭"),
        1001 => lang.pick("going away", "对端离开"),
        1002 => lang.pick("protocol error", "协议错误"),
        1003 => lang.pick("unsupported data", "数据类型不支持"),
        1005 => lang.pick("no code received", "未收到状态码"),
        1006 => lang.pick("abnormal closure", "异常关闭"),
        1007 => lang.pick("invalid payload", "数据内容无效"),
        1008 => lang.pick("policy violation", "违反策略"),
        1009 => lang.pick("message too big", "消息过大"),
        1010 => lang.pick("extension missing", "缺少扩展"),
        1011 => lang.pick("internal error", "内部错误"),
        1012 => lang.pick("service restart", "服务重启"),
        1013 => lang.pick("try again later", "稍后再试"),
        1014 => lang.pick("bad gateway", "网关错误"),
        1015 => lang.pick("TLS failure", "TLS 失败"),
        3000 => lang.pick("unauthorized", "未授权"),
        3003 => lang.pick("forbidden", "禁止访问"),
        3008 => lang.pick("timeout", "超时"),
        1004 | 1016..=2999 => lang.pick("reserved code", "保留代码"),
        3001 | 3002 | 3004..=3007 | 3009..=3999 => lang.pick("code of a library", "框架自定代码"),
        4000..=4999 => lang.pick("code of this service", "服务自定代码"),
        0..=999 | 5000.. => lang.pick("illegal code", "非法代码"),
    }
}

/// A status of HTTP in words (RFC 9110, and what large proxies add); empty for those without a common meaning.
pub fn http_status(lang: Lang, status: u16) -> &'static str {
    match status {
        200 => lang.pick("OK (a page, not a WebSocket)", "OK（网页，不是 WebSocket）"),
        301 | 308 => lang.pick("moved", "已迁移"),
        302 | 303 | 307 => lang.pick("redirect", "重定向"),
        400 => lang.pick("bad request", "请求有误"),
        401 => lang.pick("unauthorized", "未授权"),
        402 => lang.pick("payment required", "需要付费"),
        403 => lang.pick("forbidden", "禁止访问"),
        404 => lang.pick("not found", "路径不存在"),
        405 => lang.pick("method not allowed", "方法不允许"),
        406 => lang.pick("not acceptable", "无法满足"),
        407 => lang.pick("proxy login required", "代理需要登录"),
        408 => lang.pick("request timeout", "请求超时"),
        409 => lang.pick("conflict", "冲突"),
        410 => lang.pick("gone", "已移除"),
        413 => lang.pick("request too large", "请求过大"),
        418 => lang.pick("refused (a limit or a ban)", "被拒（限流或封禁）"),
        421 => lang.pick("misdirected request", "请求送错主机"),
        426 => lang.pick("upgrade required", "需要升级协议"),
        429 => lang.pick("too many requests", "请求过多"),
        431 => lang.pick("headers too large", "请求头过大"),
        451 => lang.pick("blocked for legal reasons", "因法律原因不可用"),
        500 => lang.pick("internal server error", "服务器内部错误"),
        501 => lang.pick("not implemented", "未实现"),
        502 => lang.pick("bad gateway", "网关错误"),
        503 => lang.pick("service unavailable", "服务不可用"),
        504 => lang.pick("gateway timeout", "网关超时"),
        505 => lang.pick("HTTP version not supported", "HTTP 版本不支持"),
        520 => lang.pick("unknown error at the origin", "源站未知错误"),
        521 => lang.pick("origin is down", "源站关闭"),
        522 | 524 => lang.pick("origin timed out", "源站超时"),
        523 => lang.pick("origin unreachable", "源站不可达"),
        525 | 526 => lang.pick("TLS to the origin failed", "源站 TLS 失败"),
        530 => lang.pick("origin error", "源站错误"),
        _ => match status / 100 {
            2 => lang.pick("success, but no upgrade", "成功，但未升级"),
            3 => lang.pick("redirect", "重定向"),
            4 => lang.pick("request refused", "请求被拒"),
            5 => lang.pick("server error", "服务器错误"),
            _ => lang.pick("unusual status", "非常规状态"),
        },
    }
}
