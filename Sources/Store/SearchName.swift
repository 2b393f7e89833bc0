import OnewayCore
// By this form the standard library compares Strings; it has no public name for it yet.
@_spi(_Unicode) import Swift

/// What opportunities are found by: the beginning of the name, in lower case, its letters composed (NFC), so that an é is
/// an é however it is typed.
public enum SearchName {
    /// Whoever keeps names of another form has to write them anew.
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
    /// Nil: it cannot be found by name.
    var searchName: String? {
        guard case .text(let name) = self["name"], case let name = SearchName.of(name), !name.isEmpty else {
            return nil
        }
        return name
    }
}
