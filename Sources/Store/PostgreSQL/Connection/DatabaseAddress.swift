import CPostgres
import Glibc

/// Where the database is: an address as libpq reads it, with defaults for what it does not say.
public struct DatabaseAddress: Sendable {
    /// It may hold a password: never show it.
    private let text: String

    public init(_ text: String) { self.text = text }

    private static let defaults = [
        ("connect_timeout", "5"), ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "2"),
        ("tcp_user_timeout", "5000"), ("target_session_attrs", "read-write"),
    ]

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

    /// Nil without memory; otherwise a connection, or one that failed and says why.
    func connect(name: String) throws(StoreError) -> OpaquePointer? {
        // The last of a keyword counts.
        let all =
            Self.defaults + [("application_name", name)] + (try settings()) + [("client_encoding", "UTF8")]
        let (keywords, values) = (CTexts(all.map(\.0)), CTexts(all.map(\.1)))
        defer {
            keywords.free()
            values.free()
        }
        return unsafe PQconnectdbParams(keywords.pointers, values.pointers, 0)
    }
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
