import Glibc
import TestSupport

/// A proxy in the environment of this process, set before curl reads it: for every host except this machine.
///
/// It answers for all hosts itself, and refuses tunnels to port 443.
enum TestProxy {
    static let server = try? RawServer { connection in
        while true {
            let request = connection.hear()
            if request.isEmpty { return }
            if request.hasPrefix("CONNECT") {
                connection.answer("", status: "407 Proxy Authentication Required")
            } else {
                connection.answer(String(request.prefix { $0 != "\r\n" }))
            }
        }
    }

    static let port: Int = {
        let port = server?.port ?? 0
        unsafe setenv("no_proxy", "127.0.0.1,localhost,::1", 1)
        unsafe setenv("http_proxy", "http://127.0.0.1:\(port)", 1)
        unsafe setenv("https_proxy", "http://127.0.0.1:\(port)", 1)
        return port
    }()
}
