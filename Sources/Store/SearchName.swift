import OnewayCore
// The standard library compares Strings in this form; it has no public API for it yet.
@_spi(_Unicode) import Swift

/// The form in which opportunities are found by name: its beginning, in lower case, with composed letters (NFC), so
/// that an é matches however it is typed.
public enum SearchName {
    /// Names stored in another form have to be written again.
    public static let form = "lower case, NFC"
    private static let charactersMax = 100

    static func of(_ name: String) -> String {
        let beginning = String(name.lowercased().drop(while: \.isWhitespace).prefix(charactersMax))
        if beginning.utf8.allSatisfy({ $0 < 0x80 }) { return beginning }
        var composed = String.UnicodeScalarView()
        for scalar in beginning._nfc { composed.append(scalar) }
        return String(composed)
    }
}

extension MirrorRecord {
    /// Nil when it cannot be found by name.
    var searchName: String? {
        guard case .text(let name) = self["name"], case let name = SearchName.of(name), !name.isEmpty else {
            return nil
        }
        return name
    }
}
