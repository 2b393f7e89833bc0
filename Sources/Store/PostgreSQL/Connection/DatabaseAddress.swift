import CPostgres
import Glibc

/// Where the database is: an address as libpq reads it, with defaults for what it does not say.
public struct DatabaseAddress: Sendable {
    /// It may hold a password: never show it.
    private let text: String
    /// The longest that either side may wait for the other between two statements of a transaction, or for a sign of life.
    let secondsOfSilenceMax: Int

    public init(_ text: String) { self.init(text, secondsOfSilenceMax: Self.secondsOfSilenceMax) }

    /// Tests that wait for nothing else, in a process that the thread sanitizer stops for seconds, have more patience.
    init(_ text: String, secondsOfSilenceMax: Int) {
        (self.text, self.secondsOfSilenceMax) = (text, secondsOfSilenceMax)
    }

    static let secondsOfSilenceMax = 5

    private var defaults: [(String, String)] {
        [
            ("connect_timeout", "\(secondsOfSilenceMax)"),
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "2"),
            ("tcp_user_timeout", "\(secondsOfSilenceMax)000"), ("target_session_attrs", "read-write"),
        ]
    }

    /// Why it cannot be read; nil when it can.
    public var problem: String? {
        do throws(StoreError) {
            _ = try settings()
            return nil
        } catch {
            return error.detail
        }
    }

    private func settings() throws(StoreError) -> [(String, String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            unsafe PQfreemem(message)
            // libpq's words may contain the password.
            throw StoreError(.misconfigured, "the address of the database cannot be read")
        }
        defer { unsafe PQconninfoFree(options) }
        var settings: [(String, String)] = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                settings.append(unsafe (String(cString: keyword), String(cString: value)))
            }
            unsafe option = option.successor()
        }
        return settings
    }

    /// Connects to the first host that suits. Blocks.
    func connect(name: String) throws(StoreError) -> OpaquePointer {
        var says = ""
        for host in Self.hosts(try settings()) {
            // The last of a keyword counts.
            let all = defaults + [("application_name", name)] + host + [("client_encoding", "UTF8")]
            let (keywords, values) = (CTexts(all.map(\.0)), CTexts(all.map(\.1)))
            defer {
                keywords.free()
                values.free()
            }
            guard let handle = unsafe PQconnectdbParams(keywords.pointers, values.pointers, 0) else {
                throw StoreError(.unavailable, "no memory for a connection to PostgreSQL")
            }
            if unsafe PQstatus(handle) == CONNECTION_OK { return unsafe handle }
            says += unsafe String(cString: PQerrorMessage(handle)) + "\n"
            unsafe PQfinish(handle)
        }
        throw StoreError(connecting: says)
    }

    /// The settings for each of several hosts. libpq tries them too, but not the next one where a proxy before a server
    /// that is dead accepts the connection and closes it.
    static func hosts(_ settings: [(String, String)]) -> [[(String, String)]] {
        let lists = settings.filter { perHost.contains($0.0) }
            .map { ($0.0, $0.1.split(separator: ",", omittingEmptySubsequences: false).map(String.init)) }
        let count = lists.filter { $0.0 != "port" }.map(\.1.count).max() ?? 1
        // One port may be that of all. Any other difference is a mistake, of which libpq complains.
        guard lists.allSatisfy({ $0.1.count == count || $0.0 == "port" && $0.1.count == 1 }) else { return [settings] }
        return (0..<count).map { number in
            settings.filter { !perHost.contains($0.0) } + lists.map { ($0.0, $0.1[min(number, $0.1.count - 1)]) }
        }
    }

    private static let perHost: Set = ["host", "hostaddr", "port"]
}

/// Texts for a function of C, followed by a null.
@safe private struct CTexts {
    let pointers: [UnsafePointer<CChar>?]

    init(_ texts: [String]) {
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        for text in texts { unsafe pointers.append(UnsafePointer(strdup(text))) }
        unsafe self.pointers = unsafe pointers + [nil]
    }

    func free() {
        for index in unsafe pointers.indices { unsafe Glibc.free(UnsafeMutablePointer(mutating: pointers[index])) }
    }
}
