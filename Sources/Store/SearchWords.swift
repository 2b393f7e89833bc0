import OnewayCore
// The standard library compares Strings in this form; it has no public API for it yet.
@_spi(_Unicode) import Swift

/// The form in which records are found by part of their names: in lower case and without accents, so that "Müller" is
/// found as "muller" too, however the ü is typed.
enum SearchWords {
    /// From so many characters on, words are found anywhere in a name; fewer only at its beginning. The index is made of
    /// groups of three.
    static let anywhereMin = 3
    private static let charactersMax = 200

    /// A change of this form needs a step of the schema that writes all words again.
    static func of(_ text: String) -> String {
        let text = String(text.lowercased().drop(while: \.isWhitespace).prefix(charactersMax))
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var folded = String.UnicodeScalarView()
        for scalar in text._nfd where !accents.contains(scalar) {
            if let letters = letters[scalar] {
                folded.append(contentsOf: letters.unicodeScalars)
            } else {
                folded.append(scalar)
            }
        }
        return String(folded)
    }

    private static let accents: ClosedRange<Unicode.Scalar> = "\u{300}"..."\u{36F}"
    /// Letters that are not composed of another and an accent, but are typed as if they were.
    private static let letters: [Unicode.Scalar: String] = [
        "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i",
    ]
}

extension MirrorRecord {
    /// Nil when it is found by its id only.
    var searchWords: String? {
        let columns: [String] =
            switch key.entity {
            case .opportunity, .account: ["name"]
            case .contact: ["fullname", "firstname", "lastname", "emailaddress1"]
            case .connection, .systemUser: []
            }
        var texts: [String] = []
        for column in columns {
            guard case .text(let text) = self[column], case let words = SearchWords.of(text), !words.isEmpty else {
                continue
            }
            texts.append(words)
        }
        // Neither is found across the line break: nobody types one.
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }
}
